"""How long the answers to a prompt were, by model."""

from __future__ import annotations

from collections.abc import Iterable

from ...estimates.answer_lengths import RecordedAnswers
from ...estimates.ledger.entry import Entry

# The last answers of a model, from which their length is told: older ones say less of the next.
_MOST_ANSWERS = 200
MOST_CALLS = 5_000
"""Of one prompt, of all its models: what is read of a file."""


def recorded_answers(calls: Iterable[Entry]) -> RecordedAnswers:
    """The output tokens of the last calls whose answer is whole; the newest come first."""
    found: dict[str, list[int]] = {}
    for call in calls:
        if call.state == "complete" and call.output_tokens is not None and call.group:
            found.setdefault(call.group, []).append(call.output_tokens)
    return RecordedAnswers({model: tuple(lengths[:_MOST_ANSWERS]) for model, lengths in found.items()})
