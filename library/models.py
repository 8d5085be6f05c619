"""Findings and publications, and the topics they are about."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.documents import get_document_model_string
from wagtail.fields import StreamField
from wagtail.models import Orderable, Page, PageManager
from wagtail.query import PageQuerySet
from wagtail.search import index

from library.citations import Reference
from library.listing import FINDINGS_A_PAGE, Asked, Key
from pages.blocks import BodyBlock
from pages.models import PortalPage, address_of
from pages.privacy import closed_to, is_anything_private

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.models import User

EARLIEST_YEAR = 1800
LATEST_YEAR = 2200


@dataclass(frozen=True)
class Choice:
    """One value to filter by."""

    value: str
    label: str
    is_chosen: bool
    without_url: str


class TopicQuerySet(models.QuerySet["Topic"]):
    """Topics, asked for in the words of the field."""

    def of_interest_to(self, member: "User") -> Self:
        """Those that a member chose."""
        return self.filter(interests__member=member)


class Topic(Orderable):
    """A subject that findings are about, and in which members take an interest."""

    name = models.CharField(max_length=80, unique=True)
    slug = models.SlugField(
        "word in addresses",
        max_length=80,
        unique=True,
        help_text="Small letters and hyphens. Addresses that people kept stop working when you change it.",
    )
    description = models.CharField(
        max_length=200,
        blank=True,
        help_text="What belongs to it, in one sentence. Members read it when they choose.",
    )

    objects: ClassVar[Any] = TopicQuerySet.as_manager()

    class Meta(Orderable.Meta):
        ordering: ClassVar[list[str]] = ["sort_order", "name"]

    def __str__(self) -> str:
        return self.name


class TopicInterestQuerySet(models.QuerySet["TopicInterest"]):
    """Who is interested in what."""

    def of(self, member: "User") -> Self:
        """In the order of the topics."""
        return self.filter(member=member).order_by("topic__sort_order", "topic__name")


class TopicInterest(models.Model):
    """A member said that a topic interests them."""

    # It says something about the member alone.
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="topic_interests"
    )
    # Without its topic it says nothing.
    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="interests")

    wagtail_reference_index_ignore = True

    objects: ClassVar[Any] = TopicInterestQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["member", "topic"], name="library_topicinterest_each_once")
        ]

    def __str__(self) -> str:
        return f"interest {self.pk}"


class LibraryIndexPage(PortalPage):
    """The list of all findings, the newest first."""

    max_count = 1
    subpage_types: ClassVar[list[str]] = ["library.FindingPage"]

    class Meta:
        verbose_name = "library"

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        all_topics = list(Topic.objects.all())
        asked = Asked.read(request.GET, FindingPage.Kind.values, [topic.slug for topic in all_topics])
        visible = FindingPage.objects.listed_for(request.user)
        topics = [
            Choice(topic.slug, topic.name, topic.slug in asked.topics, asked.without(topic=topic.slug))
            for topic in all_topics
        ]
        kinds = [
            Choice(kind.value, kind.label, kind.value in asked.kinds, asked.without(kind=kind.value))
            for kind in FindingPage.Kind
        ]
        years = [
            Choice(str(year), str(year), year in asked.years, asked.without(year=year))
            for year in visible.years()
        ]
        findings, later, earlier = visible.matching(asked).one_page(asked)
        return context | {
            "asked": asked,
            "topics": topics,
            "kinds": kinds,
            "years": years,
            "chosen": [choice for choice in (*topics, *kinds, *years) if choice.is_chosen],
            "findings": findings,
            "previous_url": asked.address(before=later) if later else "",
            "next_url": asked.address(after=earlier) if earlier else "",
        }


class FindingQuerySet(PageQuerySet):
    """Findings, asked for in the words of the field."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Published findings, without those that a Wagtail privacy setting keeps from the user."""
        return self.live().exclude(closed_to(user))

    def listed_for(self, user: "User | AnonymousUser") -> Self:
        """As `visible_to`, for a page that asks several times.

        One small query settles the usual case, that nothing is private at all: the others become plain.
        """
        return self.visible_to(user) if is_anything_private() else self.live()

    def latest_first(self) -> Self:
        return self.order_by("-published_year", "-pk")

    def years(self) -> list[int]:
        """The years of these findings, each once, the latest first."""
        years = self.order_by("-published_year").values_list("published_year", flat=True)
        return list(years.distinct())

    def matching(self, asked: Asked) -> Self:
        """Those of the topics, kinds and years asked for."""
        rows = self
        if asked.topics:
            # Not a join: a finding of two of the topics is listed once.
            tagged = FindingPage.topics.through.objects.filter(
                findingpage=OuterRef("pk"), topic__slug__in=asked.topics
            )
            rows = rows.filter(Exists(tagged))
        if asked.kinds:
            rows = rows.filter(kind__in=asked.kinds)
        if asked.years:
            rows = rows.filter(published_year__in=asked.years)
        return rows

    def one_page(self, asked: Asked) -> tuple[list["FindingPage"], Key | None, Key | None]:
        """One page of the list, with the key to the page before it and to the page after it.

        One query: one row more than is shown tells whether the list goes on, and a key that was
        followed stands on the page one came from.
        """
        if asked.before:
            key = asked.before
            rows = list(self.newer_than(key).order_by("published_year", "pk")[: FINDINGS_A_PAGE + 1])
            shown = rows[FINDINGS_A_PAGE - 1 :: -1]
            has_later, has_earlier = len(rows) > FINDINGS_A_PAGE, True
        else:
            rows = list(
                (self.older_than(asked.after) if asked.after else self).latest_first()[: FINDINGS_A_PAGE + 1]
            )
            shown = rows[:FINDINGS_A_PAGE]
            has_later, has_earlier = asked.after is not None, len(rows) > FINDINGS_A_PAGE
        if not shown:
            return [], None, None
        return shown, shown[0].key if has_later else None, shown[-1].key if has_earlier else None

    def newer_than(self, key: Key) -> Self:
        return self.filter(Q(published_year__gt=key.year) | Q(published_year=key.year, pk__gt=key.number))

    def older_than(self, key: Key) -> Self:
        return self.filter(Q(published_year__lt=key.year) | Q(published_year=key.year, pk__lt=key.number))


class FindingPage(PortalPage):
    """What a study found: an evaluation or a publication."""

    class Kind(models.TextChoices):
        EVALUATION = "evaluation", "Evaluation"
        ARTICLE = "article", "Journal article"
        REPORT = "report", "Report"

    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.REPORT)
    authors = models.TextField(
        blank=True, max_length=2000, help_text="One on each line, the family name first: Mann, N."
    )
    published_year = models.PositiveSmallIntegerField(
        "year", validators=[MinValueValidator(EARLIEST_YEAR), MaxValueValidator(LATEST_YEAR)]
    )
    institution = models.CharField(
        max_length=200, blank=True, help_text="Whose study it is, for example a university."
    )
    journal = models.CharField(max_length=200, blank=True)
    volume = models.CharField(max_length=20, blank=True)
    issue = models.CharField(max_length=20, blank=True)
    pages = models.CharField(max_length=40, blank=True, help_text="For example: 630-642.")
    doi = models.CharField(
        "DOI",
        max_length=200,
        blank=True,
        validators=[RegexValidator(r"^10\.\d{4,9}/\S+$", "Write the DOI alone, like 10.1093/police/pay047.")],
        help_text="The part after https://doi.org/, for example: 10.1093/police/pay047.",
    )
    report_url = models.URLField(
        "address of the report",
        blank=True,
        help_text="Where its publisher has it, if it has no DOI and is not among the documents below.",
    )
    topics = ParentalManyToManyField(Topic, blank=True, related_name="findings")
    body = StreamField(BodyBlock(), blank=True)

    objects: ClassVar[PageManager] = PageManager.from_queryset(FindingQuerySet)()

    parent_page_types: ClassVar[list[str]] = ["library.LibraryIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    content_panels: ClassVar[list] = [
        *PortalPage.content_panels,
        FieldRowPanel([FieldPanel("kind"), FieldPanel("published_year")]),
        FieldPanel("authors"),
        FieldPanel("institution"),
        MultiFieldPanel(
            [
                FieldPanel("journal"),
                FieldRowPanel([FieldPanel("volume"), FieldPanel("issue"), FieldPanel("pages")]),
                FieldPanel("doi"),
                FieldPanel("report_url"),
            ],
            heading="Where it was published",
        ),
        FieldPanel("topics", widget=forms.CheckboxSelectMultiple),
        FieldPanel("body"),
        InlinePanel("documents", heading="Documents", label="Document"),
        InlinePanel("occasions", heading="Events it comes from or is presented at", label="Event"),
    ]
    search_fields: ClassVar[list] = [
        *PortalPage.search_fields,
        index.SearchField("authors"),
        index.SearchField("institution"),
        index.SearchField("journal"),
        index.SearchField("body"),
        index.FilterField("kind"),
        index.FilterField("published_year"),
    ]

    class Meta:
        verbose_name = "finding"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["-published_year", "-page_ptr"], name="library_finding_latest_first"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(kind__in=["evaluation", "article", "report"]), name="library_finding_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(published_year__gte=EARLIEST_YEAR, published_year__lte=LATEST_YEAR),
                name="library_finding_year_has_four_digits",
            ),
        ]

    @property
    def key(self) -> Key:
        return Key(self.published_year, self.pk)

    @property
    def author_names(self) -> list[str]:
        """The authors in their order, each as it is cited."""
        return [name.strip() for name in self.authors.splitlines() if name.strip()]

    @property
    def reference(self) -> Reference:
        """What a citation is made of."""
        return Reference(
            title=self.title,
            year=self.published_year,
            authors=self.author_names,
            institution=self.institution,
            journal=self.journal,
            volume=self.volume,
            issue=self.issue,
            pages=self.pages,
            doi=self.doi,
        )

    @property
    def report_host(self) -> str:
        """On whose site the report is: what a reader wants to know before following the link."""
        return (urlsplit(self.report_url).hostname or "").removeprefix("www.")

    def occasions_for(self, user: "User | AnonymousUser") -> list[tuple[str, str]]:
        """Title and address of the events it belongs to, of those that the reader may see. Two queries at most."""
        numbers = [occasion.page_id for occasion in self.occasions.all()]
        if not numbers:
            return []
        pages = Page.objects.live().exclude(closed_to(user)).only("title", "url_path").in_bulk(numbers)
        shown = [pages[number] for number in numbers if number in pages]
        return [(page.title, address_of(page.url_path)) for page in shown]

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        context["occasions"] = self.occasions_for(request.user)
        context["documents"] = list(self.documents.select_related("document"))
        _, list_url = context["crumbs"][-1]
        context["topics"] = [(topic.name, f"{list_url}?topic={topic.slug}") for topic in self.topics.all()]
        return context


class FindingDocument(Orderable):
    """A document one can read of a finding: the report itself, a summary, slides."""

    finding = ParentalKey(FindingPage, on_delete=models.CASCADE, related_name="documents")
    # A document that is withdrawn disappears from the finding; the finding stays.
    document = models.ForeignKey(get_document_model_string(), on_delete=models.CASCADE, related_name="+")
    description = models.CharField(
        max_length=120,
        blank=True,
        help_text="What one needs to know before opening it: 84 pages, for example.",
    )

    panels: ClassVar[list] = [FieldPanel("document"), FieldPanel("description")]

    class Meta(Orderable.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["finding", "document"], name="library_findingdocument_each_once")
        ]

    def __str__(self) -> str:
        return f"document {self.document_id} of finding {self.finding_id}"


class FindingOccasion(Orderable):
    """An event that a finding comes from or is presented at. Findings know of events no more than that they are pages."""

    finding = ParentalKey(FindingPage, on_delete=models.CASCADE, related_name="occasions")
    # An event that is deleted disappears from the finding; the finding stays.
    page = models.ForeignKey(
        Page, on_delete=models.CASCADE, related_name="+", verbose_name="page of the event"
    )

    panels: ClassVar[list] = [FieldPanel("page")]

    class Meta(Orderable.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["finding", "page"], name="library_findingoccasion_each_once")
        ]

    def __str__(self) -> str:
        return f"occasion {self.page_id} of finding {self.finding_id}"
