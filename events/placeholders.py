"""What an organiser can put into a letter: placeholders, and what one kind of letter does with them.

Pure. A letter's own words are its template, templates/events/mail/<name>.txt. An organiser who writes others
starts from those, with placeholders in place of the values.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from events import sentences
from mailing import wordings


@dataclass(frozen=True)
class Placeholder:
    """What `{name}` stands for in the words of an organiser."""

    name: str
    meaning: str
    # The fact of the letter that it shows, where that has another name in the template.
    fact: str = ""
    sentence: sentences.Sentence | None = None

    @property
    def braced(self) -> str:
        return "{" + self.name + "}"


class Words(NamedTuple):
    """Subject and text of a letter, with placeholders."""

    subject: str
    text: str


@dataclass(frozen=True)
class LetterKind:
    """One kind of letter. `sample` are facts as they might be, beside those that every letter has."""

    name: str
    label: str
    sent: str
    group: str
    own: tuple[Placeholder, ...] = ()
    common: tuple[Placeholder, ...] = ()
    required: tuple[str, ...] = ()
    # What it needs too where people can join online.
    required_online: tuple[str, ...] = ()
    sample: Mapping[str, Any] = field(default_factory=dict)

    @property
    def placeholders(self) -> tuple[Placeholder, ...]:
        return (*self.common, *self.own)

    def needs(self, *, is_online: bool) -> tuple[Placeholder, ...]:
        """The placeholders without which the letter is of no use."""
        names = (*self.required, *(self.required_online if is_online else ()))
        return tuple(each for each in self.placeholders if each.name in names)

    def problems(self, words: Words, *, is_online: bool) -> dict[str, list[str]]:
        """What is wrong with an organiser's words, by the field it stands in. Empty if nothing is."""
        names = [each.name for each in self.placeholders]
        found = wordings.problems(subject=words.subject, text=words.text, placeholders=names)
        there = wordings.placeholders_in(words.text)
        for needed in self.needs(is_online=is_online):
            if needed.name not in there:
                found.setdefault("text", []).append(
                    f"Put {needed.braced} into the text. It stands for: {needed.meaning}."
                )
        return found

    def completed(self, facts: sentences.Facts) -> dict[str, Any]:
        """The facts with the sentences that follow from them: what the template says."""
        made = {each.name: each.sentence(facts) for each in self.own if each.sentence is not None}
        return {**facts, **made}

    def values(self, completed: sentences.Facts) -> dict[str, Any]:
        """What each placeholder stands for: what an organiser's words say."""
        return {each.name: completed.get(each.fact or each.name, "") for each in self.placeholders}

    def words_in(self, template: str) -> Words:
        """The words of its template, with placeholders.

        A template says `{{ value }}`; `{% if %}` only around one label with its value, and `{% for %}` only around
        one item of a list: both do the same of themselves in the words of an organiser.
        """
        names = {each.fact: each.name for each in self.placeholders if each.fact}
        names |= {item: names.get(several, several) for item, several in _LOOP.findall(template)}
        plain = _TAG.sub("", template)
        words = _VALUE.sub(lambda found: "{" + names.get(found[1], found[1]) + "}", plain)
        subject, _, text = words.partition("\n")
        return Words(subject.removeprefix("Subject: "), re.sub(r"\n{3,}", "\n\n", text).strip())


_LOOP = re.compile(r"\{% for (\w+) in (\w+) %\}")
_TAG = re.compile(r"\{%.*?%\}")
_VALUE = re.compile(r"\{\{ (\w+) \}\}")
