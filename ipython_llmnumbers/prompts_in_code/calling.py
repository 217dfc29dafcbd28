"""What the calls of a notebook give: its own functions are read with the arguments in place."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from .entering import MOST_DEPTH, Entering
from .evaluate.called import Called
from .evaluate.methods import NOT_KNOWN_HERE, builtin_value, method_value
from .evaluate.operations import attribute, elements_of
from .evaluate.plain import as_value
from .evaluate.texts import Text
from .evaluate.values import (
    CONFIGURED,
    Class,
    Fields,
    Function,
    Items,
    Made,
    Sent,
    State,
    Unknown,
    Value,
)
from .prompt import Prompt
from .schemas.annotations import pydantic_schema
from .sending.bodies import batch_line, sent_to
from .sending.call_site import CallSite
from .sending.calls import helper_prompt, prompts_sent
from .sending.chains import template_places, templates_in
from .sending.graphs import built, run
from .sending.histories import Session, in_session
from .sending.shell import curl_requests
from .sending.teams import note_what_is_kept

# What is given a function and calls it: builtins, pools of threads, asyncio, pandas, tqdm.
_CALLS_WHAT_IT_IS_GIVEN = (
    *("map", "imap", "thread_map", "process_map", "submit", "to_thread", "run_in_executor", "create_task"),
    *("apply", "progress_apply", "applymap"),
)
_SHOWS = ("print", "display", "pprint", "rprint", "pp", "print_json")


class Calls(Entering):
    """Follows calls, and collects the prompts that they send; how a block is read is the subclass's."""

    def __init__(self, stored: dict[str, Value] | None = None) -> None:
        """`stored` are the names that `%store` keeps from notebook to notebook."""
        super().__init__()
        self._stored = {} if stored is None else stored
        self._reads = Called(self._expressions.value)
        self._methods: dict[str, Function] = {}
        self._templates: dict[Made, int] = {}
        self._used_templates: set[Made] = set()
        self._states: dict[int, Value] = {}

    def _show(self, value: Value, state: State, depth: int = 0) -> None:
        """An answer is shown, also in another form: `json.dumps(json.loads(answer.model_dump_json()))`."""
        content = state.content(value)
        if isinstance(value, Sent) and value.number not in self._shown:
            self._shown.append(value.number)
        elif depth >= MOST_DEPTH:
            return
        elif isinstance(value, Made):
            for each in value.args:
                self._show(each, state, depth + 1)
        elif isinstance(content, Items | Fields):
            for each in content.values if isinstance(content, Items) else content.entries.values():
                self._show(each, state, depth + 1)

    # -- calls ----------------------------------------------------------------------

    def _call(self, node: ast.Call, state: State) -> Value:
        """What a call gives; the prompts that it sends are collected."""
        owner, name, target = self._reads.target(node.func, state)
        args, keywords, more = self._reads.arguments(node, state)
        while isinstance(target, Made) and target.last_name == "partial" and target.args:
            args, keywords = (*target.args[1:], *args), {**target.keywords, **keywords}
            owner, name, target = self._reads.held(target.args[0], name, state)
        call = CallSite(name, owner, args, keywords, more, node, self._n_sent)
        if isinstance(target, Function) and self._may_enter(target):
            return self._inside(target, args, keywords, self._how(call), state)
        if isinstance(target, Class):
            return self._instance(target, args, keywords, state)
        called = attribute(target, "__call__", node, state)
        if isinstance(called, Function) and self._may_enter(called):
            return self._inside(called, args, keywords, self._how(call), state)
        if name in _SHOWS or call.last_name in _SHOWS:
            for each in args:
                self._show(each, state)
        known = method_value(owner, call.last_name, args, keywords, state) if "." in name else NOT_KNOWN_HERE
        if known is not NOT_KNOWN_HERE:
            return known
        return self._of_somebody_else(call, state)

    def _of_somebody_else(self, call: CallSite, state: State) -> Value:
        if call.last_name == "run_line_magic" and self._store(call.args, state):
            return None
        if call.last_name in ("system", "getoutput") and isinstance(call.argument((0,)), Text):
            return self._shell(call.args[0].text, state)
        if call.last_name in ("configure", "context") and "lm" in call.keywords:
            state.bind(CONFIGURED["lm"], call.keywords["lm"])
        known = builtin_value(call.name, call.args, call.keywords, state)
        if known is not NOT_KNOWN_HERE:
            return known
        if call.last_name == "model_json_schema" and isinstance(call.owner, Class):
            return self._schema(call, call.owner, state)
        note_what_is_kept(call, state)
        graph = built(call, state)
        if graph is not None:
            return graph
        values = self._run_graph(call, state)
        if values is not None:
            return values
        if call.last_name in _CALLS_WHAT_IT_IS_GIVEN and any(
            isinstance(each, Function) for each in call.args
        ):
            return self._call_what_is_given(call, state)
        session = self._session(call, state)
        sent = prompts_sent(session.call if session else call, state)
        if session and sent:
            self._use_templates(session.call)
            answer = self._collect(sent)
            session.keep(answer, state)
            return answer
        if sent is not None:
            self._use_templates(call)
            return self._collect(sent)
        method = self._methods.get(call.last_name)
        if method is not None and "." in call.name and self._may_enter(method):
            owner = state.new(Fields(more=True))
            return self._inside(
                replace(method, owner=owner), call.args, call.keywords, self._how(call), state
            )
        helper = helper_prompt(call, state)
        if helper is not None:
            return self._collect([helper])
        if isinstance(call.owner, Sent):
            return call.owner
        made = Made(call.name, call.owner, call.args, call.keywords, call.node, self._cell)
        if template_places(made):
            self._templates[made] = self._cell
        return made

    def _schema(self, call: CallSite, own: Class, state: State) -> Value:
        """What `Model.model_json_schema()` gives; with arguments it gives another one."""
        is_plain = not (call.args or call.keywords or call.more)
        schema = pydantic_schema(own, state) if is_plain else None
        return Unknown(call.node) if schema is None else as_value(schema, state)

    def _session(self, call: CallSite, state: State) -> Session | None:
        def enter(function: Function, args: Sequence[Value]) -> Value:
            return self._inside(function, args, {}, "", state) if self._may_enter(function) else None

        return in_session(call, enter, state, self._in_order_since)

    def _run_graph(self, call: CallSite, state: State) -> Value | None:
        """Read the nodes of a graph of LangGraph's that a run goes through; None where they send nothing."""
        n_before = len(self._found)
        ran = run(
            call, lambda node, values: self._node(node, values, call, state), state, self._in_order_since
        )
        if ran is None or len(self._found) == n_before:
            return None
        self._found[n_before:] = [
            replace(
                each,
                begins_a_run=ran.is_first and not place,
                is_within_a_run=ran.is_open and not ran.is_stream,
            )
            for place, each in enumerate(self._found[n_before:])
        ]
        self._states[self._found[-1].number] = ran.values
        return Unknown(call.node) if ran.is_stream else ran.values

    def _node(self, node: Function, values: Value, call: CallSite, state: State) -> Value:
        if not self._may_enter(node):
            return Unknown(call.node)
        return self._inside(node, (values,), {}, self._frames[-1].how or call.name, state)

    def _call_what_is_given(self, call: CallSite, state: State) -> Value:
        """`map(ask, questions)` calls a function for each element, `submit(ask, question)` once."""
        place = next(place for place, each in enumerate(call.args) if isinstance(each, Function))
        function, args = call.args[place], call.args[place + 1 :]
        if not self._may_enter(function):
            return Unknown(call.node)
        how = self._frames[-1].how or f"{getattr(function.node, 'name', call.last_name)}()"
        if "map" not in call.last_name and "apply" not in call.last_name:
            return self._inside(function, args, call.keywords, how, state)
        elements, more = elements_of(args[0] if args else Unknown(), state)
        values = [self._inside(function, (each,), {}, how, state) for each in elements]
        return state.new(Items(tuple(values), more))

    def _store(self, args: Sequence[Value], state: State) -> bool:
        """`%store NAME` keeps a text or number for other notebooks, `%store -r [NAME]` fetches it."""
        match args:
            case [Text(text="store"), Text(text=line)]:
                words = line.split()
            case _:
                return False
        if "-r" in words:
            named = [each for each in words if each != "-r"] or list(self._stored)
            for name in named:
                state.bind(name, self._stored.get(name, Unknown(ast.Name(name))))
        else:
            kept = {name: state.name(name) for name in words if name.isidentifier()}
            self._stored |= {
                name: each for name, each in kept.items() if isinstance(each, Text | int | float)
            }
        return True

    def _shell(self, script: str, state: State) -> Value:
        """What a script of a shell sends by `curl`."""
        sent: list[Prompt] = []
        for address, body in curl_requests(script, state):
            call = CallSite("curl", None, (), {}, False, ast.Call(ast.Name("curl"), [], []))
            sent += sent_to(address, body, call, state) or []
        return self._collect(sent)

    def _use_templates(self, call: CallSite) -> None:
        for value in (call.owner, *call.args, *call.keywords.values()):
            self._used_templates.update(templates_in(value))

    def _look_for_batch_line(self, fields: Fields, state: State) -> None:
        line = batch_line(fields.entries, state)
        if line is not None:
            self._collect([line])
