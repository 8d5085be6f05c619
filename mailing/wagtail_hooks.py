"""What the Wagtail admin shows of letters: the list, and on the home page what went wrong or waits."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models import Count, Min, Q
from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils import timezone
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component

from mailing import address_views as addresses
from mailing import admin_views, rules
from mailing.models import OutgoingMail, Suppression

# Failures older than this are history; they stay in the list.
FAILED_LATELY = timedelta(days=14)


@hooks.register("register_admin_urls")
def register_admin_urls() -> list[URLPattern | URLResolver]:
    patterns = [
        path("", admin_views.LettersView.as_view(), name="letters"),
        path("results/", admin_views.LettersView.as_view(results_only=True), name="letters_results"),
        path("<int:letter>/send-letter-again/", admin_views.send_letter_again, name="send_letter_again"),
        path("<int:letter>/cancel-letter/", admin_views.cancel_letter, name="cancel_letter"),
        path("addresses/", addresses.SuppressionsView.as_view(), name="suppressions"),
        path(
            "addresses/results/",
            addresses.SuppressionsView.as_view(results_only=True),
            name="suppressions_results",
        ),
        path("addresses/<int:suppression>/lift/", addresses.lift_suppression, name="lift_suppression"),
    ]
    return [path("letters/", include((patterns, "mailing_admin")))]


class LettersMenuItem(MenuItem):
    """The way to the list."""

    def is_shown(self, request: HttpRequest) -> bool:
        return rules.can_see_letters(request.user)


@hooks.register("register_admin_menu_item")
def register_letters_menu_item() -> MenuItem:
    return LettersMenuItem(
        "Letters", reverse("mailing_admin:letters"), name="letters", icon_name="mail", order=800
    )


class SuppressionsMenuItem(MenuItem):
    """The way to the addresses that are not written to."""

    def is_shown(self, request: HttpRequest) -> bool:
        return rules.can_see_suppressions(request.user)


@hooks.register("register_admin_menu_item")
def register_suppressions_menu_item() -> MenuItem:
    return SuppressionsMenuItem(
        "Addresses not written to",
        reverse("mailing_admin:suppressions"),
        name="suppressions",
        icon_name="no-view",
        order=801,
    )


class LettersPanel(Component):
    """How many letters failed lately, how many wait, and since when."""

    name = "letters"
    template_name = "mailing/admin/letters_panel.html"
    order = 150

    def get_context_data(self, parent_context: Mapping[str, Any] | None) -> dict[str, Any]:
        failed = OutgoingMail.objects.failed().filter(finished_at__gt=timezone.now() - FAILED_LATELY)
        waiting = OutgoingMail.objects.waiting()
        return {
            "failed": failed.count(),
            "days": FAILED_LATELY.days,
            "suppressed": Suppression.objects.active().count(),
            **waiting.aggregate(
                waiting=Count("pk"), oldest=Min("created_at"), retried=Count("pk", Q(attempts__gt=0))
            ),
        }


@hooks.register("construct_homepage_panels")
def add_letters_panel(request: HttpRequest, panels: list[Component]) -> None:
    if rules.can_see_letters(request.user):
        panels.append(LettersPanel())
