"""Read an answer as its bytes pass: the model that served it, its tokens, its bill. No text of it is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from ...catalog.api_answers import is_gateway, modes_in, server_in, server_of, tools_in
from ...catalog.api_usage import Last, Route, Shape, bills, value_at
from ...catalog.limits import USD
from ...catalog.names import MOST_NAME_CHARS
from ...files.formats import FormatError, parse_json
from ...patterns import pattern
from .encodings import UnreadableError, decoder
from .framing import Frames, Whole, frames
from .tokens import Tokens, read_tokens

_NAMES_MODEL = pattern(rb'"model\w*"\s*:\s*"')
# A piece of the answer's text, its thinking or a tool's arguments, in any of the protocols.
_TEXT = pattern(
    rb'"(?:content|reasoning|reasoning_content|refusal|text|thinking|partial_json|arguments|delta|response'
    rb'|input)"\s*:\s*"[^"]'
)
_MODEL = (("model",), ("message", "model"), ("response", "model"), ("modelVersion",))
# Vectors and pictures, of which a long answer consists, and what it is without them.
_LONG_BYTES = 50_000
_VECTOR = pattern(rb"\[[\d\s.,eE+-]{500,}+\]")
_BASE64 = pattern(rb'"[A-Za-z0-9+/=_-]{500,}+"')
_DONE = b"[DONE]"
# What bears no usage: sound, pictures and files; and texts, which are JSON where a server says a wrong type.
_MEDIA = ("audio/", "image/", "video/", "application/octet-stream")
_PLAIN_TEXTS = ("text/plain", "text/vtt", "application/x-subrip")


class AnswerReader:
    """Takes the bytes of one answer in any portions; `end` says that no more come.

    Raises:
        UnreadableError: from `feed` and `end`, what is no answer that can be read.
    """

    def __init__(self, route: Route, headers: Mapping[str, str], *, is_decoded: bool) -> None:
        self._route = route
        self._content_type = headers.get("content-type", "").casefold()
        self._decode = decoder("" if is_decoded else headers.get("content-encoding", ""))
        self._usages: dict[str, dict[str, Any]] = {}
        self._frames: Frames | None = None
        self._beginning = b""
        self._is_after: set[str] = set()
        self.model: str | None = None
        self.modes: dict[str, str] = {}
        self.tools: dict[int, int] = {}
        self._is_gateway = is_gateway(headers)
        self.server = "" if self._is_gateway else server_of(headers)
        self.billed_usd: Decimal | None = None
        self._header_usd = _bill_in_headers(headers)
        self.has_last = False
        self.has_text = False
        self._is_declined = False

    def feed(self, data: bytes) -> None:
        """Read on."""
        if self._content_type.startswith(_MEDIA):
            return
        data = self._decode(data)
        if self._frames is None:
            # The kind of a body shows in its first six characters.
            self._beginning += data
            if len(self._beginning.strip()) < 6:
                return
            self._frames = frames(self._content_type, self._beginning)
            data, self._beginning = self._beginning, b""
        self._read(self._frames.feed(data))

    def end(self, *, is_whole: bool) -> None:
        """Read what is left; `is_whole` says that the body has come to its end."""
        if self._frames is None and self._beginning:
            self._frames = frames(self._content_type, self._beginning)
            self._read(self._frames.feed(self._beginning))
        if self._frames is not None and (is_whole or not isinstance(self._frames, Whole)):
            self._read(self._frames.end())
            if is_whole and isinstance(self._frames, Whole):
                self.has_last = True
                self.billed_usd = self.billed_usd if self.billed_usd is not None else self._header_usd

    def tokens(self) -> Tokens | None:
        """What the answer says of itself; None where it says nothing.

        Raises:
            NonsenseError: counts that no call can have.
        """
        for shape in self._route.shapes:
            if shape.name in self._usages:
                found = read_tokens(shape, self._usages[shape.name])
                if found is not None:
                    return found
        return None

    def is_declined(self, tokens: Tokens) -> bool:
        """Whether the provider's own filter took the answer's place before any of it was written."""
        return self._is_declined and tokens.output == 0

    def _read(self, texts: Iterable[bytes]) -> None:
        is_one_text = isinstance(self._frames, Whole)
        for text in texts:
            if not self.has_text and not is_one_text:
                self.has_text = _TEXT.search(text) is not None
            if (
                is_one_text
                or _tells(self._route.telling, text)
                or (self.model is None and _NAMES_MODEL.search(text))
            ):
                self._take(text)
            elif text.strip() == _DONE:
                self.has_last = True

    def _take(self, text: bytes) -> None:
        try:
            parsed = parse_json(_without_vectors(text))
        except FormatError as error:
            if isinstance(self._frames, Whole) and not self._content_type.startswith(_PLAIN_TEXTS):
                raise UnreadableError("no JSON") from error
            return  # an event of another kind, or one that is cut
        # Google's stream without `alt=sse` is a list of events.
        for event in parsed if isinstance(parsed, list) else [parsed]:
            if isinstance(event, dict):
                self._fold(event)

    def _fold(self, event: dict[str, Any]) -> None:
        """Add what an event says; a later count replaces an earlier one, for usage is cumulative."""
        for shape in self._route.shapes:
            if any(
                _is_last(first, event) for first in shape.first
            ):  # another attempt takes the answer's place
                self._usages.pop(shape.name, None)
                self.model = None
            for place in shape.usage:
                usage = value_at(place, event)
                if isinstance(usage, dict):
                    known = {key: usage[key] for key in shape.fields & usage.keys() if usage[key] is not None}
                    if known:
                        self._usages.setdefault(shape.name, {}).update(known)
            self.has_last |= self._is_whole_at(shape, event)
            self._is_declined |= any(_is_last(each, event) for each in shape.declined)
        self.model = self.model or _name_at(_MODEL, event)
        if not self.server and not self._is_gateway:
            self.server = server_in(event)
        self.modes.update({mode: word[:MOST_NAME_CHARS] for mode, word in modes_in(event).items()})
        for tool, used in tools_in(event):
            self.tools[tool] = max(used, self.tools.get(tool, 0))
        bill = _bill_in(event)
        self.billed_usd = self.billed_usd if bill is None else bill

    def _is_whole_at(self, shape: Shape, event: dict[str, Any]) -> bool:
        """Whether the usage is whole with this event: where it grows from each to the next, at the end."""
        if not shape.after or any(_is_last(last, event) for last in shape.after):
            self._is_after.add(shape.name)
        is_after = shape.name in self._is_after and shape.name in self._usages
        return is_after and any(_is_last(last, event) for last in shape.last)


def _without_vectors(text: bytes) -> bytes:
    """A JSON text without its long lists of numbers and its long strings of base64: they would be parsed.

    >>> _without_vectors(b'{"embedding": [%s 1]}' % (b"0.25, " * 10_000))
    b'{"embedding": []}'
    """
    if len(text) < _LONG_BYTES:
        return text
    return _BASE64.sub(b'""', _VECTOR.sub(b"[]", text))


def _tells(keys: Iterable[bytes], text: bytes) -> bool:
    """Whether an event may bear a usage: most hold a piece of the answer's text, and need no parsing.

    A pattern of all keys would take most of the time that the recorder needs.

    >>> keys = (b'"usage"', b'"done"')
    >>> _tells(keys, b'{"usage": null, "done":false}'), _tells(keys, b'{"usage": {"prompt_tokens": 3}}')
    (False, True)
    """
    for key in keys:
        at = text.find(key)
        while at >= 0:
            at += len(key)
            if text[at : at + 4].lstrip(b" :")[:1] not in (b"n", b"f"):
                return True
            at = text.find(key, at)
    return False


def _is_last(last: Last, event: dict[str, Any]) -> bool:
    found = value_at(last.place, event)
    if last.word == "[]":
        return isinstance(found, list) and not found
    return bool(found) if last.word is None else found == last.word


def _name_at(places: Iterable[tuple[str, ...]], event: dict[str, Any]) -> str | None:
    for place in places:
        found = value_at(place, event)
        if isinstance(found, str) and 0 < len(found) <= MOST_NAME_CHARS:
            return found
    return None


def _bill_in(event: dict[str, Any]) -> Decimal | None:
    for bill in bills():
        if bill.unless and value_at(bill.unless, event):
            continue
        for place in bill.places:
            if (usd := _dollars(value_at(place, event), bill.per_usd)) is not None:
                return usd
    return None


def _bill_in_headers(headers: Mapping[str, str]) -> Decimal | None:
    for bill in bills():
        if bill.header and (usd := _dollars(headers.get(bill.header), bill.per_usd)):
            return usd
    return None


def _dollars(stated: object, per_usd: int) -> Decimal | None:
    """Dollars (USD) as a provider states them; None of what is no amount of money."""
    if isinstance(stated, bool) or not isinstance(stated, str | int | float | Decimal):
        return None
    try:
        usd = Decimal(str(stated)) / per_usd
    except (InvalidOperation, ValueError):
        return None
    return usd if usd.is_finite() and 0 <= usd <= USD else None
