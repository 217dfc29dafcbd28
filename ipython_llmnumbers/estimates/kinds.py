"""What a parameter of a question can be: what is taken, how JSON writes it, what its schema says.

`take` turns what a caller gives, in Python's types or in those of JSON, into the one value that the
estimates read, or refuses it in the caller's words. How the words of a magic's line are read is the
magics' to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from operator import index
from typing import Any, ClassVar

from ..errors import ParameterError, one_of
from ..figures import is_number
from ..patterns import pattern
from ..records import dataclass

_DIGITS = pattern(r"\d{1,20}(\.\d{1,20})?|\.\d{1,20}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Kind:
    """Any object at all. `annotation` is what a signature says."""

    annotation: ClassVar[str] = "Any"
    json_schema: ClassVar[Mapping[str, Any]] = {}

    def take(self, name: str, value: Any) -> Any:  # noqa: ARG002 (for those that refuse it)
        """The value as the estimates read it.

        Raises:
            ParameterError: it is none of this kind.
        """
        return value

    def to_json(self, value: Any) -> Any:
        """The value in JSON's types, which `take` takes again."""
        return value

    @property
    def schema(self) -> Mapping[str, Any]:
        """What JSON Schema says of it."""
        return self.json_schema


@dataclass(frozen=True, slots=True)
class Switch(Kind):
    """On or off."""

    annotation: ClassVar[str] = "bool"
    json_schema: ClassVar[Mapping[str, Any]] = {"type": "boolean"}

    def take(self, name: str, value: Any) -> bool:
        if not isinstance(value, bool):
            raise ParameterError("{option} is neither True nor False", name, value)
        return value


@dataclass(frozen=True, slots=True)
class Whole(Kind):
    """A whole number within limits."""

    most: int
    least: int = 1
    annotation: ClassVar[str] = "int"

    def take(self, name: str, value: Any) -> int:
        # People write tokens as 1.4e12, which Python reads as a float.
        whole = int(value) if isinstance(value, float) and value.is_integer() else value
        try:
            number = None if isinstance(whole, bool) else index(whole)  # numpy's integers too
        except TypeError:
            number = None
        if number is None or not self.least <= number <= self.most:
            raise ParameterError(
                "{option} is not a whole number from {least:,} to {most:,}",
                name,
                value,
                least=self.least,
                most=self.most,
            )
        return number

    @property
    def schema(self) -> Mapping[str, Any]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True, slots=True)
class WholeRange(Whole):
    """A whole number, or the least and the greatest that it may be."""

    annotation: ClassVar[str] = "int | tuple[int, int]"

    def take(self, name: str, value: Any) -> Any:
        if not isinstance(value, list | tuple):
            return Whole.take(self, name, value)
        if len(value) != 2:
            raise ParameterError("{option} is no pair of the least and the greatest", name, value)
        least, most = (Whole.take(self, name, each) for each in value)
        if least > most:
            raise ParameterError("{option}: the first number is the least", name, value)
        return least, most

    def to_json(self, value: Any) -> Any:
        return list(value) if isinstance(value, tuple) else value

    @property
    def schema(self) -> Mapping[str, Any]:
        whole = Whole.schema.fget(self)  # type: ignore[attr-defined]
        return {"anyOf": [whole, {"type": "array", "items": whole, "minItems": 2, "maxItems": 2}]}


@dataclass(frozen=True, slots=True)
class Fraction(Kind):
    """A part of a whole, from `least` to 1."""

    least: float
    annotation: ClassVar[str] = "float"

    def take(self, name: str, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not self.least <= value <= 1:
            least = format(Decimal(str(self.least)), "f")  # not 1e-06
            raise ParameterError(
                "{option} is not a share from {least} to 1, such as 0.9", name, value, least=least
            )
        return value

    @property
    def schema(self) -> Mapping[str, Any]:
        return {"type": "number", "minimum": self.least, "maximum": 1}


@dataclass(frozen=True, slots=True)
class Name(Kind):
    """A name that a table knows; `known` lists those to offer. Who looks it up refuses others."""

    known: Callable[[], Iterable[str]] | None = None
    annotation: ClassVar[str] = "str"
    json_schema: ClassVar[Mapping[str, Any]] = {"type": "string"}

    def take(self, name: str, value: Any) -> str:
        if not isinstance(value, str):
            raise ParameterError(
                "{option} is of type {type}, not text; give a str", name, value, type=type(value).__name__
            )
        return value


@dataclass(frozen=True, slots=True)
class OneOf(Kind):
    """One of a few words; case does not count."""

    words: tuple[str, ...]
    annotation: ClassVar[str] = "str"

    def known(self) -> tuple[str, ...]:
        return self.words

    def take(self, name: str, value: Any) -> str:
        return one_of(self.words, name, value)

    @property
    def schema(self) -> Mapping[str, Any]:
        return {"enum": list(self.words)}


@dataclass(frozen=True, slots=True)
class Names(Kind):
    """One name, or several: a text with commas between, or a list."""

    known: Callable[[], Iterable[str]] | None = None
    annotation: ClassVar[str] = "str | Sequence[str]"

    def take(self, name: str, value: Any) -> tuple[str, ...]:
        given = value.split(",") if isinstance(value, str) else value
        if not isinstance(given, Sequence):
            raise ParameterError("{option} is neither a name nor a list of names", name, value)
        names = [Name().take(name, each).strip() for each in given]
        return tuple(dict.fromkeys(each for each in names if each)) or ("",)

    def to_json(self, value: tuple[str, ...]) -> Any:
        return value[0] if len(value) == 1 else list(value)

    @property
    def schema(self) -> Mapping[str, Any]:
        return {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}


@dataclass(frozen=True, slots=True)
class Day(Kind):
    """A day, or its text as ISO 8601 writes it."""

    annotation: ClassVar[str] = "date | str"
    json_schema: ClassVar[Mapping[str, Any]] = {"type": "string", "format": "date"}

    def take(self, name: str, value: Any) -> date:
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError):
            raise ParameterError("{option} is not a day; write it as YYYY-MM-DD", name, value) from None

    def to_json(self, value: date) -> str:
        return value.isoformat()


@dataclass(frozen=True, slots=True)
class Dollars(Kind):
    """An amount of dollars from 0 to `most`; not 0 where it is a price."""

    most: Decimal
    is_price: bool = False
    annotation: ClassVar[str] = "Decimal | float | str"
    json_schema: ClassVar[Mapping[str, Any]] = {"type": "string", "pattern": r"^\d+(\.\d+)?$"}

    def take(self, name: str, value: Any) -> Decimal:
        amount = as_decimal(value)
        if amount is None or not 0 <= amount <= self.most or (self.is_price and not amount):
            raise ParameterError("{option} is not an amount of dollars; write one such as 2.50", name, value)
        return amount

    def to_json(self, value: Decimal) -> str:
        return format(value.normalize(), "f")


def as_decimal(value: Any) -> Decimal | None:
    """A finite number, or its plain digits, as a Decimal; None for anything else.

    >>> as_decimal(0.1), as_decimal("2.50"), as_decimal("1e9"), as_decimal(True)
    (Decimal('0.1'), Decimal('2.50'), None, None)
    """
    if isinstance(value, str):
        return Decimal(value) if _DIGITS.fullmatch(value) else None
    if not is_number(value):
        return None
    number = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
    # What JSON can write and be read again: neither 5,000 digits nor a negative zero.
    return abs(number) if _DIGITS.fullmatch(f"{abs(number):f}") and number >= 0 else None


def _number(value: Any) -> Any:
    """A number that JSON wrote as its text; anything else as it is, to be refused by its own words."""
    number = as_decimal(value) if isinstance(value, str) else None
    return value if number is None else number


@dataclass(frozen=True, slots=True)
class Numbers(Kind):
    """Numbers by name."""

    annotation: ClassVar[str] = "float"
    json_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": {"type": ["number", "string"]},
    }

    def take(self, name: str, value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise ParameterError("{option} is no mapping of names to numbers", name, value)
        return {str(key): _number(each) for key, each in value.items()}

    def to_json(self, value: Mapping[str, Any]) -> dict[str, Any]:
        return {key: format(each, "f") if isinstance(each, Decimal) else each for key, each in value.items()}
