"""A number's formula: a function, and what goes into it. Computing it gives a figure; a user may set inputs.

The formulas themselves are in `formulas_2023.py` and `formulas_today.py`; here is only what one is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, DecimalException
from typing import Any, TypeAlias

from ...catalog.numbers_2023 import input_figure, number_keys, published_number
from ...errors import UsageError, nearest, shown
from ...figures import Figure, Number, derive, given, is_number
from ...messages import joined, option, say, shorten, written

# What gives a figure: the key of a number or an input of the tables, a look-up, or a formula.
Term: TypeAlias = "str | Lookup | Formula"
_Path: TypeAlias = tuple[str, ...]

# What comes in whole pieces, and how it is called: half a layer or half a GPU is a slip of the keyboard.
WHOLE_UNITS = {
    "tokens": say("tokens"),
    "words": say("words"),
    "characters": say("characters"),
    "sequences": say("sequences"),
    "layers": say("layers"),
    "heads": say("heads"),
    "elements": say("elements"),
    "GPUs": say("GPUs"),
    "queries": say("queries"),
}
_MOST = 10**30


@dataclass(frozen=True, slots=True)
class Lookup:
    """A fact of today: the function that looks it up in a table or on this machine, and its arguments.

    `name` is what the figure is called where it stands for itself, not in a formula.
    """

    ask: Callable[..., Figure]
    arguments: tuple[str, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Formula:
    """A figure to derive: a function of the package `formulas`, and under each of its arguments a term."""

    name: str
    unit: str
    function: Callable[..., Any]
    inputs: Mapping[str, Term]
    note: str = ""


def make_formula(
    name: str, unit: str, function: Callable[..., Any], /, note: str = "", **inputs: Term
) -> Formula:
    return Formula(name, unit, function, inputs, note)


def compute(term: Term, replaced: Mapping[_Path, Figure] | None = None, path: _Path = ()) -> Figure:
    """The figure of a term; `replaced` are figures that a user put in the place of some terms below."""
    if replaced and path in replaced:
        return replaced[path]
    match term:
        case Formula(name, unit, function, inputs, note):
            figures = {key: compute(below, replaced, (*path, key)) for key, below in inputs.items()}
            return derive(name, unit, function, note=note, **figures)
        case Lookup(ask, arguments, name):
            figure = ask(*arguments)
            return replace(figure, name=name or figure.name)
        case key:
            return published_number(key) if key in number_keys() else input_figure(key)


@dataclass(frozen=True, slots=True)
class Input:
    """One input that a user may set: its key, the default, and every place where it goes in.

    `is_decimal` says whether a formula takes it as a Decimal: a float cannot be multiplied by dollars.
    """

    key: str
    default: Figure
    paths: tuple[_Path, ...]
    is_decimal: bool


def inputs_of(formula: Formula) -> dict[str, Input]:
    """The inputs of a formula by key, its own names first, then those of the formulas below.

    A name stands for one thing in the whole formula, wherever it goes in.
    """
    uses_by_name: dict[str, list[tuple[_Path, Term]]] = {}
    decimals: set[str] = set()
    for path, term, function in _walk(formula):
        uses_by_name.setdefault(path[-1], []).append((path, term))
        if "Decimal" in str(function.__annotations__[path[-1]]):
            decimals.add(path[-1])
    return {
        name: Input(name, compute(uses[0][1]), tuple(path for path, _ in uses), name in decimals)
        for name, uses in uses_by_name.items()
    }


def compute_with(formula: Formula, values: Mapping[str, Number], name: str) -> Figure:
    """The figure of a formula under another name, with the user's values as given figures.

    Raises:
        UsageError: an input that the formula does not have, or a value that it does not take.
    """
    known = inputs_of(formula)
    replaced: dict[_Path, Figure] = {}
    for key, value in values.items():
        found = known.get(key) or known.get(f"n_{key}")
        if found is None:
            near = nearest(key, known)
            lacking = say("no input {word}", word=shorten(key))
            closest = say("nearest: {names}", names=", ".join(near)) if near else ""
            takes = say("it takes {names}", names=", ".join(known))
            raise UsageError(joined("; ", lacking, closest, takes))
        unit = found.default.unit
        note = option("inputs", f"{key}={written(value)}")
        figure = given(found.paths[0][-1], _checked(found, value), unit, note)
        replaced |= dict.fromkeys(found.paths, figure)
    renamed = Formula(name, formula.unit, formula.function, formula.inputs, formula.note)
    try:
        return compute(renamed, replaced)
    except (ArithmeticError, DecimalException, ValueError):
        inputs = ", ".join(f"{key}={value}" for key, value in values.items())
        raise UsageError(
            "{option}: the formula has no result for this", option=option("inputs", inputs)
        ) from None


def _walk(formula: Formula, path: _Path = ()) -> Iterator[tuple[_Path, Term, Callable[..., Any]]]:
    """Every term below a formula with its path, and the function that it goes into."""
    for key, term in formula.inputs.items():
        yield (*path, key), term, formula.function
    for key, term in formula.inputs.items():
        if isinstance(term, Formula):
            yield from _walk(term, (*path, key))


def _checked(settable: Input, value: object) -> Number:
    """The value as the formula takes it: pieces as int, dollars and what meets them as Decimal."""
    asked = option("inputs", f"{settable.key}={shown(value)}")
    if not is_number(value):
        raise UsageError("{option}: give a number", option=asked)
    if not 0 <= value <= _MOST:
        raise UsageError("{option}: give a number from 0 to 1e30", option=asked)
    unit = settable.default.unit
    if unit == "%" and value > 100:
        raise UsageError("{option}: give a percentage from 0 to 100", option=asked)
    if unit in WHOLE_UNITS and value != int(value):
        raise UsageError(
            "{option}: {unit} are counted in whole numbers", option=asked, unit=WHOLE_UNITS[unit]
        )
    if value == int(value) and not unit.startswith("USD"):
        return int(value)
    return Decimal(str(value)) if settable.is_decimal else float(value)
