"""`dataclass`, as the standard library's, for classes that a user waits for.

The standard library compiles each method of each class while its module is imported: six for a frozen
class, 0.4 to 0.7 ms on Python 3.11 to 3.13, and with 200 classes half of the time to a first estimate.
Here the classes share what does not depend on them, and `__init__` is compiled for the first object. For
all else they are the standard library's: for type checkers, and for `fields`, `replace`, `asdict`, `match`,
`copy` and `pickle`. Only a subclass must be made by this one, too.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError, fields
from functools import cache
from operator import attrgetter
from reprlib import recursive_repr
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(cls=None, /, *, frozen=False, slots=False, eq=True, repr=True, kw_only=False):
        """A class of fields; its parameters are those of `dataclasses.dataclass`."""

        def make(cls):
            bare = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots, kw_only=kw_only)
            made = bare(cls)
            own = {"__init__": _Init(made, is_frozen=frozen)}
            own |= {"__repr__": _repr} if repr else {}
            own |= {"__eq__": _equals} if eq else {}
            own |= _FROZEN if frozen else {}
            own |= _FROZEN_SLOTS if frozen and slots else {}
            for name, method in own.items():
                if name not in vars(made):
                    setattr(made, name, method)
            if eq and vars(made).get("__hash__") is None:
                made.__hash__ = _hash_of if frozen else None
            return made

        return make if cls is None else make(cls)


class _Init:
    """The `__init__` of a class, until somebody asks for it."""

    __slots__ = ("_cls", "_is_frozen")

    def __init__(self, cls: type, *, is_frozen: bool) -> None:
        self._cls, self._is_frozen = cls, is_frozen

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        method = _compiled_init(self._cls, is_frozen=self._is_frozen)
        self._cls.__init__ = method  # type: ignore[misc]
        return method.__get__(instance, owner)


def _compiled_init(cls: Any, *, is_frozen: bool) -> Any:
    """`__init__` with a parameter for each field, and their defaults."""
    known: dict[str, Any] = {"__name__": cls.__module__, "_set": object.__setattr__, "_lacking": MISSING}
    places: list[str] = ["self"]
    keywords: list[str] = []
    lines: list[str] = []
    for each in fields(cls):
        name = each.name
        known[f"_{name}"] = each.default if each.default_factory is MISSING else each.default_factory
        if each.init:
            (keywords if each.kw_only else places).append(_parameter(each))
        if value := _value(each):
            lines.append(f"_set(self, {name!r}, {value})" if is_frozen else f"self.{name} = {value}")
    if hasattr(cls, "__post_init__"):
        lines.append("self.__post_init__()")
    names = ", ".join([*places, *(["*", *keywords] if keywords else [])])
    exec(f"def __init__({names}):\n " + "\n ".join(lines or ["pass"]), known)
    method = known["__init__"]
    method.__qualname__ = f"{cls.__qualname__}.__init__"
    method.__annotations__ = {each.name: each.type for each in fields(cls) if each.init} | {"return": None}
    return method


def _parameter(each: Field[Any]) -> str:
    if each.default_factory is not MISSING:
        return f"{each.name}=_lacking"
    return each.name if each.default is MISSING else f"{each.name}=_{each.name}"


def _value(each: Field[Any]) -> str:
    """What a field is set to, as code; "" where its class sets it itself."""
    if each.default_factory is not MISSING:
        made = f"_{each.name}()"
        return f"{made} if {each.name} is _lacking else {each.name}" if each.init else made
    if each.init:
        return each.name
    return "" if each.default is MISSING else f"_{each.name}"


@cache
def _compared(cls: Any) -> Callable[[object], Any]:
    names = [each.name for each in fields(cls) if each.compare]
    return attrgetter(*names) if names else lambda _: ()


def _equals(self: Any, other: object) -> Any:
    cls: Any = self.__class__
    if other.__class__ is not self.__class__:
        return NotImplemented
    return _compared(cls)(self) == _compared(cls)(other)


def _hash_of(self: Any) -> int:
    cls: Any = self.__class__
    return hash(_compared(cls)(self))


@recursive_repr()
def _repr(self: Any) -> str:
    shown = (f"{each.name}={getattr(self, each.name)!r}" for each in fields(self) if each.repr)
    return f"{self.__class__.__qualname__}({', '.join(shown)})"


def _refuse_setting(_self: object, name: str, _value: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_deleting(_self: object, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: Any) -> tuple[Any, ...]:
    return tuple(getattr(self, each.name) for each in fields(self))


def _set_state(self: Any, state: tuple[Any, ...]) -> None:
    for each, value in zip(fields(self), state, strict=True):
        object.__setattr__(self, each.name, value)


_FROZEN = MappingProxyType({"__setattr__": _refuse_setting, "__delattr__": _refuse_deleting})
# `pickle` and `copy` set the slots of a class one by one, which a frozen one refuses.
_FROZEN_SLOTS = MappingProxyType({"__getstate__": _state, "__setstate__": _set_state})
