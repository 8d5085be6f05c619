"""The code on a certificate: a phone reads it, and it stands where the text begins."""

from datetime import timedelta
from decimal import Decimal

import pypdfium2
import pytest
import zxingcpp
from django.urls import reverse

from events.models import Certificate, Registration

POINTS_A_MM = 72 / 25.4
SCALE = 4
MARGIN_MM = 25


@pytest.mark.parametrize("title", ["Rating factors", "Rating the factors that are hardest to rate " * 4])
def test_code_of_a_certificate_is_read_and_stands_at_the_margin(client, make_event, member, now, title):
    event = make_event(title=title.strip()[:255], starts_at=now - timedelta(days=30))
    registration = Registration.objects.create(
        event=event, member=member, state="confirmed", registered_at=now
    )
    issued = Certificate.objects.create(
        registration=registration, name="Pat Practitioner", hours=Decimal(3), issued_at=now
    )

    content = client.get(reverse("certificates:certificate_file", args=[issued.code])).content

    [sheet] = pypdfium2.PdfDocument(content)
    [found] = zxingcpp.read_barcodes(sheet.render(scale=SCALE).to_pil().convert("L"))
    left = found.position.top_left.x / SCALE / POINTS_A_MM
    assert found.text.endswith(reverse("certificates:certificate", args=[issued.code]))
    assert left == pytest.approx(MARGIN_MM, abs=0.5)
