"""What all calls of a cell cost, beside what its source lets expect."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Literal

from ..estimates.cost.notebook_details import CellEstimate
from ..estimates.cost.usage_details import CallCost, CellRun, RunDetails
from ..figures import UNBOUNDED, Figure, Note, Source, assumed, derive, measured
from ..formulas import cost
from ..messages import say
from .call_cost import call_cost
from .recording.recording import Recording


def cell_run(
    recording: Recording,
    estimate: CellEstimate | None = None,
    *,
    lacking: Sequence[str] = (),
) -> CellRun:
    """The calls that were recorded, and the estimate of the same cell.

    Args:
        recording: of a cell that has ended; a call of it may go on.
        estimate: of the cell's source; None where it shows no prompt, or cannot be priced.
        lacking: functions of clients that this version of them does not have.
    """
    # In the order in which they were sent, not in which they ended.
    known = [*recording.calls, *recording.calls_under_way()]
    calls = tuple(map(call_cost, sorted(known, key=lambda call: call.started)))
    return CellRun(
        say("cell {n}", n=recording.name),
        figures=(*_totals(calls), *(_beside(calls, estimate) if estimate is not None else ())),
        notes=tuple(
            dict.fromkeys(
                (
                    *_notes_of_calls(calls, estimate, recording),
                    *_notes_of_recorder(recording),
                    *_notes_of_functions(lacking),
                )
            )
        ),
        details=RunDetails(
            cell=recording.name,
            estimated_prompts=len(estimate.parts) if estimate is not None else None,
            is_output_estimated=estimate is not None and _has_output(estimate),
            estimated_models=tuple(dict.fromkeys(str(each.subject) for each in estimate.parts))
            if estimate is not None
            else (),
            n_of_earlier=recording.n_of_earlier,
        ),
        parts=calls,
    )


def _totals(calls: Sequence[CallCost]) -> Iterator[Figure]:
    """`calls`, and the sums of tokens and dollars over them."""
    source = Source(say("the calls of this cell"))
    yield measured("calls", len(calls), "calls", source)
    for name in ("input_tokens", "output_tokens", "total_usd"):
        known = [call.figure(name) for call in calls if name in call]
        if known and any(name not in call and call.details.how != "free" for call in calls):
            known.append(
                assumed(name, 0, "tokens", say("calls of which no count is known"), low=0, high=UNBOUNDED)
            )
        if known:
            yield _sum(name, known, say("of all calls"))


def _beside(calls: Sequence[CallCost], estimate: CellEstimate) -> Iterator[Figure]:
    """What was estimated, and by how much it differs from what was counted where each prompt was one call
    of the model that it was estimated for.
    """
    tokens, usd = estimate.figure("input_tokens"), estimate.figure("total_usd")
    yield replace(tokens, name="estimated_input_tokens")
    yield replace(usd, name="estimated_usd")
    calls = _answered(calls)
    if _pairing(calls, estimate) is None:
        return
    counted = _sum("saved_input_tokens", [call.figure("input_tokens") for call in calls])
    if counted.value:
        yield derive(
            "difference_percent",
            "%",
            cost.difference_percent,
            input_tokens=tokens,
            saved_input_tokens=counted,
        )
    name = "total_usd" if _has_output(estimate) else "input_usd"
    spent = [call.figure(name) for call in calls if name in call]
    if usd.value is not None and len(spent) == len(calls):
        total = _sum("spent_usd", spent)
        if total.value and not total.has_range:
            yield derive(
                "usd_difference_percent",
                "%",
                cost.usd_difference_percent,
                estimated_usd=usd,
                spent_usd=total,
            )


def _answered(calls: Sequence[CallCost]) -> list[CallCost]:
    """The calls without those that were refused, and tried again."""
    return [call for call in calls if call.details.state != "refused"]


def _pairing(calls: Sequence[CallCost], estimate: CellEstimate) -> Literal["by text", "by number"] | None:
    """How it is known that each prompt of the source was one call, of the model that it was estimated for.

    By its text, where what was sent could be read; else there are as many of each model, in the same order.
    """
    if len(calls) != len(estimate.parts) or any(call.details.state != "complete" for call in calls):
        return None
    models = [part.details.cost.price_model for part in estimate.parts]
    served = [call.details.listed_as for call in calls]
    sent = [call.details.prompt for call in calls]
    if None in sent:
        return "by number" if served == models else None
    texts = [part.details.text for part in estimate.parts]
    paired = Counter(
        (texts[n], model) for n, model in zip(sent, served, strict=True) if n is not None and n >= 0
    )
    return "by text" if paired == Counter(zip(texts, models, strict=True)) else None


def _has_output(estimate: CellEstimate) -> bool:
    """Whether the answers are a part of what was estimated."""
    return all(part.figure("output_tokens").value is not None for part in estimate.parts)


def _sum(name: str, figures: Sequence[Figure], note: str = "") -> Figure:
    """A figure of all calls."""
    add: Callable[..., Any] = cost.sum_usd if figures[0].unit == "USD" else cost.sum_tokens
    numbered = {f"call_{number}": figure for number, figure in enumerate(figures, start=1)}
    return derive(name, figures[0].unit, add, note=note, **numbered)


def _notes_of_calls(
    calls: Sequence[CallCost], estimate: CellEstimate | None, recording: Recording
) -> Iterator[Note]:
    yield from (note for call in calls for note in call.notes)
    if recording.n_free:
        yield Note(say("calls that cost nothing: {n}", n=recording.n_free))
    elif not calls and not recording.n_of_earlier:
        yield Note(say("no call of an API was seen"))
    under_way = sum(call.details.state == "open" for call in calls)
    if under_way:
        yield Note(say("calls that go on, and are in the ledger when they end: {n}", n=under_way))
    unknown = sum(call.details.how == "unknown" for call in calls)
    if unknown:
        text = say("not in the total, which is the least: {n} of {all} calls", n=unknown, all=len(calls))
        yield Note(text, "warning")
    stray = sum(call.details.is_stray for call in calls)
    if stray:
        yield Note(say("calls by work that began before this cell: {n}", n=stray))
    if estimate is not None and _pairing(_answered(calls), estimate) == "by number":
        yield Note(say("which call sent which prompt is not known: only their sums are compared"))
    if estimate is not None and len(estimate.parts) != len(calls):
        n = len(estimate.parts)
        yield Note(say("prompts in the source: {n}; calls that were made: {calls}", n=n, calls=len(calls)))


def _notes_of_recorder(recording: Recording) -> Iterator[Note]:
    if recording.n_of_earlier:
        n = recording.n_of_earlier
        yield Note(say("calls meanwhile that belong to earlier cells: {n}", n=n))
    if recording.n_processes:
        n = recording.n_processes
        yield Note(say("other processes that were started, whose calls are not seen: {n}", n=n))
    elif recording.is_handed_over:
        yield Note(say("work was handed to other processes, whose calls are not seen"))
    if recording.n_faults:
        text = say(
            "faults of the recorder: {n}; calls may be missing here, but your code did not notice",
            n=recording.n_faults,
        )
        yield Note(text, "warning")


def _notes_of_functions(lacking: Sequence[str]) -> Iterator[Note]:
    for name in lacking:
        yield Note(say("this version has no {name}: what goes through it is not seen", name=name), "warning")
