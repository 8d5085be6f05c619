"""The membership managers' pages in the Wagtail admin, and what Wagtail itself must not offer."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members.models import MembershipDecision, Organisation, OrganisationDomain, User
from portal.roles import Role

State = User.State
LIST = "/admin/members/"


@pytest.fixture
def desk(manager, browser_of):
    """A membership manager's browser."""
    return browser_of(manager)


def names_on(page) -> list[str]:
    """The names in the list, in its order."""
    return re.findall(r'<a href="/admin/members/[0-9a-f-]{36}/"[^>]*>\s*(.*?)\s*</a>', page.content.decode())


def messages_on(page) -> str:
    return re.sub(r"\s+", " ", page.content.decode().partition('class="messages"')[2][:2500])


# --- The list --------------------------------------------------------------------------------------


def test_members_lists_the_waiting_first_and_then_by_name(desk, waiting, approved, make_user, now):
    make_user("early@council.example", last_name="Early", waiting_since=now - timedelta(days=2))
    make_user("a@council.example", last_name="Aardvark", state=State.DECLINED)

    assert names_on(desk.get(LIST)) == [
        "Some Early",
        "New Comer",
        "Some Aardvark",
        "Some Body",
        "Mem Manager",
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?q=comer", ["New Comer"]),
        ("?q=essex", ["Some Body"]),
        ("?q=county+council", ["New Comer"]),
        ("?state=approved", ["Some Body", "Mem Manager"]),
        ("?state=pending&state=declined", ["New Comer"]),
        ("?state=suspended", []),
        ("?state=left", ["New Comer", "Some Body", "Mem Manager"]),  # no choice, so no filter
        ("?ordering=-last_name", ["Mem Manager", "New Comer", "Some Body"]),
    ],
)
def test_members_is_searched_filtered_and_sorted(desk, waiting, approved, query, expected):
    assert names_on(desk.get(LIST + query)) == expected


def test_members_leaves_out_those_who_left(desk, make_user):
    make_user("left-1@left.invalid", state=State.LEFT, first_name="", last_name="")

    assert names_on(desk.get(LIST)) == ["Mem Manager"]


def test_members_says_who_cannot_be_decided_yet(desk, make_user):
    make_user("new@council.example", verified=False)

    assert "Address not confirmed" in desk.get(LIST).content.decode()


def test_members_asks_the_same_of_the_database_for_one_and_for_three(desk, make_user, essex, now):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert desk.get(LIST).status_code == 200
        return len(captured)

    make_user("a@council.example", waiting_since=now)
    desk.get(LIST)  # what is asked once per process is asked
    for_one = queries()
    for letter in "bcd":
        make_user(f"{letter}@essex.police.uk", organisation=essex, state=State.APPROVED)

    assert queries() == for_one


def test_a_member_asks_the_same_of_the_database_for_one_and_for_three_decisions(
    desk, waiting, manager, make_user, essex, now
):
    other = make_user("other@portal.example", state=State.APPROVED)

    def decide(by: User) -> None:
        MembershipDecision.objects.create(
            member=waiting, verdict="approved", decided_by=by, decided_at=now, organisation=essex
        )

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert desk.get(f"{LIST}{waiting.uuid}/").status_code == 200
        return len(captured)

    decide(manager)
    desk.get(f"{LIST}{waiting.uuid}/")
    for_one = queries()
    decide(other)
    decide(manager)

    assert queries() == for_one


# --- Deciding --------------------------------------------------------------------------------------


def test_approve_member_asks_for_the_organisation(desk, waiting, essex):
    page = desk.get(f"{LIST}{waiting.uuid}/approve/")
    assert "Let in everybody with an address at council.example from now on" in page.content.decode()

    page = desk.post(f"{LIST}{waiting.uuid}/approve/", {"seen": "pending"})

    assert page.context["form"].errors == {"organisation": ["This field is required."]}


def test_approve_member_suggests_what_was_given(desk, make_user, essex, now):
    member = make_user("new@council.example", stated_organisation="essex police", waiting_since=now)

    page = desk.get(f"{LIST}{member.uuid}/approve/")

    assert f'<option value="{essex.pk}" selected>' in page.content.decode()


def test_approve_member_with_the_domain(desk, waiting, essex, manager, letters):
    answer = desk.post(
        f"{LIST}{waiting.uuid}/approve/",
        {"seen": "pending", "organisation": essex.pk, "add_domain": "on"},
        follow=True,
    )

    assert "New Comer is approved, and told so in a letter." in messages_on(answer)
    assert OrganisationDomain.objects.get(domain="council.example").organisation == essex
    assert MembershipDecision.objects.get().decided_by == manager
    assert letters() == [("membership_approved", waiting.email)]


def test_approve_member_does_not_offer_to_add_anybodys_domain(desk, make_user, essex, now):
    member = make_user("new@gmail.com", waiting_since=now)

    assert "add_domain" not in desk.get(f"{LIST}{member.uuid}/approve/").content.decode()


@pytest.mark.parametrize(
    ("verb", "state", "told", "after"),
    [
        ("decline", State.PENDING, "is declined, and told why in a letter.", State.DECLINED),
        ("suspend", State.APPROVED, "is suspended, signed out everywhere, and told why", State.SUSPENDED),
        ("reinstate", State.SUSPENDED, "is approved again, and told so in a letter.", State.APPROVED),
    ],
)
def test_the_other_decisions(desk, make_user, now, verb, state, told, after):
    since = now if state == State.PENDING else None
    member = make_user("some@council.example", state=state, waiting_since=since)
    address = f"{LIST}{member.uuid}/{verb}/"
    assert desk.get(address).status_code == 200

    answer = desk.post(address, {"seen": state, "reason": "Because it is so."}, follow=True)

    assert told in messages_on(answer)
    member.refresh_from_db()
    assert member.state == after


@pytest.mark.parametrize(("verb", "state"), [("decline", State.PENDING), ("suspend", State.APPROVED)])
def test_turning_away_takes_a_reason(desk, make_user, verb, state):
    member = make_user("some@council.example", state=state)

    page = desk.post(f"{LIST}{member.uuid}/{verb}/", {"seen": state, "reason": "  "})

    assert page.context["form"].errors == {"reason": ["This field is required."]}


def test_the_slower_of_two_managers_is_told_and_changes_nothing(
    desk, make_manager, browser_of, waiting, essex
):
    other_desk = browser_of(make_manager("other@portal.example", last_name="Other"))
    other_desk.get(f"{LIST}{waiting.uuid}/decline/")
    desk.post(f"{LIST}{waiting.uuid}/approve/", {"seen": "pending", "organisation": essex.pk})

    answer = other_desk.post(
        f"{LIST}{waiting.uuid}/decline/", {"seen": "pending", "reason": "Not known."}, follow=True
    )

    assert answer.redirect_chain == [(f"{LIST}{waiting.uuid}/", 302)]
    assert "decided meanwhile: approved by Mem Manager on" in messages_on(answer)
    waiting.refresh_from_db()
    assert waiting.state == State.APPROVED


def test_an_approval_does_not_silently_undo_a_decline_made_meanwhile(
    desk, make_manager, browser_of, waiting, essex
):
    other_desk = browser_of(make_manager("other@portal.example"))
    other_desk.post(f"{LIST}{waiting.uuid}/decline/", {"seen": "pending", "reason": "Not known."})

    desk.post(f"{LIST}{waiting.uuid}/approve/", {"seen": "pending", "organisation": essex.pk})

    waiting.refresh_from_db()
    assert waiting.state == State.DECLINED


def test_erase_member_at_their_request(desk, approved, letters):
    address = f"{LIST}{approved.uuid}/erase/"
    assert desk.post(address, {"seen": "approved"}).context["form"].errors == {
        "confirmed": ["This field is required."]
    }

    desk.post(address, {"confirmed": "on"})

    approved.refresh_from_db()
    assert (approved.state, approved.last_name) == (State.LEFT, "")
    assert letters() == [("member_left", "officer@essex.police.uk")]
    assert desk.get(address).status_code == 404


def test_nothing_is_decided_before_the_address_is_confirmed(desk, make_user, essex):
    member = make_user("new@council.example", verified=False)
    page = desk.get(f"{LIST}{member.uuid}/").content.decode()
    assert "Nothing can be decided before the address is confirmed." in page
    assert "/approve/" not in page

    answer = desk.post(
        f"{LIST}{member.uuid}/approve/", {"seen": "pending", "organisation": essex.pk}, follow=True
    )

    assert "the address is not confirmed yet" in messages_on(answer)
    member.refresh_from_db()
    assert member.state == State.PENDING


def test_nobody_decides_on_themselves(desk, manager):
    page = desk.get(f"{LIST}{manager.uuid}/")
    assert "Somebody else decides on your membership" in page.content.decode()

    for verb in ("approve", "decline", "suspend", "reinstate", "erase"):
        # Wagtail turns its 403 into a message on its front page.
        assert desk.post(f"{LIST}{manager.uuid}/{verb}/", {"seen": "approved"})["Location"] == "/admin/"
    manager.refresh_from_db()
    assert manager.state == State.APPROVED


def test_only_administrators_decide_on_administrators(desk, make_user):
    administrator = make_user("admin@portal.example", is_superuser=True, state=State.APPROVED)

    answer = desk.post(f"{LIST}{administrator.uuid}/suspend/", {"seen": "approved", "reason": "Because."})

    assert answer["Location"] == "/admin/"
    administrator.refresh_from_db()
    assert administrator.state == State.APPROVED


@pytest.mark.parametrize(
    "path", ["", "results/", "{member}/", *(f"{{member}}/{verb}/" for verb in ("approve", "erase"))]
)
def test_other_staff_see_nothing_of_it(make_user, browser_of, waiting, path, make_manager):
    editor = make_manager("editor@portal.example")
    editor.user_permissions.set(editor.user_permissions.exclude(codename="decide_membership"))
    browser = browser_of(User.objects.get(pk=editor.pk))

    answer = browser.get(LIST + path.format(member=waiting.uuid))

    assert answer["Location"] == "/admin/"
    assert "Members" not in browser.get("/admin/").content.decode()


# --- What waits ------------------------------------------------------------------------------------


def test_the_front_page_says_how_many_wait_and_since_when(desk, waiting, make_user, now):
    make_user("early@council.example", waiting_since=now - timedelta(days=2))

    page = desk.get("/admin/").content.decode()

    assert "2 people wait, the longest since Tuesday 12 January 2027, 9:30am." in page
    assert "Members (2)" in page


def test_the_front_page_says_when_nobody_waits(desk):
    page = desk.get("/admin/").content.decode()

    assert "Nobody waits." in page
    assert "Members (" not in page


# --- Organisations ---------------------------------------------------------------------------------


def test_managers_edit_organisations_and_their_domains(site_tree, make_manager, browser_of, essex):
    manager = make_manager()
    manager.groups.add(Group.objects.get(name="Membership managers"))
    browser = browser_of(manager)
    address = f"/admin/snippets/members/organisation/edit/{essex.pk}/"
    assert browser.get(address).status_code == 200
    domain = essex.domains.get()

    def post(*domains: str):
        rows = {
            f"domains-{number}-{name}": value
            for number, text in enumerate(domains)
            for name, value in {
                "domain": text,
                "id": str(domain.pk) if number == 0 else "",
                "DELETE": "",
            }.items()
        }
        return browser.post(
            address,
            {
                "name": "Essex Police",
                "kind": "police force",
                "region": "East of England",
                "domains-TOTAL_FORMS": len(domains),
                "domains-INITIAL_FORMS": 1,
                "domains-MIN_NUM_FORMS": 0,
                "domains-MAX_NUM_FORMS": 1000,
                **rows,
            },
        )

    answer = post("essex.police.uk", "Essex.Police.UK")
    assert "Enter the part of an address after the @, in lower case" in answer.content.decode()

    answer = post("essex.police.uk", "essex.pnn.police.uk")
    assert answer.status_code == 302
    assert sorted(essex.domains.values_list("domain", flat=True)) == [
        "essex.pnn.police.uk",
        "essex.police.uk",
    ]


def test_organisations_are_found_by_name_and_domain_once(make_manager, browser_of, essex, kent, site_tree):
    OrganisationDomain.objects.create(organisation=essex, domain="essex.pnn.police.uk")
    manager = make_manager()
    manager.groups.add(Group.objects.get(name="Membership managers"))
    browser = browser_of(manager)

    page = browser.get("/admin/snippets/members/organisation/?q=essex").content.decode()

    assert page.count(">Essex Police</span>") == 1
    assert "Kent Police" not in page


def test_organisations_asks_the_same_of_the_database_for_one_and_for_three(
    make_manager, browser_of, essex, site_tree
):
    manager = make_manager()
    manager.groups.add(Group.objects.get(name="Membership managers"))
    browser = browser_of(manager)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert browser.get("/admin/snippets/members/organisation/").status_code == 200
        return len(captured)

    queries()
    for_one = queries()
    for name in ("Kent Police", "Norfolk Constabulary"):
        Organisation.objects.create(name=name, kind="police force", region="East of England")

    assert queries() == for_one


def test_an_organisation_with_members_cannot_be_deleted(
    make_manager, browser_of, approved, essex, kent, site_tree
):
    manager = make_manager()
    manager.groups.add(Group.objects.get(name="Membership managers"))

    browser = browser_of(manager)

    one = browser.post(f"/admin/snippets/members/organisation/delete/{essex.pk}/", follow=True)
    many = browser.post(f"/admin/bulk/members/organisation/delete/?id={essex.pk}&id={kent.pk}", follow=True)

    assert "Essex Police was not deleted: people belong to it." in messages_on(one)
    assert "Nothing was deleted: people belong to Essex Police." in messages_on(many)
    assert set(Organisation.objects.all()) == {essex, kent}


def test_an_organisation_without_members_is_deleted(make_manager, browser_of, kent, site_tree):
    manager = make_manager()
    manager.groups.add(Group.objects.get(name="Membership managers"))

    browser_of(manager).post(f"/admin/snippets/members/organisation/delete/{kent.pk}/")

    assert Organisation.objects.count() == 0


# --- What Wagtail must not offer -------------------------------------------------------------------


def test_the_admin_has_no_login_form(client, db):
    assert (
        client.get("/admin/login/?next=/admin/pages/")["Location"]
        == "/account/login/?next=%2Fadmin%2Fpages%2F"
    )
    assert client.post("/admin/login/", {"username": "a", "password": "b"})["Location"] == "/account/login/"
    assert client.get("/admin/login/?next=https://evil.example/")["Location"] == "/account/login/"
    assert b"<form" not in client.get("/_util/login/").content


@pytest.mark.parametrize("path", ["", "done/", "confirm/MQ/abc-123/", "complete/"])
def test_the_admin_resets_no_passwords(client, db, path):
    assert client.get(f"/admin/password_reset/{path}")["Location"] == "/account/password/reset/"


@pytest.fixture
def administrator(make_manager) -> User:
    return make_manager("admin@portal.example", is_superuser=True)


def test_the_admin_account_page_changes_neither_password_nor_address(administrator, browser_of):
    page = browser_of(administrator).get("/admin/account/").content.decode()

    assert "password" not in page.partition("<main")[2].lower()
    assert 'name="name_email-email"' not in page


def test_nobody_makes_or_deletes_users_in_wagtail(administrator, browser_of, approved):
    browser = browser_of(administrator)

    assert browser.get("/admin/users/new/").status_code == 404
    assert browser.get(f"/admin/users/delete/{approved.pk}/").status_code == 404
    assert "Add a user" not in browser.get("/admin/users/").content.decode()


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("action", ["delete", "set_active_state", "assign_role"])
def test_users_are_not_changed_in_bulk(site_tree, administrator, browser_of, approved, action, method):
    everything = {"mark_as_active": "False", "role": Group.objects.get(name="Administrators").pk}

    answer = getattr(browser_of(administrator), method)(
        f"/admin/bulk/members/user/{action}/?id={approved.pk}", everything
    )

    assert answer.status_code == 404
    approved.refresh_from_db()
    assert (approved.is_active, list(approved.groups.all())) == (True, [])


@pytest.mark.parametrize("whose", ["their own", "another's"])
def test_roles_of_everybody_can_be_opened(site_tree, administrator, browser_of, approved, whose):
    browser, person = browser_of(administrator), administrator if whose == "their own" else approved

    page = browser.get(f"/admin/users/edit/{person.pk}/")

    assert (page.status_code, browser.get(f"/admin/users/history/{person.pk}/").status_code) == (200, 200)
    assert page.context["form"].instance == person
    offered = re.findall(r'name="groups" value="\d+"[^>]*>\s*(.*?)\s*</label>', page.content.decode())
    assert offered == sorted(role.value for role in Role)
    assert [name for name in ("/users/delete/", "/users/usage/") if name in page.content.decode()] == []


def test_roles_are_given_out_and_nothing_else_is_changed(site_tree, administrator, browser_of, approved):
    browser = browser_of(administrator)
    editors = Group.objects.get(name="Editors")

    browser.post(
        f"/admin/users/edit/{approved.pk}/",
        {"groups": [editors.pk], "email": "other@evil.example", "is_active": "", "password1": "x"},
    )

    approved.refresh_from_db()
    assert list(approved.groups.all()) == [editors]
    assert (approved.email, approved.is_active, approved.is_superuser) == (
        "officer@essex.police.uk",
        True,
        False,
    )


def test_roles_lists_who_has_which(site_tree, administrator, browser_of, approved):
    approved.groups.add(*Group.objects.filter(name__in=["Editors", "Organisers"]))

    page = browser_of(administrator).get("/admin/users/").content.decode()

    assert "Editors, Organisers" in page
    assert "Administrator with every permission" in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["admin@portal.example", "z-editor@portal.example", "a@portal.example", "b@portal.example"]),
        (
            "?ordering=email",
            ["a@portal.example", "admin@portal.example", "b@portal.example", "z-editor@portal.example"],
        ),
    ],
)
def test_roles_lists_those_who_have_one_first(
    site_tree, administrator, browser_of, make_user, query, expected
):
    make_user("a@portal.example", first_name="A", last_name="A")
    make_user("b@portal.example", first_name="B", last_name="B")
    editor = make_user("z-editor@portal.example", first_name="Z", last_name="Z")
    editor.groups.add(Group.objects.get(name="Editors"))

    page = browser_of(administrator).get(f"/admin/users/{query}")

    assert [person.email for person in page.context["object_list"]] == expected


def test_roles_asks_the_same_of_the_database_for_one_and_for_three(
    site_tree, administrator, browser_of, make_user
):
    browser = browser_of(administrator)
    editors = Group.objects.get(name="Editors")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert browser.get("/admin/users/").status_code == 200
        return len(captured)

    make_user("a@portal.example", state=State.APPROVED).groups.add(editors)
    browser.get("/admin/users/")
    for_one = queries()
    for letter in "bc":
        make_user(f"{letter}@portal.example", state=State.APPROVED).groups.add(editors)

    assert queries() == for_one


def test_only_administrators_make_administrators_and_nobody_demotes_themselves(
    site_tree, administrator, make_manager, browser_of, approved
):
    roles_giver = make_manager("roles@portal.example")
    roles_giver.groups.add(Group.objects.get(name="Administrators"))

    browser_of(roles_giver).post(f"/admin/users/edit/{approved.pk}/", {"is_superuser": "on"})
    browser_of(administrator).post(f"/admin/users/edit/{administrator.pk}/", {})

    approved.refresh_from_db()
    administrator.refresh_from_db()
    assert (approved.is_superuser, administrator.is_superuser) == (False, True)


def test_nobody_gives_up_giving_out_roles_by_themselves(site_tree, make_user, make_manager, browser_of):
    administrators, editors = (Group.objects.get(name=name) for name in ("Administrators", "Editors"))
    only, other = make_manager("only@portal.example"), make_user("other@portal.example")
    only.groups.add(administrators)
    other.groups.add(administrators)
    browser = browser_of(only)

    refused = browser.post(f"/admin/users/edit/{only.pk}/", {"groups": [editors.pk]})
    taken_from_another = browser.post(f"/admin/users/edit/{other.pk}/", {"groups": [editors.pk]})

    assert refused.context["form"].errors["groups"] == [
        "Without this role you could not give out roles any more. Another administrator has to take it from you."
    ]
    assert taken_from_another.status_code == 302
    assert (list(only.groups.all()), list(other.groups.all())) == ([administrators], [editors])


def test_own_roles_may_be_changed_beside_that(site_tree, make_manager, browser_of):
    chosen = Group.objects.filter(name__in=["Administrators", "Editors"])
    one = make_manager("one@portal.example")
    one.groups.add(chosen.get(name="Administrators"))

    browser_of(one).post(f"/admin/users/edit/{one.pk}/", {"groups": [group.pk for group in chosen]})

    assert set(one.groups.all()) == set(chosen)


def test_lists_count_members_and_people_and_no_users():
    from members.admin_views import MembersPaginator
    from members.viewsets import PeoplePaginator

    assert [MembersPaginator(range(number), 50).items_count_label for number in (1, 25)] == [
        "1 member",
        "25 members",
    ]
    assert PeoplePaginator(range(3), 50).items_count_label == "3 people"
