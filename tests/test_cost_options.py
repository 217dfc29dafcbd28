"""Every option of a cost estimate, in a real shell: what it changes, and what it refuses."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import genai_prices
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from IPython.utils.capture import capture_output
from servers import Answer, http_server
from time_machine import travel

from ipython_llmnumbers import estimate_cost
from ipython_llmnumbers.catalog.prices import genai_prices as snapshot
from ipython_llmnumbers.errors import LLMNumbersError, UsageError
from ipython_llmnumbers.live.line import live_lines, settings_with

TEXT = "Summarise the text below in three sentences. " * 100


# Longer than the least that any of these providers caches.
LONG = TEXT * 2
VERY_LONG = TEXT * 8


def budget_levels(estimate):
    """The levels of what is said of the budget."""
    return [note.level for note in estimate.notes if "budget" in note.text]


def errors(estimate):
    """What is said of a call that its provider refuses."""
    return [note.text for note in estimate.notes if note.level == "error"]


def cost(shell, line, cell=TEXT):
    return shell.run_cell_magic("llmcost", line, cell)


def test_a_range_of_output_is_a_range_of_dollars(shell):
    estimate = cost(shell, "-m gpt-4o --out 200..400")
    assert (estimate["output_tokens"].low, estimate["output_tokens"].high) == (200, 400)
    assert (estimate["output_usd"].low, estimate["output_usd"].high) == (Decimal("0.002"), Decimal("0.004"))


@pytest.mark.parametrize(("share", "n_cached"), [("--cached 1400", 1400), ("--cached 80%", None)])
def test_cached_tokens_are_billed_once_and_cheaper(shell, share, n_cached):
    plain, cached = cost(shell, "-m gpt-4o", LONG), cost(shell, f"-m gpt-4o {share}", LONG)
    whole = plain["input_tokens"].value
    n_cached = n_cached or round(whole * 0.8)
    assert cached["cached_tokens"].value == n_cached
    assert cached["fresh_tokens"].value + cached["cached_tokens"].value == whole
    # gpt-4o: 2.50 fresh, 1.25 cached (genai-prices 0.2.3).
    expected = ((whole - n_cached) * Decimal("2.5") + n_cached * Decimal("1.25")) / 1_000_000
    assert cached["input_usd"].value == expected < plain["input_usd"].value


@settings(max_examples=100)
@given(
    st.sampled_from(["gpt-4o", "claude-opus-5-5", "claude-haiku-5-5"]),
    # From the least that each caches, or nothing.
    st.just(0) | st.integers(1_024, 1_900),
    st.just(0) | st.integers(1_024, 1_900),
)
def test_caching_costs_what_genai_prices_says(model, cached, written):
    # By their own arithmetic on the same usage; Claude by ratio here or by ctok: the count is ours.
    ours = estimate_cost(VERY_LONG, model, output_tokens=100, cached=cached, cache_write=written)
    usage = genai_prices.Usage(
        input_tokens=ours["input_tokens"].value,
        output_tokens=100,
        cache_read_tokens=cached,
        cache_write_tokens=written,
    )
    theirs = genai_prices.calc_price(usage, model)
    if model == "gpt-4o" and written:
        return  # OpenAI bills no cache writes for it; ours prices them at the full input rate, and says so
    assert ours["total_usd"].value == theirs.total_price


def test_batch_and_tiers_have_prices_of_their_own_or_none(shell):
    # gpt-4o batch: 1.25/5 (genai-prices 0.2.3).
    assert cost(shell, "-m gpt-4o --processing batch")["input_usd_per_mtok"].value == Decimal("1.25")
    assert cost(shell, "-m gpt-4o --processing priority")["input_usd_per_mtok"].value == Decimal("4.25")
    unpriced = cost(shell, "-m grok-3 --processing batch")
    assert unpriced["input_usd"].value is None
    assert any("no batch price is published" in note.text for note in unpriced.notes)


def test_concise_shows_the_range_of_the_2023_number(shell):
    estimate = cost(shell, "-m gpt-4o --out 1000 --concise")
    concise, whole = estimate["concise_output_usd"], estimate["output_usd"].value
    assert (concise.low, concise.high) == (whole * 10 / 100, whole * 60 / 100)
    assert "40–90%" in concise.note


def test_prices_of_a_day(shell):
    # gemini-4-argon: 2/10 until 2026-11-30, 4/20 from 2026-12-01 (genai-prices 0.2.3).
    before, after = (cost(shell, f"-m gemini-4-argon --on {day}") for day in ("2026-11-30", "2026-12-01"))
    assert before["input_usd_per_mtok"].value == 2
    assert after["input_usd_per_mtok"].value == 4


def test_the_ratio_to_another_model(shell):
    estimate = cost(shell, "-m gpt-4o --vs gpt-4o-mini --out 500")
    first, other = estimate["gpt-4o"]["total_usd"].value, estimate["gpt-4o-mini"]["total_usd"].value
    assert estimate["cost_ratio"].value == first / other
    assert "Cost ratio, gpt-4o : gpt-4o-mini" in str(estimate)
    assert cost(shell, "-m gpt-4o --vs Qwen/Qwen3-8B")["cost_ratio"].value is None


def test_another_currency_at_the_user_s_rate_of_its_day(shell):
    estimate = cost(shell, "-m gpt-4o --out 500 --calls 100 --currency jpy --rate 150@2026-11-20")
    assert estimate["total_local"].value == estimate["total_usd"].value * 150
    assert estimate["total_local"].unit == "JPY"
    shown = str(estimate)
    assert "150 JPY per USD, your rate of 2026-11-20" in shown
    assert "¥" in shown
    assert "¥" in str(cost(shell, "-m gpt-4o,gpt-4 --currency JPY --rate 150@2026-11-20"))


YEN = "--currency JPY --rate 150@2026-11-20"


def whole(estimate):
    """The estimate and its parts."""
    yield estimate
    for part in estimate.parts:
        yield from whole(part)


@pytest.mark.parametrize(
    ("magic", "line", "places"),
    [
        ("gpufit", "llama-3.1-8b --speed -g H100 --out 100", {"its own", "a part's"}),
        ("gpufit", "13B --train-tokens 1.4T", {"its own"}),
        ("gpufit", "llama-3.1-8b --train lora --train-tokens 10M -g H100", {"its own"}),
        ("gpufit", "llama-3.1-8b --train lora --train-tokens 10M", {"its own"}),
        ("llmnumbers", "", {"a part's"}),
        ("llmnumbers", "training_13b_cost", {"its own"}),
        ("llmnumbers", "training_13b_cost --set usd_per_gpu_hour=2", {"its own"}),
    ],
)
def test_each_dollar_of_an_estimate_and_of_its_parts_is_followed_by_its_yen(shell, magic, line, places):
    estimate = shell.run_line_magic(magic, f"{line} {YEN}")
    found = set()
    for one in whole(estimate):
        for figure, behind in pairwise((*one.figures, None)):
            if figure.unit.startswith("USD"):
                found.add("its own" if one is estimate else "a part's")
                assert behind.unit == figure.unit.replace("USD", "JPY"), figure.name
                for end in ("low", "value", "high"):
                    dollars = getattr(figure, end)
                    assert getattr(behind, end) == (None if dollars is None else dollars * 150), figure.name
    assert found == places


def test_each_model_of_a_comparison_is_in_yen_too(shell):
    estimate = cost(shell, f"-m gpt-4o,gpt-4,Qwen/Qwen3-8B --out 500 --calls 100 {YEN}", "hello world")
    for part in estimate.parts:
        for dollars, yen in (("total_usd", "total_local"), ("all_calls_usd", "all_calls_local")):
            assert part[yen].unit == "JPY"
            value = part[dollars].value
            assert part[yen].value == (None if value is None else value * 150)
    # 2 input tokens at $2.50, 500 of output at $10 a million: $0.005005, and 100 times as much for all calls.
    assert estimate["gpt-4o"]["total_local"].value == Decimal("0.75075")
    assert estimate["gpt-4o"]["all_calls_local"].value == Decimal("75.075")


def test_the_currency_is_a_setting_too(shell):
    shell.run_cell("%config LLMNumbers.currency = 'EUR'\n%config LLMNumbers.rate = '0.9@2026-11-20'")
    assert "€" in str(cost(shell, "-m gpt-4o --out 100000"))


@pytest.mark.usefixtures("the_documents_day")
def test_the_budget_warns(shell):
    assert budget_levels(cost(shell, "-m gpt-4o --budget 1")) == []
    assert budget_levels(cost(shell, "-m gpt-4o --calls 1M --budget $5")) == ["error"]
    assert budget_levels(cost(shell, "-m gpt-4o --out 1..16k --budget 0.1")) == ["warning"]


# 2 tokens at $2.50 a million, a million calls: $5. With 1 to 16,000 of output at $10: $0.000015 to $0.160005.
@pytest.mark.usefixtures("the_documents_day")
@pytest.mark.parametrize(
    ("options", "budget", "levels"),
    [
        ("--calls 1M", "5", []),
        ("--calls 1M", "4.99", ["error"]),
        ("--out 1..16k", "0.160005", []),
        ("--out 1..16k", "0.160004", ["warning"]),
        ("--out 1..16k", "0.000015", ["warning"]),
        ("--out 1..16k", "0.000014", ["error"]),
    ],
)
def test_what_costs_exactly_the_budget_is_within_it(shell, options, budget, levels):
    estimate = cost(shell, f"-m gpt-4o {options} --budget {budget}", "hello world")
    assert budget_levels(estimate) == levels


# gpt-oss-20b has a window of 131,072 tokens; gpt-4o writes 16,384 at most. gpt-5 has a window of 400,000, and
# its API answers "Input tokens exceed the configured limit of 272000 tokens" (cline/cline#5474,
# langchain-ai/langchain#34419; anomalyco/opencode#1714: at half of the window that the tool showed).
@pytest.mark.usefixtures("the_documents_day")
@pytest.mark.parametrize(
    ("model", "tokens", "output", "words"),
    [
        ("groq/gpt-oss-20b", 131_072, 0, None),
        ("groq/gpt-oss-20b", 131_073, 0, "has 131,073 tokens, more than the 131,072"),
        ("groq/gpt-oss-20b", 131_000, 72, None),
        (
            "groq/gpt-oss-20b",
            131_000,
            73,
            "need 131,073 tokens; the window of openai/gpt-oss-20b has 131,072",
        ),
        ("gpt-5", 272_000, 128_000, None),
        ("gpt-5", 272_001, 0, "has 272,001 tokens, more than the 272,000 of input that gpt-5 takes"),
        ("gpt-5", 400_001, 0, "more than the 272,000 of input that gpt-5 takes"),
        ("gpt-4o", 1, 16_384, None),
        ("gpt-4o", 1, 16_385, "16,385 output tokens are more than the 16,384"),
    ],
)
def test_a_call_as_long_as_the_model_takes_is_no_error(shell, model, tokens, output, words):
    cell, line = "word" + " word" * (tokens - 1), f"-m {model} --out {output}"
    estimate = cost(shell, line, cell)
    assert estimate["input_tokens"].value == tokens
    refused = errors(estimate)
    assert len(refused) == (words is not None)
    assert words is None or words in refused[0]
    # The live line warns of the prompt alone.
    (shown,) = live_lines(f"%%llmcost {line}\n{cell}", settings_with())
    assert (shown.level == "warning") == (tokens > 131_072 and tokens != 272_000)


@pytest.mark.usefixtures("the_documents_day")
def test_the_context_window_is_shown_and_its_end_is_an_error(shell):
    # gpt-4: 8,192 tokens (genai-prices 0.2.3).
    day = "--on 2026-01-01"  # before its end
    half = cost(shell, f"-m gpt-4 {day}", "word " * 4095)
    assert half["window_percent"].value == pytest.approx(50, abs=0.1)
    assert "Of the context window" in str(half)
    (over,) = errors(cost(shell, f"-m gpt-4 {day}", "word " * 9000))
    assert "more than the 8,192" in over
    (answer,) = errors(cost(shell, f"-m gpt-4 {day} --out 4000", "word " * 5000))
    assert "and its answer need 9,00" in answer


def test_a_system_prompt_makes_a_chat(shell):
    shell.run_cell("RULES = 'Be brief.'")
    by_name, by_text = (cost(shell, f"-m gpt-4o --system {each}", "hi") for each in ("RULES", "'Be brief.'"))
    assert by_name["input_tokens"].value == by_text["input_tokens"].value
    # 3 for the reply, 4 for each of two messages, and the texts "Be brief." and "hi".
    assert by_name["frame_tokens"].value == 11
    assert by_name["text_tokens"].value == 4


def test_a_template_is_filled_from_the_notebook(shell):
    shell.run_cell("word = 'hello world'")
    filled = cost(shell, "-m gpt-4o -t", "{word}\n")
    assert filled["input_tokens"].value == 2
    assert cost(shell, "-m gpt-4o", "{word}\n")["input_tokens"].value == 3


def test_chat_blocks_and_plain_text(shell):
    chat = cost(shell, "-m gpt-4o", "user: hi\n")
    plain = cost(shell, "-m gpt-4o --text", "user: hi\n")
    assert chat["frame_tokens"].value == 7
    assert "frame_tokens" not in plain
    assert plain["input_tokens"].value == 3


def test_old_prices_say_so(shell, user_table):
    row = '[[prices]]\nmodel = "house"\ninput_usd_per_mtok = 1\ntokenizer = "llama3"\nchecked = {}\n'
    user_table.write_text(row.format(date.today() - timedelta(days=31)))
    assert "31 days ago: look them up again" in cost(shell, "-m house").notes[0].text
    user_table.write_text(row.format(date.today() - timedelta(days=30)))
    assert not cost(shell, "-m house").notes


# -- tables -----------------------------------------------------------------------------


@pytest.fixture
def tickets(shell):
    frame = pd.DataFrame(
        {
            "id": range(200),
            "body": [f"ticket {i}: " + "it broke. " * (i % 20) for i in range(200)],
            "count": ["x"] * 200,
        }
    )
    shell.user_ns.update(tickets=frame, bodies=list(frame.body), word="hello")
    return frame


def test_a_column_is_one_call_for_each_row(shell, tickets):
    by_column = shell.run_line_magic("llmcost", "-m gpt-4o --out 100 -v tickets.body")
    by_list = shell.run_line_magic("llmcost", "-m gpt-4o --out 100 -v bodies")
    one_by_one = [
        shell.run_cell_magic("llmcost", "-m gpt-4o --out 100", body)["total_usd"].value
        for body in tickets.body
    ]
    assert by_column["total_usd"].value == by_list["total_usd"].value
    first = shell.run_line_magic("llmcost", "-m gpt-4o --out 100 -v bodies")
    assert first["output_tokens"].value == 200 * 100
    assert first["total_usd"].value == sum(one_by_one)
    assert (
        by_column["input_tokens_max"].value
        >= by_column["input_tokens_p95"].value
        >= by_column["input_tokens_p50"].value
    )
    assert "200 prompts, one call each" in str(by_column)


@pytest.mark.usefixtures("tickets")
def test_a_column_that_is_named_like_a_method_is_still_the_column(shell):
    assert shell.run_line_magic("tokens", "-m gpt-4o -v tickets.count")["tokens"].value == 200


def test_a_template_over_a_table_takes_its_columns_and_the_notebook(shell, tickets):
    estimate = shell.run_cell_magic("llmcost", "-m gpt-4o -t -v tickets", "{word} {id}: {body}\n")
    texts = [f"hello {i}: {body}" for i, body in enumerate(tickets.body)]
    shell.user_ns["texts"] = texts
    assert (
        estimate["input_tokens"].value
        == shell.run_line_magic("llmcost", "-m gpt-4o -v texts")["input_tokens"].value
    )


def test_calls_of_several_lengths_pay_the_rate_of_their_own():
    # gemini-2.5-pro: 1.25 up to 200,000 input tokens of a call, 2.50 above.
    prompts = ["a b " * 1000, "a b " * 150_000]
    both = estimate_cost(prompts, "gemini-2.5-pro")
    alone = [estimate_cost(prompt, "gemini-2.5-pro")["total_usd"].value for prompt in prompts]
    assert both["total_usd"].value == sum(alone)


def test_what_is_beside_a_text_belongs_to_its_own_call():
    # One prompt has a tool of 60,000 words and so pays the dearer tier of gemini-2.5-pro, the other does not.
    function = {"name": "f", "description": "a b " * 120_000}
    long = {
        "contents": [{"role": "user", "parts": [{"text": "hi"}]}],
        "tools": [{"functionDeclarations": [function]}],
    }
    short = {"contents": [{"role": "user", "parts": [{"text": "hello " * 10_000}]}]}
    both = estimate_cost([long, short], "gemini-2.5-pro", output_tokens=10)
    alone = [estimate_cost(each, "gemini-2.5-pro", output_tokens=10)["total_usd"] for each in (long, short)]
    assert both["total_usd"].value == sum(each.value for each in alone)
    assert both["input_tokens_max"].value == estimate_cost(long, "gemini-2.5-pro")["input_tokens"].value
    with pytest.raises(UsageError, match=r"more than the 10,0\d\d tokens that the shortest call has"):
        estimate_cost([long, short], "gemini-2.5-pro", cached=20_000)


def test_rows_without_a_text_are_left_out_and_said(shell):
    shell.user_ns["column"] = pd.Series(["one", None, float("nan"), "two"])
    estimate = shell.run_line_magic("tokens", "-m gpt-4o -v column")
    assert estimate["texts"].value == 2
    assert "rows without a text, left out: 2" in estimate.notes[0].text


# -- ledger and exports -----------------------------------------------------------------


def test_the_ledger_holds_every_estimate_with_totals(shell):
    assert "no estimate yet" in str(shell.run_line_magic("llmcost", "--ledger"))
    one = cost(shell, "-m gpt-4o --out 10 --calls 3")
    two = cost(shell, "-m gpt-4o,Qwen/Qwen3-8B --out 10")
    ledger = shell.run_line_magic("llmcost", "--ledger")
    expected = one["all_calls_usd"].value + two["gpt-4o"]["all_calls_usd"].value
    assert ledger["gpt-4o"]["estimates_usd"].value == expected
    assert ledger["gpt-4o"]["estimates"].value == 2
    assert ledger["qwen3-8b"]["estimates_usd"].value is None
    assert "1 unpriced, not in the total" in str(ledger)


def test_an_estimate_is_kept_under_a_name_and_in_a_file(shell, tmp_path):
    path = tmp_path / "estimate.json"
    estimate = cost(shell, f"-m gpt-4o -o kept --json '{path}'")
    assert shell.user_ns["kept"] is estimate
    assert json.loads(path.read_text(encoding="utf-8")) == {"schema": "llmnumbers.v1", **estimate.to_dict()}


def test_the_ledger_is_of_the_day_on_which_it_is_asked_for(shell):
    for day in (24, 25):
        with travel(datetime(2026, 11, day, 12, tzinfo=UTC)):
            ledger = shell.run_line_magic("llmcost", "--ledger")
        assert ledger["estimates"].source.checked == date(2026, 11, day)


# -- fetching prices --------------------------------------------------------------------


@pytest.fixture
def price_server(monkeypatch):
    """A server on loopback that hands out what a test puts into `answers`."""
    answers = {"body": b"[]", "status": 200}
    with http_server(lambda _: Answer(answers["status"], answers["body"])) as (url, asked):
        monkeypatch.setenv("LLMNUMBERS_PRICES_URL", f"{url}/data.json")
        answers["asked"] = asked
        yield answers
    genai_prices.data_snapshot.set_custom_snapshot(None)
    snapshot.find_row.cache_clear()
    snapshot.first_hand_models.cache_clear()


def test_prices_are_fetched_only_when_asked_for(shell, price_server):
    cost(shell, "-m gpt-4o")
    assert price_server["asked"] == []
    price_server["body"] = json.dumps(
        [
            {
                "id": "openai",
                "name": "OpenAI",
                "api_pattern": "x",
                "model_match": {"starts_with": "gpt-"},
                "models": [
                    {
                        "id": "gpt-4o",
                        "match": {"equals": "gpt-4o"},
                        "prices": {"input_mtok": 7, "output_mtok": 70},
                    }
                ],
            }
        ]
    ).encode()
    with capture_output() as captured:
        shell.run_line_magic("llmcost", "--update-prices")
    assert "1 prices of" in captured.stdout
    estimate = cost(shell, "-m gpt-4o")
    assert estimate["input_usd_per_mtok"].value == 7
    assert "fetched" in estimate["input_usd_per_mtok"].source.name
    assert estimate.details.price_date == date.today()


@pytest.mark.parametrize(("body", "status"), [(b"{", 200), (b"{}", 200), (b"", 500), (b'[{"id": 3}]', 200)])
def test_a_failed_fetch_is_one_line_and_the_prices_stay(shell, price_server, body, status):
    price_server.update(body=body, status=status)
    with pytest.raises(LLMNumbersError) as caught:
        shell.run_line_magic("llmcost", "--update-prices")
    assert "cannot be fetched" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert cost(shell, "-m gpt-4o")["input_usd_per_mtok"].value == Decimal("2.5")


# -- bad input --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "cell", "message"),
    [
        ("--out 5..2", "x", "the first number is the least"),
        ("--out x..2", "x", "'x' is not a whole number"),
        ("--cached 120%", "x", "give tokens such as 800"),
        ("--cached -3", "x", "--cached"),
        ("--cached 99", "x", "more than the 1 tokens"),
        ("--cached 60% --cache-write 60%", "x", "more than 100%"),
        ("--processing gold", "x", "--processing gold is not one of batch, flex, priority"),
        ("--tier flex", "x", "--tier is --processing now"),
        ("--batch", "x", "--batch is --processing batch now"),
        ("--on yesterday", "x", "write it as YYYY-MM-DD"),
        ("--on 2026-02-30", "x", "write it as YYYY-MM-DD"),
        ("--currency yen", "x", "needs your rate"),
        ("--currency ¥", "x", "not a currency's code"),
        ("--currency JPY", "x", "--rate 150@2026-11-20"),
        ("--currency JPY --rate 150", "x", "has no day"),
        ("--currency JPY --rate 0@2026-11-20", "x", "such as 150@2026-11-20"),
        ("--currency JPY --rate 1e9@2026-11-20", "x", "such as 150@2026-11-20"),
        ("--rate 150@2026-11-20", "x", "--rate needs --currency"),
        ("--budget lots", "x", "not an amount of dollars"),
        ("--budget -1", "x", "not an amount of dollars"),
        ("--vs gpt-4p", "x", "unknown model 'gpt-4p'"),
        ("-t", "{nosuch}", "no variable 'nosuch'"),
        ("-t -v number", "{number}", "give a DataFrame"),
        ("--system number", "x", "number is of type int, not text"),
        ("-o 3x", "x", "'3x' is not a variable's name"),
        ("--json /no/such/folder/x.json", "x", "x.json cannot be written (No such file"),
    ],
)
def test_bad_options_are_one_line_and_nothing_is_lost(shell, line, cell, message):
    shell.user_ns["number"] = 3
    cost(shell, "-m gpt-4o")
    with pytest.raises(LLMNumbersError) as caught:
        cost(shell, f"-m gpt-4o {line}", cell)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    if line.split()[0] not in ("--json", "-o"):
        assert shell.run_line_magic("llmcost", "--ledger")["gpt-4o"]["estimates"].value == 1


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (pd.DataFrame({"a": [1, 2]}), "no column of text; its columns: a"),
        (pd.DataFrame({"a": ["x"], "b": ["y"]}), "several columns of text; name one: value.a, value.b"),
        (pd.DataFrame(), "no column of text; its columns: none"),
        (pd.Series([1, 2]), "row 1 is of type int, not text"),
        (["x", 3], "row 2 is of type int, not text"),
        ([], "no row with a text"),
        ([None], "no row with a text"),
        (3.5, "is of type float"),
        ({"a": 1}, "message 1 has no content"),
        (len, "is of type builtin_function_or_method"),
    ],
)
def test_a_value_without_a_prompt_is_named(shell, value, message):
    shell.user_ns["value"] = value
    with pytest.raises(LLMNumbersError) as caught:
        shell.run_line_magic("llmcost", "-m gpt-4o -v value")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_output_of_long_and_short_calls_is_the_sum_of_their_own():
    """claude-haiku-5-5 has a long-context rate for output too."""
    texts = ["word " * 120_000] * 2 + ["word"]
    together = estimate_cost(texts, "claude-haiku-5-5", output_tokens=1000)
    single = [estimate_cost(text, "claude-haiku-5-5", output_tokens=1000) for text in texts]
    assert together["output_usd"].value == sum(each["output_usd"].value for each in single)
    assert together["output_usd"].value > 3 * single[-1]["output_usd"].value
