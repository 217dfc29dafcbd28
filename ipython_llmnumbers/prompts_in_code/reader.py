"""Reads the cells of a notebook in order, as Python would run them, and collects what they send."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace

from .calling import Calls
from .entering import Definition
from .evaluate.expressions import TooMuchCode, children
from .evaluate.operations import elements_of
from .evaluate.values import Class, Function, Items, Made, Ref, Sent, State, Unknown, Value, truth
from .prompt import Prompt
from .sending.chains import template_messages
from .sending.draft import Draft
from .shown_text import ShownText, learn_answers, learn_from


class PromptReader(Calls):
    """Reads the cells of one notebook in order, and remembers what they set."""

    def __init__(self, stored: dict[str, Value] | None = None) -> None:
        super().__init__(stored)
        self._state = State()
        self._run = 0
        self._runs: list[int] = []  # of the cells that send something
        self._asked_again: dict[int, list[int]] = {}  # the later runs of cells above, by a prompt's number

    def read(self, tree: ast.Module, cell: int, shown: ShownText) -> Iterator[Prompt]:
        """The prompts that a cell sends, in order; `shown` is what its saved output shows.

        Raises:
            TooMuchCode: there is more in the cell, or in the notebook, than is followed.
        """
        self._begin(cell, shown.in_order_since)
        try:
            self._block(tree.body, self._state)
            self._show_last(tree.body)
            learn_from(tree.body, shown, self._state)
            self._learn_answers(tree.body, shown)
        finally:
            self._end()
        yield from self._found

    def _learn_answers(self, statements: Sequence[ast.stmt], shown: ShownText) -> None:
        """Take the answers that the cell shows, unless a cell above it has asked anew since."""
        numbers = self._shown or [each.number for each in self._found if not each.is_within_a_run]
        later = [run for run in self._runs if run > shown.run]
        if not later:
            learn_answers(statements, shown, numbers, self._state)
        self._run = shown.run
        if self._found and shown.run:
            self._asked_again |= {each.number: later for each in self._found}
            self._runs.append(shown.run)

    def read_shell(self, script: str, cell: int) -> tuple[Prompt, ...]:
        """What a script of a shell sends."""
        self._begin(cell)
        self._shell(script, self._state)
        return tuple(self._found)

    def found_so_far(self) -> tuple[Prompt, ...]:
        """The prompts of the cell that was read last, also where it was read in part."""
        return tuple(self._found)

    def shown(self) -> tuple[int, ...]:
        """The numbers of the prompts whose answers the last cell prints or ends with, in order; none that
        another cell has asked again before this one ran."""
        return tuple(
            each
            for each in self._shown
            if not any(run < self._run for run in self._asked_again.get(each, ()))
        )

    def of_what_is_not_used(self) -> Iterator[tuple[int, Prompt]]:
        """What functions and templates send that the notebook defines and does not use, with their cells."""
        found: list[tuple[int, Prompt]] = []
        # A function that another one calls is read there.
        for definition in reversed(list(self._definitions.values())):
            if not definition.is_called:
                self._begin(definition.function.cell)
                self._of_uncalled(definition)
                found += [(definition.function.cell, each) for each in self._found]
        for made, cell in self._templates.items():
            if made not in self._used_templates:
                self._begin(cell)
                draft = Draft(self._state, {})
                template_messages(made, draft)
                text = "\n".join(draft.texts)
                found.append((cell, Prompt(text, made.name, None, draft.n_unknown, text)))
        yield from sorted(found, key=lambda pair: pair[0])

    def _of_uncalled(self, definition: Definition) -> None:
        function, owner = definition.function, definition.owner
        state = self._state.fork()
        try:
            if owner is not None:
                function = replace(function, owner=self._instance(owner, (), {}, state))
                self._found = []
            self._inside(function, (), {}, "", state)
        except (TooMuchCode, RecursionError):
            return
        finally:
            self._end()

    # -- statements -----------------------------------------------------------------

    def _block(self, statements: Sequence[ast.stmt], state: State) -> bool:
        """Read statements in order; whether the last one read ends the block for good."""
        return any(self._statement(each, state) for each in statements)

    def _statement(self, statement: ast.stmt, state: State) -> bool:
        value = self._expressions.value
        match statement:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._define(statement, state)
            case ast.ClassDef():
                self._define_class(statement, state)
            case ast.Return(value=returned):
                self._frames[-1].returned.append(value(returned, state) if returned else None)
                return True
            case ast.Raise() | ast.Break() | ast.Continue():
                for each in children(statement):
                    value(each, state)
                return True
            case ast.If(test=test, body=body, orelse=orelse):
                return self._branches(truth(value(test, state), state), [body, orelse], state)
            case ast.For() | ast.AsyncFor():
                self._loop(statement, state)
            case ast.While(test=test, body=body, orelse=orelse):
                value(test, state)
                self._rounds_of_unknown_number(body, state)
                return self._block(orelse, state)
            case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
                for item in items:
                    held = value(item.context_expr, state)
                    if item.optional_vars is not None:
                        self._expressions.assign(item.optional_vars, held, state)
                return self._block(body, state)
            case ast.Try() | ast.TryStar():
                return self._attempt(statement, state)
            case ast.Match(subject=subject, cases=cases):
                value(subject, state)
                return self._branches(None, [case.body for case in cases] + [[]], state)
            case _:
                self._simple(statement, state)
        return False

    def _simple(self, statement: ast.stmt, state: State) -> None:
        value = self._expressions.value
        match statement:
            case ast.Assign(targets=targets, value=assigned):
                held = value(assigned, state)
                for target in targets:
                    self._expressions.assign(target, held, state)
            case ast.AnnAssign(target=target, value=ast.expr() as assigned):
                self._expressions.assign(target, value(assigned, state), state)
            case ast.AugAssign(target=target, op=op, value=added):
                self._add(target, op, added, state)
            case ast.ImportFrom(module="strands", names=names):  # its Agent and its tools have common names
                for alias in names:
                    bound = Unknown(ast.Attribute(ast.Name("strands"), alias.name))
                    state.bind(alias.asname or alias.name, bound)
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                for alias in names:  # `from langchain.tools import tool` after a `tool` of one's own
                    name = alias.asname or alias.name.partition(".")[0]
                    if isinstance(state.name(name), Function | Class):
                        state.bind(name, Unknown(ast.Name(name)))
            case ast.Delete(targets=targets):
                for target in targets:
                    self._expressions.assign(target, Unknown(target), state)
            case _:
                for each in children(statement):
                    value(each, state)

    def _add(self, target: ast.expr, op: ast.operator, added: ast.expr, state: State) -> None:
        """`a += b`: a list grows where it is; anything else is `a = a + b`."""
        held = self._expressions.value(target, state)
        if isinstance(held, Ref) and state.items(held) and isinstance(op, ast.Add):
            more = state.items(self._expressions.value(added, state))
            items = state.items(held) or Items()
            values = (*items.values, *(more.values if more else ()))
            state.change(held, Items(values, items.more or more is None or more.more))
            return
        whole = ast.copy_location(ast.BinOp(target, op, added), target)
        self._expressions.assign(target, self._expressions.value(whole, state), state)

    def _branches(self, known: bool | None, ways: list[list[ast.stmt]], state: State) -> bool:
        """Take the way that is known to be taken; else read each, and go on with what they have in common."""
        if known is not None:
            taken, other = ways if known else reversed(ways)
            if len(self._frames) == 1:  # what a cell can send by `RUN = False`, `if RUN:` is of interest too
                self._block(other, state.fork())
            return self._block(taken, state)
        going_on: list[State] = []
        for way in ways:
            fork = state.fork()
            if not self._block(way, fork):
                going_on.append(fork)
        if not going_on:
            return True
        merged = going_on[0]
        for each in going_on[1:]:
            both = state.fork()
            both.merge(merged, each)
            merged = both
        state.take(merged)
        return False

    def _loop(self, statement: ast.For | ast.AsyncFor, state: State) -> None:
        elements, is_open = elements_of(self._expressions.value(statement.iter, state), state)
        if is_open:
            self._expressions.assign(statement.target, Unknown(statement.target), state)
        for element in elements:
            self._expressions.assign(statement.target, element, state)
            if is_open:
                self._rounds_of_unknown_number(statement.body, state)
            else:
                self._block(statement.body, state)
        self._block(statement.orelse, state)

    def _rounds_of_unknown_number(self, body: Sequence[ast.stmt], state: State) -> None:
        once = state.fork()
        self._block(body, once)
        state.repeat(once)

    def _attempt(self, statement: ast.Try | ast.TryStar, state: State) -> bool:
        ends = self._block([*statement.body, *statement.orelse], state)
        for handler in statement.handlers:
            fork = state.fork()
            if handler.name:
                fork.bind(handler.name, Unknown())
            self._block(handler.body, fork)
        return self._block(statement.finalbody, state) or ends

    def _define(self, node: ast.FunctionDef | ast.AsyncFunctionDef, state: State) -> None:
        for decorator in node.decorator_list:
            self._decorate(decorator, state)
        function = Function(node, state.names, self._cell)
        self._definitions[id(node)] = Definition(function)
        state.bind(node.name, function)

    def _decorate(self, decorator: ast.expr, state: State) -> None:
        """`@agent.tool` gives an agent more than it was made with."""
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
            agent = state.name(target.value.id)
            if isinstance(agent, Made) and agent.last_name == "Agent":
                tools = agent.keywords.get("tools", Unknown(decorator))
                known_tools = replace(agent, keywords={**agent.keywords, "tools": tools})
                state.bind(target.value.id, known_tools)

    def _define_class(self, node: ast.ClassDef, state: State) -> None:
        bases = [self._expressions.value(each, state) for each in node.bases]
        known = [each for each in bases if isinstance(each, Class)]
        methods = {name: each for base in known for name, each in base.methods.items()}
        attributes = {name: each for base in known for name, each in base.attributes.items()}
        own = Class(node.name, methods, attributes, node, tuple(known))
        body = state.inside(state.names)
        for each in node.body:
            if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
                function = Function(each, state.names, self._cell, is_method=True)
                methods[each.name] = self._methods[each.name] = function
                self._definitions[id(each)] = Definition(function, own)
            elif isinstance(each, ast.Assign | ast.AnnAssign):
                self._simple(each, body)
        attributes.update(body.names.own)
        state.bind(node.name, own)

    def _show_last(self, statements: Sequence[ast.stmt]) -> None:
        """A cell that ends with an answer shows it."""
        if not statements or not isinstance(statements[-1], ast.Expr):
            return
        last = statements[-1].value
        while isinstance(last, ast.Attribute | ast.Subscript):
            last = last.value
        if isinstance(last, ast.Name):
            held = self._state.name(last.id)
            whole = self._expressions.value(statements[-1].value, self._state)
            is_unknown = isinstance(whole, Unknown) and not isinstance(held, Ref)
            self._show(held if is_unknown else whole, self._state)
        elif isinstance(last, ast.Await | ast.Call) and self._found and not self._shown:
            number = self._found[-1].number
            if number not in self._states:
                self._show(Sent(number), self._state)
            elif last is statements[-1].value:
                self._show(self._states[number], self._state)
