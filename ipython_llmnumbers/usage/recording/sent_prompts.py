"""Which prompt of a cell's source a request was made of: told by its words, of which nothing is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ...files.formats import FormatError, parse_json

ANOTHER = -1
"""What is said of a request that none of the prompts was the source of."""

# Where a request has its text: what is for the system first, wherever it stands, as a source is read.
_PLACES = (
    *("system", "instructions", "systemInstruction", "system_instruction"),
    *("messages", "input", "contents", "prompt", "message", "texts", "inputs"),
)
_INSIDE = ("content", "text", "parts")
# Fewer characters of a prompt that is filled in may be in any request.
_LEAST_CHARS = 8
_MOST_BYTES = 1_000_000


class SentPrompts:
    """The prompts of one cell's source: each its text without what is filled in, and whether anything is."""

    def __init__(self, prompts: Sequence[tuple[str, bool]]) -> None:
        self._prompts = [(" ".join(text.split()), is_filled) for text, is_filled in prompts]

    def number_of(self, body: bytes | None) -> int | None:
        """The number of the prompt, from 0, that a request's body was made of; of equal ones the first.

        ANOTHER where it was made of none; None where that cannot be told.

        >>> prompts = SentPrompts([("Greet  warmly.", True), ("Greet Bob warmly.", False), ("Go on.", False)])
        >>> [prompts.number_of(b'{"prompt": "Greet %s warmly."}' % who) for who in (b"Ann", b"Bob")]
        [0, 1]
        >>> prompts.number_of(b'{"prompt": "What?"}') == ANOTHER, prompts.number_of(b"no JSON")
        (True, None)
        """
        text = _text_of(body)
        if text is None:
            return None
        found: dict[tuple[bool, int], list[int]] = {}
        for number, (prompt, is_filled) in enumerate(self._prompts):
            is_exact = prompt == text
            if is_exact or (_is_in(prompt, text) if is_filled else prompt in text):
                found.setdefault((is_exact, len(prompt)), []).append(number)
        if not found:
            return ANOTHER
        best = max(found)
        first = found[best][0]
        if any(self._prompts[number] != self._prompts[first] for number in found[best]):
            return None
        return first if best[0] or best[1] >= _LEAST_CHARS else None


def _is_in(prompt: str, text: str) -> bool:
    """Whether the words of a prompt stand in a text in their order, whatever is between them."""
    at = 0
    for word in prompt.split():
        at = text.find(word, at)
        if at < 0:
            return False
        at += len(word)
    return True


def _text_of(body: bytes | None) -> str | None:
    if body is None or len(body) > _MOST_BYTES:
        return None
    try:
        asked = parse_json(body)
    except FormatError:
        return None
    if not isinstance(asked, dict):
        return None
    texts = [text for place in _PLACES if place in asked for text in _texts_in(asked[place])]
    return " ".join(" ".join(texts).split())


def _texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _texts_in(each)
    elif isinstance(value, dict):
        for key in _INSIDE:
            yield from _texts_in(value.get(key))
