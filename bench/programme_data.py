"""Gives an event a programme: `python -m bench.programme_data --event 5 --sessions 200`.

Two days, eight sessions at a time, two speakers each: as large as the largest conferences of the field. Prints
the address of the timetable as JSON.
"""

import argparse
import json
from datetime import timedelta

import django

AT_ONCE = 8
DAYS = 2
SPEAKERS = 150
LENGTH = timedelta(minutes=30)


def main() -> None:
    """Make the programme and say where it is."""
    parser = argparse.ArgumentParser(prog="python -m bench.programme_data", description=__doc__)
    parser.add_argument("--event", type=int, required=True)
    parser.add_argument("--sessions", type=int, required=True)
    wanted = parser.parse_args()
    django.setup()

    from events.models import EventPage, Session, SessionSpeaker, Speaker
    from members.models import Organisation

    event = EventPage.objects.get(pk=wanted.event)
    organisation = Organisation.objects.earliest("pk")
    speakers = Speaker.objects.bulk_create(
        Speaker(
            name=f"Practitioner {number}, demo force",
            role="Detective Inspector",
            organisation=organisation,
            biography="Assesses and manages people on the register. " * 20,
        )
        for number in range(SPEAKERS)
    )
    each_day = -(-wanted.sessions // DAYS)
    sessions = Session.objects.bulk_create(
        Session(
            event=event,
            title=f"What changed when we rated factor {number} together",
            kind=Session.Kind.WORKSHOP,
            stream=f"Stream {number % AT_ONCE + 1}",
            room=f"Room {number % AT_ONCE + 1}",
            starts_at=event.starts_at
            + timedelta(days=number // each_day)
            + LENGTH * (number % each_day // AT_ONCE),
            ends_at=event.starts_at
            + timedelta(days=number // each_day)
            + LENGTH * (number % each_day // AT_ONCE + 1),
            summary="Two worked examples, rated alone, in pairs and in the room. " * 20,
            sort_order=number,
        )
        for number in range(wanted.sessions)
    )
    SessionSpeaker.objects.bulk_create(
        SessionSpeaker(session=session, speaker=speakers[(number * 2 + half) % SPEAKERS], sort_order=half)
        for number, session in enumerate(sessions)
        for half in range(2)
    )
    print(json.dumps({"path": event.programme_url, "uuid": str(event.uuid)}))


if __name__ == "__main__":
    main()
