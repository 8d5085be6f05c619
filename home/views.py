"""One's own page."""

from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from events import cpd
from events.models import Registration
from home.models import lists
from home.my_events import coming_registrations, past_registrations, with_certificate
from home.waiting import waiting_for
from home.wording import count_of, listed
from library.models import TopicInterest
from mailing import categories
from mailing.suppression import is_suppressed, stopped_categories
from members.models import User

PAST_EVENTS_SHOWN = 20

SECOND_FACTORS = {
    Authenticator.Type.TOTP: "authenticator app",
    Authenticator.Type.WEBAUTHN: "passkey",
    Authenticator.Type.RECOVERY_CODES: "recovery codes",
}

Row = dict[str, str]


class MemberRequest(HttpRequest):
    """A request that the login middleware let through."""

    user: User


@require_safe
def my_page(request: MemberRequest) -> HttpResponse:
    member = request.user
    now = timezone.now()
    coming = coming_registrations(member, now)
    waiting = waiting_for(member, now)
    past = list(past_registrations(member, now)[: PAST_EVENTS_SHOWN + 1])
    context = {
        "crumbs": [("Home", "/")],
        "lead": lead(len(list(filter(is_going, coming))), len(waiting)),
        "coming": coming,
        "lists": [] if coming else [(page.title, page.url) for page in lists()],
        "development": development(member, timezone.localdate(now).year),
        "waiting": waiting,
        "past": [with_certificate(registration) for registration in past[:PAST_EVENTS_SHOWN]],
        "has_more_past": len(past) > PAST_EVENTS_SHOWN,
        "details": details(member),
        "signing_in": signing_in(member),
        "letters_come_back": is_suppressed(member.email),
    }
    return render(request, "home/my_page.html", context)


def is_going(registration: Registration) -> bool:
    """Whether somebody has a place at an event that takes place."""
    return registration.state == Registration.State.CONFIRMED and not registration.event.is_cancelled


@dataclass(frozen=True)
class Development:
    """What a member's certificates add up to."""

    year: int
    hours: str
    events: int
    certificates: int


def development(member: User, year: int) -> Development | None:
    """The hours of this year and all certificates; None before the first. One query."""
    years = cpd.record_of(member)
    if not years:
        return None
    this_year = next((each for each in years if each.year == year), cpd.Year(year, []))
    return Development(
        year=year,
        hours=f"{this_year.total.normalize():f}",
        events=len(this_year.entries),
        certificates=sum(len(each.entries) for each in years),
    )


def lead(registered: int, waiting: int) -> str:
    """Such as "You are registered for two events. One thing waits for you."."""
    events = f"You are registered for {count_of(registered, 'event')}."
    if not waiting:
        return events
    return (
        f"{events} {count_of(waiting, 'thing').capitalize()} {'waits' if waiting == 1 else 'wait'} for you."
    )


def details(member: User) -> list[Row]:
    """What the member told us, each with the page to change it."""
    change = reverse("members:change_details")
    stopped = stopped_categories(member.email)
    letters = [category.short for category in categories.every() if category.name not in stopped]
    return [
        {"key": "Name", "value": member.get_full_name() or "Not given", "url": change},
        {"key": "Address", "value": member.email, "url": reverse("account_email")},
        {"key": "Organisation", "value": organisation_of(member), "url": change},
        {"key": "Job title", "value": member.job_title or "Not given", "url": change},
        {
            "key": "Letters",
            "value": listed(letters).capitalize() or "Only what concerns your account and your registrations",
            "url": reverse("members:change_mail_preferences"),
        },
        {"key": "Topics", "value": topics_of(member), "url": reverse("library:choose_topics")},
    ]


def topics_of(member: User) -> str:
    interests = TopicInterest.objects.of(member).values_list("topic__name", flat=True)
    return ", ".join(interests) or "None chosen"


def organisation_of(member: User) -> str:
    if member.organisation:
        return member.organisation.name
    if member.stated_organisation:
        return f"{member.stated_organisation} (as you gave it)"
    return "Not given"


def signing_in(member: User) -> list[Row]:
    """How the member signs in, each with the page to manage it."""
    kinds = Authenticator.objects.filter(user=member).order_by("pk").values_list("type", flat=True)
    factors = [SECOND_FACTORS[Authenticator.Type(kind)] for kind in dict.fromkeys(kinds)]
    return [
        {
            "key": "Password",
            "value": "Set" if member.has_usable_password() else "None. You sign in with a code by e-mail",
            "url": reverse("account_change_password"),
        },
        {
            "key": "Second factor",
            "value": listed(factors).capitalize() or "None yet",
            "url": reverse("mfa_index"),
            "action": "Manage",
        },
        {
            "key": "Sessions",
            "value": "Where you are signed in, and signing out elsewhere",
            "url": reverse("usersessions_list"),
            "action": "Manage",
        },
    ]
