"""Sentences in letters that depend on what happened. Pure: the facts of a letter in, words or nothing out.

The templates of letters hold no cases. So the words that an organiser starts from are the template's own, and
a sentence that fits nobody else is a placeholder.
"""

from collections.abc import Callable, Mapping
from typing import Any

from events import wording

Facts = Mapping[str, Any]
Sentence = Callable[[Facts], str]


def calendar_note(facts: Facts) -> str:
    """What the attached file is for; nothing where there is none."""
    return "The attached file puts the event into your calendar." if facts["number_of_files"] else ""


def calendar_note_of_a_change(facts: Facts) -> str:
    if not facts["number_of_files"]:
        return ""
    entries = "entries" if facts["session_changes"] else "entry"
    if facts["number_of_files"] == 1:
        return f"The attached file replaces the {entries} in your calendar."
    return f"The attached files replace the {entries} in your calendar."


def calendar_note_of_an_end(facts: Facts) -> str:
    return "The attached file takes the event out of your calendar." if facts["number_of_files"] else ""


def code_note(facts: Facts) -> str:
    if not facts["has_code"]:
        return ""
    return (
        "Show the attached code at the door, on paper or on your phone. Without it we find you by your name."
    )


def missed_note(facts: Facts) -> str:
    """Which of the chosen sessions filled up before there was a place."""
    missed = [f"“{title}”" for title in facts.get("missed") or ()]
    if not missed:
        return ""
    full = "is full by now, so you have no place in it" if len(missed) == 1 else _THEY_ARE_FULL
    return (
        f"{wording.listed(missed)} {full}. You can choose another session on the page of your registration."
    )


def course_note(facts: Facts) -> str:
    """That the letter is about one date of a course; nothing where it is about all of them, or the event is none."""
    if not facts.get("course"):
        return ""
    return f"It is one date of the course “{facts['course']}”. Each date has a letter of its own."


def answers_note(facts: Facts) -> str:
    """Until when somebody can change what they answered and chose; nothing where they cannot."""
    if not facts["answers_until"]:
        return ""
    return f"You can change what you answered and chose until {facts['answers_until']}."


def handover_note(facts: Facts) -> str:
    """Until when the holder keeps a place that is passed on."""
    if facts["waits_for_approval"]:
        return f"Until you take it and are approved, the place stays with {facts['name']}."
    return f"Until you take it, the place stays with {facts['name']}."


def what_became_of_handover(facts: Facts) -> str:
    """Why a place did not go to a colleague."""
    colleague, title = facts["colleague_email"], facts["title"]
    if facts["is_approved"]:
        return f"{colleague} declined your place at “{title}”."
    return f"You offered your place at “{title}” to {colleague}. They took it, but were not approved."


_THEY_ARE_FULL = "are full by now, so you have no place in them"


def place_in_line(facts: Facts) -> str:
    ahead = facts["ahead"]
    if not ahead and facts["is_capped"]:
        return (
            "Your organisation has all the places that one organisation can have. You get the next of those that comes "
            "free; places for others go to those behind you."
        )
    if not ahead:
        return "You are the next in line."
    return f"{ahead:,} {'person is' if ahead == 1 else 'people are'} ahead of you."


def what_ended(facts: Facts) -> str:
    """What somebody has no more, for the subject."""
    if not facts["was_offered"]:
        return "Registration cancelled"
    return "Offered place withdrawn" if facts["by_organiser"] else "Place declined"


def what_was_cancelled(facts: Facts) -> str:
    """Who ended a registration, and what becomes of the place."""
    who = "The organiser" if facts["by_organiser"] else "You"
    if facts["was_offered"]:
        did = "withdrew" if facts["by_organiser"] else "declined"
        return (
            f"{who} {did} the place that was offered to you at “{facts['title']}”. You are not on the waiting list any "
            "more."
        )
    if facts["had_place"]:
        then = "Your place is free for somebody else."
    elif facts["awaited"]:
        then = "Nobody has to approve it any more."
    else:
        then = "You are not on the waiting list any more."
    return f"{who} cancelled your registration for “{facts['title']}”. {then}"


def mistake_note(facts: Facts) -> str:
    return "If you think this is a mistake, ask the organiser." if facts["by_organiser"] else ""


def standing(facts: Facts) -> str:
    """What they are to the event, as the middle of a sentence: "an event for which you are …"."""
    if facts["is_confirmed"]:
        return "registered"
    if facts["is_offered"]:
        return "offered a place"
    return "waiting for approval" if facts["is_awaiting"] else "on the waiting list"


def changes(facts: Facts) -> str:
    """Title, time and place, and what they were where that differs."""
    lines = []
    for label, name in (("Title", "title"), ("When", "when"), ("Where", "where")):
        lines.append(f"{label}: {facts[name]}")
        if facts["before"][name] != facts[name]:
            lines.append(f"{label} before: {facts['before'][name]}")
    return "\n".join(lines)


def choice_note(facts: Facts) -> str:
    if not facts["chose_cancelled"]:
        return ""
    return "You had chosen a session that is cancelled. You can choose another with your registration."


def kept_note(facts: Facts) -> str:
    """That nobody has to do anything to stay what they are."""
    if facts["is_awaiting"]:
        return "You do not have to ask again."
    if facts["is_offered"]:
        return f"The place stays yours to take until {facts['until']}."
    return f"You keep your {'place' if facts['is_confirmed'] else 'place in the line'}."


def standing_note(facts: Facts) -> str:
    """What they were to an event that will not take place."""
    if facts["is_confirmed"]:
        return "You were registered for it."
    return "You had asked for a place." if facts["is_awaiting"] else "You were on its waiting list."


def day(facts: Facts) -> str:
    return "today" if facts["is_today"] else "tomorrow"


def capital_day(facts: Facts) -> str:
    return day(facts).capitalize()


def joining_note(facts: Facts) -> str:
    """When the joining link shows, as long as the letter itself does not carry it."""
    if facts["joining_url"] or not facts["joining_from"]:
        return ""
    return f"The link to join online shows on the page of your registration from {facts['joining_from']}."


def what_is_asked(facts: Facts) -> str:
    """Why a registration waits for approval."""
    if facts["is_again"]:
        return (
            f"You changed an answer that matters, so your registration for “{facts['title']}” has to be approved "
            "again. Until then it holds no place."
        )
    if facts["was_kept"]:
        return (
            f"Your colleague does not have the place at “{facts['title']}” any more, so it is not kept for you. Your "
            "request goes on: once it is approved you get a free place, or stand in the line if all are taken."
        )
    if facts["is_kept"]:
        return (
            f"You took your colleague’s place at “{facts['title']}”. It is yours only when it is approved. Until then "
            "it is kept for you. If your colleague cancels it, you need a free one."
        )
    return f"You asked for a place at “{facts['title']}”. It is yours only when it is approved."


def who_approves(facts: Facts) -> str:
    if not facts["manager_email"]:
        return "The organiser has to approve it."
    manager = f"Your line manager ({facts['manager_email']}) has to approve it"
    return (
        f"{manager}, and so does the organiser." if facts["by_organiser"] else f"{manager}. We wrote to them."
    )


def who_declined(facts: Facts) -> str:
    return "Your line manager" if facts["by_manager"] else "The organiser"


def correction_note(facts: Facts) -> str:
    """That a certificate takes the place of one that was sent; nothing for the first."""
    if not facts["hours_before"]:
        return ""
    if facts["was_withdrawn"]:
        return "Your certificate was not valid any more. Now it is valid again."
    return f"It was corrected: it replaces the one that we sent you, which was for {facts['hours_before']}."


def what_is_ready(facts: Facts) -> str:
    """What is there for somebody after the event."""
    if facts["materials_url"] and facts["certificate_url"]:
        return "The materials are there for you, and so is your certificate of attendance."
    if facts["materials_url"]:
        return "The materials are there for you."
    return "Your certificate of attendance is there for you." if facts["certificate_url"] else ""
