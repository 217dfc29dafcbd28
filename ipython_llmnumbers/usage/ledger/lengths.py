"""How long the answers to a prompt were, by model."""

from __future__ import annotations

from collections.abc import Iterable

from ...estimates.ledger.entry import Entry

MOST_ANSWERS = 200
"""The last answers to one prompt, from which their length is told: older ones say less of the next."""


def lengths_by_model(calls: Iterable[Entry]) -> dict[str, tuple[int, ...]]:
    """The output tokens of the calls whose answer is whole, by the model's name in the price table."""
    found: dict[str, list[int]] = {}
    for call in calls:
        if call.state == "complete" and call.output_tokens is not None and call.group:
            found.setdefault(call.group, []).append(call.output_tokens)
    return {model: tuple(lengths[-MOST_ANSWERS:]) for model, lengths in found.items()}
