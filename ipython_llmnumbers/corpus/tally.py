"""What was counted so far: tokens, documents, bytes, and what could not be counted. Tallies add up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, field, fields, replace
from typing import Any

from ..messages import say
from ..records import dataclass
from .lengths import Lengths

NO_FIELD, NO_VALUE, NOT_TEXT = "no field", "no value", "not text"
NOT_PARSED, NOT_UTF8, TOO_LONG, REFUSED = "not parsed", "not UTF-8", "too long", "refused"
TOO_MANY = "too many fields"
NOT_DECODED, NOT_A_CHAT = "not decoded", "not a chat"
BAD_ROWS = {
    NO_FIELD: say("the field is not there"),
    NO_VALUE: say("the field is empty (null)"),
    NOT_TEXT: say("the field holds no text"),
    NOT_PARSED: say("the row cannot be parsed"),
    NOT_UTF8: say("the row is not UTF-8"),
    NOT_DECODED: say("the row is not text in the encoding of its file"),
    NOT_A_CHAT: say("its messages cannot be read"),
    TOO_MANY: say("the row has more fields than there are columns"),
    TOO_LONG: say("the row is longer than 64 MB"),
    REFUSED: say("the tokenizer fails on the text"),
}
"""Why a row was not counted, in words."""

IMAGES, DOCUMENTS, AUDIO, VIDEO, CALLS = "images", "documents", "audio", "video", "calls"
TOOLS, FORMAT, THINKING, OTHER = "tools", "format", "thinking", "other"
BESIDE_TEXT = {
    IMAGES: say("images"),
    DOCUMENTS: say("PDFs"),
    AUDIO: say("sound"),
    VIDEO: say("video"),
    CALLS: say("tools' calls and results"),
    TOOLS: say("tools"),
    FORMAT: say("the format of the answer"),
    THINKING: say("earlier thinking"),
    OTHER: say("other parts"),
}
"""What a chat has beside its text, which is not counted, in words."""

MOST_SAMPLES = 3


@dataclass(slots=True)
class Chats:
    """What the frames of chats depend on: how many chats there are, system messages, other messages, chats
    without a system message, names, and results of tools.
    """

    requests: int = 0
    messages: int = 0
    systems: int = 0
    requests_without_system: int = 0
    names: int = 0
    results: int = 0

    def merge(self, other: Chats) -> None:
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))


@dataclass(slots=True)
class Counted:
    """What one vocabulary counts: tokens, and how long the documents are.

    `joints` is how many tokens too many the pieces of texts may have, which were cut to be counted.
    """

    tokens: int = 0
    joints: int = 0
    lengths: Lengths = field(default_factory=Lengths)

    def merge(self, other: Counted) -> None:
        self.tokens += other.tokens
        self.joints += other.joints
        self.lengths.merge(other.lengths)


@dataclass(slots=True)
class OpenText:
    """A text of which only some parts were counted: how many bytes of it, and its tokens so far."""

    size: int = 0
    source_bytes: int = 0
    tokens: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Probed:
    """How the tokens of a vocabulary compare with those of the first one, by the beginnings of tasks.

    `low` and `high` are the least and the greatest ratio of one of them.
    """

    tokens: int
    first_tokens: int
    low: float
    high: float

    def merge(self, other: Probed) -> None:
        self.tokens += other.tokens
        self.first_tokens += other.first_tokens
        self.low, self.high = min(self.low, other.low), max(self.high, other.high)

    @property
    def ratio(self) -> float:
        return self.tokens / self.first_tokens


@dataclass(slots=True)
class Tally:
    """A count of a part of a corpus, or of all of it.

    `text_bytes` are those of the counted texts in UTF-8, `size` those of the files that held them.
    `bad_rows` are by reason, with `samples` of each: their place. `problems` are files that could not be
    read, or not to their end, each with what is wrong. `remarks` say what was done otherwise than planned.
    `beside_text` is in how many rows a chat has what is no text, and not counted; `lacking` in how many rows
    a field is not there or null, of which another one was counted.
    """

    counted: dict[str, Counted] = field(default_factory=dict)
    n_documents: int = 0
    text_bytes: int = 0
    n_chars: int = 0
    n_replaced: int = 0
    size: int = 0
    kinds: dict[str, float] = field(default_factory=dict)
    chats: Chats = field(default_factory=Chats)
    beside_text: dict[str, int] = field(default_factory=dict)
    lacking: dict[str, int] = field(default_factory=dict)
    bad_rows: dict[str, int] = field(default_factory=dict)
    samples: dict[str, list[str]] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    remarks: dict[str, int] = field(default_factory=dict)
    engines: dict[str, str] = field(default_factory=dict)
    open_texts: dict[str, OpenText] = field(default_factory=dict)
    probed: dict[str, Probed] = field(default_factory=dict)

    @property
    def n_bad_rows(self) -> int:
        return sum(self.bad_rows.values())

    def of(self, vocabulary: str) -> Counted:
        """What that vocabulary counts."""
        return self.counted.setdefault(vocabulary, Counted())

    def refuse(self, reason: str, where: str) -> None:
        """Count a row that is not counted."""
        self.bad_rows[reason] = self.bad_rows.get(reason, 0) + 1
        shown = self.samples.setdefault(reason, [])
        if len(shown) < MOST_SAMPLES:
            shown.append(where)

    def remark(self, text: str) -> None:
        self.remarks[text] = self.remarks.get(text, 0) + 1

    def probe(self, vocabulary: str, more: Probed) -> None:
        """Add what another beginning says of a vocabulary."""
        if vocabulary in self.probed:
            self.probed[vocabulary].merge(more)
        else:
            self.probed[vocabulary] = replace(more)

    def merge(self, other: Tally) -> None:
        """Add what another part counted; a text is a document once all its parts are counted."""
        for vocabulary, counted in other.counted.items():
            self.of(vocabulary).merge(counted)
        for name in ("n_documents", "text_bytes", "n_chars", "n_replaced", "size"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.chats.merge(other.chats)
        _add(self.kinds, other.kinds)
        _add(self.beside_text, other.beside_text)
        _add(self.lacking, other.lacking)
        _add(self.bad_rows, other.bad_rows)
        _add(self.remarks, other.remarks)
        for reason, places in other.samples.items():
            self.samples[reason] = [*self.samples.get(reason, ()), *places][:MOST_SAMPLES]
        self.problems |= other.problems
        self.engines |= other.engines
        for vocabulary, probed in other.probed.items():
            self.probe(vocabulary, probed)
        for place, text in other.open_texts.items():
            self._merge_text(place, text)

    def _merge_text(self, place: str, part: OpenText) -> None:
        text = self.open_texts.setdefault(place, OpenText(source_bytes=part.source_bytes))
        text.size += part.size
        _add(text.tokens, part.tokens)
        if text.size >= text.source_bytes:
            del self.open_texts[place]
            self.close_text(text.tokens)

    def close_text(self, tokens: Mapping[str, int]) -> None:
        """Count a whole text as a document of that many tokens by each vocabulary."""
        self.n_documents += 1
        for vocabulary, length in tokens.items():
            self.of(vocabulary).lengths.add([length])

    def to_json(self) -> dict[str, Any]:
        """All of it in JSON's types."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        plain["counted"] = {
            vocabulary: {"tokens": each.tokens, "joints": each.joints, "lengths": each.lengths.to_json()}
            for vocabulary, each in self.counted.items()
        }
        plain["chats"] = asdict(self.chats)
        for name in ("open_texts", "probed"):
            plain[name] = {key: asdict(each) for key, each in plain[name].items()}
        return plain

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> Tally:
        counted = {
            vocabulary: Counted(each["tokens"], each["joints"], Lengths.from_json(each["lengths"]))
            for vocabulary, each in written["counted"].items()
        }
        open_texts = {place: OpenText(**each) for place, each in written["open_texts"].items()}
        probed = {vocabulary: Probed(**each) for vocabulary, each in written["probed"].items()}
        chats = Chats(**written["chats"])
        read = {"counted": counted, "chats": chats, "open_texts": open_texts, "probed": probed}
        return cls(**{**written, **read})


def _add(into: dict[str, Any], more: Mapping[str, Any]) -> None:
    for key, n in more.items():
        into[key] = into.get(key, 0) + n
