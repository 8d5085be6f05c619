"""What the views share."""

from urllib.parse import urljoin
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from events.models import EventPage, Registration
from members.models import User

GET_AND_POST = ["GET", "HEAD", "POST"]


def member_of(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # the login middleware lets nobody else in  # noqa: S101
    return request.user


def own_registration(request: HttpRequest, registration: UUID) -> Registration:
    own = Registration.objects.visible_to(request.user).select_related("event__venue", "organisation")
    return get_object_or_404(own.defer("event__body"), uuid=registration)


def unkept(response: HttpResponse) -> HttpResponse:
    """Of a page that works with a link alone: nobody finds it in a cache."""
    response["Cache-Control"] = "private, no-store"
    return response


def crumbs_of(event: EventPage) -> list[tuple[str, str]]:
    """Down to the event, from its own address: no query for the pages above it."""
    url = event.url or "/"
    return [("Home", "/"), ("Events", urljoin(url, "../")), (event.title, url)]
