"""The calls of an estimate: how long each is, with the doubt of its own count."""

from __future__ import annotations

from collections.abc import Sequence

from ...figures import Figure, measured
from ...messages import say
from ...records import dataclass
from ..tokens.one_text import counted_by

Ends = tuple[float, int, float]
"""The least, the likely and the most."""
NO_SOUND: Ends = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class Call:
    """The input tokens of one call: the least, the likely and the most; and those of them that are sound."""

    low: float
    tokens: int
    high: float
    sound: Ends = NO_SOUND

    @property
    def at_text_rate(self) -> Ends:
        """What is billed at the rate of text: all but sound."""
        low, tokens, high = self.sound
        return self.low - low, self.tokens - tokens, self.high - high


def input_of(group: Sequence[Call], calls: Sequence[Call], whole: Figure) -> Figure:
    """What of the input of some calls, or of all, is billed at the rate of text; `whole` is that of all."""
    if len(group) == len(calls) or whole.value is None:
        return whole
    low, tokens, high = (sum(ends) for ends in zip(*(call.at_text_rate for call in group), strict=True))
    source = counted_by(whole)
    note = say("1 call") if len(group) == 1 else say("{n} calls", n=len(group))
    return measured("input_tokens", tokens, "tokens", source, low=low, high=high, note=note)
