"""Which numbers moved since a day, by how much and why: from who stood in a role then, and what it charged.

A number is computed again with its prices of that day. What is made of nothing that has a day does not move.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from ...catalog import text_counts
from ...catalog.numbers_2023 import (
    ages_with,
    all_number_keys,
    find_number,
    holder_on,
    number_text,
    stand_in,
)
from ...errors import UsageError
from ...figures import Figure, derive
from ...formulas import ratios
from ...messages import joined, say, written
from . import lookups
from .details import ChangeDetails, NumberChange, NumberChanges
from .formulas_2023 import FORMULAS_2023
from .formulas_2026 import FORMULAS_2026
from .formulas_newer import FORMULAS_NEWER
from .formulas_today import FORMULAS_TODAY
from .inputs import Formula, Lookup, Spread, Term, compute

# The first day that prices are known of, and the day that GPT-4o brought the vocabulary of today.
FIRST_DAY = date(2023, 5, 8)
_NEW_VOCABULARY = date(2024, 5, 13)


def changes_since(day: date, name: str | None = None) -> NumberChanges:
    """The numbers then and today, those that moved most first.

    Raises:
        UsageError: a day before the first that prices are known of, or one that is still to come.

    >>> moved = changes_since(date(2023, 5, 8)).part("gpt4_to_gpt35_cost")
    >>> int(moved["then"].value), int(moved["today"].value)
    (45, 20)
    """
    if day < FIRST_DAY:
        raise UsageError(
            "{option:since}: prices are known from {first}; give that day or a later one", first=FIRST_DAY
        )
    if day > date.today():
        raise UsageError("{option:since}: that day is still to come; give one of the past")
    keys = all_number_keys() if name is None else (find_number(name),)
    changes = sorted((_change(key, day) for key in keys), key=_moved, reverse=True)
    return NumberChanges(say("numbers since {day}", day=day), parts=tuple(changes))


def _moved(change: NumberChange) -> float:
    """How far a number moved, in either direction; least where it did not."""
    times = change.get("times")
    return abs(math.log(times.value)) if times is not None and times.value else -1.0


def _change(key: str, day: date) -> NumberChange:
    term = _today(key)
    figures: tuple[Figure, ...] = () if term is None else (compute(term),)
    past = None if term is None else _then(key, term, day)
    cause = ""
    if term is not None and past is not None:
        figures = (past, *figures)
        if past.value != figures[1].value:
            times = derive("times", "×", ratios.change_times, now=figures[1], then=past)
            figures = (*figures, replace(times, low=times.value, high=times.value))
            cause = joined("; ", *_causes(term, day))
    text = number_text(key)
    details = ChangeDetails(
        title=text["title"], headline=text["headline"], ages_with=ages_with(key), cause=cause
    )
    return NumberChange(key, figures=figures, details=details)


def _then(key: str, term: Term, day: date) -> Figure | None:
    """The figure `then`; None where nothing below the term has a day, or where it was not sold yet."""
    dated = list(dict.fromkeys(_dated(term)))
    if not dated:
        return None
    then = _as_on(term, day)
    if any(not isinstance(each, Lookup) for each in dated):
        # Beside the prices it has facts of its own day: only the document's own inputs are of another.
        holders = [holder_on(each.arguments[0], day) for each in dated if isinstance(each, Lookup)]
        if any(holder is None or holder.since != FIRST_DAY for holder in holders):
            return None
        then = FORMULAS_2023[key][0]
    past = replace(compute(then), name="then", note=say("on {day}", day=day))
    return None if past.value is None else past


def _dated(term: Term) -> Iterator[Term]:
    """What is below a term and has a day: prices, counts by a vocabulary, and published facts."""
    match term:
        case Formula(inputs=inputs):
            below: Iterable[Term] = inputs.values()
        case Spread(answers=answers):
            below = answers.values()
        case Lookup(ask=lookups.price_of) | Lookup(ask=text_counts.counted_ratio):
            yield term
            return
        case str() if _has_price_beside(term):
            yield term
            return
        case _:
            return
    found = [each for one in below for each in _dated(one)]
    if any(isinstance(each, Lookup) for each in found):
        yield from found


def _has_price_beside(key: str) -> bool:
    """Whether an input is a fact of some day, and not an assumption."""
    return compute(key).origin == "published"


def _today(key: str) -> Term | None:
    """The term that a number's value of today is made of."""
    for terms in (FORMULAS_TODAY, FORMULAS_NEWER, FORMULAS_2026):
        for term in terms.get(key, ()):
            if not isinstance(term, str) and term.name == "today":
                return term
    return None


def _as_on(term: Term, day: date) -> Term:
    """The same term with the prices and the vocabulary of a day."""
    match term:
        case Formula():
            return replace(term, inputs={key: _as_on(below, day) for key, below in term.inputs.items()})
        case Spread(answers=answers):
            then = {key: _as_on(answer, day) for key, answer in answers.items()}
            formulas = {key: each for key, each in then.items() if isinstance(each, Formula)}
            return replace(term, answers=formulas)
        case Lookup(ask=lookups.price_of, arguments=(role, side), name=name):
            return Lookup(lookups.price_on, (role, side, day.isoformat()), name)
        case Lookup(ask=text_counts.counted_ratio, arguments=arguments) if day < _NEW_VOCABULARY:
            return replace(term, arguments=(*arguments[:2], "2023"))
    return term


def _causes(term: Term, day: date) -> Iterator[str]:
    """What changed below a term since a day: who stands in a role, and what it charges."""
    sides: dict[str, list[str]] = {}
    for each in dict.fromkeys(_dated(term)):
        if isinstance(each, Lookup) and each.ask is lookups.price_of:
            sides.setdefault(each.arguments[0], []).append(each.arguments[1])
        elif isinstance(each, Lookup):
            yield say("cl100k_base to o200k_base, the vocabulary")
    for role, asked in sides.items():
        yield from _price_cause(role, asked, day)


def _price_cause(role: str, sides: list[str], day: date) -> Iterator[str]:
    holder, now = holder_on(role, day), stand_in(role).model
    if holder is None:  # of a range of several vendors: what has an answer of its own is not compared
        yield say("{model} joined", model=now)
        return
    moves = []
    for side in sides:
        then, today = lookups.price_on(role, side, day.isoformat()).value, lookups.price_of(role, side).value
        if then is not None and today is not None and then != today:
            usd = {"then": written(then), "now": written(today)}
            moves.append(say("{side} ${then} to ${now}", side=lookups.SIDES[side], **usd))
    if not moves:
        return
    model = now if holder.model == now else say("{then} to {now}", then=holder.model, now=now)
    yield say("{model}: {prices}", model=model, prices=joined(", ", *moves))
