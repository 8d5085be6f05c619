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

from mailing import admin_views, rules
from mailing.models import OutgoingMail

# Failures older than this are history; they stay in the list.
FAILED_LATELY = timedelta(days=14)


@hooks.register("register_admin_urls")
def register_admin_urls() -> list[URLPattern | URLResolver]:
    patterns = [
        path("", admin_views.LettersView.as_view(), name="letters"),
        path("results/", admin_views.LettersView.as_view(results_only=True), name="letters_results"),
        path("<int:letter>/send-letter-again/", admin_views.send_letter_again, name="send_letter_again"),
        path("<int:letter>/cancel-letter/", admin_views.cancel_letter, name="cancel_letter"),
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
            **waiting.aggregate(
                waiting=Count("pk"), oldest=Min("created_at"), retried=Count("pk", Q(attempts__gt=0))
            ),
        }


@hooks.register("construct_homepage_panels")
def add_letters_panel(request: HttpRequest, panels: list[Component]) -> None:
    if rules.can_see_letters(request.user):
        panels.append(LettersPanel())
