"""Every job of the clock, run by hand over the demo: a dry run says what it would do, and changes nothing."""

import mailbox
import os
from datetime import datetime, timedelta
from pathlib import Path
from unittest import mock

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from wagtail.models import ReferenceIndex
from wagtail.search.models import IndexEntry

from events import actions
from events.audiences import Chosen
from events.demo.on_the_day import WORKSHOP
from events.models import (
    Certificate,
    EventPage,
    InvitationWave,
    ManagerApproval,
    Material,
    Registration,
    SensitiveAnswers,
)
from events.models.materials import FOLDER
from mailing.models import Mailing, OutgoingMail
from members import sealing
from members.models import User
from portal.schedule import JOBS
from tests.mailing.test_reports import delivery_report, recipient
from tests.portal_roles.test_demo import everything

# Hours after the demo was loaded. At one of them at least, each job has something to do.
LATER = (1, 10 * 24, 40 * 24)


@pytest.fixture
def demo(site_tree, tmp_path, settings) -> datetime:
    """The demo, and beside it what it has none of: old sessions, old secrets, a page to publish, a letter that came back."""
    call_command("demo", yes=True)
    now = timezone.now()
    member = User.objects.get(email="practitioner@force.example")
    Session.objects.create(session_key="old", session_data="", expire_date=now - timedelta(days=1))
    UserSession.objects.create(user=member, session_key="old", ip="192.0.2.1", user_agent="A browser")
    User.objects.create_user("never@force.example", state=User.State.PENDING)
    page = EventPage.objects.live().first().specific
    page.go_live_at = now + timedelta(minutes=30)
    page.save_revision().publish()
    letter = OutgoingMail.objects.filter(state=OutgoingMail.State.SENT).first()
    report = delivery_report(recipient("failed", "5.1.1", address=letter.recipient))
    mailbox.Maildir(tmp_path / "returned", create=True).add(
        report.replace(b"<0123456789abcdef0123456789abcdef@portal.example>", letter.message_id.encode())
    )
    in_the_clear = Authenticator.objects.filter(type=Authenticator.Type.TOTP).first()
    in_the_clear.data["secret"] = sealing.unseal(in_the_clear.data["secret"])
    in_the_clear.save()
    settings.MAIL_BOUNCES_MAILBOX = f"maildir://{tmp_path / 'returned'}"
    _leave_work_of_events(now)
    # As if a worker had died before it was told.
    ReferenceIndex.objects.filter(pk=ReferenceIndex.objects.first().pk).delete()
    IndexEntry.objects.filter(pk=IndexEntry.objects.first().pk).delete()
    return now


def state() -> dict[str, list[object]]:
    """Every row of every table, and the files of materials."""
    folder = Path(Material._meta.get_field("file").storage.location)
    return {**everything(), "files": sorted(folder.rglob("*"))}


def _leave_work_of_events(now: datetime) -> None:
    """A workshop that ended yesterday, an old one with names, one today, an offer that ran out, a round that was started."""
    held = EventPage.objects.get(slug=WORKSHOP)
    EventPage.objects.filter(pk=held.pk).update(
        starts_at=now - timedelta(hours=30),
        ends_at=now - timedelta(hours=26),
        days_to_keep_sensitive_answers=1,
    )
    Certificate.objects.filter(registration__event=held).delete()
    held.registrations.update(thanked_at=None)
    SensitiveAnswers.objects.create(registration=held.registrations.first(), answers={})
    coming, other = _confirmed_for_two_events(now)
    EventPage.objects.filter(pk=other.event_id).update(
        starts_at=now + timedelta(hours=6), ends_at=now + timedelta(hours=9)
    )
    Registration.objects.filter(pk=other.pk).update(registered_at=now - timedelta(days=20))
    Registration.objects.filter(pk=coming.pk).update(state="offered", offer_expires_at=now)
    old = EventPage.objects.filter(ends_at__lt=now - timedelta(days=365)).first()
    organiser = User.objects.get(email="organiser@portal.example")
    guest = Registration.objects.create(
        event=old, guest_name="Guest", is_walk_in=True, state="confirmed", registered_at=old.starts_at
    )
    ManagerApproval.objects.create(registration=guest, manager_email="boss@force.example", asked_at=now)
    storage = Material._meta.get_field("file").storage
    stray = storage.path(storage.save(f"{FOLDER}/stray.txt", ContentFile(b"Nobody's")))
    a_week_ago = (now - timedelta(days=7)).timestamp()
    os.utime(stray, (a_week_ago, a_week_ago))
    actions.invite_people(event=old, addresses=["guest@agency.example"], actor=organiser, now=now)
    words = {"subject": "Come", "text": "Answer here: {link}"}
    wording = actions.keep_wording(**words)
    plan = actions.Plan("Round", wording, wording, Chosen())
    for paused in InvitationWave.objects.filter(mailing__state=Mailing.State.PAUSED):
        actions.resume_wave(wave=paused, actor=organiser, now=now)
    wave = actions.make_wave(event=coming.event, plan=plan, actor=organiser, now=now)
    actions.keep_list(wave=wave, lines=[b"somebody@agency.example"])
    actions.start_wave(wave=wave, actor=organiser, now=now)


def _confirmed_for_two_events(now: datetime) -> list[Registration]:
    coming = Registration.objects.confirmed().filter(event__starts_at__gt=now + timedelta(days=2))
    by_event = {registration.event_id: registration for registration in coming.order_by("-event_id", "-pk")}
    return list(by_event.values())[:2]


def test_dry_run_of_every_job_changes_nothing_where_a_run_does(demo, capsys) -> None:
    idle = []
    for job in JOBS:
        before = state()  # a file that a run before removed stays away
        for hours in LATER:
            with mock.patch("django.utils.timezone.now", return_value=demo + timedelta(hours=hours)):
                capsys.readouterr()
                call_command(job.command, "--dry-run")
                said = capsys.readouterr().out
                after = state()
                assert {table for table in before if after[table] != before[table]} == set(), job.command
                assert said.strip() != "", job.command
                with transaction.atomic():
                    call_command(job.command)
                    does_something = state() != before
                    transaction.set_rollback(True)
            if does_something:
                break
        else:
            idle.append(job.command)
    # A dry run of what had nothing to do anyway would prove nothing.
    assert idle == []
