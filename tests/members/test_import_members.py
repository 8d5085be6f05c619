"""Taking in members from a list."""

import time
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command

from members import actions
from members.models import MembershipDecision, User

State = User.State
HEADING = "email,first_name,last_name,organisation,job_title\n"


@pytest.fixture
def import_list(tmp_path: Path, capsys):
    """Import a list; the lines of the report."""

    def run(lines: str | bytes, **options) -> list[str]:
        path = tmp_path / "members.csv"
        path.write_bytes(lines if isinstance(lines, bytes) else (HEADING + lines).encode())
        capsys.readouterr()
        call_command("import_members", str(path), **options)
        return capsys.readouterr().out.splitlines()

    return run


def test_import_members_makes_approved_members_without_a_password(import_list, essex, letters):
    report = import_list("Ana@Essex.police.uk,Ana,O’Neil,essex  POLICE,Analyst\n")

    assert report[0] == "line 2: created"
    assert report[1].startswith("Done: 1 created, 0 updated, 0 unchanged, 0 refused (1 line in")
    member = User.objects.get()
    assert (member.email, member.state, member.organisation) == ("ana@essex.police.uk", "approved", essex)
    assert (member.get_full_name(), member.job_title) == ("Ana O’Neil", "Analyst")
    assert not member.has_usable_password()
    address = EmailAddress.objects.get()
    assert (address.user, address.email, address.verified, address.primary) == (
        member,
        "ana@essex.police.uk",
        True,
        True,
    )
    decision = MembershipDecision.objects.get()
    assert (decision.verdict, decision.organisation, decision.reason) == (
        "approved",
        essex,
        "On a list that the organisation sent.",
    )
    assert letters() == []


def test_the_imported_sign_in_by_code(import_list, essex, client, code_in):
    import_list("ana@essex.police.uk,Ana,O’Neil,Essex Police,\n")
    client.post("/account/login/code/", {"email": "ana@essex.police.uk"})

    answer = client.post("/account/login/code/confirm/", {"code": code_in("sign_in_code")})

    assert answer["Location"] == "/"


def test_the_imported_set_a_password_by_the_letter(import_list, essex, client, link_in):
    import_list("ana@essex.police.uk,Ana,O’Neil,Essex Police,\n")
    client.post("/account/password/reset/", {"email": "ana@essex.police.uk"})
    form = client.get(link_in("password_to_reset"), follow=True)
    client.post(form.request["PATH_INFO"], {"password1": "other-words-nobody-guesses"})

    answer = client.post(
        "/account/login/", {"login": "ana@essex.police.uk", "password": "other-words-nobody-guesses"}
    )

    assert answer["Location"] == "/"


def test_import_members_again_changes_nothing(import_list, essex):
    lines = "ana@essex.police.uk,Ana,O’Neil,Essex Police,Analyst\n"
    import_list(lines)
    before = User.objects.values().get()

    report = import_list(lines)

    assert report[0] == "line 2: unchanged"
    assert User.objects.values().get() == before
    assert MembershipDecision.objects.count() == 1


def test_import_members_updates_what_differs_and_keeps_what_the_list_leaves_out(import_list, essex, kent):
    import_list("ana@essex.police.uk,Ana,O’Neil,Essex Police,Analyst\n")

    report = import_list("ana@essex.police.uk,Ana Maria,O’Neil,Kent Police,\n")

    assert report[0] == "line 2: updated"
    member = User.objects.get()
    assert (member.first_name, member.organisation, member.job_title) == ("Ana Maria", kent, "Analyst")


def test_import_members_approves_whoever_waits(import_list, waiting, kent):
    report = import_list("newcomer@council.example,New,Comer,Kent Police,\n")

    assert report[0] == "line 2: updated: now approved"
    waiting.refresh_from_db()
    assert (waiting.state, waiting.organisation, waiting.waiting_since) == ("approved", kent, None)
    assert MembershipDecision.objects.get().member == waiting


def test_import_members_drops_a_password_set_before_the_address_was_proved(import_list, make_user, kent):
    make_user("ana@kent.police.uk", verified=False)  # a stranger's, for all one knows

    import_list("ana@kent.police.uk,Ana,O’Neil,Kent Police,\n")

    member = User.objects.get()
    assert (member.state, member.has_usable_password()) == ("approved", False)
    assert EmailAddress.objects.get().verified


@pytest.mark.parametrize("verb", ["decline", "suspend"])
def test_import_members_does_not_undo_what_a_person_decided(import_list, make_user, manager, kent, now, verb):
    state = {"decline": State.PENDING, "suspend": State.APPROVED}[verb]
    since = now if state == State.PENDING else None
    member = make_user("ana@kent.police.uk", state=state, waiting_since=since)
    getattr(actions, f"{verb}_member")(member=member, by=manager, seen=state, reason="Because.", now=now)
    member.refresh_from_db()

    with pytest.raises(CommandError, match="Nothing was written"):
        import_list("ana@kent.police.uk,Ana,O’Neil,Kent Police,\n")

    assert User.objects.get(pk=member.pk).state == member.state


def test_one_bad_line_and_nothing_is_written(import_list, essex, capsys):
    with pytest.raises(CommandError, match="Nothing was written, because lines were refused"):
        import_list(
            "ana@essex.police.uk,Ana,O’Neil,Essex Police,\n"
            "bea@essex.police.uk,Bea,=Bee,Essex Police,\n"
            "cea@essex.police.uk,Cea,Cee,Essex Constabulary,\n"
        )

    report = capsys.readouterr().out.splitlines()
    assert report[:3] == [
        "line 2: created",
        "line 3: refused: last name starts with =, so a spreadsheet would take it for a formula",
        "line 4: refused: no organisation is called “Essex Constabulary”",
    ]
    assert report[3].startswith("Nothing written; it would be: 1 created, 0 updated, 0 unchanged, 2 refused")
    assert User.objects.count() == 0


def test_skip_bad_rows_writes_the_good_ones(import_list, essex):
    report = import_list(
        "ana@essex.police.uk,Ana,O’Neil,Essex Police,\nbea,Bea,Bee,Essex Police,\n", skip_bad_rows=True
    )

    assert report[1] == "line 3: refused: email is no address"
    assert list(User.objects.values_list("email", flat=True)) == ["ana@essex.police.uk"]


def test_dry_run_says_the_same_and_writes_nothing(import_list, waiting, essex, kent):
    lines = "ana@essex.police.uk,Ana,O’Neil,Essex Police,\nnewcomer@council.example,New,Comer,Kent Police,\n"

    report = import_list(lines, dry_run=True, invite=True)

    assert report[:2] == ["line 2: created", "line 3: updated: now approved"]
    assert report[2].startswith("Nothing written; it would be: 1 created, 1 updated")
    assert list(User.objects.values_list("email", "state")) == [("newcomer@council.example", "pending")]


def test_the_report_names_no_person(import_list, essex):
    report = import_list(
        "ana@essex.police.uk,Ana,O’Neil,Essex Police,\n=bea@essex.police.uk,Bea,Bee,Essex Police,\n",
        skip_bad_rows=True,
    )

    assert not [line for line in report for word in ("Ana", "O’Neil", "ana@", "Bea") if word in line]


def test_invite_writes_to_those_who_are_new(import_list, essex, kent, letters, waiting):
    import_list(
        "ana@essex.police.uk,Ana,O’Neil,Essex Police,\nnewcomer@council.example,New,Comer,Kent Police,\n",
        invite=True,
    )

    assert letters() == [("member_invited", "ana@essex.police.uk")]


def test_a_file_that_is_too_large_is_not_even_read(import_list, essex, settings):
    settings.MEMBERS_IMPORT_MAX_MEGABYTES = 10

    with pytest.raises(CommandError, match=r"has 50 MB; lists may have 10 MB .*MEMBERS_IMPORT_MAX_MEGABYTES"):
        import_list(b"x" * 50_000_000)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CommandError, match=r"none\.csv cannot be read: No such file"):
        call_command("import_members", str(tmp_path / "none.csv"))


def test_a_file_that_cannot_be_read_writes_nothing(import_list, essex):
    with pytest.raises(CommandError, match=r"not UTF-8.*Nothing was written"):
        import_list((HEADING + "jos\xe9@essex.police.uk,Jos\xe9,B,Essex Police,\n").encode("cp1252"))


def test_ten_thousand_lines_take_seconds(import_list, essex, capsys):
    lines = "".join(
        f"officer{number}@essex.police.uk,First{number},Last,Essex Police,Officer\n"
        for number in range(10_000)
    )
    started = time.perf_counter()

    report = import_list(lines)

    seconds = time.perf_counter() - started
    with capsys.disabled():
        print(f" [10,000 members in {seconds:.1f} s]", end="")  # noqa: T201 - the measure is the point
    assert User.objects.count() == 10_000
    assert report[-1].startswith("Done: 10,000 created")
    assert seconds < 30
