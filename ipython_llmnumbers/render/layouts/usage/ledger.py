"""The ledger: what calls cost, then the sums of each day, model and cell, estimates beside what was spent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from ....estimates.ledger.details import Ledger, LedgerGroup
from ....figures import Figure, given
from ....messages import said, say, tell
from ...figure_text import amounts_column, point_text, range_or_number_text, range_text, value_text
from ...layout import Answer, Layout, Meters, Table, joined_facts

# The columns of dollars behind those of counts.
_DOLLARS = {
    "recorded_usd": say("Cost, $"),
    "expected_usd": say("Expected, $"),
    "estimates_usd": say("Estimated, $"),
}
_NONE = "–"
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
    n = len(cells)
    lines = (
        *((tell("The last {n} of {all:,} cells", n=_MOST_CELLS, all=n),) if n > _MOST_CELLS else ()),
        *((tell("Kept in {path}", path=file),) if file else ()),
    )
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


def _cell_name(cell: LedgerGroup, sessions_of_day: Sequence[str | None], *, has_days: bool) -> str:
    """`cell 1`, `2026-11-27 cell 1`, or `2026-11-27 session 2, cell 1`."""
    name = said(cell.subject)
    if len(sessions_of_day) > 1:
        n = sessions_of_day.index(cell.details.session) + 1
        name = tell("session {n}, {cell}", n=n, cell=name)
    return f"{cell.details.day} {name}" if has_days else name


def _cells(cells: Sequence[LedgerGroup]) -> Table:
    """The last cells; where they are of several sessions, each with its day, and with its session of it."""
    shown = cells[-_MOST_CELLS:]
    sessions: dict[date | None, list[str | None]] = {}
    for cell in cells:
        of_day = sessions.setdefault(cell.details.day, [])
        if cell.details.session not in of_day:
            of_day.append(cell.details.session)
    has_days = len({cell.details.session for cell in cells}) > 1
    names = [_cell_name(cell, sessions[cell.details.day], has_days=has_days) for cell in shown]
    return _table(tell("Cell"), shown, names)


def _table(
    head: str,
    groups: Sequence[LedgerGroup],
    names: Sequence[str] = (),
    *,
    with_meters: bool = False,
) -> Table:
    columns = [(title, cells) for title, cells in _columns(groups) if set(cells) != {_NONE}]
    header = (head, *(said(title) for title, _ in columns))
    cells = (names or [said(group.subject) for group in groups], *(cells for _, cells in columns))
    meters = _meters(groups) if with_meters else None
    return Table("", header, tuple(zip(*cells, strict=True)), frozenset(range(1, len(header))), meters)


def _columns(groups: Sequence[LedgerGroup]) -> Iterator[tuple[str, list[str]]]:
    """The head and the cells of each column behind the name."""
    yield say("Calls"), [_number(group, "recorded_calls") for group in groups]
    pairs = [(_number(group, "input_tokens"), _number(group, "output_tokens")) for group in groups]
    yield say("Tokens in / out"), [_NONE if pair == (_NONE, _NONE) else " / ".join(pair) for pair in pairs]
    for name, title in _DOLLARS.items():
        yield title, _amounts(groups, name)
        if name == "expected_usd":
            yield say("Error"), [_percent(group) for group in groups]


def _number(group: LedgerGroup, name: str) -> str:
    return range_or_number_text(group.figure(name)) if name in group else _NONE


def _percent(group: LedgerGroup) -> str:
    name = "usd_difference_percent"
    return f"{group.figure(name).value:+.1f} %" if name in group else _NONE


def _amounts(groups: Sequence[LedgerGroup], name: str) -> list[str]:
    """A column of dollars on one scale; of a group that has none of them, nothing."""
    shown = iter(amounts_column([group.figure(name) for group in groups if name in group]))
    return [next(shown) if name in group else _NONE for group in groups]


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
