"""A figure is a number that can say how it is known; an estimate is a set of them.

Nothing here measures, looks up or formats. A figure is made in one of five ways
(`given`, `measured`, `published`, `assumed`, `derive`), and each way demands what
a reader must be able to check: a published figure without a source and a date, or
a derived one without its inputs, cannot be built.
"""

from __future__ import annotations

import ast
import inspect
import math
import re
import textwrap
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import field, fields
from datetime import date
from decimal import Decimal
from functools import lru_cache
from importlib import import_module
from itertools import chain, product
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Literal,
    NoReturn,
    Protocol,
    TypeGuard,
    TypeVar,
    runtime_checkable,
)

from .messages import Voice, said, shorten, speaking, voice, written
from .records import dataclass

_T = TypeVar("_T")
_P = TypeVar("_P", bound="Estimate", covariant=True)
Number = int | float | Decimal
_Point = Mapping[str, Any]  # a value for each input of a formula
UNBOUNDED = math.inf
"""The high end of a figure that is "at least": something of it is not counted."""
Origin = Literal["given", "measured", "published", "assumed", "derived"]
Level = Literal["info", "warning", "error"]
Verdict = Literal["fits", "tight", "does not fit"]


class Shown:
    """What front ends ask of an object that they show: IPython, notebooks, marimo."""

    __slots__ = ()

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None
    ) -> dict[str, Any]:
        bundle: dict[str, Any] = _presenter().mimebundle(self, include, exclude or ())
        return bundle

    def _mime_(self) -> tuple[str, str]:
        """One type, for marimo: of several it makes tabs, and nothing of an estimate in a list."""
        return "text/html", str(_presenter().html_of(self))


@dataclass(frozen=True, slots=True)
class Source:
    """Where a figure can be checked, and the day that it was.

    `basis` is what an instrument counts by, where somebody else states that and on a day of its own.
    """

    name: str
    url: str | None = None
    checked: date | None = None
    basis: Source | None = None

    def to_dict(self) -> dict[str, Any]:
        checked = self.checked.isoformat() if self.checked else None
        own = {"name": said(self.name), "url": self.url, "checked": checked}
        return {**own, "basis": self.basis.to_dict()} if self.basis else own


@dataclass(frozen=True, slots=True, repr=False)
class Figure(Shown):
    """One number: its value, unit and range, and how it is known.

    `value` is None where the number is unknown: never 0. `low` and `high` equal
    the value where no range is known, and `high` is `UNBOUNDED` where the figure is "at least"
    `low`; `approximate` is true where there is a range, and where the value is not exact all the
    same, as a reconstructed tokenizer's count is.
    `function` is the code that computed a derived figure, `formula` that code's text.
    """

    name: str
    value: Number | None
    unit: str
    origin: Origin
    low: Number | None = None
    high: Number | None = None
    inputs: tuple[Figure, ...] = ()
    source: Source | None = None
    note: str = ""
    approximate: bool = False
    function: Callable[..., Number | None] | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.low is None:
            object.__setattr__(self, "low", self.value)
        if self.high is None:
            object.__setattr__(self, "high", self.value)
        # An input's range has been carried into low and high; its other doubt has not.
        if self.has_range or any(each.approximate and not each.has_range for each in self.inputs):
            object.__setattr__(self, "approximate", True)
        lacking = self._lacking()
        if lacking:
            raise ValueError(f"figure {self.name!r} is {self.origin} but has no {lacking}")

    def _lacking(self) -> str:
        match self.origin:
            case "published" if self.source is None or self.source.checked is None:
                return "source with a date"
            case "measured" if self.source is None:
                return "source"
            case "assumed" if self.source is None and not self.note:
                return "source or note"
            case "derived" if self.function is None:
                return "function"
            case _:
                return ""

    @property
    def has_range(self) -> bool:
        return self.low != self.high

    @property
    def is_at_least(self) -> bool:
        """Whether a part of it is not counted, so that nobody knows how large it can be."""
        return self.high == UNBOUNDED

    @property
    def formula(self) -> str | None:
        """The code that computed the value, or None where nothing was computed."""
        return formula_text(self.function) if self.function else None

    def formula_with_values(self) -> str | None:
        """The formula with each input's value in the place of its name."""
        text = self.formula
        if text is None or any(i.value is None for i in self.inputs):
            return text
        values = {
            i.name: format(i.value, "f") if isinstance(i.value, Decimal) else str(i.value)
            for i in self.inputs
        }
        return re.sub(r"\b[A-Za-z_]\w*\b", lambda word: values.get(word[0], word[0]), text)

    def walk(self) -> Iterator[tuple[int, Figure]]:
        """Yield (depth, figure) for this figure and its inputs; a shared input comes once under a name."""
        return _walk((self,), set())

    def __repr__(self) -> str:
        unit = f" {self.unit}" if self.unit else ""
        high = "no end that is known" if self.is_at_least else written(self.high)
        ends = f", {written(self.low)} to {high}" if self.has_range else ""
        return f"<Figure {self.name}: {written(self.value)}{unit}{ends} ({self.origin})>"

    def to_dict(self) -> dict[str, Any]:
        """Everything the figure knows, in JSON's types (a Decimal becomes its text).

        The second mention of an input that several formulas share is only its name, unit, value,
        range and origin.
        """
        return self._to_dict(set())

    def _to_dict(self, seen: set[int]) -> dict[str, Any]:
        seen.add(id(self))
        return {
            "name": self.name,
            "value": _plain(self.value),
            "low": _plain(self.low),
            "high": _plain(self.high),
            "unit": self.unit,
            "approximate": self.approximate,
            "origin": self.origin,
            "formula": self.formula,
            "inputs": [
                figure._in_short() if id(figure) in seen else figure._to_dict(seen) for figure in self.inputs
            ],
            "source": self.source.to_dict() if self.source else None,
            "note": said(self.note),
        }

    def _in_short(self) -> dict[str, Any]:
        shown = {"value": self.value, "low": self.low, "high": self.high}
        plain = {key: _plain(value) for key, value in shown.items()}
        return {"name": self.name, "unit": self.unit, **plain, "origin": self.origin}


def given(
    name: str,
    value: Number | None,
    unit: str,
    note: str,
    *,
    low: Number | None = None,
    high: Number | None = None,
) -> Figure:
    """What the user said; `note` names the option or argument that said it."""
    return Figure(name, value, unit, "given", low, high, note=note)


def measured(
    name: str,
    value: Number | None,
    unit: str,
    source: Source,
    *,
    low: Number | None = None,
    high: Number | None = None,
    note: str = "",
    approximate: bool = False,
) -> Figure:
    """What was counted or read on this machine; `source` names the instrument."""
    return Figure(name, value, unit, "measured", low, high, source=source, note=note, approximate=approximate)


def published(
    name: str,
    value: Number | None,
    unit: str,
    source: Source,
    *,
    low: Number | None = None,
    high: Number | None = None,
    note: str = "",
) -> Figure:
    """What somebody else stated; `source` must carry the day that it was checked."""
    return Figure(name, value, unit, "published", low, high, source=source, note=note)


def assumed(
    name: str,
    value: Number | None,
    unit: str,
    note: str,
    *,
    source: Source | None = None,
    low: Number | None = None,
    high: Number | None = None,
) -> Figure:
    """What had to be supposed; `note` says why, and a range says how far it may be off."""
    return Figure(name, value, unit, "assumed", low, high, source=source, note=note)


def derive(
    name: str, unit: str, function: Callable[..., Any], /, *, note: str = "", **inputs: Figure
) -> Figure:
    """Apply a formula to figures, and carry their ranges through it.

    Each input is passed under its keyword. The formula must rise or fall with each ranged input, as
    all of `formulas/` do (`tests/test_monotone.py`); one that does not must state its own range. One
    figure under two keywords moves as one. The result is unknown if an input is, or an end of the range.

    >>> words = given("words", 750, "words", "you")
    >>> rate = assumed("tokens_per_word", 1.3, "tokens/word", "English", low=1.2, high=1.4)
    >>> tokens = derive("tokens", "tokens", lambda words, rate: words * rate, words=words, rate=rate)
    >>> tokens.value, tokens.low, tokens.high
    (975.0, 900.0, 1050.0)
    """
    renamed = tuple(_as_argument(figure, key) for key, figure in inputs.items())
    value = low = high = None
    if any(figure.value is None for figure in renamed):
        pass
    elif not any(figure.has_range for figure in renamed):  # most
        value = low = high = function(**{figure.name: figure.value for figure in renamed})
    else:
        with suppress(_UnknownValue):
            has_no_end = _is_unbounded(function, inputs)
            value, low, high = _value_and_range(function, inputs)
            high = UNBOUNDED if has_no_end else high
    return Figure(name, value, unit, "derived", low, high, renamed, note=note, function=function)


class _UnknownValue(Exception):
    """A formula gives no value."""


def _value_and_range(
    function: Callable[..., Any], inputs: Mapping[str, Figure]
) -> tuple[Number, Number, Number]:
    """A formula's value, and its least and greatest over the ranges of its inputs.

    The corners of n ranges are 2 ** n. Instead, each input shows its direction by its two ends, with the
    others in the middle; then one corner is the least and one the greatest, after 2n + 3 evaluations.
    An input that shows none there (behind a `max(0, …)`) is asked again in the corners, for as long as
    one more shows it. `tests/test_monotone.py` holds that this finds the ends for all of `formulas/`.
    """
    values = []

    def at(point: _Point) -> Any:
        value = function(**point)
        if value is None:
            raise _UnknownValue
        values.append(value)
        return value

    middle = {key: figure.value for key, figure in inputs.items()}
    value = at(middle)
    least, greatest = dict(middle), dict(middle)

    def is_flat(point: _Point, one: _Point, other: _Point) -> bool:
        """Whether both ends of an input give one value here; if not, turn the corners towards them."""
        at_one, at_other = at({**point, **one}), at({**point, **other})
        # Equal to 12 digits is flat: the direction of a float's rounding is none.
        if abs(at_one - at_other) * 10**12 <= abs(at_one):
            return True
        less, more = (one, other) if at_one < at_other else (other, one)
        least.update(less)
        greatest.update(more)
        return False

    ranged = _ends(inputs)
    flat = [ends for ends in ranged if is_flat(middle, *ends)]
    asked = None
    while ranged and flat != asked:
        asked = flat
        for corner, side in product((least, greatest), (0, 1) if flat else (0,)):
            point = {**corner, **{key: end for ends in flat for key, end in ends[side].items()}}
            at(point)
            flat = [ends for ends in flat if is_flat(point, *ends)]
    return value, min(values), max(values)


def _is_unbounded(function: Callable[..., Any], inputs: Mapping[str, Figure]) -> bool:
    """Whether the value grows with an input that has no high end.

    Raises:
        _UnknownValue: it falls with one, so that its low end is not known.
    """
    open_ends = [key for key, figure in inputs.items() if figure.is_at_least]
    if not open_ends:
        return False
    point: dict[str, Any] = {key: figure.value for key, figure in inputs.items()}
    value = function(**point)
    grown = [function(**{**point, key: 2 * point[key] + 1}) for key in open_ends]
    if any(each < value for each in grown):
        raise _UnknownValue
    return any(each > value for each in grown)


def _ends(inputs: Mapping[str, Figure]) -> list[tuple[_Point, _Point]]:
    """The low and the high end of each figure that has a range, under every key that it has.

    The value stands for an end that there is not.
    """
    keys: dict[int, list[str]] = {}
    for key, figure in inputs.items():
        if figure.has_range:
            keys.setdefault(id(figure), []).append(key)
    ends: list[tuple[_Point, _Point]] = []
    for each in keys.values():
        figure = inputs[each[0]]
        high = figure.value if figure.is_at_least else figure.high
        ends.append((dict.fromkeys(each, figure.low), dict.fromkeys(each, high)))
    return ends


def _walk(figures: Sequence[Figure], seen: set[int]) -> Iterator[tuple[int, Figure]]:
    """(depth, figure), inputs after what they are inputs of; `seen` holds the ids of those visited."""
    waiting = [(0, figure) for figure in reversed(figures)]
    while waiting:
        depth, figure = waiting.pop()
        if id(figure) not in seen:
            seen.add(id(figure))
            yield depth, figure
            waiting += [(depth + 1, each) for each in reversed(figure.inputs)]


def _as_argument(figure: Figure, name: str) -> Figure:
    """The figure under the name that the formula knows it by, so that both can be read together."""
    if figure.name == name:
        return figure
    renamed = object.__new__(Figure)
    for each in Figure.__slots__:
        object.__setattr__(renamed, each, name if each == "name" else getattr(figure, each))
    return renamed


def is_number(value: object) -> TypeGuard[Number]:
    """Whether a value is a number that can be reckoned with: finite, of any size, and no bool.

    >>> is_number(10**400), is_number(float("nan")), is_number(True), is_number("1")
    (True, False, False, False)
    """
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return False
    return isinstance(value, int) or Decimal(value).is_finite()


def local_name(name: str) -> str:
    """What a figure of dollars is called in another currency.

    >>> local_name("training_usd"), local_name("usd_per_hour"), local_name("today")
    ('training_local', 'local_per_hour', 'today_local')
    """
    return name.replace("usd", "local") if "usd" in name else f"{name}_local"


@lru_cache(maxsize=512)
def formula_text(function: Callable[..., Any]) -> str:
    """What a function computes, as its author wrote it.

    The expression behind a lone `return`; the body, less its docstring, where
    there is more to it; the name where no source is at hand, and in words where
    a body names none of the inputs.
    """
    try:
        source = textwrap.dedent(inspect.getsource(function))
        definition = ast.parse(source).body[0]
    except (OSError, TypeError, SyntaxError):
        return function.__name__
    if not isinstance(definition, ast.FunctionDef):
        return function.__name__
    body = definition.body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    if len(body) == 1 and isinstance(body[0], ast.Return) and body[0].value is not None:
        expression = ast.get_source_segment(source, body[0].value) or function.__name__
        return " ".join(expression.split())
    arguments = definition.args
    if not (arguments.args or arguments.kwonlyargs):
        return function.__name__.replace("_", " ")
    lines = source.splitlines()[body[0].lineno - 1 : body[-1].end_lineno]
    return textwrap.dedent("\n".join(lines))


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence that belongs under the estimate."""

    text: str
    level: Level = "info"


@dataclass(frozen=True, slots=True)
class TokenPiece:
    """One token of a text: its id, and its bytes, which need not be whole characters."""

    id: int
    data: bytes


class Asked(Protocol):
    """A question that was asked, as far as its answer must know it."""

    def request(self) -> dict[str, Any]:
        """Its parameters in JSON's types."""


@runtime_checkable
class _Written(Protocol):
    """What writes itself in JSON's types."""

    def to_dict(self) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What an answer tells beside its figures: names, days, ids. Each kind of answer has a subclass."""

    def to_dict(self) -> dict[str, Any]:
        """The fields in JSON's types; the fields of details inside details are among them.

        A field with a default is optional: it is left out if it has that default.
        """
        plain: dict[str, Any] = {}
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, Details):
                plain |= value.to_dict()
            elif value != each.default:
                plain[each.name] = _plain(value)
        return plain


class _HasParts(Protocol[_P]):
    """An estimate, as far as the type of its parts."""

    @property
    def parts(self) -> tuple[_P, ...]: ...


@dataclass(frozen=True, repr=False)
class Estimate(Shown):
    """The answer to one question: figures by name, notes, and what the question was.

    Each `kind` of answer (`tokens`, `cost`, `fit`, `numbers`) is a subclass with its own `details`: the
    names that came out of the question (tokenizer, provider, …). `subject` is what the answer is about
    (a model, a GPU), `question` what was asked. An estimate of several subjects holds one estimate for
    each in `parts`; a comparison has no details beside theirs. `pieces` are a text's tokens in order, for
    the token view. An estimate is shown in the `voice` that was spoken when it was made; `to_dict` is
    English in any language, for programs.
    """

    kind: ClassVar[str]
    subject: str
    figures: tuple[Figure, ...] = ()
    notes: tuple[Note, ...] = ()
    verdict: Verdict | None = None
    question: Asked | None = None
    parts: tuple[Estimate, ...] = ()
    pieces: tuple[TokenPiece, ...] = ()
    voice: Voice = field(default_factory=voice, compare=False)

    if not TYPE_CHECKING:  # a type checker would take every attribute for known

        def __getattr__(self, name: str) -> NoReturn:
            text = f"{type(self).__name__!r} object has no attribute {name!r}"
            if name == "details" and self.parts:
                text += "; each of its parts has: parts[0].details"
            raise AttributeError(text, name=name, obj=self)

    @property
    def request(self) -> dict[str, Any]:
        """The parameters of the question in JSON's types; empty for a part that nobody asked for."""
        return self.question.request() if self.question else {}

    def figure(self, name: str) -> Figure:
        """The figure of that name.

        Raises:
            KeyError: there is none; the message lists the figures.
        """
        return _first(name, ((figure.name, figure) for figure in self.figures))

    def part(self: _HasParts[_P], subject: str) -> _P:
        """The estimate about that subject (a model, a GPU, a number's name), one of `parts`.

        Raises:
            KeyError: there is none; the message lists the parts.
        """
        return _first(subject, ((part.subject, part) for part in self.parts))

    def __getitem__(self, name: str) -> Any:
        """The figure of that name, or the part about that subject; `figure` and `part` are typed."""
        figures = ((figure.name, figure) for figure in self.figures)
        return _first(name, chain(figures, ((part.subject, part) for part in self.parts)))

    def get(self, name: str) -> Any:
        """The figure or part of that name; None where there is none."""
        return self[name] if name in self else None  # noqa: SIM401 (this is the method it asks for)

    def __contains__(self, name: object) -> bool:
        return any(f.name == name for f in self.figures) or any(p.subject == name for p in self.parts)

    def __iter__(self) -> Iterator[Figure | Estimate]:
        """The figures, then the parts: what `[]` finds."""
        return iter((*self.figures, *self.parts))

    def __repr__(self) -> str:
        subject = shorten(self.subject)
        return f"<{self.kind} of {subject}: {_presenter().answer(self)}>"

    def walk(self) -> Iterator[Figure]:
        """Yield every figure of this estimate and its parts, and all their inputs, once under each name."""
        seen: set[int] = set()
        for estimate in self._with_parts():
            for _, figure in _walk(estimate.figures, seen):
                yield figure

    def _with_parts(self) -> Iterator[Estimate]:
        yield self
        for part in self.parts:
            yield from part._with_parts()

    def to_dict(self) -> dict[str, Any]:
        """The whole estimate in JSON's types."""
        with speaking("en", self.voice.spell):
            return self._to_dict()

    def _to_dict(self) -> dict[str, Any]:
        details = vars(self).get("details")  # an estimate of several subjects has none
        return {
            "kind": self.kind,
            "subject": said(self.subject),
            "verdict": self.verdict,
            "figures": {figure.name: figure.to_dict() for figure in self.figures},
            "notes": [{"level": note.level, "text": said(note.text)} for note in self.notes],
            "details": details.to_dict() if isinstance(details, Details) else {},
            "request": self.request,
            "parts": [part._to_dict() for part in self.parts],
        }

    def explain(self, name: str | None = None) -> str:
        """Each figure (or the one named) with its formula and inputs, down to the sources."""
        explanation: str = _presenter().explain(self, name)
        return explanation

    def plot(self, library: str | None = None) -> Any:
        """A plot of what the estimate compares: the models' totals, a model's memory, a server's batches.

        Args:
            library: matplotlib or altair; by default the first that is installed.

        Returns:
            matplotlib's `Axes`, or altair's `Chart`.

        Raises:
            UsageError: neither is installed, or there is nothing to compare.
        """
        return _presenter().plot(self, library)

    def __str__(self) -> str:
        return str(_presenter().text(self))


def _first(name: str, named: Iterable[tuple[str, _T]]) -> _T:
    """The first of that name; a KeyError that lists all names if there is none."""
    known = []
    for key, item in named:
        if key == name:
            return item
        known.append(key)
    raise KeyError(f"{name!r}: this estimate holds {', '.join(known) or 'none'}")


def _presenter() -> Any:
    """The renderers, found by their name when an estimate is first shown.

    An estimate can show itself without this module depending on how, or loading it early.
    """
    return import_module(f"{__package__}.render")


def _plain(value: Any) -> Any:
    """A value in JSON's types: a Decimal and a date as their text, a tuple as a list, no end as null."""
    match value:
        case float() if value == UNBOUNDED:
            return None
        case Decimal():
            return format(value.normalize(), "f")
        case date():
            return value.isoformat()
        case Mapping():
            return {str(key): _plain(each) for key, each in value.items()}
        case tuple() | list():
            return [_plain(each) for each in value]
        case str():
            return said(value)
        case None | bool() | int() | float():
            return value
        case _Written():
            return value.to_dict()
        case _:
            return str(value)
