"""The demo's topics and findings: a national evaluation and two articles, from published facts.

The facts lie in `data/findings.json`. Every figure below is taken from there; the sentences are ours and
say nothing that is not there.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from library.models import FindingPage, LibraryIndexPage, Topic, TopicInterest
from members.models import User

FACTS = Path(__file__).resolve().parent / "data" / "findings.json"

CASE_STUDY = "REF 2021 impact case study, Anglia Ruskin University"

SUMMARIES = {
    "10.1093/police/pay047": (
        "Interviews with police officers who monitor people on the register: what protecting the public means "
        "when resources are short."
    ),
    "10.1177/1748895819853861": (
        "What stands in the way of registered sex offenders in the community who try to stop offending."
    ),
}

# What the events and findings of the facts are about, in the order in which they are offered.
ASSESSMENT, HARD_TO_RATE, TOGETHER, TRAINING, RESOURCES, DESISTANCE = TOPICS = (
    ("Assessing risk", "Tools such as the Active Risk Management System, and how they are used."),
    ("What is hard to assess", "Factors that are hard to rate, and people who are hard to assess."),
    ("Police and probation together", "One assessment for both, shared training, work across agencies."),
    ("Training", "For new staff, refreshers, and for those who train others."),
    (
        "Public protection and resources",
        "Looking after people who may harm others when there is little time.",
    ),
    ("Stopping offending", "What helps people to desist, and what stands in their way."),
)
OF_ARTICLES = {
    "10.1093/police/pay047": (RESOURCES,),
    "10.1177/1748895819853861": (DESISTANCE,),
}
OF_EVALUATION = (ASSESSMENT, HARD_TO_RATE, TOGETHER, TRAINING)

# Members made up for demonstration (`members.demo`), by address.
INTERESTS = {
    "practitioner@force.example": (ASSESSMENT, TRAINING),
    "offender.manager@essex.example": (ASSESSMENT, HARD_TO_RATE),
    "sergeant@kent.example": (TOGETHER, RESOURCES),
    "analyst@norfolk.example": (ASSESSMENT,),
    "trainer@college.example": (TRAINING,),
    "probation.officer@london.example": (TOGETHER, DESISTANCE),
    "psychologist@prisons.example": (HARD_TO_RATE, DESISTANCE),
    "researcher@university.example": (ASSESSMENT, DESISTANCE),
}


@transaction.atomic
def load(now: datetime) -> None:  # noqa: ARG001 - every part of the demo is loaded alike
    """Publish the findings that are not there yet. Running it again changes nothing."""
    if not Topic.objects.exists():
        _load_topics()
    index = LibraryIndexPage.objects.get()
    facts = json.loads(FACTS.read_text(encoding="utf-8"))
    for publication in facts["publications"]:
        _publish(index, article(publication, facts), OF_ARTICLES[publication["doi"]])
    for finding in facts["findings"]:
        _publish(index, evaluation(finding, facts), OF_EVALUATION)


def _load_topics() -> None:
    topics = {
        name: Topic.objects.create(name=name, slug=slugify(name), description=description, sort_order=place)
        for place, (name, description) in enumerate(TOPICS)
    }
    members = User.objects.in_bulk(INTERESTS, field_name="email")
    TopicInterest.objects.bulk_create(
        TopicInterest(member=member, topic=topics[name])
        for email, member in members.items()
        for name, _ in INTERESTS[email]
    )


def article(publication: dict[str, Any], facts: dict[str, Any]) -> FindingPage:
    return FindingPage(
        title=publication["title"],
        summary=SUMMARIES[publication["doi"]],
        kind=FindingPage.Kind.ARTICLE,
        authors="\n".join(publication["authors"]),
        published_year=publication["year"],
        institution=facts["institution"],
        journal=publication["journal"],
        volume=publication.get("volume", ""),
        issue=publication.get("issue", ""),
        pages=publication.get("pages", ""),
        doi=publication["doi"],
        body=json.dumps(
            [
                _text(
                    "<p>This page holds the reference and one sentence on what the article is about. What it "
                    "found is in the article itself.</p>"
                )
            ]
        ),
    )


def evaluation(finding: dict[str, Any], facts: dict[str, Any]) -> FindingPage:
    factors = ", ".join(facts["hard_to_rate_factors"][:-1]) + " and " + facts["hard_to_rate_factors"][-1]
    trained, no_longer_twice = facts["outcomes"][0], facts["outcomes"][1]
    source = f"National evaluation, {finding['year']}"
    return FindingPage(
        title=finding["title"],
        summary=(
            f"How officers in all {finding['forces_engaged']} forces assess risk, what is hard about it, and "
            f"{finding['recommendations']} recommendations."
        ),
        kind=FindingPage.Kind.EVALUATION,
        authors="\n".join(finding["authors"]),
        published_year=finding["year"],
        institution=facts["institution"],
        body=json.dumps(
            [
                _heading("In short"),
                _text(
                    "<ul>"
                    f"<li>All {finding['forces_engaged']} territorial police forces and all "
                    f"{finding['probation_divisions_engaged']} probation divisions took part.</li>"
                    f"<li>Four factors are hard to rate: {factors}.</li>"
                    "<li>Four groups are hard to assess: people who are hostile, have learning difficulties or "
                    "mental health issues, or are transgender.</li>"
                    f"<li>{finding['implemented']} of {finding['recommendations']} recommendations were carried "
                    "out.</li>"
                    "</ul>"
                ),
                _heading("What changed"),
                _figures(
                    (
                        str(finding["implemented"]),
                        str(finding["recommendations"]),
                        "recommendations carried out",
                        source,
                    ),
                    (f"{trained['count']:,}", "", "probation officers trained in the new tool", CASE_STUDY),
                    (
                        f"{no_longer_twice['count']:,}",
                        "",
                        "people no longer assessed twice",
                        f"At least {no_longer_twice['hours_saved_each_at_least']} hours saved for each. {CASE_STUDY}",
                    ),
                ),
                _text(
                    "<p>Police and probation had assessed the same people separately. Now one assessment serves "
                    "both, which saves "
                    f"£{no_longer_twice['saving_gbp_per_year']:,} a year. Initial training is held for police and "
                    "probation together, and since December 2019 force trainers meet for a refresher every "
                    "year.</p>"
                ),
            ]
        ),
    )


def _publish(index: LibraryIndexPage, finding: FindingPage, topics: Sequence[tuple[str, str]]) -> None:
    """Under its own address, unless a finding of that title is there, also one that was withdrawn."""
    if FindingPage.objects.child_of(index).filter(title=finding.title).exists():
        return
    finding.slug = slugify(finding.title)[:60].strip("-")
    finding.live = False
    # An editor may have renamed or removed one.
    finding.topics = Topic.objects.filter(name__in=[name for name, _ in topics])
    index.add_child(instance=finding)
    finding.save_revision().publish()


def _heading(text: str) -> dict[str, object]:
    return {"type": "heading", "value": {"text": text, "level": "h2"}}


def _text(html: str) -> dict[str, object]:
    return {"type": "text", "value": html}


def _figures(*figures: tuple[str, str, str, str]) -> dict[str, object]:
    names = ("value", "of", "label", "source")
    values = [dict(zip(names, figure, strict=True)) for figure in figures]
    return {"type": "key_figures", "value": {"figures": values}}
