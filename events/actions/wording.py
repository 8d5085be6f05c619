"""The words of an event's letters: changed by its organisers, tried out, put back, taken along to a copy."""

from datetime import datetime
from uuid import uuid4

from django.db import transaction
from wagtail.log_actions import log

from events import line, mail, previews
from events.models import EventLetter, EventPage, Registration
from events.placeholders import LetterKind, Words
from mailing.actions import Priority, queue_letter
from mailing.mailings import WordingError, keep_wording
from mailing.models import Wording
from members.models import User


@transaction.atomic
def change_letter(*, event: EventPage, kind: LetterKind, words: Words, actor: User, now: datetime) -> None:
    """Let the event's letters of a kind say this from now on; the portal's own words are what is restored.

    Letters that wait already keep their words. Raises WordingError.
    """
    kept = _kept(event, kind, words)
    if (kept.subject, kept.text) == previews.default_words(kind.name):
        restore_letter(event=event, kind=kind, actor=actor)
        return
    held = line.lock(event.pk)
    EventLetter.objects.update_or_create(
        event=held, kind=kind.name, defaults={"wording": kept, "changed_at": now, "changed_by": actor}
    )
    line.write(held, changed_letters={**held.changed_letters, kind.name: kept.pk})
    log(instance=held.specific, action="events.change_letter", user=actor, data={"letter": kind.label})


@transaction.atomic
def restore_letter(*, event: EventPage, kind: LetterKind, actor: User) -> None:
    """Let the letters of a kind say again what the portal says."""
    held = line.lock(event.pk)
    deleted, _ = EventLetter.objects.filter(event=held, kind=kind.name).delete()
    if not deleted:
        return
    others = {name: number for name, number in held.changed_letters.items() if name != kind.name}
    line.write(held, changed_letters=others)
    log(instance=held.specific, action="events.restore_letter", user=actor, data={"letter": kind.label})


def send_test_letter(
    *,
    event: EventPage,
    kind: LetterKind,
    words: Words,
    registration: Registration | None,
    to: User,
    now: datetime,
) -> None:
    """Send the letter as it would be, without its files, to whoever tries it out. Raises WordingError."""
    queue_letter(
        template=mail.template_of(kind),
        to=to.email,
        context=previews.values_for(kind, event=event, registration=registration, now=now),
        dedupe_key=f"events.test_letter:{uuid4()}",
        priority=Priority.URGENT,
        wording=_kept(event, kind, words),
    )


def copy_letters(*, source: EventPage, copy: EventPage) -> None:
    """Give a copied event the words that its organisers wrote. Within the caller's transaction."""
    letters = [
        EventLetter(
            event=copy,
            kind=letter.kind,
            wording_id=letter.wording_id,
            changed_at=letter.changed_at,
            changed_by_id=letter.changed_by_id,
        )
        for letter in EventLetter.objects.filter(event=source.pk)
    ]
    if letters:
        EventLetter.objects.bulk_create(letters)
        line.write(copy, changed_letters={letter.kind: letter.wording_id for letter in letters})


def _kept(event: EventPage, kind: LetterKind, words: Words) -> Wording:
    if found := kind.problems(words, is_online=event.is_joined_online):
        raise WordingError(found)
    names = [each.name for each in kind.placeholders]
    return keep_wording(subject=words.subject, text=words.text, placeholders=names)
