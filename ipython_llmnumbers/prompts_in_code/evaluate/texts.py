"""A text as far as the source tells it: its fixed parts, and how many parts only a run fills in."""

from __future__ import annotations

import string
from collections.abc import Mapping

from ...patterns import pattern
from ...records import dataclass

_PERCENT_FIELD = pattern(r"%(?:\(\w+\))?[-+ #0]*\d*(?:\.\d+)?[sdrfgeix]")
# A text that grows by its own expression is not made longer than this.
_MOST_CHARS = 1_000_000


@dataclass(frozen=True, slots=True)
class Text:
    """The part of a text that stands in the source; `n_unknown` parts are filled in when it runs."""

    text: str
    n_unknown: int = 0

    def __add__(self, other: Text) -> Text:
        room = max(0, _MOST_CHARS - len(self.text))
        n_unknown = self.n_unknown + other.n_unknown + (len(other.text) > room)
        return Text(self.text + other.text[:room], n_unknown)

    def __mul__(self, times: int) -> Text:
        """The text so many times, as far as there is room; what is left out is a part that is not known."""
        times = max(0, times)
        kept = min(times, _MOST_CHARS // max(1, len(self.text)))
        return Text(self.text * kept, self.n_unknown * times + (kept < times))

    def replaced(self, old: str, new: Text) -> Text:
        """The text with `new` wherever `old` stands in it."""
        parts = self.text.split(old) if old else [self.text]
        filled = Text(parts[0], self.n_unknown)
        for part in parts[1:]:
            filled += new
            filled += Text(part)
        return filled


UNKNOWN = Text("", 1)


def least(one: Text, other: Text) -> Text:
    """What is sent at least where it is one of two texts."""
    if one == other:
        return one
    shorter = min(one, other, key=lambda each: len(each.text))
    return Text(shorter.text, shorter.n_unknown + 1)


def joined(separator: str, texts: list[Text]) -> Text:
    """Texts with a separator between them.

    >>> joined(", ", [Text("a"), Text("b", 1)])
    Text(text='a, b', n_unknown=1)
    """
    whole = Text("")
    for place, each in enumerate(texts):
        whole += Text(separator) + each if place else each
    return whole


def without_percent_fields(text: Text) -> Text:
    """The text less its `%s` fields, each of which is a part that is not known."""
    rest, n_fields = _PERCENT_FIELD.subn("", text.text)
    return Text(rest, text.n_unknown + n_fields)


def template(text: Text, known: Mapping[str, Text] | None = None) -> Text:
    """The text of a template with `{field}`s: those that are known are put in, the others counted.

    >>> template(Text("Translate {text} to {language}."), {"language": Text("French")})
    Text(text='Translate  to French.', n_unknown=1)
    """
    try:
        parts = list(string.Formatter().parse(text.text))
    except ValueError:  # braces that are no fields: JSON in a prompt
        return text
    filled = Text("", text.n_unknown)
    place = 0
    for literal, field, _, _ in parts:
        filled += Text(literal)
        if field is not None:
            name, place = (field, place) if field else (str(place), place + 1)
            filled += UNKNOWN if known is None else known.get(name, UNKNOWN)
    return filled
