"""What a conversation costs: the prompt, and turns that each send again all that was said before."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any

from ...catalog.prices.price import Price, Rate
from ...errors import UsageError
from ...figures import Figure, Note, Number, assumed, derive, given
from ...formulas import chat, conversation, cost
from ...messages import option, say
from ...records import dataclass
from ..hosted_model import HostedModel
from .calls import Call
from .input_tokens import PromptCount, last_message_tokens
from .question import Cost
from .rates import rate_figure, request_fee, sound_usd, tier_starts

_CACHED_SOUND = "cache_audio_read_mtok"


@dataclass(frozen=True, slots=True)
class Conversation:
    """The figures of all turns, the last of them what all conversations cost, and what must be said."""

    figures: tuple[Figure, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class _Turns:
    """Turns in a row that pay the same rates.

    `is_read` where what came before is read from the cache, `is_written` where what is new goes into it.
    """

    first: int
    last: int
    is_read: bool
    is_written: bool

    @property
    def number(self) -> int:
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class _Sent:
    """Tokens of one kind: those of the first turn, and what each further one has more."""

    first: Figure
    grown: Figure

    def tokens(self, name: str, first: int, last: int) -> Figure:
        """Those of the turns from one to another."""
        note = say("turn {n}", n=last) if first == last else say("each turn sends all before it again")
        ends = {"first": first, "last": last}
        turns = {key: given(key, turn, "turns", say("counted from 1")) for key, turn in ends.items()}
        inputs = {"input_tokens": self.first, "grown_tokens": self.grown, **turns}
        return derive(name, "tokens", conversation.turns_tokens, note=note, **inputs)

    def grown_of(self, name: str, turns: _Turns) -> Figure:
        """What is new in these turns, none of which is the first."""
        n = given("turns", turns.number, "turns", say("turns of this length"))
        return derive(name, "tokens", conversation.turns_output_tokens, output_tokens=self.grown, turns=n)


@dataclass(frozen=True, slots=True)
class _Growth:
    """All that is sent, what of it is billed at the rate of text, its sound, and the answers."""

    whole: _Sent
    text: _Sent
    sound: _Sent | None
    output: Figure

    def call(self, turn: int) -> Call:
        """The length of a turn: the least, the likely, the most."""
        first, grown = self.whole.first, self.whole.grown
        ends: list[tuple[Any, Any]] = [
            (first.low, grown.low),
            (first.value, grown.value),
            (first.high, grown.high),
        ]
        low, tokens, high = (start + (turn - 1) * more for start, more in ends)
        return Call(low, int(tokens), high)

    def answers(self, turns: int) -> Figure:
        """The output of so many turns."""
        n = given("turns", turns, "turns", say("of this conversation"))
        formula, note = conversation.turns_output_tokens, _turns(turns)
        return derive("turns_output_tokens", "tokens", formula, note=note, output_tokens=self.output, turns=n)


def converse(
    count: PromptCount, output: Figure, model: HostedModel, price: Price | None, request: Cost
) -> Conversation:
    """The turns of a conversation; nothing where none are asked for.

    `turns_input_tokens`, `turns_output_tokens` and `last_turn_tokens` (tokens), `turns_usd` and, where the
    provider has a price for it, `turns_cached_usd` (USD): everything before the turn read from its cache;
    `all_turns_usd`, of as many conversations as there are calls.

    Raises:
        UsageError: several prompts, or no length of an answer.
    """
    turns = request.turns
    if turns is None:
        return Conversation()
    if len(count.calls) > 1:
        raise UsageError("{option:turns} needs one prompt: the first turn of one conversation")
    if output.value is None:
        raise UsageError("{option:turns} needs {option:output_tokens}: each turn's answer is sent again")
    growth = _growth(count, output, model, request)
    usd = _usd("turns_usd", turns, growth, price, _sent)
    figures = [
        growth.whole.tokens("turns_input_tokens", 1, turns),
        growth.answers(turns),
        growth.whole.tokens("last_turn_tokens", turns, turns),
        usd,
    ]
    if price is not None and price.cached_input is not None:
        figures.append(_usd("turns_cached_usd", turns, growth, price, _with_cache(request)))
    calls = given("calls", request.calls, "calls", option("calls", request.calls))
    total = derive("all_turns_usd", "USD", cost.all_calls_usd, total_usd=usd, calls=calls, note=usd.note)
    return Conversation((*figures, total), tuple(_limits(turns, growth, price)))


def _growth(count: PromptCount, output: Figure, model: HostedModel, request: Cost) -> _Growth:
    sound: Figure | None = None
    if request.added_tokens is not None:
        said = option("added_tokens", request.added_tokens)
        added = given("added_tokens", request.added_tokens, "tokens", said)
    else:
        added, sound = last_message_tokens(count, model)
    grown = derive(
        "grown_tokens",
        "tokens",
        conversation.grown_tokens,
        output_tokens=output,
        added_tokens=added,
        message_tokens=model.frame.message_tokens,
    )
    text = _Sent(count.text_rate_tokens, grown)
    if count.sound_tokens is None:
        return _Growth(text, text, None, output)
    sound = sound or given("audio_tokens", 0, "tokens", say("none"))
    both = derive("grown_tokens", "tokens", chat.input_tokens, note="", text_tokens=grown, audio_tokens=sound)
    return _Growth(_Sent(count.input_tokens, both), text, _Sent(count.sound_tokens, sound), output)


_Pay = Callable[[_Turns, _Growth, Price, Sequence[Call]], Iterator[Figure]]


def _usd(name: str, turns: int, growth: _Growth, price: Price | None, pay: _Pay) -> Figure:
    """Dollars of all turns, each at the rates of its own length, and what each request costs."""
    if price is None or price.input is None or price.output is None or growth.whole.first.value is None:
        return assumed(name, None, "USD", say("unpriced: no table has this price"))
    paid = [
        figure
        for group in _groups(turns, growth, price)
        for figure in pay(group, growth, price, [growth.call(group.first), growth.call(group.last)])
    ]
    named = {f"part_{n}": figure for n, figure in enumerate((*paid, *request_fee(price, turns)), start=1)}
    return derive(name, "USD", cost.sum_usd, note=_turns(turns), **named)


def _groups(turns: int, growth: _Growth, price: Price) -> Iterator[_Turns]:
    """Turns in a row of the same tier, of which all or none have enough before them to be cached."""
    starts, least = tier_starts(price), price.cache_least_tokens or 0

    def pays(turn: int) -> tuple[int, bool, bool]:
        tokens = growth.call(turn).tokens
        is_read = turn > 1 and growth.call(turn - 1).tokens >= least
        return bisect_left(starts, tokens), is_read, tokens >= least

    for (_, is_read, is_written), group in groupby(range(1, turns + 1), pays):
        alike = list(group)
        yield _Turns(alike[0], alike[-1], is_read, is_written)


def _sent(turns: _Turns, growth: _Growth, price: Price, calls: Sequence[Call]) -> Iterator[Figure]:
    """Turns without a cache."""
    yield derive(
        "sent_usd",
        "USD",
        conversation.sent_usd,
        sent_tokens=growth.text.tokens("sent_tokens", turns.first, turns.last),
        usd_per_mtok=rate_figure("usd_per_mtok", price, price.input, calls),
        output_tokens=growth.answers(turns.number),
        output_usd_per_mtok=rate_figure("output_usd_per_mtok", price, price.output, calls),
    )
    if growth.sound is not None:
        yield sound_usd(growth.sound.tokens("audio_tokens", turns.first, turns.last), price)


def _with_cache(request: Cost) -> _Pay:
    def pay(turns: _Turns, growth: _Growth, price: Price, calls: Sequence[Call]) -> Iterator[Figure]:
        """Turns that read what came before from the cache, and write what is new to it."""
        if not turns.is_written:
            yield from _sent(turns, growth, price, calls)
            return
        written = price.cache_write_1h if request.cache_ttl == "1h" else price.cache_write
        new: Rate | None = written or price.input
        yield derive(
            "cached_usd",
            "USD",
            conversation.cached_usd,
            read_tokens=_read("read_tokens", growth.text, turns),
            read_usd_per_mtok=rate_figure("read_usd_per_mtok", price, price.cached_input, calls),
            new_tokens=_new("new_tokens", growth.text, turns),
            new_usd_per_mtok=rate_figure("new_usd_per_mtok", price, new, calls),
            output_tokens=growth.answers(turns.number),
            output_usd_per_mtok=rate_figure("output_usd_per_mtok", price, price.output, calls),
        )
        if growth.sound is not None:
            # Where no table has a rate for sound that is read again, that of new sound is the most it costs.
            is_known = _CACHED_SOUND in (price.other_rates or {})
            rate_name = _CACHED_SOUND if is_known else "input_audio_mtok"
            yield sound_usd(_read("audio_tokens", growth.sound, turns), price, rate_name)
            yield sound_usd(_new("audio_tokens", growth.sound, turns), price)

    return pay


def _read(name: str, sent: _Sent, turns: _Turns) -> Figure:
    """What these turns read from the cache: all that was sent before each."""
    if not turns.is_read:
        return given(name, 0, "tokens", say("none"))
    return sent.tokens(name, turns.first - 1, turns.last - 1)


def _new(name: str, sent: _Sent, turns: _Turns) -> Figure:
    """What is not read from the cache."""
    return sent.grown_of(name, turns) if turns.is_read else sent.tokens(name, turns.first, turns.last)


def _limits(turns: int, growth: _Growth, price: Price | None) -> Iterator[Note]:
    """From which turn on the conversation is longer than the model takes."""
    if price is None or growth.whole.first.value is None:
        return
    most_input: Number = price.max_input_tokens or float("inf")
    window: Number = price.context_window_tokens or float("inf")
    answer = growth.output.value or 0

    def is_past(turn: int) -> bool:
        tokens = growth.call(turn).tokens
        return tokens > most_input or Decimal(tokens) + Decimal(answer) > window

    if not is_past(turns):
        return
    # The lengths rise, so the first of them is found by halves.
    first = bisect_left(range(1, turns + 1), True, key=is_past) + 1
    text = say(
        "from turn {turn} of {n} on, the conversation is longer than {model} takes: {tokens:,} tokens;"
        " shorten what is sent again",
        turn=first,
        n=turns,
        model=price.model,
        tokens=growth.call(first).tokens,
    )
    yield Note(text, "error")


def _turns(n: int) -> str:
    return say("1 turn") if n == 1 else say("{n} turns", n=n)
