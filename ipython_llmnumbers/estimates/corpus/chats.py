"""The chats of a corpus: the frames of their messages, and what of them is not counted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ...corpus.count import Result
from ...corpus.tally import BESIDE_TEXT
from ...figures import UNBOUNDED, Figure, Source, assumed, measured
from ...messages import joined, say
from ..hosted_model import HostedModel
from ..tokens.frames import frame_figure

_UNITS = {"requests": "calls", "requests_without_system": "calls", "names": "names"}


def has_chats(result: Result) -> bool:
    """Whether any row that was counted is a chat."""
    return result.tally.chats.requests > 0


def beside_text_figures(result: Result, model: HostedModel) -> Iterator[Figure]:
    """`frame_tokens`, and `uncounted_tokens` if the chats have more than text."""
    source = Source("Python", None, date.today())
    counts = {
        name: measured(name, likely, _UNITS.get(name, "messages"), source, low=low, high=high)
        for name, (low, likely, high) in result.chats.items()
    }
    n_messages = sum(result.chats[name][1] for name in ("messages", "systems"))
    n_chats = result.chats["requests"][1]
    yield frame_figure(model.frame, note=_messages_in_chats(n_messages, n_chats), **counts)
    if uncounted := uncounted_words(result):
        yield assumed("uncounted_tokens", 0, "tokens", uncounted, low=0, high=UNBOUNDED)


def _messages_in_chats(n_messages: int, n_chats: int) -> str:
    if n_messages == 1:
        return say("1 message in 1 chat")
    if n_chats == 1:
        return say("{messages:,} messages in 1 chat", messages=n_messages)
    return say("{messages:,} messages in {chats:,} chats", messages=n_messages, chats=n_chats)


def uncounted_words(result: Result) -> str:
    """What the chats have beside text, and in how many rows; empty if there is nothing."""
    is_sample = result.sampled_size is not None
    found = result.tally.beside_text.items()
    return joined(", ", *(_in_rows(BESIDE_TEXT[kind], n, is_sample=is_sample) for kind, n in found))


def _in_rows(what: str, n: int, *, is_sample: bool) -> str:
    if is_sample:
        return say("{what} in {n:,} rows of the sample", what=what, n=n)
    return say("{what} in 1 row", what=what) if n == 1 else say("{what} in {n:,} rows", what=what, n=n)
