"""The views that the portal's pages are held against: the least that each kind of view must do."""

import time
from dataclasses import dataclass
from typing import Any
from unittest import mock
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.template import Context, Template
from django.template.context import make_context
from django.template.loader import get_template
from django.utils import timezone
from django.views.decorators.http import require_POST
from wagtail.views import serve

from bench.measuring import RENDERING_MS
from bench.models import Row
from events.models import EventPage
from events.views import programme
from pages import navigation


@dataclass(frozen=True)
class Ready:
    """A page's template, and everything it asks for."""

    template: Template
    data: dict[str, Any]
    frame: navigation.Frame

    def render(self) -> str:
        """The page. The frame, which a template tag fetches otherwise, is at hand too."""
        with mock.patch.object(navigation, "read_frame", return_value=self.frame):
            return self.template.render(Context(self.data))


_ready: dict[str, Ready] = {}


def empty(_request: HttpRequest) -> HttpResponse:
    """A signed-in view with nothing in it. The login middleware has loaded session and member."""
    return HttpResponse("")


def frame(request: HttpRequest) -> HttpResponse:
    """A signed-in page with nothing in it but the site's frame."""
    return render(request, "base.html")


@require_POST
def insert_row(request: HttpRequest) -> HttpResponse:
    """Write one row for the signed-in member and send them on, as a form's view does."""
    Row.objects.create(member=request.user, made_at=timezone.now())
    return HttpResponseRedirect("/bench/empty/")


@require_POST
def insert_rows_under_lock(request: HttpRequest) -> HttpResponse:
    """Hold the event at `?event=`, count, and write three rows: the least that giving a place could be.

    A registration, its letter and its line of history, without a form, a rule, or a word in any of them.
    """
    with transaction.atomic():
        EventPage.objects.locked().only("capacity").get(uuid=request.GET["event"])
        Row.objects.filter(member=request.user).count()
        for _ in range(3):
            Row.objects.create(member=request.user, made_at=timezone.now())
    return HttpResponseRedirect("/bench/empty/")


def ready(request: HttpRequest) -> HttpResponse:
    """The page at `?path=`, rendered from data that is ready: fetched by the first request and kept."""
    path = request.GET["path"]
    if path not in _ready:
        _ready[path] = _fetch(request, path)
    before = time.thread_time()
    text = _ready[path].render()
    spent = time.thread_time() - before
    response = HttpResponse(text)
    response[RENDERING_MS] = f"{spent * 1000:.4f}"
    return response


def ready_programme(request: HttpRequest) -> HttpResponse:
    """The timetable of the event at `?event=`, rendered from data that is ready."""
    key = request.GET["event"]
    if key not in _ready:
        _ready[key] = _fetch_programme(request, UUID(key))
    before = time.thread_time()
    text = _ready[key].render()
    spent = time.thread_time() - before
    response = HttpResponse(text)
    response[RENDERING_MS] = f"{spent * 1000:.4f}"
    return response


def _fetch_programme(request: HttpRequest, event: UUID) -> Ready:
    with mock.patch.object(programme, "render", side_effect=lambda _request, *shown: shown):
        name, data = programme.programme(request, event)
    template = get_template(name).template
    context = make_context(data, request)
    with context.bind_template(template):
        fetched = Ready(template, context.flatten(), navigation.read_frame(request))
    fetched.render()  # fills what the context fetches late
    return fetched


def _fetch(request: HttpRequest, path: str) -> Ready:
    request.path = request.path_info = path
    request.GET = QueryDict()
    response = serve(request, path.lstrip("/"))
    template = response.resolve_template(response.template_name).template
    context = make_context(response.context_data, request)
    with context.bind_template(template):
        fetched = Ready(template, context.flatten(), navigation.read_frame(request))
    fetched.render()  # fills what the context fetches late
    return fetched
