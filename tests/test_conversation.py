"""A conversation grows: each turn sends again all that was said before it."""

from __future__ import annotations

import base64
import io
import wave
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


# -- sound, fees, several conversations -------------------------------------------------


def spoken(seconds, text="hi"):
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(8_000)
        sound.writeframes(b"\x80" * 8_000 * seconds)
    data = base64.b64encode(file.getvalue()).decode()
    audio = {"type": "input_audio", "input_audio": {"data": data, "format": "wav"}}
    return [{"role": "user", "content": [{"type": "text", "text": text}, audio]}]


# Gemini docs, "Understand and count tokens": 32 tokens a second. gemini-2.5-flash costs for a million tokens:
# text 0.30, sound 1.00, an answer 2.50, read from the cache 0.03 and sound 0.10.
def test_each_turn_sends_its_sound_again_at_the_rate_of_sound():
    estimate = estimate_cost(spoken(60), "gemini-2.5-flash", output_tokens=10, turns=3, added_tokens=4)
    grown = int(estimate["turns_input_tokens"].inputs[1].value)
    text = estimate["input_tokens"].value - 60 * 32
    assert estimate["turns_input_tokens"].value == 3 * (text + 60 * 32) + (0 + 1 + 2) * grown
    dollars = Decimal("0.30") * (3 * text + 3 * grown) + 1 * 3 * 60 * 32 + Decimal("2.50") * 3 * 10
    assert estimate["turns_usd"].value == dollars / 1_000_000


def test_sound_that_was_sent_before_is_read_from_the_cache_at_its_own_rate():
    estimate = estimate_cost(spoken(600), "gemini-2.5-flash", output_tokens=10, turns=2, added_tokens=4)
    text = estimate["input_tokens"].value - 600 * 32
    grown = int(estimate["turns_input_tokens"].inputs[1].value)
    fresh = Decimal("0.30") * (text + grown) + 600 * 32 + Decimal("2.50") * 2 * 10
    read = Decimal("0.03") * text + Decimal("0.10") * 600 * 32
    assert estimate["turns_cached_usd"].value == (fresh + read) / 1_000_000


# ai.google.dev/gemini-api/docs/pricing: gemini-2.5-pro has one rate for all that is sent.
def test_sound_is_billed_as_text_where_google_names_one_rate():
    estimate = estimate_cost(spoken(60), "gemini-2.5-pro")
    assert estimate["total_usd"].value == estimate["input_tokens"].value * Decimal("1.25") / 1_000_000


@pytest.mark.parametrize("model", ["gemini-2.5-flash", "gemini-2.5-pro", "gpt-4o-audio-preview"])
def test_a_conversation_of_one_turn_costs_what_a_call_costs(model):
    estimate = estimate_cost(spoken(60), model, output_tokens=10, turns=1)
    for end in ("low", "value", "high"):
        assert getattr(estimate["turns_usd"], end) == getattr(estimate["total_usd"], end)


def test_a_picture_of_the_last_message_comes_with_each_turn():
    image = {"type": "image_url", "image_url": {"url": "https://example.org/a.png", "detail": "low"}}
    prompt = [{"role": "user", "content": [{"type": "text", "text": "hello world"}, image]}]
    estimate = estimate_cost(prompt, "gpt-4o", output_tokens=10, turns=3)
    assert estimate["turns_input_tokens"].inputs[1].value == 10 + (2 + 85) + 2 * 4


# docs.perplexity.ai, "Pricing": a request of Sonar costs 5 to 12 dollars a thousand beside its tokens.
def test_each_turn_is_a_request_with_its_fee():
    estimate = estimate_cost("user: hi", "perplexity/sonar", output_tokens=10, turns=4)
    one = estimate_cost("user: hi", "perplexity/sonar", output_tokens=10, turns=1)
    assert one["turns_usd"].value == one["total_usd"].value
    assert estimate["turns_usd"].low > 4 * one["requests_usd"].low


def test_a_budget_and_a_currency_are_of_all_conversations():
    asked = {"output_tokens": 100, "turns": 10, "calls": 1_000, "added_tokens": 50}
    estimate = estimate_cost("user: hi", "gpt-4o", **asked, budget_usd=Decimal(10))
    assert estimate["all_calls_usd"].value < 10 < estimate["all_turns_usd"].value
    assert "over the budget of $10" in str(estimate.notes)
    assert estimate["all_turns_usd"].value == 1_000 * estimate["turns_usd"].value
    assert "Total for 1,000 conversations" in str(estimate)


def test_models_are_compared_by_their_conversations():
    asked = {"output_tokens": 100, "turns": 10, "versus": "gpt-4o"}
    estimate = estimate_cost("user: hi", "gpt-4o-mini", **asked)
    ratio = estimate["gpt-4o-mini"]["turns_usd"].value / estimate["gpt-4o"]["turns_usd"].value
    assert estimate["cost_ratio"].value == ratio
    assert "$ for 10 turns" in str(estimate)


def test_the_magic_takes_it_too(shell):
    estimate = shell.run_line_magic("llmcost", "-m gpt-4o --out 10 --turns 3 --added 2 hello world")
    assert "Total, all turns" in str(estimate)


def test_the_ledger_counts_a_conversation_as_what_it_comes_to(shell):
    one = shell.run_line_magic("llmcost", "-m gpt-4o --out 10 --turns 3 --calls 2 hello world")
    ledger = shell.run_line_magic("llmcost", "--ledger")
    assert ledger["gpt-4o"]["estimates_usd"].value == one["all_turns_usd"].value
    assert one["all_turns_usd"].value > one["all_calls_usd"].value


def test_a_prompt_that_may_be_too_long_by_its_range_is_said_to_be_so():
    # deepseek-chat has no published frame: some calls lie between what it takes and what it does not.
    most = find_price("deepseek-chat").context_window_tokens
    estimate = estimate_cost("user: " + "hello " * (most - 4), "deepseek-chat")
    count = estimate["input_tokens"]
    assert count.low <= most < count.high
    (note,) = (note for note in estimate.notes if "may be longer than" in note.text)
    assert note.level == "warning"
