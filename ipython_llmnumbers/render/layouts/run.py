"""What a cell's calls cost: one line for each call, and the estimate of the same cell below."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ...estimates.cost.usage_details import CallCost, CellRun, How
from ...figures import Figure
from ...messages import said, say, tell
from ..figure_text import number_text, value_text
from ..labels import label
from ..layout import Layout, Table, row

_HOW: dict[How, str] = {
    "billed": say("billed"),
    "computed": say("computed"),
    "local": say("own machine"),
    "free": say("refused"),
    "unknown": say("unknown"),
}
# What stands in brackets behind all tokens of a call, where there is any of it.
_OF_INPUT = {
    "cached_tokens": say("{n} cached"),
    "cache_write_tokens": say("{n} written"),
    "cache_write_1h_tokens": say("{n} written for 1 h"),
    "audio_tokens": say("{n} sound"),
    "cached_audio_tokens": say("{n} cached sound"),
}
_OF_OUTPUT = {"reasoning_tokens": say("{n} thinking"), "audio_output_tokens": say("{n} sound")}


def run(estimate: CellRun) -> Layout:
    """Every call of a cell, with the totals in the title."""
    calls = estimate.parts
    tables = (_calls(_title(estimate), calls),) if calls else ()
    return Layout(tables, tuple(_lines(estimate)), estimate.notes)


def call(estimate: CallCost) -> Layout:
    """One call: its figures."""
    header = (tell("Figure"), tell("Value"), tell("From"))
    title = tell("{model}, {how}", model=said(estimate.subject), how=said(_HOW[estimate.details.how]))
    return Layout((Table(title, header, tuple(map(row, estimate.figures))),), (), estimate.notes)


def _title(estimate: CellRun) -> str:
    n, usd = len(estimate.parts), value_text(estimate.figure("total_usd"))
    if "input_tokens" not in estimate:
        return tell("This cell's calls: {n}, {usd}", n=n, usd=usd)
    tokens = {name: value_text(estimate.figure(f"{name}_tokens")) for name in ("input", "output")}
    return tell("This cell's calls: {n}, {input} tokens in, {output} out, {usd}", n=n, usd=usd, **tokens)


def _calls(title: str, calls: Sequence[CallCost]) -> Table:
    header = (
        *("#", tell("Model"), label("input_tokens"), label("output_tokens")),
        *(tell("Time"), tell("First text"), tell("Tokens/s"), tell("Cost"), tell("Known by")),
    )
    rows = tuple(_row(number, each) for number, each in enumerate(calls, start=1))
    return Table(title, header, rows, frozenset({0, 4, 5, 6, 7}))


def _row(number: int, each: CallCost) -> tuple[str, ...]:
    return (
        str(number),
        said(each.subject),
        _tokens(each, "input_tokens", _OF_INPUT),
        _tokens(each, "output_tokens", _OF_OUTPUT),
        *(_text(each, name) for name in ("duration_s", "first_text_s", "output_tokens_per_s")),
        _cost(each),
        _known_by(each),
    )


def _tokens(each: CallCost, name: str, kinds: Mapping[str, str]) -> str:
    """All tokens, and what of them is of a kind of its own: `100 (40 cached)`."""
    parts = [
        said(say(text, n=number_text(each.figure(kind)))) for kind, text in kinds.items() if kind in each
    ]
    return f"{_text(each, name)} ({', '.join(parts)})" if parts else _text(each, name)


def _text(each: CallCost, name: str) -> str:
    return number_text(each.figure(name)) if name in each else "–"


def _cost(each: CallCost) -> str:
    return "–" if each.details.how == "unknown" else value_text(each.figure("total_usd"))


def _known_by(each: CallCost) -> str:
    """How the cost is known; of one that is not, why."""
    if each.details.how in ("unknown", "free"):
        return said(each.figure("total_usd").note)
    return said(_HOW[each.details.how])


def _lines(estimate: CellRun) -> Iterator[str]:
    if "estimated_input_tokens" in estimate:
        yield _estimated(estimate)
    tables = {
        f"{said(each.details.price_table)}, {each.details.price_date}"
        for each in estimate.parts
        if each.details.price_table
    }
    yield from (tell("Prices: {tables}", tables=table) for table in sorted(tables))


def _estimated(estimate: CellRun) -> str:
    """What the source of the cell let expect, each with how far it is from what was counted."""
    tokens = _with_difference(estimate, "estimated_input_tokens", "difference_percent")
    usd = _with_difference(estimate, "estimated_usd", "usd_difference_percent")
    known = {"n": estimate.details.estimated_prompts, "tokens": tokens, "usd": usd}
    if estimate.details.is_output_estimated:
        return tell("Estimate from the source: prompts {n}, input tokens {tokens}, cost {usd}", **known)
    return tell("Estimate from the source: prompts {n}, input tokens {tokens}, their cost {usd}", **known)


def _with_difference(estimate: CellRun, name: str, difference: str) -> str:
    text = value_text(estimate.figure(name))
    return f"{text} ({_signed(estimate.figure(difference))})" if difference in estimate else text


def _signed(percent: Figure) -> str:
    return f"{percent.value:+.1f} %"
