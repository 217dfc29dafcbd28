"""`%%llmcost`: what a prompt costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..messages import say, tell
from .auto import switch
from .common_options import CURRENCY, JSON_FILE, MODELS, OUTPUT_NAME, RATE, VARIABLE, known_models
from .exports import export
from .magic import Call, Magic
from .option_values import day, dollars, one_of, portion, token_range, whole_number
from .options import Option

if TYPE_CHECKING:
    from ..estimates.cost.question import CostRequest
    from ..figures import Estimate
    from ..probes.prompts.chat import Form, Prompt


def _answer(call: Call) -> Estimate | None:
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
    if call.options.get("ledger"):
        from ..usage.ledger import ledger

        return export(call, ledger(call.session.ledger))
    from ..estimates.cost.estimate import compare_costs

    models = call.options.get("model", call.session.settings.model).split(",")
    prompts = _prompts(call)
    estimate = compare_costs(prompts, models, _request(call), call.options.get("vs"))
    call.session.ledger.append(estimate)
    return export(call, estimate)


def _prompts(call: Call) -> tuple[Prompt, ...]:
    """The prompts of a call, one for each request that it stands for."""
    from ..probes.prompts.chat import with_system
    from ..probes.prompts.dataframes import prompts_in

    form: Form = "text" if call.options.get("text") else "auto"
    value, label = _template(call) if call.options.get("template") else call.subject()
    prompts = prompts_in(value, label, form).prompts
    system = call.options.get("system")
    if system is None:
        return prompts
    text = call.variables.get(system, system) if system.isidentifier() else system
    if not isinstance(text, str):
        raise UsageError(
            "--system {variable} is of type {type}, not text; give a str",
            variable=system,
            type=type(text).__name__,
        )
    return tuple(with_system(prompt, text) for prompt in prompts)


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
        return template.fill(variables), say("the text")
    table = call.variable("-v", name)
    if not is_table(table):
        raise UsageError(
            "-v {variable} is of type {type}: with --template give a DataFrame",
            variable=name,
            type=type(table).__name__,
        )
    return [template.fill({**variables, **row}) for row in records(table)], name


def _request(call: Call) -> CostRequest:
    from ..estimates.cost.question import CostRequest

    get = call.options.get
    output, most = get("out", (None, None))
    if get("batch") and get("tier"):
        raise UsageError("--batch and --tier: a call is processed in one way; give one of them")
    return CostRequest(
        output_tokens=output,
        most_output_tokens=most,
        calls=get("calls", 1),
        cached=get("cached"),
        cache_write=get("cache_write"),
        processing="batch" if get("batch") else get("tier"),
        is_concise=get("concise", False),
        on=get("on"),
        currency=call.currency,
        budget_usd=get("budget"),
        asks_provider=get("ask_provider", False),
    )


def _update_prices() -> None:
    from ..catalog.prices.genai_prices import install_snapshot, snapshot_date
    from ..probes.online.price_update import fetch_snapshot

    before = snapshot_date()
    snapshot = fetch_snapshot(before)
    install_snapshot(snapshot)
    line = tell(
        "{n:,} prices of {after} fetched; those before were of {before}",
        n=sum(len(provider.models) for provider in snapshot.providers),
        after=snapshot_date(),
        before=before,
    )
    print("llmnumbers:", line)


MAGIC = Magic(
    "llmcost",
    "line_cell",
    "[TEXT]",
    (
        MODELS,
        Option(
            ("--out",),
            say("tokens of the answer, or a range LOW..HIGH; without it only the input is priced"),
            "TOKENS",
            token_range,
        ),
        Option(("--calls",), say("how often each prompt is sent; default: 1"), "N", whole_number),
        VARIABLE,
        Option(
            ("-t", "--template"), say("fill {name} from notebook variables, or from the columns of -v TABLE")
        ),
        Option(("--system",), say("a system prompt: a variable's name, or the text in quotes"), "NAME"),
        Option(("--text",), say("take the prompt as plain text, even where it looks like messages")),
        Option(
            ("--cached",),
            say("input read from the provider's cache, in each call"),
            "TOKENS|PERCENT%",
            portion,
        ),
        Option(("--cache-write",), say("input written to the provider's cache"), "TOKENS|PERCENT%", portion),
        Option(("--batch",), say("at the price of batch processing")),
        Option(
            ("--tier",),
            say("at the price of a service tier"),
            "flex|priority",
            one_of("flex", "priority"),
            lambda: ("flex", "priority"),
        ),
        Option(("--concise",), say("show what asking for brevity saves of the output (40–90%)")),
        Option(("--on",), say("at the prices of a day"), "YYYY-MM-DD", day),
        Option(("--vs",), say("the ratio to another model"), "MODEL", known=known_models),
        CURRENCY,
        RATE,
        Option(("--budget",), say("warn where all calls cost more"), "USD", dollars),
        OUTPUT_NAME,
        JSON_FILE,
        Option(
            ("--auto",),
            say("one line after each cell that holds prompts"),
            "on|off",
            known=lambda: ("on", "off"),
            effect="instead",
        ),
        Option(
            ("--live",), say("a text field that counts while you type (needs ipywidgets)"), effect="instead"
        ),
        Option(("--ledger",), say("every estimate of this notebook so far, with totals"), effect="instead"),
        Option(
            ("--ask-provider",),
            say("send the prompt to its provider to be counted, with your key"),
            effect="instead",
        ),
        Option(("--update-prices",), say("fetch the newest price table"), effect="instead"),
    ),
    _answer,
)
