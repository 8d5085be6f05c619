"""From a row to its words and files, at the moment of delivery."""

from datetime import date
from pathlib import Path

import pytest

from mailing import attachments
from mailing.attachments import Attachment, AttachmentPlan
from mailing.composition import NO_WORDS, CannotBeComposedError, attached, composed, words_of
from mailing.models import OutgoingMail

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"


@pytest.fixture
def maker(monkeypatch):
    """A maker of files that only this test knows."""
    monkeypatch.setattr(attachments, "_makers", {})
    attachments.register(
        "mailing.trial", lambda values: Attachment("a.txt", "text/plain", str(values["day"]).encode())
    )
    return "mailing.trial"


def test_composed_letter_gets_the_values_with_their_types(make_letter, letter_template):
    kind = letter_template("Subject: {{ day|date:'j F Y' }}\n\n{{ words }}")

    letter = composed(make_letter(kind=kind, values={"day": date(2027, 1, 14), "words": "<b> & co"}))

    assert letter.subject == "14 January 2027"
    assert letter.text.startswith("<b> & co\n")
    assert "&lt;b&gt; &amp; co" in letter.html


def test_composed_letter_makes_control_characters_harmless(make_letter, letter_template):
    kind = letter_template("Subject: On {{ title }}\n\n{{ title }}")

    letter = composed(make_letter(kind=kind, values={"title": "Safety\r\nBcc: thief@elsewhere.example\x07"}))

    assert letter.subject == "On Safety Bcc: thief@elsewhere.example"
    assert "\x07" not in letter.text


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, id=f"{path.parts[-3]}:{path.stem}")
        for path in sorted(TEMPLATES.glob("*/mail/*.txt"))
    ],
)
def test_composed_letter_of_every_template_has_words_even_without_values(path):
    kind = str(path.relative_to(TEMPLATES)).removesuffix(".txt")

    letter = composed(OutgoingMail(kind=kind, values={}))

    assert letter.subject
    assert len(letter.text.partition("\n\n-- \n")[0]) > 20
    assert letter.html.startswith("<!DOCTYPE html>")


def test_composed_letter_is_empty_once_erased(make_letter, now):
    letter = make_letter(state="sent", values={}, body_erased_at=now)

    assert composed(letter) == NO_WORDS


def test_words_of_a_letter_without_template_are_empty(make_letter, caplog):
    letter = make_letter(kind="mailing/mail/gone")

    assert words_of(letter) == NO_WORDS
    assert caplog.messages == [f"Letter {letter.pk} cannot be composed."]
    with pytest.raises(CannotBeComposedError, match=r"TemplateDoesNotExist: mailing/mail/gone\.txt"):
        composed(letter)


def test_attached_files_are_made_from_their_plans(make_letter, maker):
    ready = Attachment("b.bin", "application/octet-stream", b"\x00\xff")
    plan = AttachmentPlan(maker, {"day": date(2027, 1, 14)})

    pk = make_letter(attachments=attachments.stored([ready, plan])).pk

    assert attached(OutgoingMail.objects.get(pk=pk)) == [
        ready,
        Attachment("a.txt", "text/plain", b"2027-01-14"),
    ]


def test_attached_says_when_a_file_cannot_be_made(make_letter, maker):
    letter = make_letter(attachments=[{"maker": maker, "values": {"no": "day"}}])

    with pytest.raises(CannotBeComposedError, match=r"An attachment failed \(KeyError\)\."):
        attached(letter)


def test_register_refuses_a_second_maker_of_one_name(maker):
    with pytest.raises(ValueError, match=r"Two makers of attachments are called mailing\.trial"):
        attachments.register(maker, lambda values: Attachment("c", "text/plain", b""))
