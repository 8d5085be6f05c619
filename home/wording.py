"""Numbers and lists in running text. Pure."""

from collections.abc import Sequence

_SMALL_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def count_of(number: int, noun: str) -> str:
    """In words up to nine: "no events", "one event", "two events", "12 events"."""
    words = _SMALL_NUMBERS[number] if number < len(_SMALL_NUMBERS) else str(number)
    return f"{words} {noun}{'' if number == 1 else 's'}"


def counts_of(numbers: Sequence[tuple[int, str]]) -> list[str]:
    """Several counts of one sentence, all in words or all in figures: "18 events", "3 findings"."""
    if all(number < len(_SMALL_NUMBERS) for number, _ in numbers):
        return [count_of(number, noun) for number, noun in numbers]
    return [f"{number} {noun}{'' if number == 1 else 's'}" for number, noun in numbers]


def listed(words: Sequence[str]) -> str:
    """As in a sentence: "red", "red and green", "red, green and blue"."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"
