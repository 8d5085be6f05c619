"""How a finding is cited: one plain style, as text that can be copied anywhere."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Reference:
    """What a citation is made of. Empty parts are left out."""

    title: str
    year: int
    authors: Sequence[str] = ()
    institution: str = ""
    journal: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    doi: str = ""


def authors_in_words(authors: Sequence[str]) -> str:
    """As in a sentence: "Mann, N., Devendran, P. and Lundrigan, S."."""
    if len(authors) < 2:
        return "".join(authors)
    return f"{', '.join(authors[:-1])} and {authors[-1]}"


def doi_url(doi: str) -> str:
    """The address at which a DOI resolves; empty for none."""
    return f"https://doi.org/{doi}" if doi else ""


def in_print(reference: Reference) -> str:
    """Where it stands in print: "Journal, 14(3), 630–642"."""
    if not reference.journal:
        return ""
    number = reference.volume + (f"({reference.issue})" if reference.issue else "")
    return ", ".join(part for part in (reference.journal, number, _range(reference.pages)) if part)


def cite(reference: Reference) -> str:
    """Authors (year). Title. Journal, volume(issue), pages. Address.

    The order of APA 7, without italics, so that it survives being pasted as plain text. A report
    names its institution where an article names its journal.
    """
    authors = authors_in_words(reference.authors)
    sentences = [
        f"{authors} ({reference.year})" if authors else f"({reference.year})",
        reference.title,
        in_print(reference) or reference.institution,
    ]
    text = " ".join(_ended(sentence) for sentence in sentences if sentence)
    return f"{text} {doi_url(reference.doi)}".rstrip()


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith((".", "?", "!")) else f"{sentence}."


def _range(pages: str) -> str:
    return pages.replace("-", "–")
