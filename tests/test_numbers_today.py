"""The numbers today and here: what today's tables give, what a user puts in, and where each is from."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal

import pytest

from ipython_llmnumbers import numbers
from ipython_llmnumbers.catalog.numbers_2023 import all_number_keys, number_text, stand_in
from ipython_llmnumbers.errors import LLMNumbersError
from ipython_llmnumbers.estimates.numbers.estimate import choose_formula, estimate_number
from ipython_llmnumbers.estimates.numbers.inputs import Formula, inputs_of
from ipython_llmnumbers.estimates.numbers.this_notebook import Notebook
from ipython_llmnumbers.magics.flags import as_flag
from ipython_llmnumbers.messages import said, speaking

KEYS = all_number_keys()


@pytest.mark.parametrize(
    ("key", "name", "value"),
    [
        # genai-prices 0.2.3: gpt-6.1-sol 2/10, gpt-6-luna 0.1/0.5, gpt-6-astra 10/50,
        # claude-opus-5-5 4/20, claude-haiku-5-5 0.1/0.5, text-embedding-3-small 0.02 ($/Mtok).
        ("gpt4_to_gpt35_cost", "today", 20),
        ("gpt4_to_gpt35_cost", "today_largest", 100),
        ("gpt4_to_gpt35_cost", "today_anthropic", 40),
        ("generation_to_embedding_cost", "today", 25),
        ("generation_to_embedding_cost", "today_flagship", 500),
        # ft:gpt-4.1 3/12 over gpt-4.1 2/8 (litellm 1.110.2).
        ("fine_tuned_to_base_cost", "today", 1.5),
        # 6 × 13e9 × 1.4e12 FLOP / (989e12 × 0.375) at $55.04/8 (p5.48xlarge) an hour.
        ("training_13b_cost", "today", 6 * 13e9 * 1.4e12 / (989e12 * 0.375 * 3600) * 6.88),
        # Q4_K_M of an 8B is 4.8944 bits (llama.cpp, tools/quantize/README.md).
        ("serving_bytes_per_param", "today", 4.8944 / 8),
        # Qwen3-14B: 40 layers × 8 heads × 128 × 2 (key, value) × 2 bytes.
        ("kv_memory_per_token_13b", "today", 163_840),
        # genai-prices 0.2.3: cache reads 0.1 of 2, 0.2 of 4, 0.01 of 0.1; writes 2.5 of 2.
        ("cached_input_discount", "today", 95),
        ("cached_input_discount", "today_anthropic", 95),
        ("cached_input_discount", "today_small", 90),
        ("cached_input_discount", "cache_write", 1.25),
        ("batch_discount", "today", 50),
        ("batch_discount", "today_anthropic", 50),
        ("output_to_input_cost", "today", 5),
        # gpt-6.1-sol: "more than 272K input tokens cost 2x"; claude-haiku-5-5: 5x past 100,000.
        ("long_context_cost", "today", 2),
        ("long_context_cost", "long_context_tokens", 272_000),
        ("long_context_cost", "today_anthropic", 5),
        ("long_context_cost", "long_context_tokens_anthropic", 100_000),
        # OpenAI's reasoning guide: output_tokens 1186, of which reasoning_tokens 1024.
        ("reasoning_tokens", "today", 1186 / 162),
        ("kv_memory_per_token_gqa", "today", 131_072),
        ("kv_memory_per_token_gqa", "unshared", 4 * 131_072),
        # DeepSeek-V3's config.json: 61 layers × (512 + 64) × 2 bytes.
        ("kv_memory_per_token_mla", "today", 70_272),
        ("quantised_weights", "today", 16 / 4.8944),
        # GPT-4 30/60 on 2023-05-08, GPT-4.1 mini 0.40/1.60 on 2025-04-14: 45 times in 707 days.
        ("price_fall_per_year", "today", 45 ** (365.25 / 707)),
        # 3.35 TB/s over 8.03e9 parameters of 2 bytes.
        ("decode_tokens_per_s", "today", 3350e9 / 16_060_522_496),
    ],
)
def test_today_comes_out_of_todays_tables(key: str, name: str, value: float) -> None:
    found = numbers(key)[name].value
    assert found is not None
    assert float(found) == pytest.approx(value, rel=1e-6)


def test_tokens_per_word_are_a_range_over_named_texts() -> None:
    """One text of 75 words gave 1.11 as if it were English; the GPL-3 has 1.32 in the same vocabulary."""
    for name in ("today", "counted_2023", "counted_2019"):
        figure = numbers("tokens_per_word")[name]
        assert figure.low <= 1.11 < 1.32 < figure.high
        texts = figure.note.split(": ")[1].split(", ")
        assert {"GPL-3", "Alice in Wonderland", "a news report"} <= set(texts)


def test_a_shared_assumption_moves_both_sides_at_once() -> None:
    """gpt-4o is 2.5/10 and gpt-6-luna 0.1/0.5: 25 for prompts, 20 for answers, never 5 or 100."""
    here = estimate_number("gpt4_to_gpt35_cost", notebook=Notebook("gpt-4o"))["here"]
    assert (here.low, here.high) == (20, 25)


def test_every_stand_in_says_why_with_source_and_date() -> None:
    price = numbers("gpt4_to_gpt35_cost")["today"].inputs[0].inputs[0]
    chosen = stand_in("openai_flagship")
    assert chosen.model in price.note
    assert chosen.reason in price.note
    assert chosen.source.checked is not None


def test_every_number_has_a_value_of_today() -> None:
    assert all(numbers(key)["today"].value is not None for key in KEYS)


# -- here ---------------------------------------------------------------------------------


def test_here_is_the_notebooks_model_and_text() -> None:
    notebook = Notebook("claude-opus-5-5", "one two three four")
    assert estimate_number("output_to_input_cost", notebook=notebook)["here"].value == 5
    assert estimate_number("cached_input_discount", notebook=notebook)["here"].value == 95
    assert "here" not in estimate_number("long_context_cost", notebook=notebook)  # one price for every length
    words = estimate_number("tokens_per_word", notebook=Notebook("gpt-4o", "one two three four"))["here"]
    assert words.value == 1
    assert words.inputs[0].origin == "measured"


def test_here_without_a_notebook_is_left_out_and_without_a_gpu_says_why() -> None:
    assert "here" not in numbers("output_to_input_cost")
    memory = numbers("gpu_memory")["here"]
    assert memory.value is None or memory.value > 0
    assert memory.note


def test_the_shell_remembers_the_text_that_was_counted_last(shell) -> None:
    shell.run_cell_magic("tokens", "-m gpt-4o", "Donaudampfschifffahrtsgesellschaft\n")
    here = shell.run_line_magic("llmnumbers", "tokens_per_word")["here"]
    assert here.value > 5
    shell.run_line_magic("llmcost", "-m gpt-4o one two three")
    assert shell.run_line_magic("llmnumbers", "tokens_per_word")["here"].value == 1


# -- a user's inputs ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("tokens_per_word --set words=1200", 1560),
        ("tokens_per_word --set words=1,200 --set tokens_per_word=1.5", 1800),
        ("2 --set words=1200", 1560),
        ("'Tokens per word' --set=words=1200", 1560),
        ("serving_bytes_per_param --set params=70e9", 140e9),
        ("serving_bytes_per_param --set params=70B --set bits_per_param=4", 35e9),
        ("kv_memory_per_token_13b --set context_tokens=8Ki --set batch_size=1", 819_200 * 8192),
        ("gpt4_to_gpt35_cost --set output_percent=0 --set input_usd_per_mtok=$5", 50),
        ("training_13b_cost --set gpu_hours=1000 --set usd_per_gpu_hour=2", 2000),
        ("price_fall_per_year --set then_output_usd_per_mtok=70 --set days_between=365.25", 50),
    ],
)
def test_set_recomputes_with_the_users_inputs(shell, line: str, value: float) -> None:
    worked = shell.run_line_magic("llmnumbers", line)["worked"]
    assert float(worked.value) == pytest.approx(value)
    given = [figure for _, figure in worked.walk() if figure.origin == "given"]
    assert given
    with speaking("en", as_flag):
        assert all(said(figure.note).startswith("--set ") for figure in given)


def test_what_a_user_sets_leaves_2023_and_today_alone() -> None:
    plain, changed = numbers("gpt4_to_gpt35_cost"), numbers("gpt4_to_gpt35_cost", output_percent=0)
    for figure in plain:
        assert changed[figure.name] == figure


def test_the_function_takes_the_same_inputs() -> None:
    assert numbers("tokens_per_word", words=1200)["worked"].value == 1560
    assert numbers("fine_tuned_to_base_cost", output_percent=100)["worked"].value == Decimal("1.5")
    with pytest.raises(LLMNumbersError, match="give its name first"):
        numbers(words=1200)
    with pytest.raises(LLMNumbersError, match="it takes words, tokens_per_word"):
        numbers("tokens_per_word", wrds=1)


@pytest.mark.parametrize("value", [True, None, "a dozen", float("nan"), float("inf"), -1, 1e40])
def test_a_value_that_is_no_number_of_words_is_refused(value: object) -> None:
    with pytest.raises(LLMNumbersError, match="words"):
        numbers("tokens_per_word", words=value)  # type: ignore[arg-type]


@pytest.mark.parametrize("key", KEYS)
def test_every_input_that_is_listed_can_be_set(key: str) -> None:
    inputs = numbers(key).details.inputs
    if choose_formula(key) is None:
        assert inputs is None
    for name, default in (inputs or {}).items():
        assert default is not None
        value = float(default) / 2 if name.endswith("percent") else float(default) * 2
        worked = numbers(key, **{name: value})["worked"]
        assert any(figure.origin == "given" for _, figure in worked.walk()), name


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("value", [0, 0.001, 1.5, 33.3, 1e29])
def test_every_input_takes_a_fraction_or_says_why_not(key: str, value: float) -> None:
    formula = choose_formula(key)
    for name in inputs_of(formula) if formula else ():
        with suppress(LLMNumbersError):  # a fraction of a layer; any other error is a traceback
            assert numbers(key, **{name: value})["worked"].value is not None


@pytest.mark.parametrize("key", KEYS)
def test_a_name_stands_for_one_thing_in_a_formula(key: str) -> None:
    """So that --set NAME=… is plain: the terms under one name are the same wherever they go in."""

    def list_terms(formula: Formula) -> list[tuple[str, object]]:
        below = [term for term in formula.inputs.values() if isinstance(term, Formula)]
        return [*formula.inputs.items(), *(pair for inner in below for pair in list_terms(inner))]

    formula = choose_formula(key)
    if formula is not None:
        meant: dict[str, object] = {}
        for name, term in list_terms(formula):
            assert meant.setdefault(name, term) == term


@pytest.mark.parametrize("key", KEYS)
def test_every_number_has_its_words_and_opens_down_to_its_sources(key: str) -> None:
    assert number_text(key)["title"]
    assert number_text(key)["question"].endswith("?")
    number = numbers(key)
    text = str(number)
    for figure in number.walk():
        if figure.source is not None and figure.value is not None:
            assert figure.source.name in text
            assert (figure.source.url or "") in text
        if figure.formula:
            assert figure.formula.splitlines()[0] in text
