"""Kinds of letter that a reader may stop, one by one. An app above registers its own in AppConfig.ready:

    categories.register(
        "event_reminders", label="Reminders before an event I am registered for", short="reminders before an event"
    )

What is in no category always comes: letters about somebody's own account and registrations.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Category:
    """One kind of letter, in the words of its readers."""

    name: str
    label: str
    short: str  # As it stands inside a sentence.
    hint: str = ""


_categories: dict[str, Category] = {}


def register(name: str, *, label: str, short: str, hint: str = "") -> None:
    """Add a category. Raises ValueError if its name is taken by another."""
    category = Category(name, label, short, hint)
    if _categories.setdefault(name, category) != category:
        raise ValueError(f"Two categories of letters are called {name}.")


def every() -> list[Category]:
    """All categories, in the order of their labels."""
    return sorted(_categories.values(), key=lambda category: category.label)


def get(name: str) -> Category | None:
    """The category of this name, if there is one."""
    return _categories.get(name)
