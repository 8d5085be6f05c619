"""Where the provider in MAIL_PROVIDER reports what came back; no address at all without one."""

from anymail.urls import urlpatterns as every_provider
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, path


def reports_of(provider: str) -> list[URLPattern]:
    """The address for the reports of a provider: "letters/postmark/reports/"."""
    return [
        # django-anymail asks for the provider's signature, or for MAIL_WEBHOOK_SECRET.
        path(f"{provider}/reports/", login_not_required(pattern.callback), name="mail_provider_reports")
        for pattern in every_provider
        if provider and pattern.name == f"{provider}_tracking_webhook"
    ]


urlpatterns = reports_of(settings.MAIL_PROVIDER)
