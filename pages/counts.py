"""How many of what, in figures. Pure."""


def number_of(number: int, one: str, several: str) -> str:
    """With the words for one or for several behind it: "1 guest erased", "2,000 guests erased"."""
    return f"{number:,} {one if number == 1 else several}"
