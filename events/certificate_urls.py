"""Where anyone checks a certificate. Short, since it is printed."""

from django.urls import path

from events.views import certificates

app_name = "certificates"

urlpatterns = [
    path("", certificates.check_certificate, name="check_certificate"),
    path("<str:code>/", certificates.certificate, name="certificate"),
    path("<str:code>/certificate.pdf", certificates.certificate_file, name="certificate_file"),
]
