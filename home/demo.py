"""The demo's front page and standing pages, from published facts."""

import json
from datetime import datetime

from wagtail.models import Site

from home import actions, first_content
from home.models import HomePage
from pages.models import SiteSettings

RUN_BY = "the team of this demonstration"
CONTACT = "portal@portal.example"
PHASE = "Demonstration"
PHASE_TEXT = (
    "Events of 2017 to 2020, findings and figures are published facts. Other events and members are made up."
)

_CASE_STUDY = "REF 2021 impact case study, Anglia Ruskin University"
# Source of all: a published impact case study on the management of registered sex offenders in England
# and Wales. Beside each figure stands what it was counted from.
FIGURES = (
    {
        "value": "10",
        "of": "17",
        "label": "recommendations carried out",
        "source": "National evaluation of the Active Risk Management System, 2020",
    },
    {
        "value": "43",
        "of": "43",
        "label": "police forces took part",
        "source": "With 7 of 7 probation divisions. National evaluation, 2020",
    },
    {
        "value": "26,405",
        "of": "",
        "label": "people no longer assessed twice",
        "source": f"At least 3 hours saved for each. {_CASE_STUDY}",
    },
    {
        "value": "60",
        "of": "60",
        "label": "answers say that a workshop will improve practice",
        "source": f"69 people came, December 2019 and January 2020. {_CASE_STUDY}",
    },
)


def load(now: datetime) -> None:  # noqa: ARG001 - every part of the demo is loaded alike
    """Fill what has no content yet. Running it again changes nothing, and an editor's text stays."""
    actions.fill_standing_pages(run_by=RUN_BY, contact=CONTACT)
    _label_as_demonstration()
    home = HomePage.objects.get()
    draft = home.get_latest_revision_as_object()
    if not home.figures and not draft.figures:
        draft.figures = json.dumps([{"type": "figure", "value": figure} for figure in FIGURES])
        draft.searches_to_try = draft.searches_to_try or first_content.SEARCHES_TO_TRY
        draft.save_revision().publish()


def _label_as_demonstration() -> None:
    settings = SiteSettings.for_site(Site.objects.get(is_default_site=True))
    if not settings.phase and not settings.phase_text:
        settings.phase, settings.phase_text = PHASE, PHASE_TEXT
        settings.save()
