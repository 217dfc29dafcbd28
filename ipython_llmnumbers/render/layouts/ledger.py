"""The ledger: what calls cost, then the sums of each day, model and cell, estimates beside what was spent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from ...estimates.ledger.details import Ledger, LedgerGroup
from ...figures import Figure, given
from ...messages import said, say, tell
from ..figure_text import point_text, range_or_number_text, range_text, value_text
from ..layout import Answer, Layout, Meters, Table, joined_facts

# The columns behind the name: the figure, its head, and how it is written. One that no row has is left out.
_COLUMNS: tuple[tuple[str, str, Callable[[Figure], str]], ...] = (
    ("recorded_calls", say("Calls"), range_or_number_text),
    ("input_tokens", say("Tokens in"), range_or_number_text),
    ("output_tokens", say("Tokens out"), range_or_number_text),
    ("recorded_usd", say("Cost"), value_text),
    ("expected_usd", say("Expected"), value_text),
    ("usd_difference_percent", say("Error"), lambda figure: f"{figure.value:+.1f} %"),
    ("estimates", say("Estimates"), range_or_number_text),
    ("estimates_usd", say("Estimated"), value_text),
)
# As many cells as a screen shows; `to_records()` has all.
_MOST_CELLS = 20


def ledger(estimate: Ledger) -> Layout:
    """The sums by day where there are several, by model, and by cell; a bar for each row of the first."""
    days, models, cells = (estimate.by(kind) for kind in ("day", "model", "cell"))
    tables = [
        *([_table(tell("Day (UTC)"), days, with_meters=True)] if len(days) > 1 else ()),
        *([_table(tell("Model"), models, with_meters=len(days) == 1)] if models else ()),
        *([_cells(cells)] if cells else ()),
    ]
    file = estimate.details.file
    lines = (tell("Kept in {path}", path=file),) if file else ()
    return Layout(tuple(tables), lines, estimate.notes, answer=_answer(estimate) if tables else None)


def ledger_group(estimate: LedgerGroup) -> Layout:
    """One day, model or cell alone."""
    return Layout((_table("", (estimate,)),), (), estimate.notes)


def _answer(estimate: Ledger) -> Answer:
    """What was spent; of a ledger of estimates alone, what they come to."""
    n = int(estimate.figure("estimates").value or 0)
    estimates = (tell("1 estimate") if n == 1 else tell("{n:,} estimates", n=n)) if n else ""
    if "recorded_usd" not in estimate:
        usd = estimate.figure("estimates_usd")
        return Answer(point_text(usd), joined_facts(range_text(usd), estimates, tell("no call is recorded")))
    usd, calls = estimate.figure("recorded_usd"), int(estimate.figure("recorded_calls").value or 0)
    tokens_in, tokens_out = (
        range_or_number_text(estimate.figure(name)) for name in ("input_tokens", "output_tokens")
    )
    return Answer(
        point_text(usd),
        joined_facts(
            range_text(usd),
            tell("1 recorded call") if calls == 1 else tell("{n:,} recorded calls", n=calls),
            tell("{tokens_in} tokens in, {tokens_out} out", tokens_in=tokens_in, tokens_out=tokens_out),
            joined_facts(estimates, value_text(estimate.figure("estimates_usd"))) if n else "",
        ),
    )


def _cells(cells: Sequence[LedgerGroup]) -> Table:
    """The last cells; where they are of several sessions, each with its day."""
    shown = cells[-_MOST_CELLS:]
    has_days = len({cell.details.session for cell in cells}) > 1
    names = [f"{cell.details.day} {said(cell.subject)}" if has_days else said(cell.subject) for cell in shown]
    table = _table(tell("Cell"), shown, names)
    if len(cells) == len(shown):
        return table
    return replace(table, title=tell("The last {n} of {all:,} cells", n=len(shown), all=len(cells)))


def _table(
    head: str,
    groups: Sequence[LedgerGroup],
    names: Sequence[str] = (),
    *,
    with_meters: bool = False,
) -> Table:
    columns = [each for each in _COLUMNS if any(_has(group, each[0]) for group in groups)]
    header = (head, *(said(title) for _, title, _ in columns))
    rows = tuple(
        (
            name,
            *(write(group.figure(figure)) if _has(group, figure) else "–" for figure, _, write in columns),
        )
        for name, group in zip(names or [said(group.subject) for group in groups], groups, strict=True)
    )
    meters = _meters(groups) if with_meters else None
    return Table("", header, rows, frozenset(range(1, len(header))), meters)


def _has(group: LedgerGroup, name: str) -> bool:
    """Whether a group has a figure that says something: no count of nothing."""
    return name in group and not (name == "estimates" and not group.figure(name).value)


def _meters(groups: Sequence[LedgerGroup]) -> Meters | None:
    """A bar of what was spent, or estimated where no group spent anything."""
    for name, title in (("recorded_usd", tell("Cost in $")), ("estimates_usd", tell("Estimated in $"))):
        meters = Meters.of(title, _dollars(groups, name))
        if meters is not None:
            return meters
    return None


def _dollars(groups: Sequence[LedgerGroup], name: str) -> Iterator[Figure]:
    for group in groups:
        yield group.figure(name) if name in group else given(name, 0, "USD", "")
