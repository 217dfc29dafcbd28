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
from ..estimates.speed.details import SpeedEstimate
from ..estimates.training.details import TrainingCostEstimate, TrainingEstimate
from ..figures import Estimate, Figure, Note
from ..messages import escaped, said, tell
from . import formats
from .figure_text import devices_text, needs_text, tokens_text, value_text
from .notebook_text import models_text
from .renderers.cells import cell_len
from .renderers.html_root import root
from .verdict_words import fit_text, verdict_text

SEPARATOR = " · "
# More models than this are a table, not a line.
_SHOWN_MODELS = 4
# Below this the share of a window says no more than that there is room.
_LEAST_PERCENT = 0.1


def estimate_parts(estimate: Estimate, *, is_default_model: bool = False) -> Iterator[str]:
    """The parts of the line of any estimate of a text or a model.

    `is_default_model` says that nobody has chosen the model of a cost.
    """
    if isinstance(estimate, FitEstimate):
        yield from fit_parts(estimate)
    elif isinstance(estimate, TrainingEstimate):
        yield from _training_parts(estimate)
    elif isinstance(estimate, TrainingCostEstimate):
        yield tell(
            "{model} ({method}) on {device}",
            model=estimate.details.model,
            method=estimate.details.method,
            device=estimate.details.device,
        )
        yield from _training_costs(estimate)
    elif isinstance(estimate, SpeedEstimate):
        yield from _speed_parts(estimate)
    else:
        yield from cost_parts(estimate, is_default_model=is_default_model)


def is_warning(estimate: Estimate) -> bool:
    """Whether it does not fit: a model its GPU, or a prompt its model."""
    if isinstance(estimate, FitEstimate | TrainingEstimate):
        return estimate.verdict != "fits"
    if isinstance(estimate, SpeedEstimate):
        return bool(_warnings(estimate))
    share = _share_of_length(estimate)
    return share is not None and share.value is not None and share.value > 100


def cost_parts(estimate: Estimate, *, is_default_model: bool = False) -> Iterator[str]:
    """One model: tokens, cost, model, share of what it takes. Several: a short part for each."""
    if estimate.parts:
        yield from _comparison(estimate.parts)
        return
    yield tokens_text(estimate["input_tokens"])
    yield from _costs(estimate)
    model = said(estimate.subject)
    yield tell("{model} (default)", model=model) if is_default_model else model
    yield from _window(_share_of_length(estimate))


def _share_of_length(estimate: Estimate) -> Figure | None:
    """How much of what the model takes a prompt fills (%): of the longest input, where that is limited."""
    for name in ("input_limit_percent", "window_percent"):
        if name in estimate:
            return estimate.figure(name)
    return None


def fit_parts(estimate: FitEstimate) -> Iterator[str]:
    """Model, device and verdict; what is needed of what is free; the largest context."""
    yield tell(
        "{model} on {device}: {verdict}",
        model=estimate.details.model,
        device=estimate.details.device,
        verdict=fit_text(estimate),
    )
    yield needs_text(estimate["total_bytes"], estimate["free_bytes"])
    yield tell("largest context {tokens}", tokens=value_text(estimate["max_context_tokens"]))


def _training_parts(estimate: TrainingEstimate) -> Iterator[str]:
    """Model, method, device and verdict; what is needed of what is free; rent, if it was asked for."""
    details, count = estimate.details, estimate["n_gpus"].value
    device = said(details.device)
    yield tell(
        "{model} ({method}) on {device}: {verdict}",
        model=details.model,
        method=details.method,
        device=devices_text(device, count),
        verdict=verdict_text(estimate),
    )
    yield needs_text(estimate["total_bytes"], estimate["free_bytes"])
    if "training_usd" in estimate:
        yield from _training_costs(estimate)


def _training_costs(estimate: TrainingEstimate | TrainingCostEstimate) -> Iterator[str]:
    hours, usd = estimate["gpu_hours"], estimate["training_usd"]
    yield value_text(hours)
    yield tell("rent {usd}", usd=value_text(usd))


def _speed_parts(estimate: SpeedEstimate) -> Iterator[str]:
    """Model, device and tokens per second, of how many sequences; dollars a million tokens."""
    details = estimate.details
    speed, usd = estimate["tokens_per_s"], estimate["own_usd_per_mtok"]
    yield tell(
        "{model} in {quant} on {device}: {speed}",
        model=details.model,
        quant=details.quant,
        device=details.device,
        speed=tell("speed unknown") if speed.value is None else value_text(speed),
    )
    if speed.value is not None:
        yield value_text(estimate["batch_size"])
    if usd.value is not None:
        yield value_text(usd)
    yield from (said(note.text) for note in _warnings(estimate))


def _warnings(estimate: SpeedEstimate) -> list[Note]:
    return [note for note in estimate.notes if note.level == "warning"]


def prompts_parts(estimate: CellEstimate) -> Iterator[str]:
    """The prompts of a cell together: how many, their tokens, what sending each once costs, the models."""
    prompts, tokens, usd = estimate.parts, tokens_text(estimate["input_tokens"]), estimate["total_usd"]
    yield tell("1 prompt") if len(prompts) == 1 else tell("{n} prompts", n=len(prompts))
    yield tokens
    yield _input(usd)
    yield models_text(prompts)


def text_line(parts: tuple[str, ...]) -> str:
    return escaped(SEPARATOR.join(parts))


def fitted_line(parts: tuple[str, ...], width: int) -> str:
    """The parts that have room in so many columns, and how many have none; a part alone is cut.

    >>> fitted_line(("2 tokens", "gpt-4o", "under 0.1 % of the window"), 26)
    '2 tokens · gpt-4o · … +1'
    >>> fitted_line(("unknown model 'clau'",), 16)
    'unknown model …'
    """
    line, n = text_line(parts), len(parts)
    while cell_len(line) > width and n > 1:
        n -= 1
        line = text_line((*parts[:n], f"… +{len(parts) - n}"))
    if cell_len(line) <= width:
        return line
    line = text_line(parts)
    while line and cell_len(line) > width - 2:
        line = line[:-1]
    return f"{line.rstrip()} …"


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
        tokens, usd = tokens_text(part["input_tokens"]), value_text(spent_usd(part))
        yield f"{said(part.subject)}: {tokens}, {usd}"
    n_more = len(parts) - _SHOWN_MODELS
    if n_more > 0:
        yield tell("and 1 more model") if n_more == 1 else tell("and {n} more models", n=n_more)


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
