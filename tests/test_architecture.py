"""What import-linter cannot see: models, strings and addresses keep to the floors too."""

import ast
import itertools
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver
from wagtail.models import Page, get_page_models

from pages import privacy

ROOT = Path(__file__).resolve().parent.parent

FLOORS = {
    "portal": 7,
    "home": 6,
    "search": 6,
    "events": 5,
    "library": 4,
    "members": 3,
    "mailing": 2,
    "pages": 1,
}

# Not part of the portal: it measures it from outside.
BESIDE_THE_PORTAL = {"bench"}

# Every address that answers without a login, by view name. Adding one is a decision: say why beside it.
PUBLIC = {
    "wagtail_serve",  # published pages; a page's own privacy setting is asked by Wagtail
    "search:search",  # finds what everybody may read
    "health",  # says "well" or not, for the machine that watches
    "events:event_calendar",  # what stands on the public page, as a calendar file
    "events:programme",  # the same page, its programme in full
    "events:public_calendar",
    "events:session",
    "events:session_calendar",
    "events:answer_as_manager",  # a line manager needs no account: the signed link in the letter is the right to
    "events:cancel_by_link",  # whoever has the letter may give the place back; it names nobody
    "events:personal_calendar",  # a calendar cannot sign in: the address is the secret, and can be renewed
    "mailing:stop_letters",  # a letter's reader stops letters like it; the signed address is the right to
    "events:answer_invitation",  # people without an account are invited: the link in the letter is the right to
    "events:sign_up_invited",  # and leads them to one
    "events:material",  # each has its own rule, and some are for everyone; others lead to the sign-in page
    "certificates:check_certificate",  # whoever was shown a certificate checks it: the code is the secret
    "certificates:certificate",
    "certificates:certificate_file",
    "members:left",  # says goodbye to somebody who has no account any more
    # The ways in.
    "account_confirm_email",
    "account_confirm_login_code",
    "account_email_verification_sent",
    "account_inactive",
    "account_login",
    "account_logout",
    "account_request_login_code",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_signup",
    "mfa_authenticate",
    "mfa_login_webauthn",
    "openid_connect_callback",
    "openid_connect_login",
    "socialaccount_login_cancelled",
    "socialaccount_signup",
    # Wagtail's own, which send to our sign-in page or ask for permission themselves: see the test below.
    "^password_reset/",
    "login/",
    "wagtailadmin_login",
    "wagtailadmin_api:documents:detail",
    "wagtailadmin_api:documents:find",
    "wagtailadmin_api:documents:listing",
    "wagtailadmin_api:images:detail",
    "wagtailadmin_api:images:find",
    "wagtailadmin_api:images:listing",
    "wagtailadmin_api:pages:action",
    "wagtailadmin_api:pages:detail",
    "wagtailadmin_api:pages:find",
    "wagtailadmin_api:pages:listing",
}


def python_files(app: str) -> Iterator[Path]:
    return (path for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts)


def is_below(lower: str, upper: str) -> bool:
    """Whether `upper` may use `lower`: the same app, or a lower floor."""
    return lower == upper or FLOORS[lower] < FLOORS[upper]


def test_every_top_level_package_has_a_floor():
    packages = {path.parent.name for path in ROOT.glob("*/apps.py")}

    assert packages == set(FLOORS) | BESIDE_THE_PORTAL


def test_floors_are_those_import_linter_holds():
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contract = next(
        contract
        for contract in config["tool"]["importlinter"]["contracts"]
        if contract["name"] == "Imports between apps go down"
    )
    held = [{name.strip() for name in layer.split("|")} for layer in contract["layers"]]
    floors = itertools.groupby(sorted(FLOORS, key=lambda app: -FLOORS[app]), key=FLOORS.__getitem__)

    assert held == [set(group) for _, group in floors]


def test_foreign_keys_point_down():
    wrong = [
        f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in FLOORS
        for field in model._meta.get_fields()
        if field.is_relation and not field.auto_created and field.related_model
        if field.related_model._meta.app_label in FLOORS
        if not is_below(field.related_model._meta.app_label, model._meta.app_label)
    ]

    assert wrong == []


@pytest.mark.parametrize("app", [app for app in FLOORS if app != "portal"])
def test_strings_that_name_models_modules_or_templates_point_down(app):
    """`"events.EventPage"` in a lower app is an import in disguise. Links (`events:…`) are not."""
    wrong = []
    for path in python_files(app):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
                continue
            head = node.value.replace("/", ".").split(".", 1)
            if len(head) == 2 and head[0] in FLOORS and " " not in node.value and not is_below(head[0], app):
                wrong.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.value!r}")

    assert wrong == []


def views(patterns, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every pattern with its full view name."""
    for entry in patterns:
        if isinstance(entry, URLResolver):
            namespace = f"{prefix}{entry.namespace}:" if entry.namespace else prefix
            yield from views(entry.url_patterns, namespace)
        else:
            yield f"{prefix}{entry.name or entry.pattern}", entry


def test_every_address_asks_for_a_login_or_is_on_the_public_list():
    assert "django.contrib.auth.middleware.LoginRequiredMiddleware" in settings.MIDDLEWARE

    public = {
        name
        for name, pattern in views(get_resolver().url_patterns)
        if not getattr(pattern.callback, "login_required", True)
    }

    assert public == PUBLIC


@pytest.mark.parametrize(
    "address",
    [
        "/admin/",
        "/admin/login/",
        "/admin/password_reset/",
        "/admin/password_reset/confirm/MQ/set-password/",
        "/admin/api/main/pages/",
        "/admin/api/main/pages/1/",
        "/admin/api/main/images/",
        "/admin/api/main/documents/",
    ],
)
def test_wagtail_admin_shows_a_stranger_nothing_but_the_way_to_our_sign_in(client, db, address):
    response = client.get(address)

    assert response.status_code == 302
    assert response["Location"].startswith("/account/")


def test_no_page_lies_deeper_than_privacy_is_asked_for():
    """`pages.privacy` looks up so many ancestors: a page type below them would slip through lists and search."""

    def depth(page_type) -> int:
        if page_type is Page:  # the root; nothing else is made of it
            return 1
        return 1 + max((depth(parent) for parent in page_type.allowed_parent_page_models()), default=0)

    assert max(depth(page_type) for page_type in get_page_models()) == privacy.DEEPEST
