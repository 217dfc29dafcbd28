"""Put functions of ours in the place of a client's, and take them out again."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import field
from functools import wraps
from importlib.machinery import ModuleSpec
from inspect import iscoroutinefunction
from types import ModuleType
from typing import Any

from ....records import dataclass
from ..recorder import quietly

Make = Callable[[Callable[..., Any]], Callable[..., Any]]
Hook = Callable[["Replacements", Any], None]
"""What puts our functions into a module that has been imported."""


@dataclass(frozen=True, slots=True)
class _Replaced:
    owner: type | ModuleType
    name: str
    original: Callable[..., Any]
    ours: Callable[..., Any]

    @property
    def spelling(self) -> str:
        return _spelling(self.owner, self.name)


def _spelling(owner: type | ModuleType, name: str) -> str:
    if isinstance(owner, ModuleType):
        return f"{owner.__name__}.{name}"
    return f"{owner.__module__}.{owner.__qualname__}.{name}"


@dataclass(slots=True)
class Replacements:
    """The functions that were put in.

    `lacking` names those that a client does not have in this version. `forget` are called when all are taken
    out: what a hook remembers of connections.
    """

    lacking: list[str] = field(default_factory=list)
    forget: list[Callable[[], None]] = field(default_factory=list)
    _done: list[_Replaced] = field(default_factory=list)
    _is_out: bool = False

    def put(self, owner: type | ModuleType, name: str, make: Make) -> None:
        """Put `make(original)` in the place of a class's or a module's own function."""
        original = owner.__dict__.get(name)
        if original is None:
            self.lacking.append(_spelling(owner, name))
            return
        ours = wraps(original)(self._while_in(make(original), original))
        setattr(owner, name, ours)
        self._done.append(_Replaced(owner, name, original, ours))

    def take_out(self) -> list[str]:
        """Restore every original where ours is still on top; the names of those where something else is.

        What lies under another's function only calls the original from then on.
        """
        self._is_out = True
        for forget in self.forget:
            forget()
        covered = []
        while self._done:
            each = self._done.pop()
            if each.owner.__dict__.get(each.name) is each.ours:
                setattr(each.owner, each.name, each.original)
            else:
                covered.append(each.spelling)
        return covered

    def _while_in(self, ours: Callable[..., Any], original: Callable[..., Any]) -> Callable[..., Any]:
        """Our function until all are taken out, then the original."""
        if iscoroutinefunction(original):

            async def either_async(*arguments: Any, **named: Any) -> Any:
                __tracebackhide__ = True
                return await (original if self._is_out else ours)(*arguments, **named)

            return either_async

        def either(*arguments: Any, **named: Any) -> Any:
            __tracebackhide__ = True
            return (original if self._is_out else ours)(*arguments, **named)

        return either


class LateImports:
    """Runs a hook once its module is imported; nothing is imported for the user.

    A finder of `sys.meta_path`: it lets the others find the module, and has its loader call back when the
    module is there.
    """

    def __init__(self, hooks: Iterable[tuple[str, Callable[[ModuleType], None]]]) -> None:
        self._waiting = dict(hooks)

    def watch(self) -> None:
        """Hook what is imported already, and wait for the rest."""
        for name in [name for name in self._waiting if name in sys.modules]:
            self._waiting.pop(name)(sys.modules[name])
        if self._waiting:
            sys.meta_path.insert(0, self)

    def stop(self) -> None:
        """Wait no longer."""
        self._waiting.clear()
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec that the other finders have for a module that is waited for."""
        return quietly(self._find, name, path, target) if name in self._waiting else None

    def _find(self, name: str, path: Sequence[str] | None, target: ModuleType | None) -> ModuleSpec | None:
        others = (each for each in sys.meta_path if each is not self)
        found = (spec for each in others if (spec := each.find_spec(name, path, target)) is not None)
        spec = next(found, None)
        if spec is not None and spec.loader is not None and not isinstance(spec.loader, type):
            self._call_back(spec.loader)
        return spec

    def _call_back(self, loader: Any) -> None:
        execute = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            del loader.exec_module  # it shadows the loader's own for this one time
            execute(module)
            hook = self._waiting.pop(module.__name__, None)
            if hook is not None:
                quietly(hook, module)

        # Whoever asks for the spec may not import the module: the next spec calls back too.
        loader.exec_module = exec_module
