"""A prompt that was found in source: what is sent, as far as the source tells it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..records import dataclass


@dataclass(frozen=True, slots=True)
class Prompt:
    """A request to a model, as far as the source tells it.

    `request` is what `estimate_cost` takes: a text, several texts of one call, or a mapping with messages
    and what goes beside them. `text` is all of its text. `how` names what sends it, `model` is the literal
    that stands beside it. `n_unknown` counts the parts that are filled in when the cell runs, and
    `not_counted` names those that are more than a piece of text. `max_output_tokens` bounds the answer.
    `begins_a_run`: it is the first call of an agent, which may make more by itself. `is_within_a_run`: a
    cell that shows an answer may show that to a later one. `is_parsed`: what comes back is an object of the
    notebook's class, which says no usage.
    """

    text: str
    how: str
    model: str | None = None
    n_unknown: int = 0
    request: str | list[str] | Mapping[str, Any] | None = None
    not_counted: tuple[str, ...] = ()
    max_output_tokens: int | None = None
    processing: str | None = None
    number: int = -1
    begins_a_run: bool = False
    is_within_a_run: bool = False
    is_parsed: bool = False

    @property
    def is_least(self) -> bool:
        """Whether more is sent than is counted."""
        return bool(self.n_unknown or self.not_counted)
