"""What the editor of every page does: times are read by a clock, and nobody's work is undone unseen.

Wagtail saves whatever is sent, also where somebody else saved meanwhile; only its scripts warn, and only after some
seconds. So every form says from which version it began (Wagtail's `loaded_revision_id` names the latest one, also on
a page that is shown again with errors), and one that began from an older version is refused until somebody who was
shown what changed ticks that they mean it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.admin.panels import Panel
from wagtail.models import Page, Revision

from pages import dates
from pages.forms import read_by_the_clock_of

BEGUN_FROM, OVERWRITES = "begun_from", "overwrites"
NO_VERSION = "none"
CHANGES_SHOWN = 5


@dataclass(frozen=True)
class Meanwhile:
    """What others saved since a form was opened."""

    # The version that was shown along with it: the tick is for this one and for none that follows.
    latest: str
    # Who and when, the latest first: "Demo Organiser published it on Sunday 22 November 2026, 1:05pm".
    changes: Sequence[str]
    # The names of the fields; empty where the version that the form began from is gone.
    fields: Sequence[str] = ()
    compare_url: str = ""


def version_of(page: Page) -> str:
    """Names the latest version of a page. Autosave overwrites a version, so its time belongs to its name."""
    return _name_of(page.latest_revision)


def changed_meanwhile(page: Page, request: HttpRequest) -> Meanwhile | None:
    """What somebody else saved since the form that was sent was opened; None if nobody did, or it was ticked.

    What the same person saved counts for nothing: the editor saves by itself while they write. A form that does not
    say what it began from was not opened in the editor.
    """
    begun_from, latest = request.POST.get(BEGUN_FROM, ""), page.latest_revision
    version = _name_of(latest)
    if latest is None or begun_from in ("", version) or request.POST.get(OVERWRITES) == version:
        return None
    since = list(_since(begun_from, page).select_related("user"))
    theirs = [revision for revision in since if revision.user_id != request.user.pk]
    if not theirs:
        return None
    changes = [_in_words(revision, page) for revision in reversed(theirs[-CHANGES_SHOWN:])]
    own = since[: since.index(theirs[0])]
    base = own[-1] if own else _version(begun_from, page)
    if base is None:
        return Meanwhile(version, changes)
    return Meanwhile(
        version,
        changes,
        fields=_fields_that_differ(page, base, latest, request),
        compare_url=reverse("wagtailadmin_pages:revisions_compare", args=[page.pk, base.pk, latest.pk]),
    )


def _since(begun_from: str, page: Page) -> "QuerySet[Revision]":
    """The versions that are later, the oldest first; all, where that one has no time."""
    revisions = page.revisions.order_by("created_at", "pk")
    at = _time_in(begun_from)
    return revisions.filter(created_at__gt=at) if at else revisions


def _version(begun_from: str, page: Page) -> Revision | None:
    """The one that was begun from. None once autosave has written over it, or it was removed."""
    at = _time_in(begun_from)
    found = (
        revision for revision in page.revisions.filter(created_at=at) if _name_of(revision) == begun_from
    )
    return next(found, None) if at else None


def _time_in(begun_from: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(begun_from.partition(" ")[2])
    except ValueError:
        return None
    return at if at.tzinfo else None


def _name_of(revision: Revision | None) -> str:
    return f"{revision.pk} {revision.created_at.isoformat()}" if revision else NO_VERSION


def _in_words(revision: Revision, page: Page) -> str:
    who = (revision.user.get_full_name() or revision.user.get_username()) if revision.user else "The portal"
    did = "published it" if revision.pk == page.live_revision_id else "saved it"
    return f"{who} {did} on {dates.moment(revision.created_at)}"


def _fields_that_differ(page: Page, began: Revision, latest: Revision, request: HttpRequest) -> list[str]:
    """As the editor names them, each once, in its order."""
    bound = page.get_edit_handler().get_bound_panel(instance=page, request=request, form=None)
    before, after = began.as_object(), latest.as_object()
    compared = (comparison(before, after) for comparison in bound.get_comparison())
    return list(dict.fromkeys(str(each.field_label()) for each in compared if each.has_changed()))


class PortalPageForm(WagtailAdminPageForm):
    """The form of every page."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        read_by_the_clock_of(self.zone, self)
        if self.instance.pk:
            # What was sent stays when the form is shown again: it is still the version that was begun from.
            self.fields[BEGUN_FROM] = forms.CharField(
                widget=forms.HiddenInput, required=False, initial=version_of(self.instance)
            )

    @property
    def zone(self) -> ZoneInfo:
        """By whose clock its times are read."""
        return dates.LONDON

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        meanwhile = self.instance.changed_meanwhile
        if meanwhile is not None:
            self.add_error(
                None,
                f"While you were writing, the page was changed: {'; '.join(meanwhile.changes)}. What you typed is "
                "kept below, and not saved yet.",
            )
        return cleaned


class MeanwhilePanel(Panel):
    """On top of a form that was refused because of others: what they changed, and the box to tick."""

    class BoundPanel(Panel.BoundPanel):
        """As Wagtail's."""

        template_name = "pages/admin/meanwhile.html"

        def is_shown(self) -> bool:
            return self.form is not None and self.instance.changed_meanwhile is not None

        def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
            context: dict[str, Any] = super().get_context_data(parent_context)
            return context | {
                "meanwhile": self.instance.changed_meanwhile,
                "overwrites": OVERWRITES,
                "edit_url": reverse("wagtailadmin_pages:edit", args=[self.instance.pk]),
            }
