"""A log beside the estimate, line by line; and the corrections that are kept of such logs."""

from __future__ import annotations

import re

from ...estimates.loaded.details import CorrectionEstimate, CorrectionsEstimate, LoadedEstimate, LoadedPart
from ...figures import Figure
from ...messages import said, say, tell
from ..figure_text import devices_text, point_text, value_text
from ..labels import label
from ..layout import Answer, Layout, Table, joined_facts, row

_WORDS = {
    "host_bytes": say("Weights in RAM"),
    "activation_bytes": say("Computing"),
    "non_torch_bytes": say("Outside PyTorch"),
    "set_aside_bytes": say("Set aside for graphs"),
    "graph_bytes": say("CUDA graphs"),
    "total_bytes": say("Together"),
}
"""What a size of a log is called, where that is not what an estimate calls it."""

# What decides most: the space that is left for the cache, else the sum, else the weights.
_FIRST = ("kv_space_bytes", "total_bytes", "loaded_bytes", "weights_bytes")


def loaded(estimate: LoadedEstimate) -> Layout:
    """One line for each size: the log's, ours, and the difference; folded, the lines that they stand in."""
    header = ("", tell("In the log"), tell("Estimated"), tell("Difference"))
    rows = tuple(_row(part) for part in estimate.parts)
    sizes = Table(tell("What it took"), header, rows, right=frozenset({1, 2, 3}))
    where = Table(
        tell("Lines of {log}", log=estimate.details.log),
        (tell("Line"), tell("Text")),
        tuple(_lines(estimate)),
        right=frozenset({0}),
        is_folded=True,
        only_folds=True,
    )
    return Layout((sizes, where), (), estimate.notes, answer=_answer(estimate))


def loaded_part(estimate: LoadedPart | CorrectionEstimate) -> Layout:
    """One line for each figure."""
    header = ("", tell("Value"), tell("How it is known"))
    table = Table(said(estimate.subject), header, tuple(map(row, estimate.figures)))
    return Layout((table,), answer=Answer(point_text(estimate.figures[0]), said(estimate.subject)))


def _lines(estimate: LoadedEstimate) -> list[tuple[str, str]]:
    """Each line of the log that a size is from, once."""
    found = {part.details.line: part.details.text for part in estimate.parts}
    return [(f"{line:,}", text) for line, text in sorted(found.items())]


def _answer(estimate: LoadedEstimate) -> Answer:
    by_name = {part.subject: part for part in estimate.parts}
    name = next((each for each in _FIRST if each in by_name), estimate.parts[0].subject)
    part, details = by_name[name], estimate.details
    value = tell("{what} {measured}, as estimated", what=_name(name), measured=point_text(part["measured"]))
    if not part.details.is_rounding:
        value = tell(
            "{what} {measured}, {share} than estimated",
            what=_name(name),
            measured=point_text(part["measured"]),
            share=_beyond_words(part["difference_share"]),
        )
    run = tell(
        "{model} in {quant} on {device}",
        model=details.model,
        quant=details.quant,
        device=said(details.device),
    )
    return Answer(value, joined_facts(run, details.engine))


def _name(name: str) -> str:
    return said(_WORDS[name]) if name in _WORDS else label(name)


def _beyond_words(share: Figure) -> str:
    """How much more or less, in words."""
    value = float(share.value or 0)
    size = f"{abs(value):.1%}"
    return tell("{size} more", size=size) if value >= 0 else tell("{size} less", size=size)


def _row(part: LoadedPart) -> tuple[str, ...]:
    mark = "~" if part.details.is_estimated else ""
    return (
        _name(part.subject),
        f"{mark}{value_text(part['measured'])}",
        value_text(part["estimated"]),
        _difference(part),
    )


def _difference(part: LoadedPart) -> str:
    value, share = float(part["difference"].value or 0), float(part["difference_share"].value or 0)
    if part.details.is_rounding and part.details.rounding:
        return tell("none, as the log rounds")
    if part["difference"].unit == "tokens":
        return f"{_signed(f'{value:+,.0f}')} ({_signed(f'{share:+.1%}')})"
    return f"{_mib(value)} ({_signed(f'{share:+.1%}')})"


def _mib(more_bytes: float) -> str:
    return f"{_signed(f'{more_bytes / 2**20:+,.0f}')} MiB"


def _signed(number: str) -> str:
    """A written number with its sign, which nothing has not.

    >>> _signed("+302"), _signed("-0.0%")
    ('+302', '0.0%')
    """
    return number if re.search("[1-9]", number) else number[1:]


def corrections(estimate: CorrectionsEstimate) -> Layout:
    """One line for each, with what it holds for."""
    header = (
        *(tell("No."), tell("Engine"), "GPU", tell("Measured with")),
        label("overhead_correction_bytes"),
        label("weights_correction_bytes"),
        tell("From"),
    )
    rows = []
    for part in estimate.parts:
        details = part.details
        device = devices_text(details.device, details.tp)
        overhead, weights = (_mib(float(figure.value or 0)) for figure in part.figures)
        rows.append(
            (
                part.subject,
                f"{details.engine} {details.version}".strip(),
                device,
                f"{details.model}, {details.quant}",
                overhead,
                weights,
                f"{details.log}, {details.day.isoformat()}",
            )
        )
    answer = Answer(f"{said(estimate.subject)}: {len(rows)}", estimate.details.path)
    if not rows:
        return Layout((), (), estimate.notes, answer=answer)
    return Layout((Table("", header, tuple(rows), frozenset({0, 4, 5})),), (), estimate.notes, answer=answer)
