"""What a provider reports by django-anymail: the same bounces, from messages that carry our secret."""

import base64
import json

import pytest
from django.urls import include, path

from mailing import provider_urls
from mailing.models import Bounce, Suppression
from portal import urls as portal_urls

urlpatterns = [path("letters/", include(provider_urls.reports_of("postmark"))), *portal_urls.urlpatterns]
handler404 = portal_urls.handler404

SECRET = "user:trial-secret"
ADDRESS = "practitioner@force.example"


pytestmark = pytest.mark.urls(__name__)


@pytest.fixture
def post(client, settings):
    """Posts a report as Postmark would."""
    settings.ANYMAIL = {"WEBHOOK_SECRET": SECRET}

    def send(event: dict, secret: str = SECRET):
        return client.post(
            "/letters/postmark/reports/",
            json.dumps(event),
            content_type="application/json",
            headers={"Authorization": f"Basic {base64.b64encode(secret.encode()).decode()}"},
        )

    return send


def bounce(letter, kind: str, **more) -> dict:
    return {
        "RecordType": "Bounce", "ID": 42, "Type": kind, "Email": ADDRESS, "MessageID": "x-1",
        "BouncedAt": "2027-01-14T09:30:00Z", "Details": "smtp; 550 5.1.1 no such person",
        "Metadata": {"letter": str(letter.pk)}, **more,
    }  # fmt: skip


def test_a_hard_bounce_suppresses_the_address(post, make_letter):
    letter = make_letter(state="sent")

    assert post(bounce(letter, "HardBounce")).status_code == 200
    assert post(bounce(letter, "HardBounce")).status_code == 200

    suppression = Suppression.objects.get()
    assert (suppression.address, suppression.reason, suppression.detail) == (
        ADDRESS, "hard", "smtp; 550 5.1.1 no such person",
    )  # fmt: skip
    assert Bounce.objects.get().letter == letter


def test_a_spam_complaint_suppresses_the_address(post, make_letter):
    post({**bounce(make_letter(state="sent"), "SpamComplaint"), "RecordType": "SpamComplaint"})

    assert Suppression.objects.get().reason == "complaint"


def test_a_passing_failure_is_only_counted(post, make_letter):
    post(bounce(make_letter(state="sent"), "Transient"))

    assert (Bounce.objects.get().kind, Suppression.objects.count()) == ("soft", 0)


def test_an_absence_notice_is_only_counted(post, make_letter):
    post(bounce(make_letter(state="sent"), "AutoResponder"))

    assert (Bounce.objects.get().kind, Suppression.objects.count()) == ("automatic", 0)


def test_a_report_without_our_secret_changes_nothing(post, make_letter):
    answer = post(bounce(make_letter(state="sent"), "HardBounce"), secret="user:guess")

    assert answer.status_code in {400, 403}
    assert (Bounce.objects.count(), Suppression.objects.count()) == (0, 0)


@pytest.mark.urls("portal.urls")
def test_there_is_no_such_address_without_a_provider(client, db):
    assert client.post("/letters/postmark/reports/", "{}", content_type="application/json").status_code == 404
    assert provider_urls.urlpatterns == []
