"""The ledger as an answer: the sums of its lines by day, by model and by cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

from ...estimates.ledger.details import GroupDetails, Ledger, LedgerDetails, LedgerGroup
from ...estimates.ledger.entry import Entry
from ...figures import Figure, Note, Source, assumed, derive, measured
from ...formulas import cost
from ...messages import say
from .sums import token_sum, usd_sum


def ledger(entries: Sequence[Entry], file: Path | None = None) -> Ledger:
    """The lines in the order of their time, and their sums.

    There is one part for each day (UTC), then for each model (its snapshots are one), then for each cell.
    """
    lines = tuple(sorted(entries, key=lambda entry: entry.at))
    source = Source(str(file) if file else say("this notebook's ledger"), None, date.today())
    parts = (*_days(lines, source), *_models(lines, source), *_cells(lines, source))
    return Ledger(
        say("the ledger in {path}", path=file) if file else say("this notebook"),
        figures=tuple(_sums(lines, source)),
        notes=tuple(_notes(lines)),
        details=LedgerDetails(file=str(file) if file else None, entries=lines),
        parts=parts,
    )


def _days(lines: Sequence[Entry], source: Source) -> Iterator[LedgerGroup]:
    for day, members in groupby(lines, key=lambda entry: entry.at.date()):
        yield _group(str(day), "day", tuple(members), source)


def _models(lines: Sequence[Entry], source: Source) -> list[LedgerGroup]:
    """The dearest first."""
    groups = [
        _group(name or say("a model that is not named"), "model", members, source)
        for name, members in _grouped(lines, lambda entry: entry.group)
    ]
    return sorted(groups, key=lambda group: -_known_usd(group))


def _cells(lines: Sequence[Entry], source: Source) -> Iterator[LedgerGroup]:
    for (session, cell), members in _grouped(lines, lambda entry: (entry.session, entry.cell)):
        yield _group(say("cell {n}", n=cell), "cell", members, source, session)


def _grouped(
    lines: Iterable[Entry], key: Callable[[Entry], Hashable]
) -> Iterator[tuple[Any, tuple[Entry, ...]]]:
    found: dict[Hashable, list[Entry]] = {}
    for line in lines:
        found.setdefault(key(line), []).append(line)
    yield from ((name, tuple(members)) for name, members in found.items())


def _group(
    subject: str,
    by: Literal["day", "model", "cell"],
    members: tuple[Entry, ...],
    source: Source,
    session: str | None = None,
) -> LedgerGroup:
    details = GroupDetails(by=by, session=session, day=members[0].at.date() if by != "model" else None)
    return LedgerGroup(subject, figures=tuple(_sums(members, source)), details=details)


def _sums(lines: Sequence[Entry], source: Source) -> Iterator[Figure]:
    """`estimates` and their `estimates_usd`; of recorded cells `recorded_calls`, `input_tokens`,
    `output_tokens`, `recorded_usd`, and `expected_usd` by their source; of one cell whose prompts were a call
    each, the difference in percent.
    """
    asked, expected, calls = (_of(lines, kind) for kind in ("estimate", "source", "call"))
    yield measured("estimates", len(asked), "estimates", source)
    if asked:
        yield _usd("estimates_usd", asked, source)
    if not calls and not expected:
        return
    yield measured("recorded_calls", len(calls), "calls", source)
    for name in ("input_tokens", "output_tokens"):
        yield token_sum(name, calls, source)
    spent = _usd("recorded_usd", calls, source)
    yield spent
    if expected:
        estimated = _usd("expected_usd", expected, source)
        yield estimated
        is_one_cell = len({(line.session, line.cell) for line in lines}) == 1
        is_compared = is_one_cell and _is_each_prompt_a_call(expected, calls)
        if is_compared and estimated.value and spent.value and not estimated.is_at_least:
            yield derive(
                "usd_difference_percent",
                "%",
                cost.usd_difference_percent,
                estimated_usd=estimated,
                spent_usd=spent,
            )


def _is_each_prompt_a_call(expected: Sequence[Entry], calls: Sequence[Entry]) -> bool:
    """Whether every prompt was sent once: by what was sent, else by how many there are."""
    answered = [call for call in calls if call.state != "refused"]
    templates = [call.template for call in answered]
    if None in templates:
        return len(expected) == len(answered)
    return Counter(templates) == Counter(line.template for line in expected)


def _of(lines: Sequence[Entry], kind: str) -> list[Entry]:
    return [line for line in lines if line.kind == kind]


def _usd(name: str, lines: Sequence[Entry], source: Source) -> Figure:
    if lines and all(line.usd is None for line in lines):
        return assumed(name, None, "USD", say("unpriced"), source=source)
    return usd_sum(name, lines, source)


def _known_usd(group: LedgerGroup) -> Decimal:
    """What a model came to: the calls, else the estimates."""
    figures = (group.get("recorded_usd"), group.get("estimates_usd"))
    return next((Decimal(each.value) for each in figures if each is not None and each.value), Decimal(0))


def _notes(lines: Sequence[Entry]) -> Iterator[Note]:
    if not lines:
        yield Note(say("no estimate yet: %%llmcost adds one each time it runs"))
    unpriced = [line for line in lines if line.kind == "estimate" and line.usd is None]
    for model in dict.fromkeys(line.group for line in unpriced):
        n = sum(line.group == model for line in unpriced)
        yield Note(say("{model}: {n} unpriced, not in the total", model=model, n=n), "warning")
    calls = _of(lines, "call")
    unknown = sum(call.usd is None for call in calls)
    if unknown:
        text = say("not in the total, which is the least: {n} of {all} calls", n=unknown, all=len(calls))
        yield Note(text, "warning")
