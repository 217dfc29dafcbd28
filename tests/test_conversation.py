"""A conversation grows: each turn sends again all that was said before it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ipython_llmnumbers import estimate_cost
from ipython_llmnumbers.catalog.prices.find import find_price
from ipython_llmnumbers.errors import UsageError

CHAT = "system: You are terse.\nuser: " + "word " * 2_000


def by_hand(model, first, grown, output, turns, cached=False):
    """Dollars of all turns, one by one, at the rates of the table."""
    price, total, before = find_price(model), Decimal(0), 0
    for turn in range(turns):
        length = first + turn * grown
        least = price.cache_least_tokens or 0
        read = before if cached and before >= least else 0
        is_written = cached and length >= least and price.cache_write is not None
        new_rate = price.cache_write if is_written else price.input
        total += (length - read) * new_rate.usd_per_mtok(length)
        total += read * price.cached_input.usd_per_mtok(length)
        total += output * price.output.usd_per_mtok(length)
        before = length
    return total / 1_000_000


@pytest.mark.parametrize("model", ["gpt-4o", "gpt-5.4", "groq/openai/gpt-oss-120b"])
@pytest.mark.parametrize("turns", [1, 2, 40])
def test_the_sum_is_that_of_the_turns_one_by_one(model, turns):
    asked = {"output_tokens": 300, "turns": turns, "added_tokens": 12_000}
    estimate = estimate_cost(CHAT, model, **asked)
    first = estimate["input_tokens"].value
    grown = int(estimate["turns_input_tokens"].inputs[1].value)
    frame = (grown - 300 - 12_000) // 2
    assert 3 <= frame <= 8
    assert estimate["turns_input_tokens"].value == sum(first + turn * grown for turn in range(turns))
    assert estimate["last_turn_tokens"].value == first + (turns - 1) * grown
    assert estimate["turns_usd"].value == by_hand(model, first, grown, 300, turns)
    assert estimate["turns_cached_usd"].value == by_hand(model, first, grown, 300, turns, cached=True)


def test_a_cache_with_a_price_for_writing_and_a_least_size():
    # Claude docs, "Prompt caching": a write is 1.25 times the input, a read a tenth, nothing below 1,024.
    estimate = estimate_cost("user: hello", "claude-opus-4-8", output_tokens=200, turns=20, added_tokens=50)
    first, grown = (int(each.value) for each in estimate["turns_input_tokens"].inputs[:2])
    assert estimate["turns_cached_usd"].value == by_hand(
        "claude-opus-4-8", first, grown, 200, 20, cached=True
    )
    assert estimate["turns_cached_usd"].value < estimate["turns_usd"].value


def test_what_a_turn_adds_is_as_much_as_the_last_message():
    estimate = estimate_cost("user: hello world", "gpt-4o", output_tokens=10, turns=3)
    assert estimate["turns_input_tokens"].inputs[1].value == 10 + 2 + 2 * 4
    assert estimate["turns_input_tokens"].value == 3 * 9 + 3 * 20


# anthropics/claude-code#41930 and its like: the bill of an agent grows with the square of its turns.
def test_twice_the_turns_are_four_times_the_tokens():
    short, long = (
        estimate_cost("user: hi", "gpt-4o", output_tokens=500, turns=n, added_tokens=1_000)[
            "turns_input_tokens"
        ]
        for n in (100, 200)
    )
    assert 3.9 < long.value / short.value < 4.1


def test_the_turn_from_which_on_the_model_takes_no_more_is_named():
    # gpt-4o has a window of 128,000 tokens.
    estimate = estimate_cost(CHAT, "gpt-4o", output_tokens=500, turns=100, added_tokens=2_000)
    (note,) = (note for note in estimate.notes if "longer than gpt-4o takes" in note.text)
    assert note.level == "error"
    first, grown = estimate["input_tokens"].value, 500 + 2_000 + 8
    turn = next(n for n in range(1, 101) if first + (n - 1) * grown + 500 > 128_000)
    assert f"from turn {turn} of 100 on" in note.text


def test_a_range_of_the_answer_is_one_of_the_whole():
    estimate = estimate_cost("user: hi", "gpt-4o", output_tokens=(100, 300), turns=10)
    low, high = (
        estimate_cost("user: hi", "gpt-4o", output_tokens=n, turns=10)["turns_usd"].value for n in (100, 300)
    )
    assert (estimate["turns_usd"].low, estimate["turns_usd"].high) == (low, high)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"turns": 3}, "turns needs output_tokens"),
        ({"added_tokens": 3}, "added_tokens needs turns"),
        ({"turns": 0, "output_tokens": 1}, "turns"),
        ({"turns": 10**6, "output_tokens": 1}, "turns"),
        ({"turns": 2, "output_tokens": 1, "prompt": ["a", "b"]}, "turns needs one prompt"),
    ],
)
def test_what_makes_no_conversation_is_refused_in_one_line(asked, message):
    with pytest.raises(UsageError, match=message) as caught:
        estimate_cost(**{"prompt": "hi", "model": "gpt-4o", **asked})
    assert "\n" not in str(caught.value)


def test_an_unpriced_model_still_has_its_tokens():
    estimate = estimate_cost("user: hi", "ollama/llama3.1:8b", output_tokens=10, turns=5)
    assert estimate["turns_usd"].value is None
    assert estimate["turns_input_tokens"].value


def test_the_magic_takes_it_too(shell):
    estimate = shell.run_line_magic("llmcost", "-m gpt-4o --out 10 --turns 3 --added 2 hello world")
    assert "Total, all turns" in str(estimate)
