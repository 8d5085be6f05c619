"""Addresses of other people that members gave are forgotten some time after the event."""

from datetime import timedelta
from unittest import mock

from django.core.management import call_command

from events import actions
from events.answers import Answers
from events.models import Handover, ManagerApproval


def test_erase_contacts_forgets_managers_and_colleagues_90_days_after_the_event(
    make_event, member, other_member, book, now, capsys
):
    """What happened stays in the history, without the address; other events are not touched."""
    held, later = (
        make_event(starts_at=now + timedelta(days=days), needs_manager=True, title=f"In {days} days")
        for days in (3, 4)
    )
    for event in (held, later):
        answers = Answers(manager_email="boss@force.example")
        actions.book_place(event=event, member=member, actor=member, now=now, answers=answers)
    [passed] = [book(make_event(starts_at=now + timedelta(days=3), title="Passed on"), other_member)]
    actions.hand_over(
        registration=passed, colleague_email="sergeant@force.example", actor=other_member, now=now
    )
    at = held.ends_at + timedelta(days=90)
    assert actions.erase_contacts(now=at - timedelta(seconds=1)) == 0

    with mock.patch("django.utils.timezone.now", return_value=at):
        call_command("erase_contacts", dry_run=True)
        call_command("erase_contacts")
        call_command("erase_contacts")

    assert capsys.readouterr().out.splitlines() == [
        "2 contacts to erase.",
        "2 contacts erased.",
        "0 contacts erased.",
    ]
    assert [asked.registration.event_id for asked in ManagerApproval.objects.all()] == [later.pk]
    assert not Handover.objects.exists()
    assert "hand_over" in passed.steps.values_list("verb", flat=True)
    assert "sergeant@force.example" not in str(list(passed.steps.values()))
