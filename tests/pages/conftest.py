"""Pages that show everything once, and a reader of HTML."""

import copy
import gc
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress
from bs4 import BeautifulSoup
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.http import HttpResponse
from django.test import Client, RequestFactory
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Site

from members.models import User
from pages.models import SiteSettings

TEMPLATES = Path(__file__).parent / "templates"


@pytest.fixture
def specimens(settings) -> None:
    """Puts the specimen pages in front of the portal's own."""
    settings.ROOT_URLCONF = "tests.pages.specimen"
    settings.TEMPLATES = copy.deepcopy(settings.TEMPLATES)
    settings.TEMPLATES[0]["DIRS"].append(TEMPLATES)


@pytest.fixture
def read() -> Callable[[HttpResponse | str], BeautifulSoup]:
    """The elements of an answer or of a piece of HTML."""

    def soup(source: HttpResponse | str) -> BeautifulSoup:
        html = source if isinstance(source, str) else source.content.decode()
        return BeautifulSoup(html, "html.parser")

    return soup


@pytest.fixture
def site_settings(site_tree) -> SiteSettings:
    """The settings of the site, saved once."""
    return SiteSettings.objects.create(site=Site.objects.get(is_default_site=True))


@pytest.fixture
def administrator(db) -> User:
    return User.objects.create_superuser(
        "administrator@portal.example", first_name="Ad", last_name="Ministrator"
    )


def came_in(client: Client, user: User, method: str, **details: object) -> Client:
    """Signs in, and remembers how: allauth asks that before some of its pages."""
    client.force_login(user)
    request = RequestFactory().get("/")
    request.session = client.session
    record_authentication(request, user, method, **details)
    request.session.save()
    return client


@pytest.fixture
def admin_client(client, administrator) -> Client:
    """A client of somebody who came in with a second factor, as staff must."""
    return came_in(client, administrator, "mfa", type="totp")


@pytest.fixture
def member_client(client, member) -> Client:
    """A client of a member who has just given the password again, so that every account page opens."""
    member.set_password("a-long-enough-password")
    member.save()
    EmailAddress.objects.create(user=member, email=member.email, verified=True, primary=True)
    return came_in(client, member, "password", reauthenticated=True)


@pytest.fixture
def picture(db, settings, tmp_path) -> Image:
    """An image with the sizes in which the block shows it."""
    settings.MEDIA_ROOT = tmp_path
    cache.clear()  # Another test's sizes of another image with this number.
    image = Image.objects.create(title="Two doors", file=get_test_image_file(size=(1600, 900)))
    with warnings.catch_warnings(action="ignore", category=ResourceWarning):
        image.get_renditions("width-480", "width-960")
        gc.collect()  # Wagtail leaves its temporary files to the collector, which would warn.
    return image


@pytest.fixture
def document(db, settings, tmp_path) -> Document:
    settings.MEDIA_ROOT = tmp_path
    return Document.objects.create(title="Final report", file=ContentFile(b"x" * 2048, name="report.pdf"))
