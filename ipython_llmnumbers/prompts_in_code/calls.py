"""The calls that send prompts: client libraries by name, helper functions by what they do."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from .clients import (
    CALLS,
    CONTENT,
    HELPER,
    MODEL_ARGUMENTS,
    MODEL_FIRST,
    ROLES,
    TEMPLATES,
    dotted,
    is_message,
    text_places,
)
from .text_of_expression import UNKNOWN, Text, read_text, template


@dataclass(frozen=True, slots=True)
class Prompt:
    """A text that is sent to a model, as far as the source tells it.

    `how` names what sends it, `model` is the literal that stands beside it, `n_unknown` counts the
    parts that are filled in when the cell runs.
    """

    text: str
    how: str
    model: str | None = None
    n_unknown: int = 0


_MOST_DEPTH, _MOST_CALLS = 5, 20_000


@dataclass(slots=True)
class _Scope:
    """What is known of the names: texts, lists of messages, and the models of clients."""

    texts: dict[str, Text] = field(default_factory=dict)
    messages: dict[str, list[Text]] = field(default_factory=dict)
    models: dict[str, str] = field(default_factory=dict)

    def inner(self) -> _Scope:
        return _Scope(dict(self.texts), dict(self.messages), dict(self.models))

    def forget(self, name: str) -> None:
        for known in (self.texts, self.messages, self.models):
            known.pop(name, None)


@dataclass(slots=True)
class _Helper:
    """A function of the notebook that sends what it is given."""

    function: ast.FunctionDef | ast.AsyncFunctionDef
    cell: int
    is_method: bool
    is_called: bool = False


class PromptReader:
    """Reads the cells of one notebook in order, and remembers the names that they set."""

    def __init__(self) -> None:
        self._scope = _Scope()
        self._helpers: dict[str, _Helper] = {}
        self._cell = 0
        self._calls_left = _MOST_CALLS

    def read(self, tree: ast.Module, cell: int) -> Iterator[Prompt]:
        """The prompts that a cell sends, in order."""
        self._cell = cell
        yield from self._block(tree.body, self._scope, 0)

    def of_uncalled_helpers(self) -> Iterator[tuple[int, Prompt]]:
        """What functions send that the notebook defines and does not call, with their cells."""
        for helper in [each for each in self._helpers.values() if not each.is_called]:
            for prompt in self._inside(helper, [], {}, self._scope, 1):
                yield helper.cell, prompt

    # -- statements -----------------------------------------------------------------

    def _block(self, statements: Sequence[ast.stmt], scope: _Scope, depth: int) -> Iterator[Prompt]:
        for statement in statements:
            match statement:
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    self._define(statement, is_method=False)
                case ast.ClassDef(body=body):
                    for each in body:
                        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
                            self._define(each, is_method=True)
                case _:
                    yield from self._statement(statement, scope, depth)

    def _statement(self, statement: ast.stmt, scope: _Scope, depth: int) -> Iterator[Prompt]:
        blocks = [getattr(statement, name, []) for name in ("body", "orelse", "finalbody")]
        blocks += [handler.body for handler in getattr(statement, "handlers", [])]
        blocks += [case.body for case in getattr(statement, "cases", [])]
        if isinstance(statement, ast.For | ast.AsyncFor):
            for name in _names(statement.target):
                scope.forget(name)
        for child in ast.iter_child_nodes(statement):
            if not isinstance(child, ast.stmt | ast.excepthandler | ast.match_case):
                yield from self._expression(child, scope, depth)
        self._bind(statement, scope)
        for block in blocks:
            yield from self._block(block, scope, depth)

    def _define(self, function: ast.FunctionDef | ast.AsyncFunctionDef, *, is_method: bool) -> None:
        calls = [dotted(node.func) for node in ast.walk(function) if isinstance(node, ast.Call)]
        sends = any(text_places(name, CALLS) or name.rpartition(".")[2] in self._helpers for name in calls)
        self._helpers.pop(function.name, None)
        if sends:
            self._helpers[function.name] = _Helper(function, self._cell, is_method)

    def _bind(self, statement: ast.stmt, scope: _Scope) -> None:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                pass
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                pass
            case ast.AugAssign(target=ast.Name(id=name), op=ast.Add(), value=added):
                if name in scope.messages:
                    scope.messages[name] = scope.messages[name] + self._gather(added, scope)
                else:
                    more = read_text(added, scope.texts) or UNKNOWN
                    scope.texts[name] = scope.texts.get(name, UNKNOWN) + more
                return
            case ast.Expr(
                value=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append"), args=[added])
            ):
                if name in scope.messages:
                    scope.messages[name] = scope.messages[name] + self._gather(added, scope)
                return
            case ast.Assign(targets=targets):
                for each in (name for target in targets for name in _names(target)):
                    scope.forget(each)
                return
            case _:
                return
        text = read_text(value, scope.texts)
        messages = self._gather(value, scope) if text is None and _is_list(value, scope) else None
        model = self._model(value, scope) if isinstance(value, ast.Call) else None
        scope.forget(name)
        if text is not None:
            scope.texts[name] = text
        elif messages is not None:
            scope.messages[name] = messages
        elif model:
            scope.models[name] = model

    # -- expressions ----------------------------------------------------------------

    def _expression(self, node: ast.AST, scope: _Scope, depth: int) -> Iterator[Prompt]:
        if isinstance(node, ast.Lambda):
            return
        if isinstance(node, ast.Call):
            self._calls_left -= 1
            found = self._call(node, scope, depth) if self._calls_left > 0 else None
            if found is not None:
                yield from found
                return
        for child in ast.iter_child_nodes(node):
            yield from self._expression(child, scope, depth)

    def _call(self, node: ast.Call, scope: _Scope, depth: int) -> list[Prompt] | None:
        """The prompts of one call; None where it is none that sends any."""
        name = dotted(node.func)
        last = name.rpartition(".")[2]
        helper = self._helpers.get(last)
        if helper is not None and depth < _MOST_DEPTH and (helper.is_method or last == name):
            helper.is_called = True
            keywords = {each.arg: each.value for each in node.keywords if each.arg}
            return [
                Prompt(each.text, f"{last}()", each.model or self._model(node, scope), each.n_unknown)
                for each in self._inside(helper, node.args, keywords, scope, depth + 1)
            ]
        if node.args and (name in scope.models or HELPER.fullmatch(name)):
            return self._prompt(self._gather(node.args[0], scope), f"{name}()", node, scope)
        for table in (TEMPLATES, CALLS):
            places = text_places(name, table)
            if places is None:
                continue
            texts = self._texts(node, places, scope)
            if table is TEMPLATES:
                texts = [template(text) for text in texts]
            return self._prompt(texts, name, node, scope)
        return None

    def _inside(
        self,
        helper: _Helper,
        positional: Sequence[ast.expr],
        keywords: dict[str, ast.expr],
        scope: _Scope,
        depth: int,
    ) -> list[Prompt]:
        """What a helper sends when it is called so: its body is read with the arguments in place."""
        arguments = helper.function.args
        parameters = [each.arg for each in (*arguments.posonlyargs, *arguments.args)]
        defaults = dict(
            zip(parameters[len(parameters) - len(arguments.defaults) :], arguments.defaults, strict=True)
        )
        defaults |= {
            each.arg: value
            for each, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
            if value is not None
        }
        if helper.is_method:
            parameters = parameters[1:]
        inner = scope.inner()
        given = {**defaults, **dict(zip(parameters, positional, strict=False)), **keywords}
        for name in (*parameters, *(each.arg for each in arguments.kwonlyargs)):
            inner.forget(name)
            if name not in given:
                continue
            text = read_text(given[name], scope.texts)
            if text is not None:
                inner.texts[name] = text
            elif isinstance(given[name], ast.List | ast.Name):
                inner.messages[name] = self._gather(given[name], scope)
        return list(self._block(helper.function.body, inner, depth))

    def _texts(self, node: ast.Call, places: Sequence[str | int], scope: _Scope) -> list[Text]:
        keywords = {each.arg: each.value for each in node.keywords}
        texts: list[Text] = []
        for place in places:
            if isinstance(place, str) and place in keywords:
                texts += self._gather(keywords[place], scope)
            elif isinstance(place, int) and place < len(node.args):
                texts += self._gather(node.args[place], scope)
        return texts

    def _prompt(self, texts: Sequence[Text], name: str, node: ast.Call, scope: _Scope) -> list[Prompt]:
        """One prompt of all the texts of a call; none where it has no text at all."""
        if not texts:
            return []
        text = "\n".join(each.text for each in texts if each.text)
        n_unknown = sum(each.n_unknown for each in texts)
        return [Prompt(text, name, self._model(node, scope), n_unknown)]

    def _gather(self, node: ast.expr, scope: _Scope) -> list[Text]:
        """Every text in an argument: a string, messages, parts of messages."""
        text = read_text(node, scope.texts)
        if text is not None:
            return [text]
        match node:
            case ast.Name(id=name) if name in scope.messages:
                return scope.messages[name]
            case ast.Tuple(elts=[ast.Constant(value=str(role)), content]) if role in ROLES:
                return self._gather(content, scope)
            case ast.List(elts=elements) | ast.Tuple(elts=elements):
                return [each for element in elements for each in self._gather(element, scope)]
            case ast.Starred(value=value) | ast.Await(value=value):
                return self._gather(value, scope)
            case ast.BinOp(op=ast.Add(), left=left, right=right):
                return self._gather(left, scope) + self._gather(right, scope)
            case ast.Dict(keys=keys, values=values):
                pairs = zip(keys, values, strict=True)
                held = [v for k, v in pairs if isinstance(k, ast.Constant) and k.value in CONTENT]
                return [each for value in held for each in self._gather(value, scope)]
            case ast.Call(args=arguments, keywords=keywords) if is_message(node):
                held = [*arguments, *(each.value for each in keywords if each.arg in CONTENT)]
                return [each for value in held for each in self._gather(value, scope)]
        return [UNKNOWN]

    def _model(self, node: ast.Call, scope: _Scope) -> str | None:
        """The model beside the prompt, or the one that its client was made with."""
        for each in node.keywords:
            if each.arg in MODEL_ARGUMENTS:
                text = read_text(each.value, scope.texts)
                if text is not None and text.text and not text.n_unknown:
                    return text.text
        owner, _, last = dotted(node.func).rpartition(".")
        if (last or owner) in MODEL_FIRST:
            return _model_in_first_place(node)
        return scope.models.get(dotted(node.func).partition(".")[0])


def _model_in_first_place(node: ast.Call) -> str | None:
    match node.args:
        case [ast.Constant(value=str(model)), *_]:
            return model
    return None


def _names(target: ast.expr) -> Iterator[str]:
    for node in ast.walk(target):
        if isinstance(node, ast.Name):
            yield node.id


def _is_list(node: ast.expr, scope: _Scope) -> bool:
    """Whether an expression is a list that is written out, or one that is known with more behind it."""
    match node:
        case ast.List() | ast.Tuple():
            return True
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            return any(
                _is_list(each, scope) or (isinstance(each, ast.Name) and each.id in scope.messages)
                for each in (left, right)
            )
    return False
