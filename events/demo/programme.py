"""What happens at the made-up events: two days of a conference in parallel streams, a venue, a joining link, a series."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from events.models import EventIndexPage, EventPage, SeriesPage, Session, SessionSpeaker, Speaker, Venue
from library.models import FindingOccasion, FindingPage

LONDON = ZoneInfo("Europe/London")
CONFERENCE = "managing-risk-together"
# What its first session is about: a finding of the library's own demo.
EVALUATION = "A National Evaluation of the Active Risk Management System: Final report"
ONLINE = "rating-the-hardest-factors"
IN_SERIES = (ONLINE, "hostile-to-assessment")
JOINING_URL = "https://meet.example/rating-the-hardest-factors"

ASSESSMENT, PEOPLE, TOGETHER = "Assessment", "People", "Working together"
Kind = Session.Kind

MADE_UP_SPEAKER = "This speaker is made up for demonstration."
EVALUATOR = "Research lead, evaluation team"
MAPPA_HEAD = "Head of MAPPA, demo force"
OFFENDER_MANAGER = "Offender manager, demo force"
TRAINER = "Force trainer, demo force"
PROBATION_LEAD = "Probation lead, demo region"
PSYCHOLOGIST = "Psychologist, demo prison"
CASEWORKER = "Caseworker, demo charity"
NURSE = "Learning disability nurse, demo trust"
SPEAKERS = {
    EVALUATOR: "Led the fieldwork of an evaluation: interviews, case files and a survey of practitioners.",
    MAPPA_HEAD: "Chairs level 2 and level 3 meetings, and answers for how cases get there.",
    OFFENDER_MANAGER: "Visits people on the register and writes their assessments.",
    TRAINER: "Trains everybody in the force who assesses risk.",
    PROBATION_LEAD: "Supervises the practitioners who share cases with the police.",
    PSYCHOLOGIST: "Runs programmes in custody and writes for the meetings after release.",
    CASEWORKER: "Works with families, and hears first when something changes at home.",
    NURSE: "Helps police and probation to interview people with learning disabilities.",
}


@dataclass(frozen=True)
class _Planned:
    """A session: on which day of the event, from when to when."""

    day: int
    begin: time
    end: time
    title: str
    kind: Session.Kind = Kind.TALK
    stream: str = ""
    room: str = "Main hall"
    speakers: Sequence[str] = ()
    summary: str = ""
    capacity: int | None = None


PROGRAMME = (
    _Planned(1, time(9, 30), time(10), "Arrival and coffee", Kind.BREAK, room="Foyer"),
    _Planned(1, time(10), time(10, 45), "What the evaluation found, and what came of it", Kind.KEYNOTE,
             speakers=(EVALUATOR,),
             summary="Seventeen recommendations, ten carried out. Which of the ten changed daily work, and how we would know."),
    _Planned(1, time(11), time(12), "Rating emotional intimacy and emotional congruence", Kind.WORKSHOP, ASSESSMENT, "Room 1",
             (TRAINER,), "You rate two prepared cases, alone and then in pairs, and compare.", 40),
    _Planned(1, time(11), time(12), "When learning disabilities shape the interview", Kind.TALK, PEOPLE, "Main hall",
             (NURSE, OFFENDER_MANAGER), "How to ask, how to listen, and what not to conclude.", 200),
    _Planned(1, time(11), time(12), "One assessment, two agencies", Kind.PANEL, TOGETHER, "Room 2",
             (MAPPA_HEAD, PROBATION_LEAD), "Police and probation leads on sharing one document.", 60),
    _Planned(1, time(12), time(13), "Lunch", Kind.BREAK, room="Foyer"),
    _Planned(1, time(13), time(14, 30), "Case clinic: hostile to assessment", Kind.CASE_CLINIC, ASSESSMENT, "Room 1",
             (PSYCHOLOGIST, OFFENDER_MANAGER), "Bring a case without names. Places are few on purpose.", 12),
    _Planned(1, time(13), time(13, 45), "Families: what they see first", Kind.TALK, PEOPLE, "Main hall",
             (CASEWORKER,), "What charities hear, and how it reaches those who manage the risk.", 200),
    _Planned(1, time(13, 45), time(14, 30), "After release: the first six weeks", Kind.TALK, PEOPLE, "Main hall",
             (MAPPA_HEAD,), "What was planned in custody, and what holds outside.", 200),
    _Planned(1, time(13), time(14, 30), "Training police and probation in one room", Kind.WORKSHOP, TOGETHER, "Room 2",
             (TRAINER, PROBATION_LEAD), "A day of joint training, taken apart and put together again.", 40),
    _Planned(1, time(14, 45), time(16), "The seven recommendations that remain", Kind.PANEL,
             speakers=(MAPPA_HEAD, EVALUATOR, PROBATION_LEAD),
             summary="What stands in the way of each, and who could move it."),
    _Planned(2, time(9, 30), time(10, 15), "Four factors that are hard to rate", Kind.KEYNOTE,
             speakers=(PSYCHOLOGIST,), summary="What makes them hard, and what the ratings have to bear."),
    _Planned(2, time(10, 30), time(12), "Sexual preoccupation: rating on evidence", Kind.WORKSHOP, ASSESSMENT, "Room 1",
             (PSYCHOLOGIST, TRAINER), "Which evidence counts, which only looks as if it did.", 40),
    _Planned(2, time(10, 30), time(12), "Home visits that tell you something", Kind.WORKSHOP, PEOPLE, "Room 3",
             (OFFENDER_MANAGER,), "What to look at, what to ask, what to write down on the same day.", 40),
    _Planned(2, time(10, 30), time(12), "A level 2 meeting, step by step", Kind.WORKSHOP, TOGETHER, "Room 2",
             (MAPPA_HEAD,), "A prepared meeting with all papers, and you in the chair.", 40),
    _Planned(2, time(12), time(13), "Lunch", Kind.BREAK, room="Foyer"),
    _Planned(2, time(13), time(14), "What will you do differently on Monday?", Kind.WORKSHOP,
             summary="In small groups by region. You leave with one thing written down."),
    _Planned(2, time(14, 15), time(15, 30), "What we take home", Kind.PANEL, speakers=(EVALUATOR, MAPPA_HEAD),
             summary="The groups report, the panel answers."),
)  # fmt: skip


def load(events: Sequence[EventPage]) -> None:
    """Give those of the events that are theirs a programme, a venue, a joining link and a series."""
    for event in events:
        if event.slug in {CONFERENCE, *IN_SERIES}:
            # A page of its own, so that what is handed to the next part is as the database has it.
            _publish(event.specific_class.objects.get(pk=event.pk))
            event.refresh_from_db()
        if event.slug == CONFERENCE:
            _lead_there_from_the_evaluation(event)


def _publish(page: EventPage) -> None:
    if page.slug == CONFERENCE:
        page.venue = _venue()
        page.sessions.set(_sessions(page))
    if page.slug == ONLINE:
        page.joining_url = JOINING_URL
    if page.slug in IN_SERIES:
        page.series = _series()
    page.save_revision().publish()


def _lead_there_from_the_evaluation(event: EventPage) -> None:
    """From the page of the finding, if it is published."""
    for finding in FindingPage.objects.live().filter(title=EVALUATION):
        page = finding.get_latest_revision_as_object()
        page.occasions.add(FindingOccasion(page_id=event.pk))
        page.save_revision().publish()


def _sessions(event: EventPage) -> list[Session]:
    """The sessions on the days of the event. Those of a stream are chosen by who registers."""
    first = event.starts_at.astimezone(LONDON).date()
    return [_session(planned, first + timedelta(days=planned.day - 1)) for planned in PROGRAMME]


def _session(planned: _Planned, day: date) -> Session:
    session = Session(
        title=planned.title,
        kind=planned.kind,
        stream=planned.stream,
        room=planned.room,
        starts_at=datetime.combine(day, planned.begin, tzinfo=LONDON),
        ends_at=datetime.combine(day, planned.end, tzinfo=LONDON),
        summary=planned.summary,
        is_chosen=bool(planned.stream),
        capacity=planned.capacity,
    )
    session.session_speakers.set(
        [
            SessionSpeaker(speaker=_speaker(name), sort_order=position)
            for position, name in enumerate(planned.speakers)
        ]
    )
    return session


def _speaker(name: str) -> Speaker:
    biography = f"{SPEAKERS[name]} {MADE_UP_SPEAKER}"
    return Speaker.objects.get_or_create(name=name, defaults={"biography": biography})[0]


def _venue() -> Venue:
    return Venue.objects.get_or_create(
        name="Demo Conference Centre",
        defaults={
            "address": "1 Example Square\nExampletown\nMidlands",
            "map_url": "https://maps.example/demo-conference-centre",
            "access_information": (
                "Step-free from the square and to every room. Hearing loop in the main hall. "
                "A quiet room beside the foyer. Assistance dogs are welcome."
            ),
            "travel": "Ten minutes on foot from Exampletown station. Parking for blue badge holders at the door.",
        },
    )[0]


def _series() -> SeriesPage:
    found = SeriesPage.objects.filter(slug="practitioner-workshops").first()
    if found:
        return found
    page = SeriesPage(
        title="Practitioner workshops",
        slug="practitioner-workshops",
        summary="Small workshops on what is hardest in daily work. This series is made up for demonstration.",
        live=False,
    )
    EventIndexPage.objects.get().add_child(instance=page)
    page.save_revision().publish()
    return page
