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

_UNITS = {"requests": "calls", "messages": "messages", "names": "names", "results": "messages"}


def has_chats(result: Result) -> bool:
    """Whether any row that was counted is a chat."""
    return result.tally.chats.requests > 0


def beside_text_figures(result: Result, model: HostedModel) -> Iterator[Figure]:
    """`frame_tokens`, and `uncounted_tokens` if the chats have more than text."""
    source = Source("Python", None, date.today())
    counts = {
        name: measured(name, likely, _UNITS[name], source, low=low, high=high)
        for name, (low, likely, high) in result.chats.items()
    }
    note = say(
        "{messages:,} messages in {chats:,} chats",
        messages=counts["messages"].value,
        chats=counts["requests"].value,
    )
    yield frame_figure(model.frame, note=note, **counts)
    if uncounted := uncounted_words(result):
        yield assumed("uncounted_tokens", 0, "tokens", uncounted, low=0, high=UNBOUNDED)


def uncounted_words(result: Result) -> str:
    """What the chats have beside text, and in how many rows; empty if there is nothing."""
    found = result.tally.beside_text
    parts = (say("{what} in {n:,} rows", what=BESIDE_TEXT[kind], n=n) for kind, n in found.items())
    return joined(", ", *parts)
