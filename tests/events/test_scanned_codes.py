"""Codes at the door, as a phone reads them: each picture that people get leads to the page that checks them in."""

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pypdfium2
import pytest
import typst
import zxingcpp
from django.test import Client
from django.urls import reverse
from PIL import Image

from events.models import Attendance, EventPage, Registration
from mailing.composition import attached
from mailing.models import OutgoingMail

SITE = "https://portal.example"


@pytest.fixture
def today(make_event, now) -> EventPage:
    return make_event(starts_at=now + timedelta(hours=1))


@pytest.fixture
def registration(today, member, book) -> Registration:
    return book(today, member)


def read(picture: Image.Image) -> list[str]:
    """What a phone finds in a picture."""
    return [found.text for found in zxingcpp.read_barcodes(picture.convert("L"))]


def drawn(svg: str) -> Image.Image:
    """An SVG as a screen shows it."""
    # In a page it needs no name space; in a file it does.
    svg = re.sub(r"<svg (?![^>]*xmlns)", '<svg xmlns="http://www.w3.org/2000/svg" ', svg, count=1)
    page = "#set page(width: auto, height: auto, margin: 1cm)\n#image(bytes(sys.inputs.code), width: 6cm)"
    return Image.open(BytesIO(typst.compile(page.encode(), format="png", sys_inputs={"code": svg})))


def checks_in(desk: Client, address: str) -> Callable[[], list[int]]:
    """Open what a phone read, and press the one button of that page; whom that checked in."""
    assert address.startswith(f"{SITE}/events/")
    page = desk.get(address.removeprefix(SITE))
    assert page.status_code == 200
    [name] = re.findall(r'name="tick" value="([^"]+)"', page.content.decode())
    desk.post(address.removeprefix(SITE), {"tick": name})
    return list(Attendance.objects.present().values_list("registration", flat=True))


@pytest.mark.usefixtures("stopped_clock")
def test_code_in_the_confirmation_checks_its_reader_in(desk, registration):
    letter = OutgoingMail.objects.get(kind="events/mail/place_booked")
    [file] = [file for file in attached(letter) if file.content_type == "image/png"]

    [address] = read(Image.open(BytesIO(file.content)))

    assert checks_in(desk, address) == [registration.pk]


@pytest.mark.usefixtures("stopped_clock")
def test_code_on_the_page_of_a_registration_checks_its_reader_in(client, desk, registration, member):
    client.force_login(member)
    page = client.get(reverse("events:registration", args=[registration.uuid])).content.decode()
    [svg] = re.findall(r'<div class="pp-code-frame">(<svg .*?</svg>)</div>', page, re.DOTALL)

    [address] = read(drawn(svg))

    assert checks_in(desk, address) == [registration.pk]


@pytest.mark.usefixtures("stopped_clock")
def test_codes_on_badges_check_each_in(desk, today, registration, fill):
    others = fill(today, 10)
    response = desk.get(reverse("events:badges", args=[today.uuid]))
    content = b"".join(response) if response.streaming else response.content

    sheets = pypdfium2.PdfDocument(content)
    found = [address for sheet in sheets for address in read(sheet.render(scale=3).to_pil())]

    assert len(sheets) == 2
    assert sorted(found) == sorted(
        f"{SITE}/events/{today.uuid}/check-in/{each.uuid}/" for each in [registration, *others]
    )
    assert checks_in(desk, found[-1]) != []
