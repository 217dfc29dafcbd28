"""What does a prompt cost?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from ...catalog import limits
from ...catalog.prices.genai_prices import now
from ...errors import ParameterError, UsageError
from ...figures import Figure, derive, given
from ...formulas import cost
from ...messages import option, say
from ...probes.prompts.chat import Prompt, with_system
from ...probes.prompts.dataframes import prompts_in
from ...records import dataclass
from .. import parameters
from ..answer_lengths import AnswerLengths, OutputTokens, RecordedAnswers
from ..hosted_model import known_models
from ..kinds import Day, Dollars, Kind, Name, OneOf, Switch, Whole, as_decimal
from ..money import Priced
from ..question import parameter
from ..subjects import Prompts
from .details import CostEstimate

_CONTEXTS: Mapping[str | None, Mapping[str, str]] = {
    None: {},
    "batch": {"processing": "batch"},
    "flex": {"service_tier": "flex"},
    "priority": {"service_tier": "priority"},
}


@dataclass(frozen=True, slots=True)
class Share:
    """A part of each call's input: a count of tokens, or a percentage."""

    parameter: str
    tokens: int | None = None
    percent: Decimal | None = None

    def figure(self, name: str, input_tokens: Figure, requests: int) -> Figure:
        """The tokens of this part, over all calls."""
        if self.percent is not None:
            percent = given("percent", self.percent, "%", option(self.parameter, f"{self.percent}%"))
            return derive(name, "tokens", cost.share_tokens, tokens=input_tokens, percent=percent)
        return each_call(name, self.tokens or 0, self.parameter, requests)


class Portion(Kind):
    """Tokens of each call, or a percentage of its input: `800`, or `"80%"`."""

    annotation: ClassVar[str] = "int | str"
    json_schema: ClassVar[Mapping[str, Any]] = {
        "anyOf": [
            {"type": "integer", "minimum": 0, "maximum": limits.OUTPUT_TOKENS},
            {"type": "string", "pattern": r"^\d+(\.\d+)?%$"},
        ]
    }

    def take(self, name: str, value: Any) -> Share:
        if isinstance(value, Share):
            return value
        if isinstance(value, str) and value.endswith("%"):
            percent = as_decimal(value.removesuffix("%"))
            if percent is not None and 0 <= percent <= 100:
                return Share(name, percent=percent)
        elif not isinstance(value, str):
            return Share(name, tokens=Whole(limits.OUTPUT_TOKENS, least=0).take(name, value))
        raise ParameterError("{option}: give tokens such as 800, or a percentage such as 80%", name, value)

    def to_json(self, value: Share) -> int | str | None:
        return value.tokens if value.percent is None else f"{value.percent:f}%"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost(Priced):
    """What one call with `prompt` costs on `model`, and `calls` of them.

    Returns:
        An Estimate with `input_tokens`, `output_tokens`, `input_usd`, `output_usd`,
        `total_usd` (one call) and `all_calls_usd`. An unknown price is None, not 0. Of several
        models it is a `CostComparison`: each of its parts has these figures, and `details`.

    Raises:
        LLMNumbersError: an unknown model, a count below zero, or nothing that is a prompt.

    >>> from ipython_llmnumbers import estimate_cost
    >>> cost = estimate_cost("hello world", model="gpt-4o", output_tokens=10)
    >>> cost["input_tokens"].value, cost["output_tokens"].value
    (2, 10)
    """

    function = "estimate_cost"

    prompt: Any = parameter(
        Prompts(),
        say(
            "a text, chat messages in a provider's shape, a list of prompts, or a DataFrame column (one call"
            " for each row); it never leaves the machine unless {option:ask_provider} says so"
        ),
        is_subject=True,
    )
    model: tuple[str, ...] = parameters.hosted_models()
    output_tokens: int | tuple[int, int] | AnswerLengths | RecordedAnswers | None = parameter(
        OutputTokens(limits.OUTPUT_TOKENS, least=0),
        say("tokens of the answer, or a range LOW..HIGH; without it only the input is priced"),
        None,
        flag="out",
        metavar="TOKENS",
        unit="tokens",
    )
    calls: int = parameter(
        Whole(limits.CALLS), say("how often each prompt is sent; default: 1"), 1, metavar="N", unit="calls"
    )
    turns: int | None = parameter(
        Whole(limits.TURNS),
        say(
            "a conversation of so many turns, each sent with all that was said before;"
            " needs {option:output_tokens}"
        ),
        None,
        metavar="N",
        unit="turns",
    )
    added_tokens: int | None = parameter(
        Whole(limits.OUTPUT_TOKENS, least=0),
        say("tokens that each further turn adds beside the answer; default: those of the last message"),
        None,
        flag="added",
        metavar="TOKENS",
        unit="tokens",
    )
    system: str | None = parameter(Name(), say("a system prompt before each prompt"), None, metavar="TEXT")
    as_text: bool = parameter(
        Switch(),
        say("take the prompt as plain text, even where it looks like messages"),
        False,
        flag="text",
    )
    cached: Share | None = parameter(
        Portion(),
        say("input read from the provider's cache, in each call"),
        None,
        metavar="TOKENS|PERCENT%",
        unit="tokens",
    )
    cache_write: Share | None = parameter(
        Portion(),
        say("input written to the provider's cache"),
        None,
        metavar="TOKENS|PERCENT%",
        unit="tokens",
    )
    cache_ttl: str = parameter(
        OneOf(("5m", "1h")),
        say("how long the cache keeps what is written, where the provider has two prices; default: 5m"),
        "5m",
        metavar="5m|1h",
    )
    processing: str | None = parameter(
        OneOf(("batch", "flex", "priority")),
        say("at the price of batch processing, or of a service tier"),
        None,
        metavar="batch|flex|priority",
    )
    concise: bool = parameter(
        Switch(), say("show what asking for brevity saves of the output (40–90%)"), False
    )
    on: date | None = parameter(Day(), say("at the prices of a day"), None, metavar="YYYY-MM-DD")
    versus: str | None = parameter(
        Name(known_models), say("the ratio to another model"), None, flag="vs", metavar="MODEL"
    )
    budget_usd: Decimal | None = parameter(
        Dollars(limits.USD),
        say("warn where all calls cost more"),
        None,
        flag="budget",
        metavar="USD",
        unit="USD",
    )
    ask_provider: bool = parameter(
        Switch(),
        say("send the prompt to its provider to be counted, with your key"),
        False,
        effect="instead",
    )

    def check(self) -> None:
        Priced.check(self)
        shares = [share for share in (self.cached, self.cache_write) if share is not None]
        if sum(share.percent or 0 for share in shares) > 100:
            raise UsageError(
                "{option:cached} and {option:cache_write}: together they are more than 100% of the input"
            )
        if self.added_tokens is not None and self.turns is None:
            raise UsageError("{option:added_tokens} needs {option:turns}, such as {option:turns=10}")
        if self.versus is not None and not self.versus.strip():
            raise UsageError("{option:versus} needs a model, such as {option:versus=gpt-4o-mini}")

    @property
    def prompts(self) -> tuple[Prompt, ...]:
        """The prompts, one for each request that `prompt` stands for."""
        found = prompts_in(self.prompt, option("prompt"), "text" if self.as_text else "auto").prompts
        return found if self.system is None else tuple(with_system(each, self.system) for each in found)

    @property
    def context(self) -> Mapping[str, str]:
        """The kind of processing, as the price table names it."""
        return _CONTEXTS[self.processing]

    @property
    def day(self) -> date:
        """The day that is priced."""
        return self.on or now().date()

    def of_model(self, listed_as: str | None) -> Cost:
        """The same question of one model: of recorded answers those of that model count."""
        if not isinstance(self.output_tokens, RecordedAnswers):
            return self
        return replace(self, output_tokens=self.output_tokens.of(listed_as))

    @property
    def output_range(self) -> tuple[int, int] | None:
        """The least and the most that one call answers; None where it was not given."""
        match self.output_tokens:
            case AnswerLengths() as answers:
                return answers.low, answers.high
            case int() as tokens:
                return tokens, tokens
            case tuple() as ends:
                return ends
            case _:
                return None

    def output_figure(self, requests: int) -> Figure:
        """The output of all calls; unknown where it was not given."""
        if self.output_range is None:
            return given("output_tokens", None, "tokens", say("not counted: give {option:output_tokens}"))
        if isinstance(self.output_tokens, AnswerLengths):
            return self.output_tokens.figure(requests)
        least, most = self.output_range
        return each_call("output_tokens", least, "output_tokens", requests, most)

    def answer(self) -> CostEstimate:
        from .estimate import compare_costs

        return compare_costs(self)


def each_call(name: str, tokens: int, parameter: str, requests: int, most: int | None = None) -> Figure:
    """Tokens that the user gave for one call, over all calls; a range where `most` is more."""
    most = tokens if most is None else most
    middle = (tokens + most) // 2
    said = option(parameter, tokens if most == tokens else f"{tokens}..{most}")
    if requests == 1:
        return given(name, middle, "tokens", said, low=tokens, high=most)
    one = given("tokens_per_call", middle, "tokens", said, low=tokens, high=most)
    times = given("requests", requests, "calls", say("one call for each prompt"))
    return derive(name, "tokens", cost.tokens_of_calls, tokens_per_call=one, requests=times, note=said)
