"""What one row holds: the texts of its fields, or why it cannot be counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import Any

from ...errors import UsageError
from ...files.encodings import UTF8
from ...records import dataclass
from .. import tally as reasons
from ..parts import Span
from ..tally import Chats, Tally
from .chats import CHATS, beside_text, chat_of, frames_of, is_chat, texts_of, written_chat

Document = tuple[Sequence[str], int]
"""The texts of a row, each to be counted by itself, and their bytes in UTF-8."""

Where = Callable[[], str]
"""Where a row is, said only of those that are shown."""


@dataclass(slots=True)
class _Found:
    """What the fields of one row hold so far."""

    texts: list[str] = field(default_factory=list)
    chats: Chats = field(default_factory=Chats)
    beside_text: set[str] = field(default_factory=set)


def value_at(row: Any, name: str) -> Any:
    """A row's value of a field, whose dots lead into objects where no key has them; a lone text is a row.

    Raises:
        KeyError: the field is not there.

    >>> value_at({"meta": {"text": "a"}}, "meta.text"), value_at("a", "")
    ('a', 'a')
    """
    return _held(row, name)[0]


def document_of(row: Any, span: Span, where: Where, tally: Tally) -> Document | None:
    """The texts of a row; None, and told, where it has none or one that is none.

    Of several fields a row needs one: which others are not there is counted.
    """
    if len(span.fields) > 1:
        return _of_several(row, span, where, tally)
    name = span.fields[0] if span.fields else ""
    if name and type(row) is dict and type(value := row.get(name)) is str and not name.endswith(CHATS):
        return _encoded((value,), span, where, tally)  # nearly all rows of nearly all corpora
    try:
        value, holder = _field(row, name)
    except KeyError:
        tally.refuse(reasons.NO_FIELD, where())
        return None
    if value is None:
        tally.refuse(reasons.NO_VALUE, where())
        return None
    if isinstance(value, str):
        return _encoded((value,), span, where, tally)
    return _counted([(value, holder)], span, where, tally)


def not_decoded(span: Span) -> str:
    """The reason of a row that is no text in the encoding of its file."""
    return reasons.NOT_UTF8 if span.encoding == UTF8 else reasons.NOT_DECODED


def _of_several(row: Any, span: Span, where: Where, tally: Tally) -> Document | None:
    found, lacking, is_null = [], [], False
    for name in span.fields:
        try:
            value, holder = _field(row, name)
        except KeyError:
            lacking.append(name)
        else:
            if value is None:
                lacking.append(name)
                is_null = True
            else:
                found.append((value, holder))
    if not found:
        tally.refuse(reasons.NO_VALUE if is_null else reasons.NO_FIELD, where())
        return None
    document = _counted(found, span, where, tally)
    if document is not None:
        for name in lacking:
            tally.lacking[name] = tally.lacking.get(name, 0) + 1
    return document


def _field(row: Any, name: str) -> tuple[Any, Mapping[str, Any]]:
    """What is counted of a row's field, and the object that holds it."""
    value, holder = _held(row, name)
    is_written = isinstance(value, str) and name.endswith(CHATS)
    return (written_chat(name, value) if is_written else value), holder


def _held(row: Any, name: str) -> tuple[Any, Mapping[str, Any]]:
    """A row's value of a field, and the object that holds it."""
    if not name:
        return row, {}
    if isinstance(row, Mapping) and name in row:
        return row[name], row
    holder = row
    keys = name.split(".")
    for key in keys:
        if not isinstance(row, Mapping):
            raise KeyError(name)
        holder, row = row, row[key]
    return row, holder


def _counted(
    values: Sequence[tuple[Any, Mapping[str, Any]]], span: Span, where: Where, tally: Tally
) -> Document | None:
    """The texts of all values; what they tell beside is added once all of them can be read."""
    found = _Found()
    for value, holder in values:
        if reason := _add_value(found, value, holder):
            tally.refuse(reason, where())
            return None
    document = _encoded(found.texts, span, where, tally)
    if document is not None:
        tally.chats.merge(found.chats)
        for kind in found.beside_text:
            tally.beside_text[kind] = tally.beside_text.get(kind, 0) + 1
    return document


def _add_value(found: _Found, value: Any, holder: Mapping[str, Any]) -> str:
    """Add the texts of a field: a text, some of them, or a chat. The reason where it is none of these."""
    if isinstance(value, str):
        found.texts.append(value)
        return ""
    if isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
        found.texts += value
        return ""
    if not is_chat(value):
        return reasons.NOT_TEXT
    try:
        chat = chat_of(value, holder)
    except UsageError:
        return reasons.NOT_A_CHAT
    found.texts += texts_of(chat)
    found.chats.merge(frames_of(chat))
    found.beside_text.update(beside_text(chat, holder))
    return ""


def _encoded(texts: Sequence[str], span: Span, where: Where, tally: Tally) -> Document | None:
    """The texts with their bytes, if each of them can be written."""
    try:
        return texts, sum([len(text) if text.isascii() else len(text.encode()) for text in texts])
    except UnicodeEncodeError:
        tally.refuse(not_decoded(span), where())
        return None
