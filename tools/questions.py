"""Write `ipython_llmnumbers/functions.py`: the functions that ask the questions, from their declarations.

python tools/functions.py           # write it anew
python tools/functions.py --check   # say whether it is as it would be written
"""

from __future__ import annotations

import ast
import inspect
import json
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import MISSING, fields
from itertools import pairwise
from pathlib import Path
from typing import Any, get_type_hints

from ipython_llmnumbers.estimates.question import Parameter, Question
from ipython_llmnumbers.estimates.questions import questions
from ipython_llmnumbers.figures import Details, Estimate
from ipython_llmnumbers.magics.flags import as_flag, flag_of
from ipython_llmnumbers.messages import said, speaking

ROOT = Path(__file__).resolve().parent.parent
FUNCTIONS = ROOT / "ipython_llmnumbers" / "functions.py"
PAGE = ROOT / "docs" / "questions.md"
SCHEMA = ROOT / "docs" / "questions.schema.json"
LOGS = ROOT / "tests" / "data" / "engine_logs"
ASKED = [question for question in questions() if question.function]
WIDTH = 100
HEAD = '''"""The questions as functions; written by `tools/questions.py` from `estimates/*/question.py`.

Everything heavy is imported when a question is first asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from decimal import Decimal

'''
# What may be given without its name, besides the subject.
POSITIONAL = {"model", "text", "prompt", "name", "paths"}


def answer_of(question: type[Question]) -> type[Estimate]:
    """The class of the estimate that answers a question."""
    answer: type[Estimate] = get_type_hints(question.answer)["return"]
    return answer


def function_of(question: type[Question]) -> str:
    """The source of the function that asks a question."""
    parameters = question.parameters()
    extra = "inputs" if "inputs" in parameters else ""
    by_place = [name for name in parameters if name in POSITIONAL]
    by_name = [name for name in parameters if name not in POSITIONAL and name != extra]
    signature = [_declared(name, parameters[name]) for name in by_place]
    signature += ["*", *(_declared(name, parameters[name]) for name in by_name)] if by_name else []
    given = [f"{name}={name}" for name in (*by_place, *by_name)]
    if extra:
        signature.append(f"**{extra}: {parameters[extra].kind.annotation}")
        given.append(f"{extra}={extra}")
    module = question.__module__.removeprefix("ipython_llmnumbers")
    asked = f"{question.__name__}.of({', '.join(given)})"
    body = f"from {module} import {question.__name__}\n\nreturn {asked}.answer()"
    return (
        f"def {question.function}({', '.join(signature)}) -> {answer_of(question).__name__}:\n"
        + textwrap.indent(f'"""{_documentation(question)}\n"""\n{body}', "    ")
        + "\n"
    )


def _declared(name: str, parameter: Parameter) -> str:
    annotation = parameter.kind.annotation
    if parameter.default is MISSING:
        return f"{name}: {annotation}"
    if parameter.default is None and annotation != "Any":
        annotation += " | None"
    return f"{name}: {annotation} = {parameter.default!r}"


def _documentation(question: type[Question]) -> str:
    """The question's own docstring, with its parameters."""
    about, _, rest = inspect.cleandoc(question.__doc__ or "").partition("\nReturns:")
    lines = ["Args:"]
    for name, parameter in question.parameters().items():
        unit = f" ({parameter.unit})" if parameter.unit and parameter.unit not in said(parameter.help) else ""
        text = f"{name}: {said(parameter.help)}{unit}."
        lines += textwrap.wrap(text, WIDTH - 8, initial_indent="    ", subsequent_indent="        ")
    return "\n".join([about.rstrip(), "", *lines, "", "Returns:" + rest])


def _answer_imports() -> list[str]:
    """What imports the class of each answer, in the order that ruff wants."""
    names: dict[str, set[str]] = {}
    for answer in map(answer_of, ASKED):
        module = answer.__module__.removeprefix("ipython_llmnumbers")
        names.setdefault(module, set()).add(answer.__name__)
    return [f"from {module} import {', '.join(sorted(found))}" for module, found in sorted(names.items())]


def functions() -> str:
    """The module of the functions, as ruff formats it."""
    head = HEAD + "".join(f"    {line}\n" for line in _answer_imports())
    source = "\n\n".join([head, *(function_of(question) for question in ASKED)])
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(FUNCTIONS), "-"]
    return subprocess.run(command, input=source, capture_output=True, text=True, check=True, cwd=ROOT).stdout


# A question of each kind, whose figures the page lists.
EXAMPLES: dict[str, dict[str, Any]] = {
    "count_tokens": {"text": "Count the words of this text.", "model": "gpt-4o"},
    "count_corpus": {"paths": str(ROOT / "LICENSE"), "model": "gpt-4o", "output_tokens": 300},
    "estimate_cost": {
        "prompt": "Count these words.",
        "model": "gpt-4o",
        "output_tokens": 300,
        "cached": "50%",
        "cache_write": 1,
        "concise": True,
        "on": "2026-11-24",
        "currency": "JPY",
        "rate": "150@2026-11-20",
    },
    "gpu_fit": {"model": "llama-3.1-8b", "gpu": "H100 80GB SXM", "engine": "vllm"},
    "gpu_train": {"model": "llama-3.1-8b", "method": "lora", "gpu": "H100 80GB SXM", "train_tokens": 10**9},
    "training_cost": {"model": "13B", "train_tokens": 1_400_000_000_000},
    "gpu_speed": {"model": "llama-3.1-8b", "gpu": "H100 80GB SXM", "output_tokens": 512},
    "models_that_fit": {"vram": "8GB", "most": 3},
    "gpus_that_fit": {"model": "llama-3.1-8b", "engine": "vllm", "most": 3},
    "compare_log": {"model": "llama-3-8b", "log": str(LOGS / "vllm_v0_llama3_h100.log")},
    "corrections": {},
    "numbers": {"name": "tokens_per_word"},
}
PAGE_HEAD = """# The questions

Written by `tools/questions.py`. Each question is a function of `ipython_llmnumbers`; its parameters are
the options of the magic, and the keys of `estimate.request`, in JSON's types
([schema](questions.schema.json)). The figures, and the attributes of `estimate.details`, are those of an
example; an estimate of several subjects has a part for each.
"""


def page() -> str:
    """The reference page: the parameters of each question, its figures with their units, its details."""
    return "\n".join([PAGE_HEAD, *(line for question in ASKED for line in _section(question))])


def _section(question: type[Question]) -> Iterator[str]:
    about = inspect.cleandoc(question.__doc__ or "").partition("\n")[0]
    yield from (f"## `{question.function}`", "", about, "")
    yield from ("| parameter | option | default | |", "|---|---|---|---|")
    for name, parameter in question.parameters().items():
        with speaking("en", as_flag):
            option = "" if parameter.is_subject else f"`{flag_of(name)}`"
        default = "" if parameter.default is MISSING else f"`{parameter.default!r}`"
        text = said(parameter.help).replace("|", "\\|")
        kind = parameter.kind.annotation.replace("|", "or")
        yield f"| `{name}` ({kind}) | {option} | {default} | {text} |"
    answer = question.of(**EXAMPLES[question.function]).answer()
    yield from ("", "| figure | unit |", "|---|---|")
    for figure in answer.figures:
        yield f"| `{figure.name}` | {figure.unit} |"
    yield from ("", "| detail | |", "|---|---|")
    yield from _details(vars(answer)["details"])
    yield ""


def _details(details: Details, prefix: str = "") -> Iterator[str]:
    """A row for each field, and for those of details inside details."""
    documentation = _documentation_of_fields(type(details))
    for each in fields(details):
        name, inside = f"{prefix}{each.name}", getattr(details, each.name)
        kind = str(each.type).replace(" | ", " or ")
        yield f"| `{name}` ({kind}) | {documentation[each.name]} |"
        if isinstance(inside, Details):
            yield from _details(inside, f"{name}.")


def _documentation_of_fields(details: type[Details]) -> dict[str, str]:
    """The string below each field, as an editor shows it; an inherited field is documented in its class."""
    documentation: dict[str, str] = {}
    for each in reversed(details.__mro__[:-2]):
        (definition,) = ast.parse(inspect.getsource(each)).body
        assert isinstance(definition, ast.ClassDef)
        for field, below in pairwise(definition.body):
            if isinstance(field, ast.AnnAssign) and isinstance(below, ast.Expr):
                documentation[ast.unparse(field.target)] = inspect.cleandoc(ast.literal_eval(below.value))
    return documentation


def schema() -> str:
    """JSON Schema of the requests: what an estimate keeps of the question that it answers."""
    requests = {question.function: _request(question) for question in ASKED}
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "llmnumbers.v1",
        "title": "What an estimate of ipython-llmnumbers was asked",
        "$defs": requests,
        "anyOf": [{"$ref": f"#/$defs/{name}"} for name in requests],
    }
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def _request(question: type[Question]) -> dict[str, Any]:
    parameters = question.parameters()
    return {
        "type": "object",
        "properties": {name: _property(parameter) for name, parameter in parameters.items()},
        "required": list(parameters),
        "additionalProperties": False,
    }


def _property(parameter: Parameter) -> dict[str, Any]:
    schema = dict(parameter.kind.schema)
    if parameter.default is None:
        schema = {"anyOf": [schema, {"type": "null"}]}
    unit = {"x-unit": parameter.unit} if parameter.unit else {}
    return {"description": said(parameter.help), **schema, **unit}


def main() -> int:
    written = {FUNCTIONS: functions(), PAGE: page(), SCHEMA: schema()}
    if "--check" in sys.argv:
        stale = [
            path for path, text in written.items() if not path.exists() or path.read_text("utf-8") != text
        ]
        for path in stale:
            print(f"{path.relative_to(ROOT)} is not what its questions say: run python tools/questions.py")
        return bool(stale)
    for path, text in written.items():
        path.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
