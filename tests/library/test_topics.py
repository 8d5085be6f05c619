"""Topics: kept by editors, chosen by members, known to nobody else."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from library import actions, personal_data
from library.models import Topic, TopicInterest
from members import personal_data as registry

ADDRESS = "/my-page/topics/"
QUERIES = 8


@pytest.fixture
def topics(db) -> list[Topic]:
    """Two, named against their order."""
    return [
        Topic.objects.create(name="Training", slug="training", description="For all staff.", sort_order=1),
        Topic.objects.create(name="Assessing risk", slug="assessing-risk", sort_order=2),
    ]


def of(member) -> list[str]:
    return list(TopicInterest.objects.of(member).values_list("topic__slug", flat=True))


def ticked(response) -> list[str]:
    return re.findall(r'name="topics" value="([^"]+)"[^>]* checked', response.text)


# --- Chosen by members -----------------------------------------------------------------------------------------


def test_choose_topics_asks_visitors_to_sign_in(client, topics):
    assert client.get(ADDRESS)["Location"].startswith("/account/login/")


def test_choose_topics_keeps_what_is_ticked_and_nothing_else(client, member, other_member, topics):
    training, risk = topics
    TopicInterest.objects.create(member=other_member, topic=risk)
    client.force_login(member)

    for chosen, expected in [
        ([training], ["training"]),
        ([training, risk], ["training", "assessing-risk"]),
        ([], []),
    ]:
        answer = client.post(ADDRESS, {"topics": [topic.slug for topic in chosen]})

        assert (answer.status_code, answer["Location"]) == (302, ADDRESS)
        assert of(member) == expected
        assert ticked(client.get(ADDRESS)) == [topic.slug for topic in chosen]
    assert of(other_member) == ["assessing-risk"]


def test_choose_topics_offers_them_in_their_order_with_their_sentences(client, member, topics):
    client.force_login(member)

    page = client.get(ADDRESS).text

    labels = re.findall(r'govuk-checkboxes__label" for="id_topics_\d">([^<]+)<', page)
    assert labels == ["Training", "Assessing risk"]
    assert re.findall(r'govuk-checkboxes__hint" id="id_topics_\d_hint">([^<]+)<', page) == ["For all staff."]


def test_choose_topics_says_that_there_are_none(client, member):
    client.force_login(member)
    page = client.get(ADDRESS).text
    assert "There are no topics to choose from yet" in page
    assert ">Save<" not in page


@pytest.mark.parametrize("typed", ["0", "-1", "Training", "99999999999999999999", "\x00"])
def test_choose_topics_takes_no_topic_that_is_not_there(client, member, topics, typed):
    TopicInterest.objects.create(member=member, topic=topics[0])
    client.force_login(member)

    answer = client.post(ADDRESS, {"topics": [typed, topics[1].slug]})

    assert answer.status_code == 200
    assert 'class="govuk-error-summary"' in answer.text
    assert of(member) == ["training"]


def test_choose_topics_again_writes_nothing_new(member, topics):
    actions.choose_topics(member=member, topics=topics)
    before = list(TopicInterest.objects.values_list("pk", flat=True))

    actions.choose_topics(member=member, topics=topics)

    assert list(TopicInterest.objects.values_list("pk", flat=True)) == before


def test_interest_is_one_for_a_member_and_topic(member, topics):
    TopicInterest.objects.create(member=member, topic=topics[0])
    with pytest.raises(IntegrityError, match="topic"), transaction.atomic():
        TopicInterest.objects.create(member=member, topic=topics[0])


@pytest.mark.parametrize("number", [1, 3, 200])
def test_choose_topics_costs_the_same_for_any_number(client, member, number):
    for place in range(number):
        topic = Topic.objects.create(name=f"Topic {place}", slug=f"topic-{place}", sort_order=place)
        TopicInterest.objects.create(member=member, topic=topic)
    client.force_login(member)
    client.get(ADDRESS)

    with CaptureQueriesContext(connection) as queries:
        response = client.get(ADDRESS)

    assert len(ticked(response)) == number
    assert len(queries) == QUERIES


# --- Known to the member alone ---------------------------------------------------------------------------------


def test_download_holds_ones_own_topics(member, other_member, topics):
    actions.choose_topics(member=member, topics=topics)
    actions.choose_topics(member=other_member, topics=topics[:1])

    assert registry.collect(member)["topics"] == [{"topic": "Training"}, {"topic": "Assessing risk"}]
    assert registry.collect(other_member)["topics"] == [{"topic": "Training"}]


def test_leaving_erases_ones_own_topics(member, other_member, topics, now):
    actions.choose_topics(member=member, topics=topics)
    actions.choose_topics(member=other_member, topics=topics)

    personal_data.erase(member, now)

    assert of(member) == []
    assert of(other_member) == ["training", "assessing-risk"]


# --- Kept by editors -------------------------------------------------------------------------------------------


@pytest.fixture
def editor(client, member):
    """Whoever may change topics, signed in as the Wagtail admin asks for."""
    wanted = ["access_admin", "add_topic", "change_topic", "delete_topic", "view_topic"]
    member.user_permissions.set(Permission.objects.filter(codename__in=wanted))
    client.force_login(member)
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "at": 0, "type": "totp"}]
    session["account_authentication_methods_user"] = str(member.pk)
    session.save()
    return client


def address_of(view: str, *args) -> str:
    return reverse(Topic.snippet_viewset.get_url_name(view), args=args)


def test_editors_add_a_topic_behind_the_others(editor, topics):
    editor.post(address_of("add"), {"name": "Desistance", "slug": "desistance", "description": "Stopping."})

    assert list(Topic.objects.values_list("name", "description")) == [
        ("Training", "For all staff."),
        ("Assessing risk", ""),
        ("Desistance", "Stopping."),
    ]


def test_editors_cannot_give_two_topics_one_name(editor, topics):
    answer = editor.post(address_of("add"), {"name": "Training", "slug": "training-2"})

    assert answer.status_code == 200
    assert Topic.objects.count() == 2


def test_editors_change_the_order(editor, topics):
    _training, risk = topics
    editor.post(address_of("reorder", risk.pk) + "?position=0")

    assert list(Topic.objects.values_list("slug", flat=True)) == ["assessing-risk", "training"]


def test_a_topic_goes_with_the_interest_in_it_and_findings_stay(editor, topics, new_finding, member):
    finding = new_finding()
    finding.topics = topics
    finding.save()
    actions.choose_topics(member=member, topics=topics)

    editor.post(address_of("delete", topics[0].pk))

    assert of(member) == ["assessing-risk"]
    finding.refresh_from_db()
    assert [topic.slug for topic in type(finding).objects.get().topics.all()] == ["assessing-risk"]


# --- Findings --------------------------------------------------------------------------------------------------


def titles(response) -> list[str]:
    return re.findall(r'<li class="pp-result">.*?<h3[^>]*><a[^>]*>(.*?)</a>', response.text, re.DOTALL)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Neither", "Both", "Risk"]),
        ("?topic=assessing-risk", ["Both", "Risk"]),
        ("?topic=training", ["Both"]),
        ("?topic=training&topic=assessing-risk", ["Both", "Risk"]),
        ("?topic=assessing-risk&kind=article", ["Risk"]),
        ("?topic=unknown", ["Neither", "Both", "Risk"]),
    ],
)
def test_list_of_findings_is_narrowed_to_any_of_the_topics(client, topics, new_finding, query, expected):
    _training, risk = topics
    for title, tags, kind in [
        ("Risk", [risk], "article"),
        ("Both", topics, "report"),
        ("Neither", [], "report"),
    ]:
        finding = new_finding(title=title, kind=kind)
        finding.topics = tags
        finding.save()

    assert titles(client.get(f"/library/{query}")) == expected


def test_finding_leads_to_others_on_its_topics(client, topics, new_finding):
    finding = new_finding()
    finding.topics = topics
    finding.save()

    page = client.get(finding.url).text

    assert re.findall(
        r'<li><a class="govuk-link" href="([^"]*)">(Training|Assessing risk)</a></li>', page
    ) == [
        ("/library/?topic=training", "Training"),
        ("/library/?topic=assessing-risk", "Assessing risk"),
    ]
