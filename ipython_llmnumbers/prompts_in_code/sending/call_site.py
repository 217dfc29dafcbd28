"""A call as it stands in the source, and the prompt that is made of its request."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from ...catalog.api_clients import arguments
from ...records import dataclass
from ..evaluate.plain import keyed
from ..evaluate.values import State, Value
from ..prompt import Prompt
from .draft import Draft
from .models import model_of


@dataclass(frozen=True, slots=True)
class CallSite:
    """A call as it stands in the source: its dotted name, what it is called on, and its arguments.

    `owner` is the value of what stands before the name's last parts; `more` whether `**` of something
    that is not known stands among the arguments. `number` is that of the prompt which it sends, if any.
    """

    name: str
    owner: Value
    args: tuple[Value, ...]
    keywords: Mapping[str, Value]
    more: bool
    node: ast.Call
    number: int = -1

    @property
    def last_name(self) -> str:
        return self.name.rpartition(".")[2]

    def argument(self, places: tuple[str | int, ...]) -> Value:
        """The first of these arguments that is given; None where none is."""
        for place in places:
            if isinstance(place, int):
                if place < len(self.args):
                    return self.args[place]
            elif place in self.keywords:
                return self.keywords[place]
        return None


def flattened(named: Mapping[str, Value], state: State) -> dict[str, Value]:
    """Arguments, with those inside `config=` and its like."""
    found = dict(named)
    for key in arguments("nested"):
        inner = keyed(named.get(key), state)
        found |= {str(name): value for name, value in (inner or {}).items() if name not in named}
    return found


def finished(
    draft: Draft,
    request: Any,
    call: CallSite,
    state: State,
    *,
    how: str = "",
    named: Mapping[str, Value] | None = None,
    asked: Value = None,
    processing: str | None = None,
) -> Prompt:
    """The prompt of a draft, with the model that is asked and the bound of its answer.

    `named` are the arguments beside the prompt, `asked` the client or agent: of the call, if not given.
    """
    named = flattened(call.keywords, state) if named is None else named
    if isinstance(request, dict) and not request["messages"]:
        request["messages"] = [{"role": "user", "content": ""}]
    return Prompt(
        text="\n".join(draft.texts),
        how=how or call.name,
        model=model_of(named, call.owner if asked is None else asked, state),
        n_unknown=draft.n_unknown,
        request=request,
        not_counted=tuple(dict.fromkeys(draft.not_counted)),
        max_output_tokens=_most_output(named),
        processing=processing,
    )


def _most_output(named: Mapping[str, Value]) -> int | None:
    """The bound of the answer, or of all answers where several are asked for."""
    most = next((named[key] for key in arguments("max_output") if key in named), None)
    answers = next((named[key] for key in arguments("answers") if key in named), 1)
    if not isinstance(most, int) or isinstance(most, bool) or most <= 0 or not isinstance(answers, int):
        return None
    return most * max(1, answers)
