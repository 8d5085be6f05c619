"""What organisers see of their events in the Wagtail admin, the ways there, and cancelling one."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from events import actions
from events.forms import CancelEventForm
from events.models import (
    Attendance,
    EventPage,
    Invitation,
    TeamMember,
)
from members.models import Organisation
from tests.events.desk import cancel_event_url, cost_of, html, list_url, text, url
from tests.events.outcomes import letters

pytestmark = pytest.mark.usefixtures("stopped_clock")

DAY = timedelta(days=1)


# --- Overview ------------------------------------------------------------------------------------------------


def test_overview_shows_numbers_of_what_happened(desk, make_event, fill, now):
    event = make_event(capacity=1000)
    there = fill(event, 40)[:3]
    fill(event, 7, "waiting")
    fill(event, 2, "cancelled")
    for registration in there:
        Attendance.objects.create(registration=registration, is_present=True, noted_at=now)

    figures = desk.get(url("overview", event.pk)).context["figures"]

    assert [(figure["label"], figure["number"], figure["of"]) for figure in figures] == [
        ("Registered", 40, "of 1,000 places"),
        ("On the waiting list", 7, ""),
        ("Cancelled", 2, "of 49 in all"),
        ("Attended", 3, "of 40 registered"),
    ]


def test_overview_numbers_lead_to_the_people_they_count(desk, event, fill):
    fill(event, 2)
    fill(event, 1, "awaiting approval")

    for figure in desk.get(url("overview", event.pk)).context["figures"]:
        shown = desk.get(f"{list_url(event)}?{figure['query']}")
        assert shown.context["number"] == figure["number"]


def test_overview_counts_nobody_as_accepted_who_came_by_themselves(desk, event, fill, now):
    [registered] = fill(event, 1)
    for email, answer in [
        (registered.member.email, ""),
        ("yes@a.example", "accepted"),
        ("no@a.example", "declined"),
    ]:
        Invitation.objects.create(
            event=event, email=email, invited_at=now, answer=answer, answered_at=now if answer else None
        )

    assert desk.get(url("overview", event.pk)).context["invited"] == [
        ("Invited", 3, "all rounds together"),
        ("Invited and registered", 1, "of 3 invited"),
        ("Accepted, not registered yet", 1, "of 3 invited"),
        ("Declined the invitation", 1, "of 3 invited"),
    ]


def test_overview_of_an_event_without_registrations_says_so(desk, event):
    assert "Nobody has registered yet." in text(desk.get(url("overview", event.pk)))


def test_overview_draws_each_chart_and_its_table(desk, event, fill):
    fill(event, 3)

    shown = html(desk.get(url("overview", event.pk)))

    assert '<rect class="pp-admin__series-1" x="0%" width="100%" height="14"/>' in shown
    assert '<td role="cell" data-label="Organisation">Example Police</td>' in shown
    assert '<td role="cell" data-label="So far" class="pp-admin__number">3</td>' in shown
    assert "style=" not in shown.split('class="pp-admin"')[1].split("</main>")[0]


def test_overview_costs_the_same_for_many(desk, make_event, fill, now):
    costs = []
    for number in (1, 3, 200):
        event = make_event()
        for position, registration in enumerate(fill(event, number)):
            registration.organisation = Organisation.objects.create(
                name=f"{event.pk}-{position}", kind="charity"
            )
            registration.save()
            Attendance.objects.create(registration=registration, is_present=True, noted_at=now)
        costs.append(cost_of(desk, url("overview", event.pk)))

    assert costs[0] == costs[1] == costs[2]


# --- The events somebody runs --------------------------------------------------------------------------------


def test_events_shows_what_is_ahead_or_over(desk, make_event, now):
    later, sooner = make_event(starts_at=now + 9 * DAY), make_event(starts_at=now + 2 * DAY)
    long_ago, lately = make_event(starts_at=now - 9 * DAY), make_event(starts_at=now - 2 * DAY)

    ahead = desk.get(url("events")).context["events"]
    over = desk.get(url("events") + "?when=past").context["events"]

    assert [event.pk for event in ahead] == [sooner.pk, later.pk]
    assert [event.pk for event in over] == [lately.pk, long_ago.pk]


def test_events_are_paged_by_key(desk, make_event, now, monkeypatch):
    monkeypatch.setattr("events.admin_views.overview.EVENTS_ON_PAGE", 2)
    # Two at the same time, so that the key decides.
    events = [make_event(starts_at=now + when * DAY).pk for when in (1, 2, 2, 3)]

    first = desk.get(url("events")).context
    second = desk.get(url("events") + f"?after={first['next']}").context

    assert [event.pk for event in (*first["events"], *second["events"])] == events
    assert (second["next"], second["is_first"]) == (None, False)
    assert desk.get(url("events") + "?after=nonsense").context["events"][0].pk == events[0]


def test_events_shows_only_those_of_ones_teams(at_desk, member, make_event, now):
    mine, _other = make_event(title="Mine"), make_event(title="Not mine")
    door = make_event(title="Door only")
    for event, role in ((mine, "read"), (door, "check in")):
        TeamMember.objects.create(event=event, member=member, role=role, added_at=now)
    actions.keep_in_event_team(member)

    client = at_desk(member)

    assert [event.title for event in client.get(url("events")).context["events"]] == ["Mine"]
    front = text(client.get(reverse("wagtailadmin_home")))
    assert [title for title in ("Mine", "Not mine", "Door only") if title in front] == ["Mine"]


def test_events_cost_the_same_for_many(desk, make_event):
    costs = []
    for number in (1, 2, 40):
        for _ in range(number):
            make_event()
        costs.append(cost_of(desk, url("events")))

    assert costs[0] == costs[1] == costs[2]


# --- Cancelling an event -------------------------------------------------------------------------------------


def test_cancelling_an_event_wants_a_reason_and_tells_everybody(desk, event, fill, member, book):
    book(event, member)

    shown, without = desk.get(cancel_event_url(event)), desk.post(cancel_event_url(event), {"reason": " "})
    assert "1 person who is registered or waits gets a letter" in text(shown)
    assert without.context["form"].errors.as_data()["reason"][0].code == "required"
    event.refresh_from_db()
    assert not event.is_cancelled

    sent = desk.post(cancel_event_url(event), {"reason": "The trainer is ill."})

    event.refresh_from_db()
    assert (event.is_cancelled, event.cancellation_reason) == (True, "The trainer is ill.")
    assert sent.url == url("overview", event.pk)
    assert letters()[-1] == ("event_cancelled", "practitioner")


def test_cancelling_an_event_twice_is_refused(desk, event):
    desk.post(cancel_event_url(event), {"reason": "First."})
    desk.post(cancel_event_url(event), {"reason": "Second."})

    event.refresh_from_db()
    assert event.cancellation_reason == "First."


def test_every_naughty_string_can_be_a_reason_or_is_refused(event, organiser, naughty_strings, now):
    for words in naughty_strings:
        EventPage.objects.update(cancelled_at=None)
        form = CancelEventForm({"reason": words})
        if form.is_valid():
            actions.cancel_event(event=event, reason=form.cleaned_data["reason"], actor=organiser, now=now)

            event.refresh_from_db()
            assert event.cancellation_reason == form.cleaned_data["reason"]
        else:
            assert list(form.errors) == ["reason"]


# --- Ways there ----------------------------------------------------------------------------------------------


def test_the_page_of_an_event_leads_to_its_numbers(desk, event):
    shown = html(desk.get(reverse("wagtailadmin_pages:edit", args=[event.pk])))

    assert url("overview", event.pk) in shown
    assert cancel_event_url(event) in shown


def test_the_list_of_pages_and_the_menu_lead_there_too(desk, index, event):
    shown = html(desk.get(reverse("wagtailadmin_explore", args=[index.pk])))

    assert url("overview", event.pk) in shown
    assert f'"{url("events")}"' in shown


def test_a_cancelled_or_past_event_is_not_offered_to_be_cancelled(desk, make_event, now):
    for event in (make_event(cancelled_at=now), make_event(starts_at=now - DAY)):
        for address in (reverse("wagtailadmin_pages:edit", args=[event.pk]), url("overview", event.pk)):
            assert cancel_event_url(event) not in html(desk.get(address))


def test_the_front_panel_shows_the_next_events(desk, make_event, fill, now):
    soon = make_event(title="Rating together", capacity=60)
    fill(soon, 41)
    fill(soon, 6, "waiting")
    make_event(title="No limit", starts_at=now + 200 * DAY)
    make_event(title="Cancelled", cancelled_at=now)
    make_event(title="Over", starts_at=now - DAY)
    make_event(title="Draft", live=False)

    shown = html(desk.get(reverse("wagtailadmin_home"))).split("Your next events")[1]

    assert (
        f'<a href="{url("overview", soon.pk)}">Rating together</a>, Thursday 25 March 2027, 9:30am to 12:30pm: '
        "41 of 60 places taken, 6 waiting"
    ) in shown
    assert "No limit</a>, Monday 2 August 2027, 10:30am to 1:30pm: 0 places taken </li>" in shown
    assert [title for title in ("Cancelled", "Over", "Draft") if f">{title}</a>" in shown] == []


@pytest.mark.parametrize("role", ["Editors", "Membership managers", "Moderators", "Event team"])
def test_other_roles_see_nothing_of_it(at_desk, django_user_model, event, role):
    person = django_user_model.objects.create_user("other@portal.example", state="approved")
    person.groups.add(Group.objects.get(name=role))

    shown = html(at_desk(person).get(reverse("wagtailadmin_home")))

    assert "Your next events" not in shown
    assert f'"{url("events")}"' not in shown
