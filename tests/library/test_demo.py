"""The demo's findings hold published facts and nothing else."""

import json
import re

from django.utils.html import strip_tags

from library import demo
from library.models import FindingPage, Topic, TopicInterest


def everything(finding):
    return (
        finding.title,
        finding.summary,
        finding.kind,
        finding.authors,
        finding.published_year,
        finding.journal,
        finding.doi,
        json.dumps(finding.body.get_prep_value()),
        finding.live,
        finding.pk,
    )


def test_load_publishes_the_evaluation_and_two_articles(library, now):
    demo.load(now)

    assert list(FindingPage.objects.live().latest_first().values_list("kind", "published_year", "doi")) == [
        ("evaluation", 2020, ""),
        ("article", 2019, "10.1177/1748895819853861"),
        ("article", 2018, "10.1093/police/pay047"),
    ]
    assert FindingPage.objects.filter(first_published_at__isnull=True).count() == 0


def test_load_again_changes_nothing(library, member, now):
    demo.load(now)
    before = [everything(finding) for finding in FindingPage.objects.order_by("pk")]
    interests = list(TopicInterest.objects.order_by("pk").values())

    demo.load(now)

    assert [everything(finding) for finding in FindingPage.objects.order_by("pk")] == before
    assert list(TopicInterest.objects.order_by("pk").values()) == interests


def test_load_tags_findings_and_gives_members_their_topics(library, member, other_member, now):
    demo.load(now)

    assert list(Topic.objects.values_list("name", flat=True)) == [name for name, _ in demo.TOPICS]
    tagged = {
        page.published_year: [topic.name for topic in page.topics.all()] for page in FindingPage.objects.all()
    }
    assert tagged == {
        2020: ["Assessing risk", "What is hard to assess", "Police and probation together", "Training"],
        2019: ["Stopping offending"],
        2018: ["Public protection and resources"],
    }
    of_members = TopicInterest.objects.order_by("topic").values_list("member__email", "topic__name")
    assert list(of_members) == [
        ("practitioner@force.example", "Assessing risk"),
        ("practitioner@force.example", "Training"),
    ]


def test_load_leaves_alone_the_topics_of_editors(library, member, now):
    Topic.objects.create(name="Ours", slug="ours")

    demo.load(now)

    assert list(Topic.objects.values_list("name", flat=True)) == ["Ours"]
    assert FindingPage.objects.count() == 3


def test_load_leaves_alone_what_an_editor_withdrew(library, now):
    demo.load(now)
    FindingPage.objects.get(kind="evaluation").unpublish()

    demo.load(now)

    assert FindingPage.objects.filter(kind="evaluation").count() == 1
    assert FindingPage.objects.get(kind="evaluation").live is False


def test_every_figure_of_the_demo_is_a_published_fact(library, now):
    demo.load(now)
    facts = set(re.findall(r"\d+", demo.FACTS.read_text()))
    said = " ".join(
        f"{finding.summary} {strip_tags(json.dumps(finding.body.get_prep_value(), ensure_ascii=False))}"
        for finding in FindingPage.objects.all()
    )
    without_ids = re.sub(r'"id": "[^"]*"|"level": "h2"', "", said)
    figures = set(re.findall(r"\d+", without_ids.replace(",", "")))

    assert figures
    assert figures - facts == set()


def test_evaluation_of_the_demo_shows_its_figures(client, library, now):
    demo.load(now)

    text = " ".join(client.get(FindingPage.objects.get(kind="evaluation").url).text.split())

    assert "<dt>recommendations carried out</dt>" in text
    assert "10 <small>of 17</small>" in text
    assert "<dt>probation officers trained in the new tool</dt>" in text
    assert "£1,220,000 a year" in text


def test_load_writes_only_what_an_editor_could_save(library, now):
    demo.load(now)

    for finding in FindingPage.objects.all():
        finding.full_clean()
        finding.body.stream_block.clean(finding.body)  # raises ValidationError
