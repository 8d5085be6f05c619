"""Numbers and lists in running text. Pure."""

from collections.abc import Sequence

_SMALL_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def count_of(number: int, noun: str) -> str:
    """In words up to nine: "no events", "one event", "two events", "12 events"."""
    words = _SMALL_NUMBERS[number] if number < len(_SMALL_NUMBERS) else str(number)
    return f"{words} {noun}{'' if number == 1 else 's'}"


def listed(words: Sequence[str]) -> str:
    """As in a sentence: "red", "red and green", "red, green and blue"."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"
