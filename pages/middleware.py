"""Headers that tell the browser what the portal's pages may not do."""

from collections.abc import Callable

from csp.constants import SELF, UNSAFE_INLINE
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from pages.videos import FRAME_SOURCES

# Nothing on these pages needs them, so nothing that slips in gets them.
PERMISSIONS_POLICY = ", ".join(
    [
        "browsing-topics=()",
        "camera=()",
        "display-capture=()",
        "geolocation=()",
        "microphone=()",
        "midi=()",
        "payment=()",
        "usb=()",
        "fullscreen=(self {})".format(" ".join(f'"{source}"' for source in FRAME_SOURCES)),
        "publickey-credentials-create=(self)",
        "publickey-credentials-get=(self)",
    ]
)

# Wagtail's admin starts its menus and explorers with inline scripts and styles its editor inline. Only
# trusted staff reach it. An uploaded picture is shown from memory (blob:) before it is saved.
ADMIN_POLICY: dict[str, list[str]] = {
    "script-src": [SELF, UNSAFE_INLINE],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:", "blob:"],
}


def security_headers(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Add the Permissions-Policy everywhere, and the content security policy that Wagtail's admin needs there.

    Stands below django-csp's middleware, which then writes the policy into the header.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        if request.path_info.startswith(reverse("wagtailadmin_home")):
            response._csp_replace = ADMIN_POLICY  # type: ignore[attr-defined] # django-csp's own way
        return response

    return middleware
