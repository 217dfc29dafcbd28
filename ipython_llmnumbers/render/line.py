"""An estimate on one line: what is shown while the prompt is being written.

The values are written by the same functions as in the table, so that the line and the
output under the cell agree to the last digit.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from ..figures import Estimate, Figure
from . import formats
from .cells import value_text
from .root import root

SEPARATOR = " · "
# More models than this are a table, not a line.
_SHOWN_MODELS = 4
# Below this the share of a window says no more than that there is room.
_LEAST_PERCENT = 0.1


def cost_parts(estimate: Estimate, share: Figure | None) -> Iterator[str]:
    """One model: tokens, cost, model, share of the window. Several: a short part for each."""
    if estimate.parts:
        yield from _comparison(estimate.parts)
        return
    yield _tokens(estimate["input_tokens"])
    yield from _costs(estimate)
    yield estimate.subject
    yield from _window(share)


def fit_parts(estimate: Estimate) -> Iterator[str]:
    """Model, device and verdict; what is needed of what is free; the largest context."""
    model, device = estimate.details["model"], estimate.details["device"]
    yield f"{model} on {device}: {estimate.verdict or 'unknown'}"
    yield f"needs {value_text(estimate['total_bytes'])} of {value_text(estimate['free_bytes'])}"
    yield f"largest context {value_text(estimate['max_context_tokens'])}"


def prompts_parts(estimate: Estimate) -> Iterator[str]:
    """The prompts of a cell together: how many, their tokens, what sending each once costs, the models."""
    prompts = estimate.parts
    is_least = any(part.details["n_unknown"] for part in prompts)
    yield f"{len(prompts)} {'prompt' if len(prompts) == 1 else 'prompts'}"
    yield f"{'at least ' if is_least else ''}{_tokens(estimate['input_tokens'])}"
    usd = estimate["total_usd"]
    yield "unpriced" if usd.value is None else f"{value_text(usd)} input"
    yield ", ".join(dict.fromkeys(part.subject for part in prompts))


def text_line(parts: tuple[str, ...]) -> str:
    return SEPARATOR.join(parts)


def html_line(parts: tuple[str, ...]) -> str:
    return root(f"<small>{escape(text_line(parts))}</small>")


def _costs(estimate: Estimate) -> Iterator[str]:
    if estimate["input_usd"].value is None:
        yield "unpriced"
        return
    yield f"{value_text(estimate['input_usd'])} input"
    output, calls = estimate["output_tokens"], estimate["calls"]
    if output.value is not None:
        yield f"{value_text(estimate['total_usd'])} with {value_text(output)} output tokens"
    if calls.value != 1:
        yield f"{value_text(estimate['all_calls_usd'])} for {value_text(calls)} calls"
    local = estimate.get("total_local" if calls.value == 1 else "all_calls_local")
    if local is not None:
        yield value_text(local)


def _comparison(parts: tuple[Estimate, ...]) -> Iterator[str]:
    for part in parts[:_SHOWN_MODELS]:
        yield f"{part.subject}: {_tokens(part['input_tokens'])}, {value_text(part['total_usd'])}"
    if len(parts) > _SHOWN_MODELS:
        yield f"and {len(parts) - _SHOWN_MODELS} more models"


def _tokens(figure: Figure) -> str:
    return f"{value_text(figure)} {'token' if figure.value == 1 else 'tokens'}"


def _window(share: Figure | None) -> Iterator[str]:
    if share is None or share.value is None or share.high is None:
        return
    window = next(each for each in share.inputs if each.name == "window_tokens")
    filled = value_text(share) if share.high >= _LEAST_PERCENT else f"under {_LEAST_PERCENT} %"
    yield f"{filled} of the {formats.count(window.value or 0)}-token window"
