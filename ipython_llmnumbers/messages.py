"""What is said to people: English as it is written, and the same in the reader's language.

A sentence is made far from where it is shown: a catalogue states a source's wording, an estimate
explains a figure. `say` makes a `Message`, which is the English text and also remembers the
template and the values that it was made of, so that it can be said again in another language
when it is shown (`said`). What is shown at once is told at once (`tell`).

The catalogues are gettext's, `locale/<language>/LC_MESSAGES`; the English template is the key,
and a template without a translation is said in English.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import gettext

# The languages by their codes (ISO 639-1), each in its own words.
LANGUAGES = {"en": "English", "ja": "日本語"}
DOMAIN = "ipython_llmnumbers"
LOCALE_DIR = Path(__file__).parent / "locale"

_spoken: ContextVar[str] = ContextVar("llmnumbers_language", default="en")


class Message(str):
    """An English text that knows the template and the values that it was made of."""

    __slots__ = ("template", "values")
    template: str
    values: dict[str, object]

    def __new__(cls, template: str, /, **values: object) -> Message:
        message = super().__new__(cls, template.format(**values) if values else template)
        message.template, message.values = template, values
        return message


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


def said(text: str, language: str | None = None) -> str:
    """A message in that language, or in the one that is spoken; any other text as it is.

    >>> said(say("{n:,} more tokens", n=1234)), said("a user's text")
    ('1,234 more tokens', "a user's text")
    """
    language = language or spoken()
    if not isinstance(text, Message):
        return text
    if language == "en":
        return str(text)
    template = _catalogue(language).gettext(text.template) if text.template else ""
    if not text.values:
        return template
    values = {
        name: said(value, language) if isinstance(value, Message) else value
        for name, value in text.values.items()
    }
    return template.format(**values)


def tell(template: str, /, **values: object) -> str:
    """A sentence that is shown at once: in the language that is spoken."""
    return said(say(template, **values))


def spoken() -> str:
    """The language that is spoken now: English unless `speaking` says otherwise."""
    return _spoken.get()


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak another language for a while: what is told, estimated and refused meanwhile is in it.

    >>> with speaking("ja"):
    ...     spoken()
    'ja'

    Raises:
        ValueError: a language that there is no catalogue of.
    """
    if language not in LANGUAGES:
        raise ValueError(f"language {language!r}: there are {', '.join(LANGUAGES)}")
    token = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(token)


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    import gettext  # English needs none

    # Without a compiled catalogue, as in a checkout that is not installed, the English is shown.
    return gettext.translation(DOMAIN, LOCALE_DIR, [language], fallback=True)
