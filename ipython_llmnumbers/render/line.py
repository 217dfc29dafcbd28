"""An estimate on one line: what is shown while the prompt is being written.

The values are written by the same functions as in the table, so that the line and the
output under the cell agree to the last digit.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from ..estimates.cost.details import spent_usd
from ..estimates.cost.notebook_details import CellEstimate
from ..estimates.memory.details import FitEstimate
from ..figures import Estimate, Figure
from ..messages import escaped, said, tell
from . import formats
from .figure_text import tokens_text, value_text
from .html_root import root
from .notebook_text import models_text
from .verdict_words import fit_text

SEPARATOR = " · "
# More models than this are a table, not a line.
_SHOWN_MODELS = 4
# Below this the share of a window says no more than that there is room.
_LEAST_PERCENT = 0.1


def cost_parts(estimate: Estimate, share: Figure | None) -> Iterator[str]:
    """One model: tokens, cost, model, share of what it takes. Several: a short part for each."""
    if estimate.parts:
        yield from _comparison(estimate.parts)
        return
    yield tokens_text(estimate["input_tokens"])
    yield from _costs(estimate)
    yield said(estimate.subject)
    yield from _window(share)


def share_of_length(estimate: Estimate) -> Figure | None:
    """How much of what the model takes a prompt fills (%): of the longest input, where that is limited."""
    for name in ("input_limit_percent", "window_percent"):
        if name in estimate:
            return estimate.figure(name)
    return None


def fit_parts(estimate: FitEstimate) -> Iterator[str]:
    """Model, device and verdict; what is needed of what is free; the largest context."""
    needed, free, longest = (
        value_text(estimate[name]) for name in ("total_bytes", "free_bytes", "max_context_tokens")
    )
    yield tell(
        "{model} on {device}: {verdict}",
        model=estimate.details.model,
        device=estimate.details.device,
        verdict=fit_text(estimate),
    )
    yield tell("needs {needed} of {free}", needed=needed, free=free)
    yield tell("largest context {tokens}", tokens=longest)


def prompts_parts(estimate: CellEstimate) -> Iterator[str]:
    """The prompts of a cell together: how many, their tokens, what sending each once costs, the models."""
    prompts, tokens, usd = estimate.parts, tokens_text(estimate["input_tokens"]), estimate["total_usd"]
    yield tell("1 prompt") if len(prompts) == 1 else tell("{n} prompts", n=len(prompts))
    yield tokens
    yield _input(usd)
    yield models_text(prompts)


def text_line(parts: tuple[str, ...]) -> str:
    return escaped(SEPARATOR.join(parts))


def html_line(parts: tuple[str, ...]) -> str:
    return root(f"<small>{escape(text_line(parts))}</small>")


def _costs(estimate: Estimate) -> Iterator[str]:
    yield _input(estimate["input_usd"])
    if estimate["input_usd"].value is None:
        return
    output, calls = estimate["output_tokens"], estimate["calls"]
    if output.value is not None:
        total = value_text(estimate["total_usd"])
        yield tell("{usd} with {tokens} output tokens", usd=total, tokens=value_text(output))
    if calls.value != 1:
        total = value_text(estimate["all_calls_usd"])
        yield tell("{usd} for {calls} calls", usd=total, calls=value_text(calls))
    local = estimate.get("total_local" if calls.value == 1 else "all_calls_local")
    if "turns_usd" in estimate:
        total, local = value_text(spent_usd(estimate)), estimate.get("all_turns_local")
        yield tell("{usd} for all turns", usd=total)
    if local is not None:
        yield value_text(local)


def _comparison(parts: tuple[Estimate, ...]) -> Iterator[str]:
    for part in parts[:_SHOWN_MODELS]:
        tokens, usd = tokens_text(part["input_tokens"]), value_text(part["total_usd"])
        yield f"{said(part.subject)}: {tokens}, {usd}"
    if len(parts) > _SHOWN_MODELS:
        yield tell("and {n} more models", n=len(parts) - _SHOWN_MODELS)


def _input(usd: Figure) -> str:
    return tell("unpriced") if usd.value is None else tell("{usd} input", usd=value_text(usd))


def _window(share: Figure | None) -> Iterator[str]:
    if share is None or share.value is None or share.high is None:
        return
    window = next(each for each in share.inputs if each.name == "window_tokens")
    tokens = formats.count(window.value or 0)
    if share.name == "input_limit_percent":
        yield tell("{share} of the {tokens} tokens of input", share=value_text(share), tokens=tokens)
    elif share.high >= _LEAST_PERCENT:
        yield tell("{share} of the {tokens}-token window", share=value_text(share), tokens=tokens)
    else:
        yield tell("under {percent} % of the {tokens}-token window", percent=_LEAST_PERCENT, tokens=tokens)
