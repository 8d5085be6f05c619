"""Two people have the same event open in the editor, and both save."""

import pytest
from playwright.sync_api import Page, expect

from events.models import EventPage
from tests.journeys.browsing import PHONE, faults

pytestmark = pytest.mark.journey

FIRST, SECOND = "organiser@portal.example", "admin@portal.example"


def open_editor(page: Page, event: EventPage) -> None:
    page.goto(f"/admin/pages/{event.pk}/edit/")


def publish(page: Page) -> None:
    """As the menu does, without waiting for the editor to save by itself first."""
    page.evaluate(
        """() => {
            const form = document.querySelector("#page-edit-form");
            const action = Object.assign(document.createElement("input"), {type: "hidden", name: "action-publish", value: "1"});
            form.append(action);
            HTMLFormElement.prototype.submit.call(form);
        }"""
    )
    page.wait_for_load_state()


def test_somebody_is_told_what_another_saved_and_may_publish_all_the_same(visit_as, make_workshop) -> None:
    workshop = make_workshop()
    workshop.specific.save_revision().publish()
    first, second = visit_as(FIRST), visit_as(SECOND, PHONE)
    open_editor(first, workshop)
    open_editor(second, workshop)

    first.get_by_role("textbox", name="In short").fill("Theirs.")
    first.wait_for_timeout(1500)  # the editor has saved by itself: that stands in nobody's own way
    publish(first)
    expect(first.locator(".messages")).to_contain_text("has been published")

    second.get_by_role("textbox", name="In short").fill("Mine.")
    publish(second)
    warning = second.locator(".help-critical")
    expect(warning).to_contain_text("This page was changed while you were writing.")
    expect(warning).to_contain_text("Demo Organiser published it on")
    expect(warning).to_contain_text("What is different now: In short.")
    expect(second.get_by_role("textbox", name="In short")).to_have_value("Mine.")
    assert EventPage.objects.get(pk=workshop.pk).summary == "Theirs."
    assert [fault for fault in faults(second) if "overwrites" in fault or "sideways" in fault] == []

    second.get_by_label("Keep what I typed, and undo what was changed meanwhile").check()
    publish(second)
    expect(second.locator(".messages")).to_contain_text("has been published")
    assert EventPage.objects.get(pk=workshop.pk).summary == "Mine."
