"""What happens to accounts and memberships: people are let in, turned away, suspended, and leave."""

from collections.abc import Mapping
from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.core.exceptions import ValidationError
from django.db import transaction

from mailing.actions import allow_letters, stop_letters
from members import mail, personal_data
from members.domains import domain_of, validate_domain
from members.models import MembershipDecision, Organisation, OrganisationDomain, User
from pages import dates
from pages.errors import ActionError

State = User.State
Verdict = MembershipDecision.Verdict


class AlreadyDecided(ActionError):
    """Somebody, or the rule, was quicker: the member is not in the state the decision was made for."""


class AddressNotConfirmed(ActionError):
    """Nobody proved yet that the address is theirs, so nobody knows whom a decision would be on."""

    message = (
        "Nothing was changed: the address is not confirmed yet. As soon as it is, this person waits for you."
    )


class DomainRefused(ActionError):
    """The domain of the address cannot speak for this organisation."""


class LastAdministrator(ActionError):
    """Nobody would be left who can give out roles."""

    message = (
        "This is the only administrator, and without one nobody can give out roles. "
        "Make someone else an administrator first."
    )


# --- By rule ---------------------------------------------------------------------------------------


def organisation_of(address: str) -> Organisation | None:
    """The organisation whose domain an address is at. A subdomain counts only if it is listed itself."""
    domain = domain_of(address)
    if domain is None:
        return None
    organisation: Organisation | None = Organisation.objects.filter(domains__domain=domain).first()
    return organisation


@transaction.atomic
def confirm_address(*, member: User, address: str, previous_address: str = "", now: datetime) -> None:
    """Settle the membership of somebody who has just proved that an address is theirs.

    An address at a known domain lets in at once; somebody who was declined goes back to the list instead,
    since a person said no. Any other address waits for a decision. An approved member whose organisation
    vouched through the old address, but not through the new one, waits again: they may have left it.
    """
    member = _lock(member)
    organisation = organisation_of(address)
    if member.state in User.SHUT_OUT:
        return
    if organisation is None:
        if member.state == State.PENDING and member.waiting_since is None:
            _set(member, waiting_since=now)
            mail.membership_waiting(member=member, now=now)
        elif member.state == State.APPROVED and _vouched_for(member, previous_address):
            _return_to_waiting(member, "Moved to an address that is at no known domain.", now)
    elif member.state == State.DECLINED:
        _return_to_waiting(member, f"Confirmed an address at {domain_of(address)}.", now)
    elif member.state == State.PENDING or member.organisation_id != organisation.pk:
        reason = f"Confirmed an address at {domain_of(address)}."
        decision = _approve(member, organisation, by=None, reason=reason, now=now)
        mail.membership_approved(decision=decision)


@transaction.atomic
def release_address(*, address: str, keeper: User) -> None:
    """Remove accounts that others opened for an address and never confirmed: its owner has just done so.

    Nor does anybody stay on the way to it. An account that was ever used, or that staff made, stays;
    confirming then fails with a message.
    """
    squatters = User.objects.never_confirmed().filter(email=address.lower()).exclude(pk=keeper.pk)
    for squatter in squatters.select_for_update(of=("self",)):
        squatter.delete()
    begun = EmailAddress.objects.filter(email=address.lower(), verified=False, primary=False)
    begun.exclude(user_id=keeper.pk).delete()


@transaction.atomic
def remove_unconfirmed_accounts(*, before: datetime) -> int:
    """Remove accounts opened before a time that nobody ever proved to own; return how many."""
    unconfirmed = User.objects.never_confirmed().filter(date_joined__lt=before)
    number = 0
    for account in unconfirmed.select_for_update(of=("self",)):
        account.delete()
        number += 1
    return number


def forget_password(*, member: User) -> None:
    """Drop a password that was set before anybody proved to own the address: it may be a stranger's."""
    member.set_unusable_password()
    member.save(update_fields=["password"])


@transaction.atomic
def change_mail_preferences(*, member: User, wanted: Mapping[str, bool], now: datetime) -> None:
    """Stop the categories of letters that the member does not want, and send the others again."""
    for category, is_wanted in wanted.items():
        if is_wanted:
            allow_letters(address=member.email, category=category)
        else:
            stop_letters(address=member.email, category=category, now=now)


# --- By a person -----------------------------------------------------------------------------------
# `seen` is the state that the decider saw: if it is another one by now, somebody was quicker.


@transaction.atomic
def approve_member(
    *, member: User, by: User, seen: str, organisation: Organisation, add_domain: bool, now: datetime
) -> MembershipDecision:
    """Let somebody in who waits, or who was declined; with `add_domain`, all at their domain from now on.

    Raises AlreadyDecided, AddressNotConfirmed, or DomainRefused if the domain cannot be added.
    """
    member = _lock(member)
    _require_state(member, seen, State.PENDING, State.DECLINED)
    if add_domain:
        _add_domain(organisation, member.email)
    decision = _approve(member, organisation, by=by, reason="", now=now)
    mail.membership_approved(decision=decision)
    return decision


@transaction.atomic
def decline_member(*, member: User, by: User, seen: str, reason: str, now: datetime) -> MembershipDecision:
    """Turn down somebody who waits. Raises AlreadyDecided or AddressNotConfirmed."""
    member = _lock(member)
    _require_state(member, seen, State.PENDING)
    _set(member, state=State.DECLINED, waiting_since=None)
    decision = _record(member, Verdict.DECLINED, by=by, reason=reason, now=now)
    mail.membership_declined(decision=decision)
    return decision


@transaction.atomic
def suspend_member(*, member: User, by: User, seen: str, reason: str, now: datetime) -> MembershipDecision:
    """Shut out a member until further notice, and sign them out everywhere.

    Raises AlreadyDecided, or LastAdministrator.
    """
    member = _lock(member)
    _require_state(member, seen, State.APPROVED)
    _require_another_administrator(member)
    _set(member, state=State.SUSPENDED, is_active=False, waiting_since=None)
    end_sessions(member=member)
    decision = _record(member, Verdict.SUSPENDED, by=by, reason=reason, now=now)
    mail.membership_suspended(decision=decision)
    return decision


@transaction.atomic
def reinstate_member(*, member: User, by: User, seen: str, reason: str, now: datetime) -> MembershipDecision:
    """Lift a suspension: the member is approved again, as before. Raises AlreadyDecided."""
    member = _lock(member)
    _require_state(member, seen, State.SUSPENDED)
    _set(member, state=State.APPROVED, is_active=True)
    decision = _record(member, Verdict.REINSTATED, by=by, reason=reason, now=now)
    mail.membership_reinstated(decision=decision)
    return decision


@transaction.atomic
def erase_member(*, member: User, by: User | None, now: datetime) -> None:
    """Take everything about a person out of the portal; what must stay stays without the name.

    `by` is nobody when the member leaves of their own accord. Everything or nothing: if one holder of
    personal data fails, the account is as it was. Raises AlreadyDecided, or LastAdministrator.
    """
    member = _lock(member)
    if member.state == State.LEFT:
        raise AlreadyDecided(_latest_decision_in_words(member))
    _require_another_administrator(member)
    address = member.email
    end_sessions(member=member)
    personal_data.erase(member, now)
    decision = _record(member, Verdict.LEFT, by=by, reason="", now=now)
    mail.member_left(address=address, decision=decision)


def end_sessions(*, member: User) -> None:
    """Sign somebody out on every device."""
    for session in UserSession.objects.filter(user=member):
        session.end()


# --- Steps -----------------------------------------------------------------------------------------


def _lock(member: User) -> User:
    """The row as it is now, held until the end of the transaction: of two deciders one is told."""
    locked: User = User.objects.select_for_update(of=("self",)).get(pk=member.pk)
    return locked


def _set(member: User, **fields: object) -> None:
    for name, value in fields.items():
        setattr(member, name, value)
    member.save(update_fields=list(fields))


def _approve(
    member: User, organisation: Organisation, *, by: User | None, reason: str, now: datetime
) -> MembershipDecision:
    _set(member, state=State.APPROVED, organisation=organisation, stated_organisation="", waiting_since=None)
    return _record(member, Verdict.APPROVED, by=by, reason=reason, now=now)


def _return_to_waiting(member: User, reason: str, now: datetime) -> None:
    former = member.organisation.name if member.organisation else member.stated_organisation
    _set(member, state=State.PENDING, organisation=None, stated_organisation=former, waiting_since=now)
    decision = _record(member, Verdict.RETURNED, by=None, reason=reason, now=now)
    mail.membership_returned(decision=decision)


def _record(member: User, verdict: str, *, by: User | None, reason: str, now: datetime) -> MembershipDecision:
    return MembershipDecision.objects.create(
        member=member,
        verdict=verdict,
        decided_by=by,
        decided_at=now,
        reason=reason,
        organisation=member.organisation,
    )


def _vouched_for(member: User, address: str) -> bool:
    """Whether the member's organisation lists the domain of an address."""
    organisation = organisation_of(address)
    return organisation is not None and organisation.pk == member.organisation_id


def _add_domain(organisation: Organisation, address: str) -> None:
    domain = domain_of(address) or ""
    known = OrganisationDomain.objects.select_related("organisation").filter(domain=domain).first()
    if known is None:
        try:
            validate_domain(domain)
        except ValidationError as problem:
            raise DomainRefused(f"Nobody was approved yet. {problem.messages[0]}") from problem
        OrganisationDomain.objects.create(organisation=organisation, domain=domain)
    elif known.organisation_id != organisation.pk:
        raise DomainRefused(
            f"Nobody was approved yet. {known.domain} already belongs to {known.organisation.name}: "
            "choose that organisation, or approve without adding the domain."
        )


def _require_state(member: User, seen: str, *possible: str) -> None:
    if member.state != seen or seen not in possible:
        raise AlreadyDecided(_latest_decision_in_words(member))
    if seen == State.PENDING and not member.is_waiting:
        raise AddressNotConfirmed


def _require_another_administrator(member: User) -> None:
    if not member.is_administrator():
        return
    # Locked, so that two administrators cannot each rely on the other and leave together.
    administrators = User.objects.administrators().filter(is_active=True).order_by("pk").select_for_update()
    if set(administrators.values_list("pk", flat=True)) <= {member.pk}:
        raise LastAdministrator


def _latest_decision_in_words(member: User) -> str:
    """What stands in the way of another decision: "Someone was quicker: approved by … on …"."""
    decision = member.membership_decisions.latest_first().select_related("decided_by").first()
    if decision is None:
        return f"Nothing was changed: the membership is “{member.get_state_display().lower()}” now."
    decider = decision.decided_by.get_full_name() if decision.decided_by else "the rule for known domains"
    return (
        f"Nothing was changed, because this was decided meanwhile: {decision.get_verdict_display().lower()} "
        f"by {decider} on {dates.moment(decision.decided_at)}."
    )
