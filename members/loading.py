"""Actions that take in many rows at once: members from a list, organisations from a file."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import transaction

from members import mail
from members.actions import State, Verdict
from members.models import MembershipDecision, Organisation, OrganisationDomain, User
from members.roster import Refusal, Row

CHUNK = 500
Progress = Callable[[int, int], None]


def _silently(done: int, total: int) -> None:
    """No progress shown."""


# --- Members ---------------------------------------------------------------------------------------


class Outcome(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True)
class Line:
    """What becomes of one line of the list."""

    number: int
    outcome: Outcome
    note: str = ""


@dataclass(frozen=True)
class ImportReport:
    """What became of a list, line by line; `is_written` says whether anything was changed at all."""

    lines: Sequence[Line]
    is_written: bool

    def count(self, outcome: Outcome) -> int:
        return sum(line.outcome == outcome for line in self.lines)


@transaction.atomic
def import_members(
    *,
    rows: Sequence[Row],
    refusals: Sequence[Refusal],
    now: datetime,
    dry_run: bool = False,
    skip_bad_rows: bool = False,
    invite: bool = False,
    progress: Progress = _silently,
) -> ImportReport:
    """Take in people an organisation names: it vouches for them, so they are approved at once.

    Their address counts as confirmed and they get no password. With a refused line nothing is written,
    unless `skip_bad_rows`. With `invite` everybody who is new gets a letter.
    """
    organisations = {_folded(organisation.name): organisation for organisation in Organisation.objects.all()}
    lines = [Line(refusal.line, Outcome.REFUSED, refusal.reason) for refusal in refusals]
    plans: list[_Plan] = []
    done = 0
    for chunk in _chunks(rows):
        known = _known(chunk)
        for row in chunk:
            plan = _plan(row, organisations.get(_folded(row.organisation)), known.get(row.email))
            lines.append(plan.line)
            plans.append(plan)
        done += len(chunk)
        progress(done, len(rows))
    lines.sort(key=lambda line: line.number)
    is_bad = any(line.outcome == Outcome.REFUSED for line in lines)
    if dry_run or (is_bad and not skip_bad_rows):
        return ImportReport(lines, is_written=False)
    _write_new([plan for plan in plans if plan.line.outcome == Outcome.CREATED], now, invite)
    for plan in plans:
        if plan.line.outcome == Outcome.UPDATED:
            _write_update(plan, now)
    return ImportReport(lines, is_written=True)


@dataclass
class _Plan:
    row: Row
    line: Line
    organisation: Organisation | None = None
    user: User | None = None
    has_confirmed: bool = False


def _known(chunk: Sequence[Row]) -> dict[str, tuple[User, bool]]:
    """The accounts with the addresses of a chunk, each with whether the address is confirmed."""
    addresses = [row.email for row in chunk]
    users = User.objects.select_for_update(of=("self",)).filter(email__in=addresses)
    confirmed = set(
        EmailAddress.objects.filter(email__in=addresses, verified=True).values_list("user_id", flat=True)
    )
    return {user.email: (user, user.pk in confirmed) for user in users}


def _plan(row: Row, organisation: Organisation | None, known: tuple[User, bool] | None) -> _Plan:
    def line(outcome: Outcome, note: str = "") -> Line:
        return Line(row.line, outcome, note)

    if organisation is None:
        return _Plan(row, line(Outcome.REFUSED, f"no organisation is called “{row.organisation}”"))
    if known is None:
        return _Plan(row, line(Outcome.CREATED), organisation)
    user, has_confirmed = known
    if user.state in {State.DECLINED, State.SUSPENDED}:
        note = f"the account is {user.get_state_display().lower()}: decide about it under Members"
        return _Plan(row, line(Outcome.REFUSED, note))
    changed = user.state != State.APPROVED or not has_confirmed
    for name, value in _details(row, organisation).items():
        changed = changed or getattr(user, name) != value
        setattr(user, name, value)
    outcome = Outcome.UPDATED if changed else Outcome.UNCHANGED
    note = "now approved" if user.state != State.APPROVED else ""
    return _Plan(row, line(outcome, note), organisation, user, has_confirmed)


def _details(row: Row, organisation: Organisation) -> dict[str, Any]:
    """What the list says of a person. An empty job title says nothing, so it changes nothing."""
    details = {"first_name": row.first_name, "last_name": row.last_name, "organisation_id": organisation.pk}
    return details | ({"job_title": row.job_title} if row.job_title else {})


def _write_new(plans: Sequence[_Plan], now: datetime, invite: bool) -> None:
    for chunk in _chunks(plans):
        users = User.objects.bulk_create(
            User(
                email=plan.row.email,
                password=make_password(None),
                state=State.APPROVED,
                date_joined=now,
                **_details(plan.row, _found(plan)),
            )
            for plan in chunk
        )
        EmailAddress.objects.bulk_create(
            EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in users
        )
        MembershipDecision.objects.bulk_create(_approval(user, now) for user in users)
        if invite:
            for user, plan in zip(users, chunk, strict=True):
                mail.member_invited(member=user, organisation=_found(plan).name)


def _write_update(plan: _Plan, now: datetime) -> None:
    user = plan.user
    assert user is not None  # noqa: S101 - a plan to update has found one
    if not plan.has_confirmed:
        # Whoever opened this account never proved to own the address, so their password goes.
        user.password = make_password(None)
        EmailAddress.objects.update_or_create(
            user=user, email=user.email, defaults={"verified": True, "primary": True}
        )
    if user.state != State.APPROVED:
        user.state = State.APPROVED
        user.waiting_since = None
        MembershipDecision.objects.bulk_create([_approval(user, now)])
    user.stated_organisation = ""
    user.save()


def _approval(user: User, now: datetime) -> MembershipDecision:
    return MembershipDecision(
        member=user,
        verdict=Verdict.APPROVED,
        decided_at=now,
        reason="On a list that the organisation sent.",
        organisation_id=user.organisation_id,
    )


def _found(plan: _Plan) -> Organisation:
    assert plan.organisation is not None  # noqa: S101 - refused otherwise
    return plan.organisation


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())


def _chunks(items: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (items[start : start + CHUNK] for start in range(0, len(items), CHUNK))


# --- Organisations ---------------------------------------------------------------------------------


@dataclass
class LoadReport:
    """How many organisations a load touched, and what it left alone."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    notes: tuple[str, ...] = ()


@transaction.atomic
def load_organisations(*, entries: Iterable[Mapping[str, Any]]) -> LoadReport:
    """Bring organisations and their domains to the state of a file, and keep what managers changed.

    Each organisation remembers what was last loaded. What still equals that follows the file; what
    differs was edited since, so it stays: also a domain that was taken away, or one that was added.
    """
    report = LoadReport()
    by_loaded_name = {
        organisation.loaded["name"]: organisation
        for organisation in Organisation.objects.all()
        if organisation.loaded
    }
    for entry in entries:
        wanted = _wanted(entry)
        organisation = by_loaded_name.get(wanted["name"])
        if organisation is None:
            organisation = Organisation.objects.filter(name=wanted["name"]).first()
        if organisation is None:
            organisation = Organisation.objects.create(loaded=wanted, **_fields(wanted))
            report.created += 1
            report.notes += _load_domains(organisation, wanted["domains"], [])
        elif organisation.loaded == wanted:
            report.unchanged += 1
        else:
            report.updated += 1
            report.notes += _update(organisation, wanted)
    return report


_FIELDS = ("name", "kind", "region", "is_territorial")


def _wanted(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": entry["name"],
        "kind": entry["kind"],
        "region": entry.get("region") or "",
        "is_territorial": bool(entry.get("territorial")),
        "domains": sorted(domain.lower() for domain in entry.get("domains", [])),
    }


def _fields(wanted: Mapping[str, Any]) -> dict[str, Any]:
    return {name: wanted[name] for name in _FIELDS}


def _update(organisation: Organisation, wanted: dict[str, Any]) -> tuple[str, ...]:
    before = organisation.loaded
    for name in _FIELDS:
        if name in before and getattr(organisation, name) == before[name]:
            setattr(organisation, name, wanted[name])
    notes = _load_domains(organisation, wanted["domains"], before.get("domains", []))
    organisation.loaded = wanted
    organisation.save()
    return notes


def _load_domains(
    organisation: Organisation, wanted: Sequence[str], before: Sequence[str]
) -> tuple[str, ...]:
    """Add the domains that are new in the file, remove those it no longer lists; leave the rest alone."""
    notes = []
    OrganisationDomain.objects.filter(
        organisation=organisation, domain__in=set(before) - set(wanted)
    ).delete()
    for domain in sorted(set(wanted) - set(before)):
        listed, _ = OrganisationDomain.objects.get_or_create(
            domain=domain, defaults={"organisation": organisation}
        )
        if listed.organisation_id != organisation.pk:
            notes.append(f"{domain} stays with {listed.organisation.name}, not {organisation.name}")
    return tuple(notes)
