"""Every letter that an event sends: what it is called, when it goes out, and what an organiser can put into it. Pure."""

from collections.abc import Iterator, Mapping

from events import sentences
from events.placeholders import LetterKind, Placeholder


def kinds_by_group() -> Iterator[tuple[str, list[LetterKind]]]:
    """The kinds in the order in which people get the letters, under headings."""
    for group in dict.fromkeys(kind.group for kind in KINDS.values()):
        yield group, [kind for kind in KINDS.values() if kind.group == group]


_NAME = Placeholder("name", "first and last name of whoever gets the letter", fact="to_name")
_FIRST_NAME = Placeholder("first_name", "their first name", fact="to_first_name")
_EVENT = Placeholder("event", "title of the event", fact="title")
_WHEN = Placeholder("when", "day and time")
_WHERE = Placeholder("where", "place, or “Online”")
_EVENT_LINK = Placeholder("event_link", "address of the event’s page", fact="event_url")
_LINK = Placeholder("link", "address of their registration, to see or change it", fact="registration_url")
_CANCEL_LINK = Placeholder("cancel_link", "address where they cancel without signing in", fact="cancel_url")

_ANYBODY = (_NAME, _FIRST_NAME, _EVENT, _WHEN, _EVENT_LINK)
_MEMBER = (_NAME, _FIRST_NAME, _EVENT, _WHEN, _WHERE, _EVENT_LINK, _LINK)
_REGISTERED = (*_MEMBER, _CANCEL_LINK)

_CALENDAR_NOTE = Placeholder(
    "calendar_note",
    "that the attached file puts the event into their calendar; nothing where only the month is known",
    sentence=sentences.calendar_note,
)
_CALENDAR_NOTE_OF_AN_END = Placeholder(
    "calendar_note",
    "that the attached file takes the event out of their calendar; nothing without a file",
    sentence=sentences.calendar_note_of_an_end,
)
_MISSED_NOTE = Placeholder(
    "missed_note",
    "which of their sessions are full by now; nothing where none is",
    sentence=sentences.missed_note,
)
_COURSE_NOTE = Placeholder(
    "course_note",
    "of which course the event is one date; nothing where it is none",
    sentence=sentences.course_note,
)
_COURSE_DATES = Placeholder(
    "course_dates",
    "list of all dates of the course, where the letter is about them all: {event} is the course then; nothing where "
    "the event is no date of one",
)
_SESSIONS = Placeholder(
    "sessions", "list of the sessions they chose, with time and room; nothing where they chose none"
)
_GETTING_THERE = Placeholder(
    "getting_there", "address, travel and access of the venue; nothing where it is online"
)
_JOINING_NOTE = Placeholder(
    "joining_note",
    "from when the joining link shows; nothing where there is none, or the letter has it",
    sentence=sentences.joining_note,
)
_JOINING_LINK = Placeholder(
    "joining_link", "address to join online; nothing while it does not show", fact="joining_url"
)
_CERTIFICATE_LINK = Placeholder(
    "certificate_link", "address of their certificate; nothing where they have none", fact="certificate_url"
)

_SAMPLE_SESSION = "Rating together"
_SAMPLE_CHOICE = f"Thursday 3 December 2026, 1pm to 2:30pm: {_SAMPLE_SESSION}"
_SAMPLE_MANAGER = "line.manager@force.example"

_ALL = (
    LetterKind(
        name="place_booked",
        label="Confirmation",
        sent="When somebody has a place.",
        group="Registering",
        common=_REGISTERED,
        own=(
            _CALENDAR_NOTE,
            Placeholder(
                "code_note",
                "that the attached code is shown at the door; nothing where it is online",
                sentence=sentences.code_note,
            ),
            _SESSIONS,
            _MISSED_NOTE,
            Placeholder(
                "answers_note",
                "until when they can change what they answered and chose; nothing where they cannot",
                sentence=sentences.answers_note,
            ),
            _COURSE_NOTE,
            _JOINING_LINK,
            _JOINING_NOTE,
            _GETTING_THERE,
        ),
        required=("link",),
        sample={"sessions": [_SAMPLE_CHOICE], "missed": [], "answers_until": ""},
    ),
    LetterKind(
        name="registration_cancelled",
        label="Cancellation of a registration",
        sent="When somebody cancelled, or an organiser did it for them.",
        group="Registering",
        common=_MEMBER,
        own=(
            Placeholder(
                "what_ended",
                "“Registration cancelled”, or “Place declined” of one that was only offered",
                sentence=sentences.what_ended,
            ),
            Placeholder(
                "what_happened",
                "who cancelled, and what becomes of the place",
                sentence=sentences.what_was_cancelled,
            ),
            Placeholder(
                "mistake_note",
                "what to do if it is a mistake; nothing where they cancelled themselves",
                sentence=sentences.mistake_note,
            ),
            _COURSE_NOTE,
            _COURSE_DATES,
            _CALENDAR_NOTE_OF_AN_END,
        ),
        required=("what_happened",),
        sample={"by_organiser": False, "had_place": True, "was_offered": False, "awaited": False},
    ),
    LetterKind(
        name="approval_awaited",
        label="Approval asked",
        sent=(
            "When a registration has to be approved first, or again after an answer was changed. Also when the place "
            "that a colleague kept for it is lost."
        ),
        group="Approval",
        common=_REGISTERED,
        own=(
            Placeholder(
                "what_happened",
                "that the place is theirs only when approved, and whether a colleague keeps theirs until then",
                sentence=sentences.what_is_asked,
            ),
            Placeholder(
                "who_approves", "the organiser, the line manager or both", sentence=sentences.who_approves
            ),
            _CALENDAR_NOTE_OF_AN_END,
            _COURSE_NOTE,
            _COURSE_DATES,
        ),
        required=("link",),
        sample={
            "manager_email": _SAMPLE_MANAGER,
            "by_organiser": False,
            "is_again": False,
            "is_kept": False,
            "was_kept": False,
            "number_of_files": 0,
        },
    ),
    LetterKind(
        name="manager_asked",
        label="Line manager asked",
        sent="To the line manager, when the event asks for their approval.",
        group="Approval",
        common=(_EVENT, _WHEN, _WHERE),
        own=(
            Placeholder("name", "who asked for the place"),
            Placeholder("answer_link", "address where the manager approves or declines", fact="answer_url"),
            _COURSE_DATES,
        ),
        required=("name", "answer_link"),
        sample={"name": "Pat Practitioner"},
    ),
    LetterKind(
        name="registration_declined",
        label="Approval declined",
        sent="When the organiser or the line manager declined.",
        group="Approval",
        common=_MEMBER,
        own=(
            Placeholder("who", "“The organiser” or “Your line manager”", sentence=sentences.who_declined),
            Placeholder("reason", "what they wrote; nothing where they wrote nothing"),
            _COURSE_DATES,
        ),
        required=("reason",),
        sample={"by_manager": False, "reason": "This workshop is for people who have not been to it before."},
    ),
    LetterKind(
        name="waiting_list_joined",
        label="Waiting list",
        sent="When somebody joined the waiting list.",
        group="Waiting list",
        common=_REGISTERED,
        own=(
            Placeholder("place_in_line", "how many are ahead of them", sentence=sentences.place_in_line),
            _COURSE_DATES,
        ),
        required=("link",),
        sample={"ahead": 3, "is_capped": False},
    ),
    LetterKind(
        name="place_offered",
        label="Offer of a place",
        sent="When a place came free and it is their turn.",
        group="Waiting list",
        common=_REGISTERED,
        own=(Placeholder("until", "until when they can take the place"), _MISSED_NOTE, _COURSE_DATES),
        required=("until", "link"),
        sample={"missed": []},
    ),
    LetterKind(
        name="offer_expired",
        label="Offer ended",
        sent="When they did not take an offered place in time.",
        group="Waiting list",
        common=_MEMBER,
        own=(Placeholder("until", "until when they could have taken it"), _COURSE_DATES),
        required=("link",),
    ),
    LetterKind(
        name="place_handed_over",
        label="Place passed to a colleague",
        sent="To the colleague, who takes or declines it.",
        group="Passing a place on",
        common=(_EVENT, _WHEN, _WHERE),
        own=(
            Placeholder("name", "who passes the place on"),
            Placeholder(
                "answer_link", "address where the colleague takes or declines it", fact="handover_url"
            ),
            Placeholder(
                "handover_note",
                "until when the place stays with whoever passes it on",
                sentence=sentences.handover_note,
            ),
            _COURSE_DATES,
        ),
        required=("name", "answer_link"),
        sample={"name": "Pat Practitioner", "waits_for_approval": False},
    ),
    LetterKind(
        name="handover_taken",
        label="Colleague took the place",
        sent="To whoever passed it on.",
        group="Passing a place on",
        common=_MEMBER,
        own=(_CALENDAR_NOTE_OF_AN_END, _COURSE_NOTE),
    ),
    LetterKind(
        name="handover_declined",
        label="Place not passed on",
        sent="To whoever wanted to pass it on, when the colleague declined or was not approved.",
        group="Passing a place on",
        common=_REGISTERED,
        own=(
            Placeholder(
                "what_happened",
                "that the colleague declined, or was not approved",
                sentence=sentences.what_became_of_handover,
            ),
            Placeholder("colleague", "the colleague’s address", fact="colleague_email"),
            _COURSE_DATES,
        ),
        required=("link",),
        sample={"colleague_email": "colleague@force.example", "is_approved": True},
    ),
    LetterKind(
        name="week_reminder",
        label="Reminder a week before",
        sent="At 9am a week before, unless they got their place less than nine days before.",
        group="Before the event",
        common=_REGISTERED,
        own=(
            Placeholder("date", "the day, for example Thursday 3 December 2026"),
            _SESSIONS,
            _GETTING_THERE,
            _JOINING_NOTE,
        ),
        required=("link",),
        sample={"sessions": [_SAMPLE_CHOICE]},
    ),
    LetterKind(
        name="event_reminder",
        label="Reminder the day before",
        sent="At 9am the day before, or when the joining link shows later that day.",
        group="Before the event",
        common=_REGISTERED,
        own=(
            Placeholder("Day", "“Tomorrow”, or “Today” if it comes late", sentence=sentences.capital_day),
            Placeholder("day", "the same in the middle of a sentence", sentence=sentences.day),
            _SESSIONS,
            _JOINING_LINK,
            _JOINING_NOTE,
            _GETTING_THERE,
        ),
        required=("link",),
        required_online=("joining_link",),
        sample={"is_today": False, "sessions": [_SAMPLE_CHOICE]},
    ),
    LetterKind(
        name="event_changed",
        label="Change of the event",
        sent="When title, time, place or a session changed.",
        group="Changes",
        common=_REGISTERED,
        own=(
            Placeholder(
                "standing",
                "“registered”, “offered a place”, “waiting for approval” or “on the waiting list”",
                sentence=sentences.standing,
            ),
            Placeholder("changes", "title, time and place, as they are and were", sentence=sentences.changes),
            Placeholder("session_changes", "list of the sessions that changed; nothing where none did"),
            Placeholder(
                "choice_note",
                "that a session they chose is cancelled; nothing where none is",
                sentence=sentences.choice_note,
            ),
            Placeholder(
                "programme_link",
                "address of the programme; nothing where no session changed",
                fact="programme_url",
            ),
            Placeholder(
                "calendar_note",
                "that the attached file replaces the entry in their calendar; nothing without a file",
                sentence=sentences.calendar_note_of_a_change,
            ),
            Placeholder(
                "kept_note",
                "that they keep their place, or until when they can take one that is offered",
                sentence=sentences.kept_note,
            ),
        ),
        required=("changes", "session_changes", "link"),
        sample={
            "is_confirmed": True,
            "is_awaiting": False,
            "is_offered": False,
            "session_changes": [f"“{_SAMPLE_SESSION}” is cancelled."],
            "chose_cancelled": True,
        },
    ),
    LetterKind(
        name="event_cancelled",
        label="Cancellation of the event",
        sent="When the event is cancelled.",
        group="Changes",
        common=_MEMBER,
        own=(
            Placeholder(
                "standing_note",
                "that they were registered, had asked for a place, or were on the waiting list",
                sentence=sentences.standing_note,
            ),
            Placeholder("reason", "what the organiser wrote when cancelling"),
            _CALENDAR_NOTE_OF_AN_END,
            Placeholder("events_link", "address of the list of events", fact="events_url"),
        ),
        required=("reason",),
        sample={"is_confirmed": True, "is_awaiting": False, "reason": "The trainer is ill."},
    ),
    LetterKind(
        name="thanks",
        label="Thanks and materials",
        sent="A day after the end, to those who were there.",
        group="After the event",
        common=_ANYBODY,
        own=(
            Placeholder(
                "what_is_ready",
                "that materials or a certificate are there; nothing without either",
                sentence=sentences.what_is_ready,
            ),
            Placeholder(
                "materials_link",
                "address of the materials; nothing where there are none",
                fact="materials_url",
            ),
            _CERTIFICATE_LINK,
        ),
        required=("materials_link",),
    ),
    LetterKind(
        name="certificate_issued",
        label="Certificate",
        sent="When the certificate of attendance is there, or was corrected.",
        group="After the event",
        common=_ANYBODY,
        own=(
            Placeholder("hours", "hours of CPD"),
            Placeholder(
                "correction_note",
                "that it replaces a certificate that was sent before; nothing for the first",
                sentence=sentences.correction_note,
            ),
            _CERTIFICATE_LINK,
        ),
        required=("certificate_link",),
        sample={"hours": "6 hours", "hours_before": "", "was_withdrawn": False},
    ),
    LetterKind(
        name="certificate_withdrawn",
        label="Certificate withdrawn",
        sent="When the list of who was there was corrected, and they were not.",
        group="After the event",
        common=_ANYBODY,
    ),
)

KINDS: Mapping[str, LetterKind] = {kind.name: kind for kind in _ALL}
