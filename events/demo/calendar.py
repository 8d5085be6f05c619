"""Five real events from published facts, and five made up, dated from today: three to come, two held.

The facts lie in `data/programme.json`; the sentences are ours and say nothing that is not there.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from events.models import ConferencePage, EventIndexPage, EventPage, RecordedFigures, WorkshopPage
from pages import dates

FACTS = Path(__file__).resolve().parent.parent / "data" / "programme.json"
LONDON = ZoneInfo("Europe/London")
WEDNESDAY, THURSDAY, TUESDAY = 2, 3, 1

MADE_UP = "<p>This event is made up for demonstration.</p>"

Kind, Format = EventPage.Kind, EventPage.Format

PAST_SUMMARIES = {
    Kind.CONFERENCE: "A national conference on managing people on the sex offenders register.",
    Kind.WORKSHOP: "A workshop for practitioners who assess and manage people on the sex offenders register.",
}


@dataclass(frozen=True)
class Upcoming:
    """A made-up event: so many weeks from today, on the next such weekday."""

    slug: str
    title: str
    summary: str
    about: str
    kind: EventPage.Kind
    format: EventPage.Format
    weeks: int
    weekday: int
    begin: time
    end: time
    days: int = 1
    place: str = ""
    capacity: int | None = None
    closes_weeks_before: int = 0


UPCOMING = (
    Upcoming(
        slug="rating-the-hardest-factors",
        title="Rating the factors that are hardest to rate",
        summary=(
            "Sexual preoccupation, offence-related interests, emotional intimacy and emotional congruence, "
            "rated together on worked examples."
        ),
        about=(
            "<p>The national evaluation names four factors that practitioners find hard to rate. In this "
            "workshop you rate them on prepared examples, first alone and then in pairs from different agencies, "
            "and compare.</p><p>Come if you assess people on the register, or train those who do.</p>"
        ),
        kind=Kind.WORKSHOP,
        format=Format.ONLINE,
        weeks=3,
        weekday=THURSDAY,
        begin=time(13),
        end=time(16, 30),
        capacity=60,
    ),
    Upcoming(
        slug="hostile-to-assessment",
        title="Working with people who are hostile to assessment",
        summary="A small group, anonymised cases, one facilitator from each agency.",
        about=(
            "<p>You bring a case without names, the group works on it for an hour. Places are few on purpose.</p>"
            "<p>If all are taken, join the waiting list: when somebody cancels, the next in line gets the place "
            "offered.</p>"
        ),
        kind=Kind.CASE_CLINIC,
        format=Format.IN_PERSON,
        weeks=8,
        weekday=WEDNESDAY,
        begin=time(10),
        end=time(16),
        place="East of England",
        capacity=6,
    ),
    Upcoming(
        slug="managing-risk-together",
        title="Managing risk together: national conference",
        summary="Two days on assessing and managing people who may harm others, for police, probation and partners.",
        about=(
            "<p>The evaluation of the Active Risk Management System made 17 recommendations. Ten have been carried "
            "out. This conference looks at what those ten changed, at the seven that remain, and at the four "
            "factors practitioners find hardest to rate.</p><p>Come if you assess or visit people on the "
            "register, supervise those who do, or train them.</p>"
        ),
        kind=Kind.CONFERENCE,
        format=Format.IN_PERSON,
        weeks=25,
        weekday=TUESDAY,
        begin=time(9, 30),
        end=time(15, 30),
        days=2,
        place="Midlands",
        capacity=400,
        closes_weeks_before=2,
    ),
)


# Weeks ago: so that there is somebody who attended, a certificate and what was handed out.
HELD = (
    Upcoming(
        slug="formulating-risk-together",
        title="Formulating risk together",
        summary="From a list of factors to an account of one person that police and probation both work with.",
        about=(
            "<p>Two agencies write one formulation: what may happen, to whom, under which circumstances, and what "
            "would tell us early.</p>"
        ),
        kind=Kind.WORKSHOP,
        format=Format.IN_PERSON,
        weeks=-5,
        weekday=WEDNESDAY,
        begin=time(10),
        end=time(15, 30),
        place="East of England",
        capacity=30,
    ),
    Upcoming(
        slug="refresher-on-dynamic-factors",
        title="Refresher on dynamic factors",
        summary="Two hours online: what changed in the guidance, and four short cases to rate.",
        about="<p>For practitioners who were trained more than two years ago.</p>",
        kind=Kind.REFRESHER,
        format=Format.ONLINE,
        weeks=-58,
        weekday=TUESDAY,
        begin=time(14),
        end=time(16),
        capacity=60,
    ),
)


def load(now: datetime) -> list[EventPage]:
    """Publish the events that are not there yet; which they are."""
    index = EventIndexPage.objects.get()
    there = set(index.get_children().values_list("slug", flat=True))
    facts = json.loads(FACTS.read_text(encoding="utf-8"))
    missing = [
        *(
            past_event(event, _figures_of(event["id"], facts))
            for event in facts["events"]
            if event["id"] not in there
        ),
        *(upcoming_event(upcoming, now) for upcoming in (*UPCOMING, *HELD) if upcoming.slug not in there),
    ]
    return [publish(index, event) for event in missing]


def past_event(facts: dict[str, Any], figures: RecordedFigures) -> EventPage:
    """A real event of which only the month is known."""
    first = datetime.strptime(facts["month"], "%Y-%m").replace(tzinfo=LONDON)
    next_month = (first + timedelta(days=32)).replace(day=1)
    kind = Kind(facts["kind"])
    model = ConferencePage if kind == Kind.CONFERENCE else WorkshopPage
    name = "National conference" if kind == Kind.CONFERENCE else "Workshop"
    return model(
        title=f"{name}, {dates.month(first)}",
        slug=facts["id"],
        summary=PAST_SUMMARIES[kind],
        kind=kind,
        starts_at=first,
        ends_at=next_month - timedelta(minutes=1),
        date_precision=EventPage.DatePrecision.MONTH,
        co_host=facts.get("co_host", ""),
        recorded_figures=figures,
    )


def upcoming_event(upcoming: Upcoming, now: datetime) -> EventPage:
    """A made-up event, dated from the day of loading."""
    first = _weekday_after(now.astimezone(LONDON).date() + timedelta(weeks=upcoming.weeks), upcoming.weekday)
    last = first + timedelta(days=upcoming.days - 1)
    starts_at = datetime.combine(first, upcoming.begin, tzinfo=LONDON)
    closes = first - timedelta(weeks=upcoming.closes_weeks_before)
    model = ConferencePage if upcoming.kind == Kind.CONFERENCE else WorkshopPage
    return model(
        title=upcoming.title,
        slug=upcoming.slug,
        summary=upcoming.summary,
        kind=upcoming.kind,
        format=upcoming.format,
        place=upcoming.place,
        starts_at=starts_at,
        ends_at=datetime.combine(last, upcoming.end, tzinfo=LONDON),
        registration_closes_at=(
            datetime.combine(closes, time(17), tzinfo=LONDON) if upcoming.closes_weeks_before else None
        ),
        capacity=upcoming.capacity,
        body=json.dumps([{"type": "text", "value": upcoming.about + MADE_UP}]),
    )


def _figures_of(event: str, facts: dict[str, Any]) -> RecordedFigures:
    """What was counted at the event, alone or with others: exactly the sets that were published."""
    counted = next(figures for figures in facts["figures"] if event in figures["events"])
    derived = counted.get("derived")
    figures, _ = RecordedFigures.objects.get_or_create(
        name=counted["name"],
        defaults={
            "attended": counted["attended"],
            "number_of_events": len(counted["events"]),
            "organisations": counted.get("organisations"),
            "feedback_asked": counted.get("feedback_asked"),
            "feedback_answers": counted.get("feedback_answers"),
            "source": f"{facts['source']} ({derived})" if derived else facts["source"],
        },
    )
    return figures


def publish(index: EventIndexPage, event: EventPage) -> EventPage:
    event.live = False
    index.add_child(instance=event)
    event.save_revision().publish()
    event.refresh_from_db()
    return event


def _weekday_after(day: date, weekday: int) -> date:
    """The day itself, or the next that is such a weekday; Monday is 0."""
    return day + timedelta(days=(weekday - day.weekday()) % 7)
