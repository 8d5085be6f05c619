"""What stands beside the options of the registration form, and an answer taken back."""

import re

import pytest

from events.models import Question, SessionSpeaker, Speaker
from events.registration_forms import name_of
from tests.events.filling import slot, text, url_of

Kind = Question.Kind


def test_a_session_says_what_it_is_who_speaks_and_where_to_read_more(signed_in, event, make_session):
    session = make_session(
        event, "Visiting", kind="workshop", stream="Assessment", room="Room 1", capacity=40
    )
    for name in ("A trainer", "An officer"):
        SessionSpeaker.objects.create(session=session, speaker=Speaker.objects.create(name=name))

    shown = text(signed_in.get(url_of("book_place", event)))

    assert (
        "Assessment, workshop, Room 1, until 10:30am. With A trainer; An officer. 40 places left.<br>"
        f'<a class="govuk-link" href="/events/{event.uuid}/sessions/{session.key}/" target="_blank" rel="noopener">'
        'About this session<span class="govuk-visually-hidden">: Visiting</span> (opens in a new tab)</a>'
    ) in shown


def test_names_of_speakers_come_out_as_text(signed_in, event, make_session):
    session = make_session(event, "Visiting <b>")
    SessionSpeaker.objects.create(session=session, speaker=Speaker.objects.create(name="<i>A</i> trainer"))

    shown = text(signed_in.get(url_of("book_place", event)))

    assert "With &lt;i&gt;A&lt;/i&gt; trainer" in shown
    assert "<i>A</i>" not in shown


@pytest.mark.parametrize(("kind", "first"), [(Kind.YES_NO, "yes"), (Kind.CHOICE, "Ramp")])
def test_an_optional_answer_can_be_taken_back(signed_in, event, make_question, kind, first):
    question = make_question(event, "Need", kind, options="Ramp\nLoop")
    signed_in.post(url_of("book_place", event), {name_of(question): first})
    registration = event.registrations.get()
    assert registration.answers != {}

    offered = text(signed_in.get(url_of("change_answers", registration)))
    signed_in.post(url_of("change_answers", registration), {name_of(question): ""})

    registration.refresh_from_db()
    assert re.search(
        rf'name="{name_of(question)}" value="" id="[^"]*"> <label [^>]*>No answer</label>', offered
    )
    assert registration.answers == {}


def test_a_required_answer_cannot_be_taken_back(signed_in, event, make_question):
    make_question(event, "Need", Kind.YES_NO, is_required=True)

    assert "No answer" not in text(signed_in.get(url_of("book_place", event)))


def test_the_form_costs_the_same_for_any_number_of_sessions(
    signed_in, event, make_session, django_assert_num_queries
):
    counts = []
    for number in (1, 3, 60):
        for position in range(event.sessions.count(), number):
            session = make_session(event, f"Session {position}", capacity=9, after=position / 10)
            speaker = Speaker.objects.create(name=f"Speaker {position}")
            SessionSpeaker.objects.create(session=session, speaker=speaker)
        signed_in.get(url_of("book_place", event))
        with django_assert_num_queries(11) as captured:
            signed_in.get(url_of("book_place", event))
        counts.append(len(captured))

    assert counts == [11, 11, 11]
    assert slot(session) in text(signed_in.get(url_of("book_place", event)))
