"""`%%llmcost`: what a prompt costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..messages import say, tell
from .auto import switch
from .cells.ledger import answer_ledger, keep, recorded_answers
from .cells.run import answer_run
from .cells.watch import switch_watch
from .common_options import KEEPING, VARIABLE
from .exports import export
from .magic import Call, Magic
from .options import Option, options_of, refuse

if TYPE_CHECKING:
    from ..estimates.answer_lengths import RecordedAnswers
    from ..estimates.cost.notebook_details import AnnotationEstimate, FolderEstimate
    from ..estimates.cost.question import Cost
    from ..figures import Estimate


def answer_llmcost(call: Call) -> Estimate | None:
    """Estimate what a prompt costs before it is sent. It is counted here and sent nowhere,
    unless --ask-provider says so.

    The prompt is the cell below the first line, or the text on the line, or a variable: a
    string, chat messages, a list of prompts or a DataFrame column (one call for each row).
    A chat is written as blocks (system: / user: / assistant:) or as a JSON or YAML list.
    """
    if call.options.get("update_prices"):
        _update_prices()
        return None
    if call.options.get("auto") is not None:
        switch(call.session, call.options.get("auto"))
        return None
    if call.options.get("live"):
        from .widgets.scratchpad import show_scratchpad

        show_scratchpad(call)
        return None
    if call.options.get("watch") is not None:
        switch_watch(call.session, call.options.get("watch"))
        return None
    if call.options.get("run"):
        answer_run(call)
        return None
    if call.options.get("ledger"):
        return answer_ledger(call)
    if call.options.get("annotate") is not None:
        return export(call, _annotate(call))
    if call.options.get("to") is not None:
        raise UsageError("--to belongs to --annotate NOTEBOOK.ipynb")
    if flag := call.options.flag_of(("bill", "csv", "spans")):
        raise UsageError("{flag} belongs to --ledger", flag=flag)
    from ..estimates.cost.question import Cost

    question = call.ask(Cost, prompt=_prompt(call), **_system(call))
    if question.output_tokens is None:
        question = replace(question, output_tokens=_recorded_answers(call, question))
    estimate = question.answer()
    keep(call.session, lambda book: book.add_estimate(estimate, call.session.cell))
    return export(call, estimate)


def _prompt(call: Call) -> Any:
    """The prompt of the call, or its prompts: one for each request that it stands for."""
    value, label = _template(call) if call.options.get("template") else call.subject()
    return call.rows(value, label)


def _recorded_answers(call: Call, question: Cost) -> RecordedAnswers | None:
    """How long the recorded answers to the prompt were; of several prompts nothing is told."""
    if call.options.get("template"):  # what is filled in is not a part of it
        text = call.options.rest if call.cell is None else call.cell
        question = replace(question, prompt=text)
    prompts = question.prompts
    return recorded_answers(call.session, prompts[0].text) if len(prompts) == 1 else None


def _system(call: Call) -> dict[str, str]:
    """The system prompt: the text of a variable of that name, else the words themselves."""
    system = call.options.get("system")
    if system is None:
        return {}
    text = call.variables.get(system, system) if system.isidentifier() else system
    if not isinstance(text, str):
        raise UsageError(
            "--system {variable} is of type {type}, not text; give a str",
            variable=system,
            type=type(text).__name__,
        )
    return {"system": text}


def _template(call: Call) -> tuple[Any, str]:
    """The cell or line with its names filled in: once, or for each row of the table of `-v`."""
    from ..probes.prompts.dataframes import is_table, records
    from ..probes.prompts.template import read_template

    name = call.options.get("var")
    text = call.options.rest if call.cell is None else call.cell
    if not text:
        raise UsageError("--template needs the prompt: a cell below the line, or a text on it")
    template = read_template(text)
    variables: Mapping[str, Any] = call.variables
    if name is None:
        call.session.need(*template.names)
        return template.fill(variables), say("the text")
    table = call.variable("-v", name)
    if not is_table(table):
        raise UsageError(
            "-v {variable} is of type {type}: with --template give a DataFrame",
            variable=name,
            type=type(table).__name__,
        )
    return [template.fill({**variables, **row}) for row in records(table)], name


def _annotate(call: Call) -> AnnotationEstimate | FolderEstimate:
    from ..notebooks.ipython_syntax import annotate

    taken = ("annotate", "to", "model", "lang", "json", "output", "overwrite")
    refuse(call.options, [each for each in call.options.values if each not in taken], "--annotate")
    if call.cell or call.options.rest:
        raise UsageError("--annotate takes one notebook or folder, and no text beside it")
    get = call.options.get
    return annotate(get("annotate"), get("to"), call.model, overwrite=get("overwrite", False))


def _update_prices() -> None:
    from ..estimates.price_update import update_prices

    update = update_prices()
    line = tell(
        "{n:,} prices of {after} fetched; those before were of {before}",
        n=update.n_models,
        after=update.after,
        before=update.before,
    )
    print("llmnumbers:", line)


def _instead(flag: str, about: str, metavar: str = "") -> Option:
    """An option that does something else than price the text."""
    group = say("instead of an estimate")
    return Option((f"--{flag}",), about, metavar, effect="instead", group=group)


@cache
def _options() -> tuple[Option, ...]:
    from ..estimates.cost.question import Cost

    return (
        *options_of(Cost),
        VARIABLE,
        Option(
            ("-t", "--template"), say("fill {name} from notebook variables, or from the columns of -v TABLE")
        ),
        *KEEPING,
        _instead(
            "annotate",
            say("write a copy of a notebook, or of all in a folder, with the cost under each prompt"),
            "NOTEBOOK.ipynb|FOLDER",
        ),
        _instead("to", say("where --annotate writes"), "OUT.ipynb|FOLDER"),
        replace(
            _instead("auto", say("one line after each cell that holds prompts"), "on|off"),
            known=lambda: ("on", "off"),
        ),
        _instead("run", say("run the cell, which is Python, and show what its API calls cost")),
        replace(
            _instead("watch", say("below each cell that calls a model what that cost"), "on|off"),
            known=lambda: ("on", "off"),
        ),
        _instead("live", say("a text field that counts while you type (needs ipywidgets)")),
        _instead("ledger", say("what was estimated and what calls cost so far, by day, model and cell")),
        _instead("bill", say("compare --ledger with a usage or cost export of OpenAI or Anthropic"), "FILE"),
        _instead("csv", say("write each line of --ledger to a file"), "FILE"),
        _instead("spans", say("hand the calls of --ledger to OpenTelemetry, as GenAI spans")),
        _instead("update-prices", say("fetch the newest price table")),
    )


MAGIC = Magic(
    "llmcost",
    "line_cell",
    "[TEXT]",
    _options,
    answer_llmcost,
    "%llmcost -m gpt-4o --out 300 hello",
    retired={"--batch": "--processing batch", "--tier": "--processing"},
)
