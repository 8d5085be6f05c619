"""Every address of the portal, in one place."""

from django.conf import settings
from django.conf.urls.static import static
from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.generic import RedirectView
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from pages.routing import serve
from portal import views

handler400 = "pages.views.bad_request"
handler403 = "pages.views.permission_denied"
handler404 = "pages.views.page_not_found"
handler429 = "pages.views.too_many_requests"  # django-allauth's, after its rate limits
handler500 = "pages.views.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", include("members.admin_urls")),
    path("admin/reports/", include("portal.report_urls")),
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("account/", include("members.account_urls")),
    path("members/", include("members.urls")),
    path("events/", include("events.urls")),
    path("certificates/", include("events.certificate_urls")),
    path("my-page/", include("home.urls")),
    path("my-page/topics/", include("library.urls")),
    path("search/", include("search.urls")),
    path("letters/", include("mailing.urls")),
    path("letters/", include("mailing.provider_urls")),
    path("health/", views.health, name="health"),
]
if settings.DEBUG:
    urlpatterns += [
        path("dev/mail/", views.dev_mail, name="dev_mail"),
        path("dev/mail/", include("mailing.dev_urls")),
    ]
    urlpatterns += static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT)

urlpatterns += [
    # Wagtail looks this name up before it sends anyone to WAGTAIL_FRONTEND_LOGIN_URL instead.
    path("_util/login/", RedirectView.as_view(pattern_name="account_login"), name="wagtailcore_login"),
    # Published pages are public; a page with a Wagtail privacy setting asks for itself.
    re_path(wagtail_urls.serve_pattern, login_not_required(serve), name="wagtail_serve"),
]
