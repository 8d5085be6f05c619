"""Why an action was refused, in words for the person who asked."""

from collections.abc import Iterable
from datetime import timedelta

from events import wording
from events.models import EventPage, Registration, Session
from pages.errors import ActionError


class EventCancelled(ActionError):
    message = "This event was cancelled."


class EventOver(ActionError):
    message = "This event is over."


class EventFull(ActionError):
    message = "All places are taken. You can join the waiting list."


class OrganisationFull(EventFull):
    """There are places, and not for somebody of an organisation that has all it can have."""

    message = "The places of your organisation are taken. You can join the waiting list."


class NoWaitingList(ActionError):
    message = "All places are taken, and this event keeps no waiting list."


class OrganisationFullForGood(NoWaitingList):
    message = "The places of your organisation are taken, and this event keeps no waiting list."


class NotOpenYet(ActionError):
    """Registration opens later; the message says when."""

    def __init__(self, event: EventPage) -> None:
        opens_at = event.registration_opens_at or event.starts_at
        super().__init__(f"Registration opens on {wording.moment(opens_at, event.time_zone)}.")


class RegistrationClosed(ActionError):
    """Registration is closed; the message says since when."""

    def __init__(self, event: EventPage) -> None:
        super().__init__(f"Registration closed on {wording.moment(event.closes_at, event.time_zone)}.")


class AlreadyRegistered(ActionError):
    """The member has an active registration: here it is."""

    message = "You have registered for this event already."

    def __init__(self, registration: Registration) -> None:
        self.registration = registration
        super().__init__()


class RegistrationEnded(ActionError):
    message = "This registration is not active any more. Nothing was changed."


class NothingOffered(ActionError):
    message = "No place is on offer for this registration. Nothing was changed."


class NoPlaceLeft(ActionError):
    """All places are taken, and an organiser gives none either; the message says how many there are."""

    def __init__(self, capacity: int) -> None:
        taken = "The one place is taken." if capacity == 1 else f"All {capacity:,} places are taken."
        super().__init__(
            f"{taken} Raise the number of places on the event’s page, or cancel a registration first."
        )


class ApproveInstead(ActionError):
    message = "This registration waits for approval. Approve it, or decline it."


class NotAMember(ActionError):
    message = "No member has this address. They have to sign up first, and to be let in."


class MemberSuspended(NotAMember):
    message = (
        "The membership of this person is suspended. A membership manager decides whether they can come back."
    )


class OnTheTeamAlready(ActionError):
    message = "This person is on the team already. Change what they do in the list below."


class TooLate(ActionError):
    message = "The event has started, so no more places are given."


class NotForYou(ActionError):
    """The event is for other people; the message says for whom."""

    def __init__(self, event: EventPage) -> None:
        super().__init__(f"This event is only for: {event.audience_in_words()}.")


class NeedsInvitation(ActionError):
    message = "This event is only for people who were invited, under the address they were invited with."


class BookedAsOne(ActionError):
    """The event is one date of a course."""

    message = "This is one date of a course. All its dates are booked at once."


class DateFull(ActionError):
    """One date of a course has no place, so none was booked; the message names it."""

    def __init__(self, event: EventPage, reason: ActionError) -> None:
        self.reason = reason
        super().__init__(
            f"You were not registered for any date. “{event.title}”, {event.when}: {reason.message}"
        )


class NothingToBook(ActionError):
    message = "This course has no dates that you can register for."


class SessionGone(ActionError):
    message = "A session you chose is not there any more. Choose again. Everything else you wrote is kept."


class SessionsOverlap(ActionError):
    """Nobody can be in both."""

    def __init__(self, first: Session, second: Session) -> None:
        self.sessions = [first, second]
        super().__init__(f"“{second.title}” overlaps “{first.title}”. Choose one of them.")


class SessionsFull(ActionError):
    """These filled up; nothing was saved."""

    def __init__(self, sessions: list[Session]) -> None:
        self.sessions = sessions
        titles = ", ".join(f"“{session.title}”" for session in sessions)
        are = "is" if len(sessions) == 1 else "are"
        super().__init__(f"{titles} {are} full. Choose another session. Everything else you wrote is kept.")


class AnswersFinal(ActionError):
    """The date until which answers can be changed is past."""

    def __init__(self, event: EventPage) -> None:
        super().__init__(
            "Answers could be changed until "
            f"{wording.moment(event.answers_final_at, event.time_zone)}. Ask the organiser."
        )


class NotAwaitingApproval(ActionError):
    message = "This registration does not wait for approval. Nothing was changed."


class OwnManager(ActionError):
    message = "This is your own address. Give the address of your line manager."


class NoManager(ActionError):
    message = "Give the address of your line manager."


class OwnRegistration(ActionError):
    message = "This is your own registration. Only your line manager can approve it."


class ManagerAnswered(ActionError):
    message = "Your line manager has answered already."


class LinkUsed(ActionError):
    message = "This request was answered already. A link works once."


class LinkEnded(ActionError):
    message = "This link does not work any more: somebody else was asked, or the registration ended."


class NotHandedOver(ActionError):
    message = "This place is not on offer to you any more. Nothing was changed."


class CannotHandOver(ActionError):
    message = "This place cannot be passed on. Cancel it instead, and ask your colleague to register."


class ColleagueTookIt(ActionError):
    message = "A colleague took this place and waits to be approved. Until that is decided it can go to nobody else."


class OwnPlace(ActionError):
    message = "This is your own address. Give the address of a colleague."


class NotAColleague(ActionError):
    """The address is at no domain of the organisation; the message says at which it would be."""

    def __init__(self, organisation: str, domains: Iterable[str]) -> None:
        endings = wording.listed((f"@{domain}" for domain in domains), word="or")
        super().__init__(
            f"Your place can only go to a colleague at {organisation}. Give an address that ends with {endings}."
        )


class NotTheDayYet(ActionError):
    """Attendance is taken later; the message says from when."""

    def __init__(self, event: EventPage, before: timedelta) -> None:
        if event.has_known_day:
            opens = wording.moment(event.starts_at - before, event.time_zone)
            super().__init__(f"You can check people in from {opens}.")
        else:
            super().__init__("You can check people in once the day of the event is known.")


class WaveIsUnderWay(ActionError):
    message = "These invitations were started already. Nothing was changed."
