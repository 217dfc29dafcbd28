"""A question is a frozen dataclass: each field carries all that is known of a parameter.

From the fields come the options of the magic, the signature of the function, what is refused, and the
`request` that an estimate keeps. A field is declared with `parameter`; its name is the keyword of the
function, and the word of the flag where `flag` says no other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, field, fields
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar

from ..errors import ParameterError, UsageError, nearest
from ..messages import option
from ..records import dataclass
from .kinds import Kind

if TYPE_CHECKING:
    from ..figures import Estimate

_Q = TypeVar("_Q", bound="Question")


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a question asks for, beside its name.

    `flag` is the word of the flag, `short` its letter, `metavar` what help writes for the value; `unit` is
    that of a number. The parameter that stands before all options is the `is_subject` of the question.
    `effect` says what an option does beside shaping the estimate (see `magics.options`).
    """

    kind: Kind
    help: str
    default: Any
    flag: str = ""
    short: str = ""
    metavar: str = ""
    unit: str = ""
    is_subject: bool = False
    effect: Literal["", "instead"] = ""


def parameter(kind: Kind, help: str, default: Any = MISSING, **more: Any) -> Any:
    """A field of a question; without a `default` it must be given."""
    return field(default=default, metadata={"parameter": Parameter(kind, help, default, **more)})


class Question:
    """What is asked: checked once, then only read. Subclasses are frozen dataclasses of parameters.

    Raises:
        ParameterError: a value that its parameter does not take, in the caller's words.
    """

    __slots__ = ()
    function: ClassVar[str]
    """The name of the function that asks it."""

    def __post_init__(self) -> None:
        for name, each in self.parameters().items():
            value = getattr(self, name)
            if value is not None or each.default is not None:
                object.__setattr__(self, name, each.kind.take(name, value))
        self.check()

    def check(self) -> None:
        """Refuse parameters that do not go together."""

    def answer(self) -> Estimate:
        """The estimate."""
        raise NotImplementedError

    @classmethod
    @cache
    def parameters(cls) -> dict[str, Parameter]:
        """Each parameter by its name: the question's own first, then those that it shares with others."""
        declared: tuple[Field[Any], ...] = fields(cls)  # type: ignore[arg-type]
        own = sorted(declared, key=lambda each: each.name not in cls.__annotations__)
        return {each.name: each.metadata["parameter"] for each in own}

    def request(self) -> dict[str, Any]:
        """The parameters in JSON's types."""
        return {
            name: None if (value := getattr(self, name)) is None else each.kind.to_json(value)
            for name, each in self.parameters().items()
        }

    @classmethod
    def of(cls: type[_Q], **given: Any) -> _Q:
        """The question with what a caller gives: whatever each parameter's kind takes.

        Raises:
            UsageError: a parameter that is lacking or unknown, a value that it does not take, or parameters
                that do not go together.
        """
        known = cls.parameters()
        for name, value in given.items():
            if name not in known:
                names = ", ".join(nearest(name, known) or known)
                raise ParameterError("unknown parameter {option}; nearest: {names}", name, value, names=names)
        for name, each in known.items():
            if each.default is MISSING and name not in given:
                raise UsageError("{parameter} is lacking; give one", parameter=option(name))
        return cls(**given)

    @classmethod
    def from_request(cls: type[_Q], request: Mapping[str, Any]) -> _Q:
        """The same question again, from what `request` gave.

        Raises:
            UsageError: as `of`.
        """
        return cls.of(**request)


def imported_questions(of: type[Question] = Question) -> Iterator[type[Question]]:
    """The questions whose modules are imported."""
    for each in of.__subclasses__():
        yield each
        yield from imported_questions(each)
