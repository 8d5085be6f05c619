"""Sessions that somebody chose and has no place in, since they were full or cancelled when their turn came."""

from collections.abc import Sequence

from events.models import Registration, RegistrationStep, Session, SessionPlace

_VERBS = ("offer_place", "miss_sessions")


def missed_by(registrations: Sequence[Registration]) -> dict[int, list[Session]]:
    """By registration, those whose time is empty since: nothing else was chosen for it, and something can be.

    One query where nobody missed anything, three more at most.
    """
    steps = RegistrationStep.objects.filter(
        registration__in=registrations, verb__in=_VERBS, detail__has_key="missed_sessions"
    )
    keys: dict[int, set[str]] = {}
    for number, detail in steps.values_list("registration", "detail"):
        keys.setdefault(number, set()).update(detail["missed_sessions"])
    if not keys:
        return {}
    events = {each.pk: each.event_id for each in registrations if each.pk in keys}
    sessions = list(Session.objects.filter(event__in=events.values()).in_order())
    chosen = SessionPlace.objects.filter(registration__in=keys).sessions_by_registration()
    taken = SessionPlace.objects.taken().filter(session__in=sessions).count_by_session()
    free = [
        each
        for each in sessions
        if each.is_chosen and not each.is_cancelled and not each.is_full(taken.get(each.pk, 0))
    ]
    found: dict[int, list[Session]] = {}
    for number, event in events.items():
        missed = [each for each in sessions if str(each.key) in keys[number]]
        for session in missed:
            is_filled = any(session.overlaps(other) for other in chosen.get(number, ()))
            has_others = any(session.overlaps(other) for other in free if other.event_id == event)
            if has_others and not is_filled:
                found.setdefault(number, []).append(session)
    return found
