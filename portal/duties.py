"""What a person can do in the Wagtail admin, in plain words, for the panel on its front page."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.urls import reverse

from events.models import EventIndexPage
from events.rules import reads_any_event, runs_all_events
from home.models import HomePage
from library.models import LibraryIndexPage
from members.models import Organisation, User
from pages.models import SiteSettings


@dataclass(frozen=True)
class Duty:
    """One thing to do, and where."""

    title: str
    text: str
    url: str


def duties_of(user: User) -> list[Duty]:
    """All that the user's roles allow, each once, the daily work first."""
    return [duty for offered in (_on_pages, _on_events, _with_permission) for duty in offered(user)]


def _on_pages(user: User) -> Iterator[Duty]:
    events = EventIndexPage.objects.first()
    if events and events.permissions_for_user(user).can_add_subpage():
        yield Duty(
            "Put an event on the site",
            "Write it, look at the preview, and publish it when it is ready. Registration follows the dates you set.",
            reverse("wagtailadmin_pages:add_subpage", args=[events.pk]),
        )
        yield Duty(
            "Change or cancel an event" if runs_all_events(user) else "Change an event",
            "All events, upcoming and past, published and in draft.",
            reverse("wagtailadmin_explore", args=[events.pk]),
        )
    library = LibraryIndexPage.objects.first()
    if library and library.permissions_for_user(user).can_add_subpage():
        yield Duty(
            "Write up a finding",
            "What a study found, in plain words, with the publication to cite.",
            reverse("wagtailadmin_pages:add_subpage", args=[library.pk]),
        )
    home = HomePage.objects.first()
    if home and home.permissions_for_user(user).can_edit():
        yield Duty(
            "Change the front page",
            "What visitors see first: the promise, the key figures and the ways in.",
            reverse("wagtailadmin_pages:edit", args=[home.pk]),
        )
        yield Duty(
            "Change a standing page",
            "About, contact, the privacy notice and the other pages the footer leads to.",
            reverse("wagtailadmin_explore", args=[home.pk]),
        )


def _on_events(user: User) -> Iterator[Duty]:
    if reads_any_event(user):
        yield Duty(
            "See who comes to your events",
            "Numbers and registrations, messages to those who come, lists to take along.",
            reverse("events_admin:events"),
        )


def _with_permission(user: User) -> Iterator[Duty]:
    for permission, title, text, url in PERMITTED:
        if user.has_perm(permission):
            yield Duty(title, text, url())


def _site_settings() -> str:
    return reverse("wagtailsettings:edit", args=[SiteSettings._meta.app_label, SiteSettings._meta.model_name])


PERMITTED: list[tuple[str, str, str, Callable[[], str]]] = [
    (
        "members.decide_membership",
        "Decide who is let in",
        "Everybody who asked to join: approve, decline with a reason, or suspend.",
        lambda: reverse("members_admin:members"),
    ),
    (
        "members.change_organisation",
        "Look after organisations",
        "The agencies, and the e-mail domains whose people are let in at once.",
        lambda: reverse(Organisation.snippet_viewset.get_url_name("list")),
    ),
    (
        "members.change_user",
        "Give people their roles",
        "Who organises, edits, lets members in or looks after cases. Each role is a group.",
        lambda: reverse("wagtailusers_users:index"),
    ),
    (
        "mailing.view_outgoingmail",
        "See which letters went out",
        "What was sent to whom and when, what failed and why. Nobody reads a letter here.",
        lambda: reverse("mailing_admin:letters"),
    ),
    (
        "pages.change_sitesettings",
        "Name, contact and navigation",
        "What stands at the top and the bottom of every page.",
        _site_settings,
    ),
]
