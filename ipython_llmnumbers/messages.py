"""What is said to people: English as it is written, and the same in the reader's language.

A sentence is made far from where it is shown: a catalogue states a source's wording, an estimate
explains a figure. `say` makes a `Message`, which is the English text and also remembers the
template and the values that it was made of, so that it can be said again in another language
when it is shown (`said`). What is shown at once is told at once (`tell`).

A message names a parameter of ours as `{option:context_tokens}`, or with its value as
`{option:kv=fp8}`. The voice spells it as the caller would write it: `--kv fp8` in a magic,
`kv='fp8'` in Python.

The catalogues are gettext's, `locale/<language>/LC_MESSAGES`; the English template is the key,
and a template without a translation is said in English.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal
from functools import cache
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, NamedTuple

from .patterns import pattern

if TYPE_CHECKING:
    import gettext

# The languages by their codes (ISO 639-1), each in its own words.
LANGUAGES = {"en": "English", "ja": "日本語"}
DOMAIN = "ipython_llmnumbers"
LOCALE_DIR = Path(__file__).parent / "locale"

# What needs no quotes in a call: a number, a switch that is on.
_BARE = pattern(r"-?[\d_]+(\.\d+)?|True", re.ASCII)


def as_keyword(name: str, *given: object) -> str:
    """A parameter as a call in Python writes it.

    >>> as_keyword("kv"), as_keyword("kv", "fp8"), as_keyword("tp", 2), as_keyword("tp", "2")
    ('kv', "kv='fp8'", 'tp=2', "tp='2'")
    """
    if name == "update_prices":
        return "update_prices()"
    if not given:
        return name
    value = given[0]
    text = written(value)
    if name == "inputs" or isinstance(text, Message):  # inputs are keywords themselves
        return text if name == "inputs" else f"{name}={text}"
    is_number = value is None or isinstance(value, int | float | Decimal)
    is_bare = is_number or (isinstance(value, _Word) and _BARE.fullmatch(value))
    return f"{name}={text if is_bare else shorten(text)}"


def written(value: object) -> str:
    """Any value as text that is not too long for one line.

    >>> written(3.5), written(10**5000)
    ('3.5', 'a number of thousands of digits')
    """
    try:
        text = str(value)
    except ValueError:  # Python writes no int of more than 4,300 digits
        return say("a number of thousands of digits")
    except Exception:  # an object of the user's, whose own text fails
        return say("a value of type {type}", type=type(value).__name__)
    return text if len(text) <= 60 else text[:59] + "…"


# Controls of a terminal (C0, C1, DEL), halves of characters, what turns the direction of a line, and what
# breaks it. A zero width joiner stays: an emoji may be held together by it.
_UNSHOWN = pattern("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def escaped(text: str) -> str:
    r"""A text of anybody's on one line, that moves no cursor and turns no writing: as Python would write it.

    >>> escaped("gpt-4o\x1b[31m"), escaped("two\nlines")
    ('gpt-4o\\x1b[31m', 'two\\nlines')
    """
    if text.isprintable():
        return text
    return _UNSHOWN.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def shorten(text: str, limit: int = 60) -> str:
    r"""`text` quoted on one line, cut where an error would become a page.

    >>> shorten("two\nlines")
    "'two\\nlines'"
    """
    return repr(text if len(text) <= limit else text[: limit - 1] + "…")


class Voice(NamedTuple):
    """How the caller is spoken to: the language, and how a parameter is written, with its value or alone.

    `is_brief` asks for an estimate without what only says how it is made.
    """

    language: str = "en"
    spell: Callable[..., str] = as_keyword
    is_brief: bool = False


_ENGLISH = Voice()
# The one of `speaking`; outside of it None, and the language of the notebook.
_voice: ContextVar[Voice | None] = ContextVar("llmnumbers_voice", default=None)
_usual = _ENGLISH


class _Word(str):
    """A value as a template writes it: `2` is a number there, and `fp8` a text."""

    __slots__ = ()


_TOLD = (str, int, float, Decimal, type(None))


class Asked:
    """A parameter, and the value that was given for it: what `{option}` of a template is formatted by.

    `{option:name}` and `{option:name=value}` are of another parameter.
    """

    def __init__(self, name: str = "", *given: object) -> None:
        # A number and a text are told apart; of any other object the text is kept, not the object.
        self.name = name
        self.given = tuple(each if isinstance(each, _TOLD) else written(each) for each in given)

    def __format__(self, spec: str) -> str:
        if not spec:
            return voice().spell(self.name, *self.given)
        name, *given = spec.split("=", 1)
        return voice().spell(name, *map(_Word, given))


class Message(str):
    """An English text that knows the template and the values that it was made of.

    A text or a path among the values is kept so that it is safe to show.
    `is_voiced` says whether it names a parameter, so that it depends on the voice in English too.
    """

    __slots__ = ("is_voiced", "template", "values")
    is_voiced: bool
    template: str
    values: dict[str, object]

    def __new__(cls, template: str, /, **values: object) -> Message:
        names_option = "{option" in template
        if not values and not names_option:  # most: what tables and questions say
            message = super().__new__(cls, template)
            message.template, message.values, message.is_voiced = template, values, False
            return message
        is_voiced = names_option
        for name, value in values.items():
            if isinstance(value, Message):
                is_voiced = is_voiced or value.is_voiced
            elif isinstance(value, str):
                values[name] = escaped(value)
            elif isinstance(value, PurePath):
                values[name] = escaped(str(value))
        if names_option:
            values.setdefault("option", Asked())
        message = super().__new__(cls, _in_english(template, values, names_option=names_option))
        message.template, message.values, message.is_voiced = template, values, is_voiced
        return message

    def __reduce__(self) -> tuple[Any, ...]:
        # Not by its text, whose braces may be a user's.
        return _message, (self.template, self.values)


def _in_english(template: str, values: dict[str, object], *, names_option: bool) -> str:
    """The text itself is Python's, whoever asks: `said` puts it into the voice."""
    if not names_option:
        return template.format(**values)
    token = _voice.set(_ENGLISH)
    try:
        return template.format(**values)
    finally:
        _voice.reset(token)


def option(name: str, *given: object) -> Message:
    """A parameter of ours, with the value that was given for it or alone, as the caller writes it.

    >>> option("calls", 1000)
    'calls=1000'
    """
    return Message("{option}", option=Asked(name, *given))


def _message(template: str, values: dict[str, object]) -> Message:
    return Message(template, **values)


def say(template: str, /, **values: object) -> Message:
    """A sentence to be shown later. Without values, braces in the template are text.

    >>> say("{n:,} more tokens", n=1234)
    '1,234 more tokens'
    """
    return template if isinstance(template, Message) and not values else Message(template, **values)


def joined(separator: str, *parts: str) -> Message:
    """Sentences one behind the other, each to be said by itself; empty ones are left out.

    >>> joined("; ", say("one"), "", say("two"))
    'one; two'
    """
    values = {f"part{index}": part for index, part in enumerate(filter(None, parts))}
    if separator not in _BETWEEN:
        return Message(separator.join(f"{{{name}}}" for name in values), **values)
    template = "{between}".join(f"{{{name}}}" for name in values)
    return Message(template, **values, between=_BETWEEN[separator])


# The signs between sentences, which differ by language.
_BETWEEN = {"; ": say("; ")}


def said(text: str) -> str:
    """A message in the voice that is spoken; any other text so that it is safe to show.

    >>> said(say("{n:,} more tokens", n=1234)), said("a user's text")
    ('1,234 more tokens', "a user's text")
    """
    if not isinstance(text, Message):
        return escaped(text)
    language = spoken()
    if language == "en":
        template = text.template
        if not text.is_voiced:
            return str(text)
    else:
        template = _catalogue(language).gettext(text.template) if text.template else ""
    if not text.values:
        return template
    values = {
        name: said(value) if isinstance(value, Message) else value for name, value in text.values.items()
    }
    return template.format(**values)


def tell(template: str, /, **values: object) -> str:
    """A sentence that is shown at once: in the language that is spoken."""
    return said(say(template, **values))


def spoken() -> str:
    """The language that is spoken now."""
    return voice().language


def voice() -> Voice:
    """How the caller is spoken to now."""
    return _voice.get() or _usual


def speak_by_default(language: str) -> None:
    """Speak a language of `LANGUAGES` in all of this process, unless `speaking` says otherwise.

    A figure that a cell ends with has no magic that would choose its language: the notebook has.
    """
    global _usual
    _usual = Voice(language)


@contextmanager
def speaking(
    language: str, spell: Callable[..., str] | None = None, is_brief: bool | None = None
) -> Iterator[None]:
    """Speak in another voice for a while: what is told, estimated and refused meanwhile is in it.

    Args:
        language: a code of `LANGUAGES`.
        spell: how a parameter and its value are written; None leaves that as it is.
        is_brief: whether estimates are shown without how they are made; None leaves that as it is.

    >>> with speaking("ja"):
    ...     spoken()
    'ja'

    Raises:
        ValueError: a language that there is no catalogue of.
    """
    if language not in LANGUAGES:
        raise ValueError(f"language {language!r}: there are {', '.join(LANGUAGES)}")
    now = voice()
    token = _voice.set(Voice(language, spell or now.spell, now.is_brief if is_brief is None else is_brief))
    try:
        yield
    finally:
        _voice.reset(token)


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    import gettext  # English needs none

    # Without a compiled catalogue, as in a checkout that is not installed, the English is shown.
    return gettext.translation(DOMAIN, LOCALE_DIR, [language], fallback=True)
