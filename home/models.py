"""The front page, the standing pages, and what the portal remembers for them."""

from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import slugify
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.query import PageQuerySet
from wagtail.search import index

from events.listing import COUNTED_AT_MOST
from events.models import EventIndexPage, EventPage
from home.blocks import DoorBlock, PromiseBlock
from home.my_events import coming_registrations
from home.news import published_since
from home.waiting import waiting_for
from library.models import FindingPage, LibraryIndexPage
from members.models import User
from pages.blocks import BodyBlock, KeyFigureBlock
from pages.editing import MeanwhilePanel
from pages.models import PortalPage

EVENTS_SHOWN = 3
# A page of text with so many sections begins with a list of them.
SECTIONS_OF_A_LONG_PAGE = 5
# What is new for somebody who comes for the first time.
BEFORE_THE_FIRST_VISIT = timedelta(days=30)


def lists() -> PageQuerySet:
    """Where everything stands: the list of events and the library."""
    return Page.objects.live().type(EventIndexPage, LibraryIndexPage)


class HomePage(PortalPage):
    """The front page: for visitors what the portal is, for members what waits for them."""

    promise = models.TextField(
        "promise, in three lines",
        max_length=160,
        default="Find what works.\nShare what you learned.\nAsk when it is hard.",
        help_text="Three short lines, each on its own. The first thing a visitor reads.",
    )
    searches_to_try = models.TextField(
        blank=True,
        max_length=200,
        help_text="Up to three searches that find something, one on each line.",
    )
    join_heading = models.CharField("heading of the panel", max_length=60, default="Create your account")
    join_text = models.TextField(
        "text of the panel",
        max_length=300,
        default=(
            "With an address from a force, the probation service or another agency we know, you can start "
            "at once. Other addresses are checked by a person."
        ),
    )
    doors = StreamField([("door", DoorBlock())], blank=True, max_num=3)
    figures_heading = models.CharField(
        "heading of the figures", max_length=60, default="What changed because of it"
    )
    figures = StreamField(
        [("figure", KeyFigureBlock())],
        blank=True,
        max_num=4,
        help_text="Up to four. No figure without where it comes from.",
    )
    promises_heading = models.CharField("heading of the promises", max_length=60, default="What we promise")
    promises = StreamField(
        [("promise", PromiseBlock())],
        blank=True,
        max_num=6,
        help_text="Only what the portal keeps, limits included.",
    )

    max_count = 1
    parent_page_types: ClassVar[list[type[Page] | str]] = ["wagtailcore.Page"]
    preview_modes: ClassVar[list[tuple[str, str]]] = [
        ("visitor", "As a visitor"),
        ("member", "As a member"),
    ]
    content_panels: ClassVar[list] = [
        MeanwhilePanel(),
        *Page.content_panels,
        MultiFieldPanel(
            [FieldPanel("promise"), FieldPanel("summary"), FieldPanel("searches_to_try")],
            heading="At the top",
        ),
        MultiFieldPanel([FieldPanel("join_heading"), FieldPanel("join_text")], heading="Panel for visitors"),
        FieldPanel("doors"),
        MultiFieldPanel([FieldPanel("figures_heading"), FieldPanel("figures")], heading="Key figures"),
        MultiFieldPanel([FieldPanel("promises_heading"), FieldPanel("promises")], heading="Promises"),
    ]

    class Meta:
        verbose_name = "front page"

    @property
    def promise_lines(self) -> list[str]:
        return [line.strip() for line in self.promise.splitlines() if line.strip()]

    @property
    def searches(self) -> list[str]:
        return [line.strip() for line in self.searches_to_try.splitlines() if line.strip()]

    def get_template(self, request: HttpRequest, *args: Any, **kwargs: Any) -> str:
        return f"home/home_page{'_member' if isinstance(request.user, User) else ''}.html"

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        now = timezone.now()
        if isinstance(request.user, User):
            is_preview = getattr(request, "is_preview", False)
            return context | self.for_member(request.user, now, is_visit=not is_preview)
        return context | self.for_visitor(request.user, now)

    def for_visitor(self, visitor: AnonymousUser, now: datetime) -> dict[str, Any]:
        """What the portal is: the next events that take place, and the latest finding."""
        upcoming = EventPage.objects.listed_for(visitor).upcoming(now)
        events = upcoming.filter(cancelled_at__isnull=True)
        return {
            "hide_header_search": True,  # the page has a larger one
            "events": list(events.for_cards().with_places_left(now).for_reader(visitor, now)[:EVENTS_SHOWN]),
            # As many as their list says.
            "number_of_events": upcoming.order_by()[: COUNTED_AT_MOST + 1].count(),
            "counted_at_most": COUNTED_AT_MOST,
            "latest_finding": FindingPage.objects.listed_for(visitor).latest_first().first(),
        }

    def for_member(self, member: User, now: datetime, *, is_visit: bool) -> dict[str, Any]:
        """What waits for the member, their next events, and what is new since they were last here."""
        visits = FrontPageVisit.objects
        today = timezone.localdate(now)
        last_visit = visits.record(member, today) if is_visit else visits.last_before(member, today)
        return {
            "organisation": member.organisation,
            "lists": [(page.title, page.url) for page in lists()],
            "waiting": waiting_for(member, now),
            "coming": coming_registrations(member, now)[:EVENTS_SHOWN],
            "last_visit": last_visit,
            "news": published_since(last_visit or today - BEFORE_THE_FIRST_VISIT, member, now),
        }


class StandardPage(PortalPage):
    """A page of text, such as the privacy notice."""

    body = StreamField(BodyBlock(), blank=True)

    parent_page_types: ClassVar[list[type[Page] | str]] = ["home.HomePage"]
    subpage_types: ClassVar[list[type[Page] | str]] = []
    content_panels: ClassVar[list] = [*PortalPage.content_panels, FieldPanel("body")]
    search_fields: ClassVar[list] = [*PortalPage.search_fields, index.SearchField("body")]

    class Meta:
        verbose_name = "page of text"

    @property
    def contents(self) -> list[tuple[str, str]]:
        """Heading and anchor of each section; empty for a page that is short."""
        headings = [block.value["text"] for block in self.body if is_section_heading(block)]
        if len(headings) < SECTIONS_OF_A_LONG_PAGE:
            return []
        return [(heading, slugify(heading)) for heading in headings]


def is_section_heading(block: Any) -> bool:
    return block.block_type == "heading" and block.value["level"] == "h2"


class FrontPageVisitQuerySet(models.QuerySet["FrontPageVisit"]):
    """When members were last here, to the day."""

    def last_before(self, member: User, today: date) -> date | None:
        """The day of the last visit before today; None for somebody who never came before."""
        visit = self.filter(member=member).first()
        if visit is None:
            return None
        return visit.previous_on if visit.visited_on >= today else visit.visited_on

    def record(self, member: User, today: date) -> date | None:
        """Note that the member is here today, and return the day of the visit before.

        Only the first visit of a day writes.
        """
        visit, is_first = self.get_or_create(member=member, defaults={"visited_on": today})
        if is_first or visit.visited_on >= today:
            return visit.previous_on
        # Conditional: of two first requests of a day, the second must not take the first for a visit.
        self.filter(pk=visit.pk, visited_on__lt=today).update(previous_on=F("visited_on"), visited_on=today)
        return visit.visited_on


class FrontPageVisit(models.Model):
    """The last two days on which a member opened the front page; no time, no more than two."""

    member = models.OneToOneField(
        # It serves nobody but the member.
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
    )
    visited_on = models.DateField()
    previous_on = models.DateField(null=True)

    objects: ClassVar[models.Manager["FrontPageVisit"]] = models.Manager.from_queryset(
        FrontPageVisitQuerySet
    )()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(previous_on__isnull=True) | Q(previous_on__lt=F("visited_on")),
                name="home_frontpagevisit_previous_is_before",
            )
        ]

    def __str__(self) -> str:
        return f"visit {self.pk}"


class Digest(models.Model):
    """One week's digest: which span of time it covers, and whether its letters are all written.

    A run that broke off is taken up again in the same week with the same span.
    """

    week = models.CharField(max_length=8, unique=True, help_text="ISO year and week: 2027-W02.")
    since = models.DateTimeField()
    until = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager["Digest"]] = models.Manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["until"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(since__lte=F("until")), name="home_digest_since_before_until")
        ]

    def __str__(self) -> str:
        return f"digest {self.week}"
