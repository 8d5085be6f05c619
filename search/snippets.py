"""The part of a text that answers a query, with the words that were looked for marked.

Nothing here is HTML: a snippet is a list of pieces, and the template escapes each.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SNIPPET_LENGTH = 220
# Enough to find a good window, and a bound for a long text that repeats one word.
_HITS_LOOKED_AT = 200

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Piece:
    """A stretch of text that is marked, or is not."""

    text: str
    is_marked: bool = False


@dataclass(frozen=True)
class _Token:
    start: int
    end: int
    word: str


def fold(word: str) -> str:
    """A word as the indexes compare it: without case and accents."""
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def mark(text: str, words: Iterable[str]) -> list[Piece]:
    """The whole text, with the words marked. Neighbouring words share one mark."""
    return _pieces(text, _hits(_tokens(text), words))


def snippet(text: str, words: Sequence[str], length: int = SNIPPET_LENGTH) -> list[Piece]:
    """The stretch of at most `length` characters that holds most of the words, cut between words.

    Without any of the words it is the beginning of the text.
    """
    text = " ".join(text.split())
    tokens = _tokens(text)
    start, end = _window(text, tokens, _hits(tokens, words), length)
    pieces = mark(text[start:end], words)
    if start:
        pieces.insert(0, Piece("… "))
    if end < len(text):
        pieces.append(Piece(" …"))
    return pieces


def _tokens(text: str) -> list[_Token]:
    return [_Token(found.start(), found.end(), fold(found.group())) for found in _WORD.finditer(text)]


def _hits(tokens: Sequence[_Token], words: Iterable[str]) -> list[_Token]:
    looked_for = {fold(word) for word in words}
    return [token for token in tokens if token.word in looked_for]


def _window(text: str, tokens: Sequence[_Token], hits: Sequence[_Token], length: int) -> tuple[int, int]:
    """Where to cut: the earliest of the windows that hold the most different words."""
    if len(text) <= length:
        return 0, len(text)
    best, most = 0, 0
    hits = hits[:_HITS_LOOKED_AT]
    for place, hit in enumerate(hits):
        # A window starts a little before a hit, so that the hit has something to stand in.
        start = max(0, hit.start - length // 4)
        held = {other.word for other in hits[place:] if other.end <= start + length}
        if len(held) > most:
            best, most = start, len(held)
    best = min(best, max(0, len(text) - length))
    start = 0 if best == 0 else next((token.start for token in tokens if token.start >= best), best)
    end = max((token.end for token in tokens if start < token.end <= start + length), default=start + length)
    if len(text) - end < 2:  # the full stop of the last sentence
        end = len(text)
    return start, end


def _pieces(text: str, hits: Sequence[_Token]) -> list[Piece]:
    spans: list[tuple[int, int]] = []
    for hit in hits:
        if spans and text[spans[-1][1] : hit.start].isspace():
            spans[-1] = (spans[-1][0], hit.end)
        else:
            spans.append((hit.start, hit.end))
    pieces: list[Piece] = []
    at = 0
    for start, end in spans:
        pieces += [Piece(text[at:start]), Piece(text[start:end], is_marked=True)]
        at = end
    pieces.append(Piece(text[at:]))
    return [piece for piece in pieces if piece.text]
