"""A number's formula: a function, and what goes into it. Computing it gives a figure; a user may set inputs.

The formulas themselves are in the `formulas_….py` beside this file; here is only what one is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal, DecimalException
from typing import Any, TypeAlias

from ...catalog.numbers_2023 import all_number_keys, input_figure, published_number
from ...errors import UsageError, nearest, shown
from ...figures import Figure, Number, derive, given, is_number
from ...formulas import ratios
from ...messages import joined, option, say, shorten, written
from ...records import dataclass

# What gives a figure: the key of a number or an input of the tables, a look-up, a formula, or several.
Term: TypeAlias = "str | Lookup | Formula | Spread"
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
    "calls": say("calls"),
    "turns": say("turns"),
    "vectors": say("vectors"),
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


@dataclass(frozen=True, slots=True)
class Spread:
    """One question that has several answers: the first stands for all, and they are its range."""

    name: str
    unit: str
    answers: Mapping[str, Formula]
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
            return derive(name, unit, function, note=_note(note, term, replaced, path), **figures)
        case Spread(name, unit, answers, note):
            figures = {key: compute(answer, replaced, (*path, key)) for key, answer in answers.items()}
            known = {key: figure for key, figure in figures.items() if figure.value is not None} or figures
            return _spread(derive(name, unit, ratios.first_of_these, note=note, **known), known.values())
        case Lookup(ask, arguments, name):
            figure = ask(*arguments)
            return replace(figure, name=name or figure.name)
        case key:
            return published_number(key) if key in all_number_keys() else input_figure(key)


def _spread(first: Figure, answers: Iterable[Figure]) -> Figure:
    """The first answer with the range of all that are known."""
    ends = [
        end
        for answer in answers
        for end in (answer.low, answer.high)
        if answer.value is not None and end is not None
    ]
    if first.value is None or not ends:
        return first
    return replace(first, low=min(ends), high=max(ends), approximate=min(ends) != max(ends))


def _note(note: str, formula: Formula, replaced: Mapping[_Path, Figure] | None, path: _Path) -> str:
    """What a formula's note says, unless it speaks of inputs that a user has replaced.

    A note names models, GPUs and machines: what is looked up or published below it. What is assumed, such as
    the share of output, it does not name.
    """
    places = [place for place in replaced or () if len(place) > len(path)]
    if not places:
        return note
    facts = {
        (*path, *below): fact
        for below, term, _ in _walk(formula)
        if not isinstance(term, Formula) and (fact := compute(term)).origin != "assumed"
    }
    own = [fact for fact in facts if any(fact[: len(place)] == place for place in places)]
    if not own:
        return note
    yours = say("your {names}", names=", ".join(dict.fromkeys(fact[-1] for fact in own)))
    others = {fact[-1]: figure.note for fact, figure in facts.items() if fact not in own and figure.note}
    return joined(
        "; ", yours, *(say("{name} of {note}", name=name, note=note) for name, note in others.items())
    )


@dataclass(frozen=True, slots=True)
class Input:
    """One input that a user may set: its key, the term of its default, and every place where it goes in.

    `is_decimal` says whether a formula takes it as a Decimal: a float cannot be multiplied by dollars.
    `is_leaf` where no formula below gives it, so that it can be moved by itself.
    """

    key: str
    term: Term
    paths: tuple[_Path, ...]
    is_decimal: bool
    is_leaf: bool

    @property
    def default(self) -> Figure:
        """Computed when it is asked for: to know an input's name needs no price."""
        return compute(self.term)


def inputs_of(formula: Formula) -> dict[str, Input]:
    """The inputs of a formula by key, its own names first, then those of the formulas below.

    A name stands for one thing in the whole formula, wherever it goes in.
    """
    uses_by_name: dict[str, list[tuple[_Path, Term]]] = {}
    decimals: set[str] = set()
    for path, term, function in _walk(formula):
        uses_by_name.setdefault(path[-1], []).append((path, term))
        if "Decimal" in str(function.__annotations__.get(path[-1])):
            decimals.add(path[-1])
    return {
        name: Input(
            name,
            uses[0][1],
            tuple(path for path, _ in uses),
            name in decimals,
            not isinstance(uses[0][1], Formula),
        )
        for name, uses in uses_by_name.items()
    }


def takes(formula: Formula, names: Iterable[str]) -> bool:
    """Whether a formula has all of the inputs that a user names."""
    known = inputs_of(formula)
    return all(_named(known, name) for name in names)


def choose(formulas: Iterable[Formula], names: Iterable[str]) -> Formula:
    """The first formula that has all of the inputs that a user names.

    Raises:
        UsageError: none has.
    """
    formulas, names = list(formulas), list(names)
    for formula in formulas:
        if takes(formula, names):
            return formula
    known = list(dict.fromkeys(key for formula in formulas for key in inputs_of(formula)))
    unknown = [name for name in names if not any(takes(formula, [name]) for formula in formulas)]
    if not unknown:
        raise UsageError(
            "{option}: no formula of this number takes all of them; it takes {sets}",
            option=option("inputs", ", ".join(names)),
            sets=" | ".join(", ".join(inputs_of(formula)) for formula in formulas),
        )
    near = nearest(unknown[0], known)
    lacking = say("no input {word}", word=shorten(unknown[0]))
    closest = say("nearest: {names}", names=", ".join(near)) if near else ""
    taken = say("it takes {names}", names=", ".join(known))
    raise UsageError(joined("; ", lacking, closest, taken))


def _named(known: Mapping[str, Input], name: str) -> Input | None:
    """The input of that name; `params` stands for `n_params`."""
    return known.get(name) or known.get(f"n_{name}")


def compute_with(formula: Formula, values: Mapping[str, Number], name: str) -> Figure:
    """The figure of a formula under another name, with the user's values as given figures.

    Raises:
        UsageError: a value that an input does not take.
    """
    known = inputs_of(formula)
    replaced: dict[_Path, Figure] = {}
    for key, value in values.items():
        found = _named(known, key)
        assert found is not None  # `choose` has looked
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
