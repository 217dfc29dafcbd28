"""The sizes of a log beside ours: one part for each that both know."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from ...figures import Figure, Source, derive, measured
from ...formulas import memory, ratios
from ...formulas import overhead as formulas
from ...messages import say
from ...probes.engines.log import Reading
from ..memory.needs import Needs
from .details import LineDetails, LoadedPart
from .run import Run

# What one device holds, where nothing else is said: together they are its total.
_SUM = ("weights_bytes", "kv_cache_bytes", "activation_bytes")
_COMPARED = (
    *("loaded_bytes", "weights_bytes", "host_bytes", "kv_cache_bytes", "activation_bytes", "non_torch_bytes"),
    *("set_aside_bytes", "graph_bytes", "total_bytes", "kv_space_bytes", "kv_space_tokens"),
)
_MOST_LINE_CHARS = 160


def parts_of(run: Run) -> Iterator[LoadedPart]:
    """A part for each size that both know, in the order of the sum."""
    logged, ours = dict(_logged(run)), _ours(run)
    for name in _COMPARED:
        own = ours.get(name)
        if name in logged and own is not None and own.value:
            yield _part(name, logged[name], own, run.log.path)


def _logged(run: Run) -> Iterator[tuple[str, Reading]]:
    """The sizes of the log, and what they make together."""
    found = dict(run.start.readings)
    if "context_tokens" not in run.start.settings:
        found.pop("kv_cache_bytes", None)  # of a length that nobody says
    if "k_bytes" in found:
        found["kv_space_bytes"] = _added(found["k_bytes"], found["v_bytes"])
    if "kv_space_blocks" in found:
        blocks = found["kv_space_blocks"]
        tokens = blocks.value * run.needs.served_by.engine.block_tokens
        found.setdefault("kv_space_tokens", Reading(tokens, blocks.line, blocks.text))
    if run.is_partial:
        weights = [found.pop(name) for name in ("weights_bytes", "host_bytes") if name in found]
        if weights:
            found["loaded_bytes"] = _added(*weights)
    elif all(name in found for name in _SUM):
        found["total_bytes"] = _added(*(found[name] for name in _SUM))
    yield from found.items()


def _added(*readings: Reading) -> Reading:
    last = max(readings, key=lambda each: each.line)
    is_estimated = any(each.is_estimated for each in readings)
    rounding = sum(each.rounding for each in readings)
    return Reading(sum(each.value for each in readings), last.line, last.text, is_estimated, rounding)


def _ours(run: Run) -> dict[str, Figure]:
    """The figures of the estimate by the names of the log; without what is kept of earlier logs."""
    needs, overhead = run.needs, run.overhead
    roots = (overhead.total, *overhead.further)
    found = {figure.name: figure for root in reversed(roots) for _, figure in root.walk()}
    found = {name: figure for name, figure in found.items() if name in _COMPARED}
    host = needs.host_bytes
    whole = {"weights_bytes": needs.weights_bytes, **({"host_bytes": host} if host else {})}
    found |= whole
    found["loaded_bytes"] = derive("loaded_bytes", "bytes", memory.sum_bytes, note="", **whole)
    found["kv_cache_bytes"] = needs.cache.total_bytes
    if "activation_bytes" in found:
        summed = {name: found[name] for name in _SUM}
        found["total_bytes"] = derive("total_bytes", "bytes", memory.sum_bytes, note="", **summed)
    if "kv_space_bytes" in found and _keeps_each_token(needs):
        found["kv_space_tokens"] = derive(
            "kv_space_tokens",
            "tokens",
            formulas.kv_space_tokens,
            kv_space_bytes=found["kv_space_bytes"],
            kv_bytes_per_token=needs.cache.per_token,
        )
    return found


def _keeps_each_token(needs: Needs) -> bool:
    """Whether every layer keeps every token; else an engine counts tokens of groups that it pads."""
    return {cache.kind for cache in needs.spec.architecture.caches} <= {"full", "latent"}


def _part(name: str, reading: Reading, ours: Figure, path: Path) -> LoadedPart:
    unit = ours.unit
    source = Source(path.name, checked=date.today())
    logged = measured("measured", round(reading.value), unit, source, note=say("line {n:,}", n=reading.line))
    estimated = derive("estimated", unit, memory.sum_bytes, note="", **{name: ours})
    beyond = derive(
        "difference", unit, formulas.beyond_bytes, note="", measured_bytes=logged, estimated_bytes=estimated
    )
    share = derive("difference_share", "", ratios.share_beyond, note="", value=logged, against=estimated)
    details = LineDetails(
        line=reading.line,
        text=_cut(reading.text),
        is_estimated=reading.is_estimated,
        rounding=reading.rounding,
        is_rounding=abs(float(beyond.value or 0)) <= reading.rounding,
    )
    return LoadedPart(subject=name, figures=(logged, estimated, beyond, share), details=details)


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_LINE_CHARS else text[: _MOST_LINE_CHARS - 1] + "…"
