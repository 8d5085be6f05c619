"""What the browser is told that our pages may not do."""

import pytest
from bs4 import BeautifulSoup

EXECUTABLE = {None, "", "module", "text/javascript", "application/javascript"}


def policy_of(answer) -> dict[str, list[str]]:
    """The content security policy, by directive; the nonce without its value."""
    directives = {}
    for directive in answer.headers["Content-Security-Policy"].split(";"):
        name, *sources = directive.split()
        directives[name] = sorted("nonce" if item.startswith("'nonce-") else item for item in sources)
    return directives


def inline_code(html: BeautifulSoup) -> list[str]:
    """Scripts, styles and handlers that stand in the page itself."""
    scripts = [
        str(script)
        for script in html.find_all("script")
        if script.get("type") in EXECUTABLE and (not script.get("src") or script.get_text().strip())
    ]
    styles = [str(tag) for tag in html.select("style, [style]")]
    handlers = [
        f"{tag.name} {name}" for tag in html.find_all(True) for name in tag.attrs if name.startswith("on")
    ]
    links = [str(tag) for tag in html.select("[href^='javascript:']")]
    return scripts + styles + handlers + links


PUBLIC_PAGES = [
    "/",
    "/events/",
    "/library/",
    "/about/",
    "/no-such-page/",
    "/specimen/form/",
    "/specimen/formset/",
    "/specimen/components/",
    "/specimen/403/",
    "/specimen/429/",
    "/account/login/",
    "/account/signup/",
    "/account/password/reset/",
    "/account/login/code/",
]
MEMBER_PAGES = [
    "/",
    "/my-page/",
    "/account/email/",
    "/account/password/change/",
    "/account/logout/",
    "/account/sessions/",
    "/account/reauthenticate/",
    "/account/2fa/",
    "/account/2fa/totp/activate/",
    "/account/2fa/webauthn/",
    "/account/2fa/webauthn/add/",
]
STRICT = {
    "default-src": ["'self'"],
    "script-src": ["'self'", "nonce"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "frame-src": ["'self'", "https://player.vimeo.com", "https://www.youtube-nocookie.com"],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'self'"],
}


@pytest.mark.parametrize("path", PUBLIC_PAGES)
def test_public_pages_have_the_strict_policy_and_keep_it(specimens, site_tree, client, read, path):
    answer = client.get(path)

    assert answer.status_code in {200, 403, 404, 429}
    assert policy_of(answer) == STRICT
    assert inline_code(read(answer)) == []


@pytest.mark.parametrize("path", MEMBER_PAGES)
def test_member_pages_have_the_strict_policy_and_keep_it(site_tree, member_client, read, path):
    answer = member_client.get(path)

    assert answer.status_code == 200
    assert policy_of(answer) == STRICT
    assert inline_code(read(answer)) == []


def test_nonce_is_new_on_every_page_and_stands_on_the_script(site_tree, client, read):
    nonces = set()
    for _ in range(2):
        answer = client.get("/about/")
        nonce = read(answer).select_one("script[type=module]")["nonce"]
        assert f"'nonce-{nonce}'" in answer.headers["Content-Security-Policy"]
        nonces.add(nonce)

    assert len(nonces) == 2


def test_admin_may_run_its_own_inline_code_and_nothing_else(site_tree, admin_client):
    answer = admin_client.get("/admin/")

    assert answer.status_code == 200
    assert policy_of(answer) == STRICT | {
        "script-src": ["'self'", "'unsafe-inline'"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "blob:", "data:"],
    }


@pytest.mark.parametrize("path", ["/about/", "/no-such-page/", "/account/login/"])
def test_other_headers_are_there(site_tree, client, path):
    headers = client.get(path).headers

    assert {
        name: headers[name] for name in ("X-Frame-Options", "X-Content-Type-Options", "Referrer-Policy")
    } == {
        "X-Frame-Options": "SAMEORIGIN",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
    }
    assert headers["Permissions-Policy"].split(", ") == [
        "browsing-topics=()",
        "camera=()",
        "display-capture=()",
        "geolocation=()",
        "microphone=()",
        "midi=()",
        "payment=()",
        "usb=()",
        'fullscreen=(self "https://www.youtube-nocookie.com" "https://player.vimeo.com")',
        "publickey-credentials-create=(self)",
        "publickey-credentials-get=(self)",
    ]
