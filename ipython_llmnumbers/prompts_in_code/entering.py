"""The functions of a notebook: each is read with the arguments of its call in place."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import field, replace

from ..records import dataclass
from .evaluate.expressions import MOST_STEPS, Expressions
from .evaluate.operations import put
from .evaluate.parameters import bind_parameters
from .evaluate.values import Class, Fields, Function, Sent, State, Unknown, Value, either
from .prompt import Prompt
from .sending.call_site import CallSite

MOST_DEPTH = 5
# A notebook is read for this many cells' worth of code at most.
_MOST_CELLS_OF_STEPS = 5


@dataclass(slots=True)
class _Frame:
    """A call of a function of the notebook: how it is called, and what it has returned so far."""

    how: str = ""
    returned: list[Value] = field(default_factory=list)


@dataclass(slots=True)
class Definition:
    """A function that was defined, and whether anything calls it."""

    function: Function
    owner: Class | None = None
    is_called: bool = False


class Entering:
    """Enters functions, and collects the prompts that are sent in them; what a call gives and how a block
    is read are the subclass's."""

    def __init__(self) -> None:
        self._expressions = Expressions(self._call, self._look_for_batch_line)
        self._definitions: dict[int, Definition] = {}
        self._frames: list[_Frame] = [_Frame()]
        self._found: list[Prompt] = []
        self._shown: list[int] = []
        self._cell = 0
        self._in_order_since: int | None = None
        self._n_sent = 0
        self._steps_left = _MOST_CELLS_OF_STEPS * MOST_STEPS
        self._begun_with = 0

    def _call(self, node: ast.Call, state: State) -> Value:
        raise NotImplementedError

    def _look_for_batch_line(self, fields: Fields, state: State) -> None:
        raise NotImplementedError

    def _block(self, statements: Sequence[ast.stmt], state: State) -> bool:
        raise NotImplementedError

    def _begin(self, cell: int, in_order_since: int | None = None) -> None:
        self._cell, self._found, self._shown = cell, [], []
        self._in_order_since = in_order_since
        self._frames = [_Frame()]
        self._begun_with = self._expressions.steps_left = min(MOST_STEPS, self._steps_left)

    def _end(self) -> None:
        """Take what was read from what the notebook may have."""
        self._steps_left -= self._begun_with - max(0, self._expressions.steps_left)

    def _collect(self, prompts: list[Prompt]) -> Value:
        how = self._frames[-1].how
        for each in prompts:
            each = replace(each, number=self._n_sent, how=how or each.how)
            self._n_sent += 1
            self._found.append(each)
        return Sent(self._n_sent - 1) if prompts else Unknown()

    def _may_enter(self, function: Function) -> bool:
        definition = self._definitions.get(id(function.node))
        if definition is not None:
            definition.is_called = True
        return len(self._frames) <= MOST_DEPTH

    def _how(self, call: CallSite) -> str:
        """The outermost call names what is sent below it."""
        return self._frames[-1].how or f"{call.last_name}()"

    def _inside(
        self,
        function: Function,
        args: Sequence[Value],
        keywords: Mapping[str, Value],
        how: str,
        state: State,
    ) -> Value:
        """Read a function's body with the arguments in place; what it returns."""
        inner = state.inside(function.layer)
        bind_parameters(function, args, dict(keywords), inner, self._expressions.value)
        self._frames.append(_Frame(how))
        try:
            if isinstance(function.node, ast.Lambda):
                return self._expressions.value(function.node.body, inner)
            self._block(function.node.body, inner)
            returned = self._frames[-1].returned
        finally:
            self._frames.pop()
        result = returned[0] if returned else None
        for each in returned[1:]:
            result = either(state, result, each) if not isinstance(result, Sent) else result
        return result

    def _instance(
        self, own: Class, args: Sequence[Value], keywords: Mapping[str, Value], state: State
    ) -> Value:
        """An object of a class of the notebook, as its `__init__` makes it."""
        instance = state.new(Fields({}, made_by=own))
        init = own.methods.get("__init__")
        if init is not None and self._may_enter(init):
            self._inside(replace(init, owner=instance), args, keywords, self._frames[-1].how, state)
        else:
            for name, value in keywords.items():
                put(instance, name, value, state)
        return instance
