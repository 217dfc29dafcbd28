"""What a cell's calls cost: one line for each call, and the estimate of the same cell below."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ....estimates.cost.usage_details import CallCost, CellRun, How
from ....figures import Figure
from ....messages import said, say, tell
from ...figure_text import point_text, range_or_number_text, range_text, value_text, with_aside
from ...labels import label
from ...layout import Answer, Layout, Table, joined_facts, row

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
    "image_tokens": say("{n} images"),
    "cached_image_tokens": say("{n} cached images"),
    "video_tokens": say("{n} video"),
}
_OF_OUTPUT = {
    "reasoning_tokens": say("{n} thinking"),
    "audio_output_tokens": say("{n} sound"),
    "image_output_tokens": say("{n} images"),
    "video_output_tokens": say("{n} video"),
}


def run(estimate: CellRun) -> Layout:
    """What all calls of a cell cost, then every call."""
    calls = estimate.parts
    tables = (_calls(calls),) if calls else ()
    return Layout(
        tables, tuple(_lines(estimate)), estimate.notes, answer=_answer(estimate) if calls else None
    )


def call(estimate: CallCost) -> Layout:
    """One call: its figures."""
    header = (tell("Figure"), tell("Value"), tell("From"))
    table = Table("", header, tuple(map(row, estimate.figures)))
    answer = Answer(_cost(estimate), joined_facts(said(estimate.subject), said(_HOW[estimate.details.how])))
    return Layout((table,), (), estimate.notes, answer=answer)


def _answer(estimate: CellRun) -> Answer:
    n = len(estimate.parts)
    usd = estimate.figure("total_usd")
    calls = tell("this cell's call") if n == 1 else tell("this cell's {n} calls", n=n)
    tokens = ""
    if "input_tokens" in estimate:
        sent = tell("{n} tokens in", n=value_text(estimate.figure("input_tokens")))
        written = tell("{tokens} out", tokens=value_text(estimate.figure("output_tokens")))
        tokens = tell("{sent}, {written}", sent=sent, written=written)
    return Answer(point_text(usd), joined_facts(range_text(usd), calls, tokens))


def _calls(calls: Sequence[CallCost]) -> Table:
    header = (
        *("#", tell("Model"), label("input_tokens"), label("output_tokens")),
        *(tell("Time"), tell("First text"), tell("Tokens/s"), tell("Cost"), tell("Known by")),
    )
    rows = tuple(_row(number, each) for number, each in enumerate(calls, start=1))
    return Table("", header, rows, frozenset({0, 4, 5, 6, 7}))


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
        said(say(text, n=range_or_number_text(each.figure(kind))))
        for kind, text in kinds.items()
        if kind in each
    ]
    return with_aside(_text(each, name), ", ".join(parts))


def _text(each: CallCost, name: str) -> str:
    return range_or_number_text(each.figure(name)) if name in each else "–"


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
    models = ", ".join(estimate.details.estimated_models)
    known = {"n": estimate.details.estimated_prompts, "models": models, "tokens": tokens, "usd": usd}
    if estimate.details.is_output_estimated:
        return tell(
            "Estimate from the source: prompts {n} ({models}), input tokens {tokens}, cost {usd}", **known
        )
    return tell(
        "Estimate from the source: prompts {n} ({models}), input tokens {tokens}, their cost {usd}", **known
    )


def _with_difference(estimate: CellRun, name: str, difference: str) -> str:
    text = value_text(estimate.figure(name))
    return with_aside(text, _signed(estimate.figure(difference)) if difference in estimate else "")


def _signed(percent: Figure) -> str:
    """By how much; where what was estimated is a range, so is this."""
    low, high = percent.low, percent.high
    if percent.is_at_least:
        return tell("at least {number} %", number=f"{low:+.0f}")
    if percent.has_range and f"{low:+.0f}" != f"{high:+.0f}":
        return tell("{low} to {high} %", low=f"{low:+.0f}", high=f"{high:+.0f}")
    return tell("{number} %", number=f"{percent.value:+.1f}")
