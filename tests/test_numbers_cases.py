"""The document, its account, today and the new numbers: `data/numbers_cases.yaml`, each by its own source."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import tiktoken
import yaml

from ipython_llmnumbers import gpu_speed, numbers
from ipython_llmnumbers.catalog.numbers_2023 import all_number_keys, sample_text
from ipython_llmnumbers.catalog.toml_tables import read_table
from ipython_llmnumbers.errors import LLMNumbersError
from ipython_llmnumbers.messages import said, speaking

DATA = Path(__file__).parent / "data"
CASES = yaml.safe_load((DATA / "numbers_cases.yaml").read_text("utf-8"))
ANSWERED = [case for part in ("document", "today", "new_rows") for case in CASES[part]]


def named(case):
    return case.get("id") or case["figure"]


@pytest.mark.parametrize("case", ANSWERED, ids=named)
def test_a_case_is_answered_as_its_source_says(case):
    number = numbers(case["number"], **case.get("set", {}))
    if "says" in case:
        assert case["says"] in said(number.notes[0].text)
        return
    figure, rel = number[case.get("figure", "today")], case.get("rel", 1e-6)
    if "input" in case:
        figure = next(each for _, each in figure.walk() if each.name == case["input"])
    if "value" in case:
        assert float(figure.value) == pytest.approx(case["value"], rel=rel)
    if "range" in case:
        assert (float(figure.low), float(figure.high)) == pytest.approx(tuple(case["range"]), rel=rel)


def test_each_of_the_48_claims_has_its_place():
    """Those of the document and of its account, in their order: a figure, or a line in a number's remark."""
    claims = {case["claim"] for part in CASES.values() for case in part if "claim" in case}
    assert claims == set(range(1, 49))


@pytest.mark.parametrize("case", CASES["yen"], ids=named)
def test_an_amount_comes_out_in_the_account_s_yen(case):
    number = numbers(case["number"], currency="JPY", rate=f"{case['rate']}@2023-05-19")
    figure = number[case["figure"]]
    if "range" in case:
        assert (float(figure.low), float(figure.high)) == pytest.approx(tuple(case["range"]), rel=case["rel"])
    else:
        assert float(figure.value) == pytest.approx(case["jpy"], rel=case["rel"])


def test_the_rate_converts_results_and_no_input():
    """A rate given with `--set` changes no formula: dollars stay dollars."""
    plain = numbers("training_13b_cost", usd_per_gpu_hour=5)
    in_yen = numbers("training_13b_cost", usd_per_gpu_hour=5, currency="JPY", rate="137@2023-05-19")
    assert in_yen["worked"].value == plain["worked"].value
    assert "worked_local" in in_yen


# -- the counts ---------------------------------------------------------------------------

TEXTS = tomllib.loads((DATA / "counted_texts.toml").read_text("utf-8"))["texts"]
SAMPLES = {"sample_en": "english", "sample_ja": "japanese"}


@pytest.mark.usefixtures("openai_files")
@pytest.mark.parametrize("row", read_table("text_counts.toml")["texts"], ids=lambda row: row["name"])
def test_a_text_has_the_tokens_that_the_table_says(row):
    name = row["name"]
    text = sample_text(SAMPLES[name]) if name in SAMPLES else TEXTS[name]["text"].strip("\n")
    for vocabulary in read_table("text_counts.toml")["vocabularies"].values():
        assert len(tiktoken.get_encoding(vocabulary).encode(text)) == row[vocabulary]
    assert row.get("words", len(text.split())) == len(text.split())
    assert row.get("chars", len(text)) == len(text)


@pytest.mark.usefixtures("openai_files")
@pytest.mark.parametrize("row", read_table("text_counts.toml")["parallel"], ids=lambda row: row["language"])
def test_the_sentence_of_three_languages(row):
    for vocabulary in read_table("text_counts.toml")["vocabularies"].values():
        assert len(tiktoken.get_encoding(vocabulary).encode(row["text"])) == row[vocabulary]


@pytest.mark.usefixtures("openai_files")
@pytest.mark.parametrize(
    ("text", "cl100k", "o200k"),
    [("eating", ["eating"], ["e", "ating"]), (" eating", [" eating"], [" eating"])],
)
def test_eating_is_not_eat_and_ing(text, cl100k, o200k):
    """The document: "“eating” might be broken into two tokens “eat” and “ing”"."""
    for vocabulary, pieces in (("cl100k_base", cl100k), ("o200k_base", o200k)):
        encoding = tiktoken.get_encoding(vocabulary)
        assert [encoding.decode([token]) for token in encoding.encode(text)] == pieces


def test_english_did_not_fall_and_japanese_did():
    """Debian's handbook, 120 kB each: cl100k_base is 1.000 × o200k_base in English, 1.337 × in Japanese."""
    english, japanese = numbers("tokens_per_word"), numbers("tokens_per_japanese_char")
    assert english["counted_2023"].value == pytest.approx(english["today"].value, rel=0.01)
    assert japanese["counted_2023"].value / japanese["today"].value == pytest.approx(1.337, rel=0.03)
    assert japanese["counted_2023"].value == pytest.approx(1.1, rel=0.01)  # the account's own figure
    remark = said(japanese.notes[0].text)
    assert f"that of 2019 {japanese['counted_2019'].value:.2f}" in remark
    assert f"gives {japanese['counted_2023'].value:.2f} on the same texts" in remark
    # 1.33 is within the texts' range, under each of the vocabularies.
    for name in ("today", "counted_2023", "counted_2019"):
        assert english[name].low < 1.33 < english[name].high


def test_no_number_says_that_english_needs_fewer_tokens():
    for part in numbers().parts:
        for note in part.notes:
            assert not re.search(r"vocabular\w+ (became|grew|got) (larger|bigger)", said(note.text))


# -- what a note speaks of ----------------------------------------------------------------


def texts_of(figure):
    return " ".join(said(each.note) for _, each in figure.walk())


def test_a_note_names_no_model_that_the_prices_are_not_of():
    prices = {"input_usd_per_mtok": 60, "output_usd_per_mtok": 120}
    prices |= {"base_input_usd_per_mtok": 2, "base_output_usd_per_mtok": 2, "output_percent": 0}
    worked = numbers("gpt4_to_gpt35_cost", **prices)["worked"]
    assert worked.value == 30
    assert "gpt-6" not in texts_of(worked)


def test_a_note_names_no_machine_that_is_the_users():
    number = numbers("embedding_to_self_hosted_cost", usd_per_hour=0.8, tokens_per_s=60_000)
    text = texts_of(number["worked"])
    assert "A100" not in text
    assert "2023" not in text
    assert "text-embedding-3-small" in text  # the side that is not the user's


@pytest.mark.parametrize("key", all_number_keys())
def test_a_worked_figure_says_which_inputs_are_the_users(key):
    """Of every number and every input: no note of the formula outlives what it is of."""
    number = numbers(key)
    for name, default in (number.details.inputs or {}).items():
        value = float(default) / 2 if name.endswith("percent") else float(default) * 2
        worked = numbers(key, **{name: value})["worked"]
        facts = [each for _, each in worked.walk() if each.name == name and each.origin != "given"]
        assert facts == []
        given = [each for _, each in worked.walk() if each.origin == "given" and each.name.endswith(name)]
        assert given, name


def test_the_answer_is_not_called_by_a_title_that_the_inputs_are_not_of():
    """7B on 1T tokens is no "Train 13B on 1.4T tokens": the title names only whose formula it is."""
    first = str(numbers("training_13b_cost", n_params=7e9, n_tokens=1e12)).splitlines()[0]
    assert "n_params=7B, n_tokens=1T · formula of “Train 13B on 1.4T tokens”" in first


def test_inputs_of_two_formulas_are_refused_with_what_each_takes():
    with pytest.raises(LLMNumbersError, match=r"no formula of this number takes all of them.*days, gpus"):
        numbers("training_13b_cost", days=21, mfu=0.4)


# -- one product, one answer --------------------------------------------------------------


def test_batching_is_what_the_speed_says():
    today = numbers("batching_throughput")["today"]
    for batch, end in ((64, today.low), (256, today.high)):
        speed = gpu_speed("llama-3.1-8b", gpu="H100 80GB SXM", context_tokens=2048, batch_size=batch)
        assert speed["batching_speedup"].value == pytest.approx(end)


def test_own_output_costs_what_the_speed_says():
    speed = gpu_speed("llama-3.1-8b", gpu="H100 80GB SXM", context_tokens=2048)
    today = numbers("self_hosted_output_usd")["today"]
    assert float(today.high) == pytest.approx(float(speed["own_usd_per_mtok"].value))


# -- here ---------------------------------------------------------------------------------


def test_here_says_tokens_per_character_for_a_japanese_text(shell):
    shell.run_cell_magic("tokens", "-m gpt-4o", "先生は、測る前に予想するようにとクラスに言いました。\n")
    estimate = shell.run_line_magic("llmnumbers", "")
    assert estimate["tokens_per_word"]["here"].unit == "tokens/character"
    row = next(line for line in str(estimate).splitlines() if line.startswith("2. "))
    assert "0.731/character" in row
    row = next(line for line in str(estimate).splitlines() if line.startswith("25. "))
    assert "0.731" in row


@pytest.mark.parametrize(
    ("gpu", "key", "value"),
    [
        # NVIDIA's specifications: 936 GB/s of an RTX 3090 over 16.06 GB; 24,576 MiB.
        ("RTX 3090", "decode_tokens_per_s", 936e9 / 16_060_522_496),
        ("RTX 3090", "gpu_memory", 24 * 2**30),
        ("H100", "training_13b_cost", 6 * 13e9 * 1.4e12 / (989e12 * 0.375 * 3600) * 6.88),
    ],
)
def test_here_is_for_the_gpu_that_is_chosen(gpu, key, value):
    assert float(numbers(key, gpu=gpu)["here"].value) == pytest.approx(value, rel=1e-3)


@pytest.mark.parametrize("gpu", ["RTX 4090", "L4", "H100"])
def test_here_batches_no_more_than_the_gpu_holds(gpu):
    here = numbers("batching_throughput", gpu=gpu)["here"]
    batch_size = next(each.value for each in here.inputs if each.name == "batch_size")
    speed = gpu_speed("llama-3.1-8b", gpu=gpu, context_tokens=2048, batch_size=batch_size)
    assert speed.verdict != "does not fit"
    assert here.value == pytest.approx(speed["batching_speedup"].value)


def test_here_names_a_gpu_that_no_table_has():
    with pytest.raises(LLMNumbersError, match="GPU"):
        numbers("gpu_memory", gpu="no such card")
    with pytest.raises(LLMNumbersError, match="unknown model"):
        numbers("output_to_input_cost", model="no such model")


# -- the first screen ---------------------------------------------------------------------


@pytest.mark.parametrize("line", ["", "--gpu H100", "-m claude-opus-5-5 --gpu RTX-4090"])
def test_the_first_screen_is_one_screen(shell, monkeypatch, line):
    monkeypatch.setenv("COLUMNS", "100")
    lines = str(shell.run_line_magic("llmnumbers", line)).splitlines()
    assert len(lines) <= 32
    assert max(map(len, lines)) <= 100
    assert [row.split()[0] for row in lines[2:27]] == [f"{n}." for n in range(1, 26)]
    assert any(row.startswith("Today:") for row in lines)
    assert any(row.startswith("Here:") for row in lines)


def test_the_numbers_of_2026_stand_behind_it():
    first, more = str(numbers()), str(numbers(more=True))
    late = numbers().parts[25:]
    assert len(late) == 22
    for part in late:
        assert said(part.details.title) not in first
        assert said(part.details.title) in more


def test_every_number_says_what_it_ages_with():
    for part in numbers().parts:
        assert part.details.ages_with


@pytest.mark.parametrize(
    ("key", "figure", "text"),
    [
        ("kv_memory_per_token_13b", "output_512_bytes", "512 MB"),
        ("kv_memory_per_token_13b", "output_batch_bytes", "8 GB"),
        ("serving_bytes_per_param", "serving_7b_bytes", "14 GB"),
        ("kv_memory_per_token_13b", "output_batch_recomputed_bytes", "6.7 GB = 6.2 GiB"),
        ("kv_memory_per_token_13b", "output_512_recomputed_bytes", "419 MB = 400 MiB"),
        ("weights_13b_4bit", "recomputed", "7.3 GB = 6.8 GiB"),
    ],
)
def test_a_size_is_written_as_published_and_ours_in_both_units(key, figure, text):
    number = numbers(key)
    with speaking("en"):
        from ipython_llmnumbers.render.labels import label

        assert any(f"{label(figure)}: {text} (" in line.replace("≈", "") for line in str(number).splitlines())


def test_what_the_document_does_not_give_is_marked_as_borrowed():
    recomputed = numbers("fine_tuned_to_base_cost")["recomputed"]
    assert all("borrowed" in said(each.note) for each in recomputed.inputs)
    printed = numbers("gpt4_to_gpt35_cost")["recomputed"]
    assert "borrowed" not in texts_of(printed)


@pytest.mark.parametrize(
    ("key", "low", "high"),
    [("window_words", 0.5e6, 1e6), ("prefill_to_decode_speed", 40, 300), ("reading_tokens_per_s", 3.8, 6.7)],
)
def test_a_number_of_inputs_that_are_known_within_a_range_has_one(key, low, high):
    today = numbers(key)["today"]
    assert any(each.has_range for each in today.inputs)
    assert low < today.low < today.value < today.high < high


def test_no_code_stands_for_the_first_of_several_answers():
    text = str(numbers("thousand_questions_usd"))
    assert "= first of these" in text
    assert "several" not in text
    assert "return" not in text


# -- what moved ---------------------------------------------------------------------------


def test_what_moved_since_the_document():
    changes = numbers(since="2023-05-08")
    ratio = changes["gpt4_to_gpt35_cost"]
    assert (ratio["then"].low, ratio["then"].high) == (30, 60)
    assert "gpt-4-32k to gpt-6.1-sol" in said(ratio.details.cause)
    assert "$60 to $2" in said(ratio.details.cause)
    # Both sides of one year: the document's own machine, not today's.
    assert float(changes["embedding_to_self_hosted_cost"]["then"].value) == pytest.approx(10.8)
    assert "times" not in changes["moe_active_percent"]


def test_who_joined_a_range_is_a_cause_of_its_move():
    """Anthropic's flagship is in the range of today; nobody stood in that role on the first day of 2025."""
    questions = numbers("thousand_questions_usd", since="2025-01-01").parts[0]
    assert questions["then"].high < questions["today"].high
    assert said(questions.details.cause).endswith("claude-opus-5-5 joined")
    assert "joined" not in said(numbers("output_to_input_cost", since="2025-01-01").parts[0].details.cause)


def test_a_price_that_was_cut_is_taken_as_of_the_day():
    """GPT-5.6 Luna cost $1 and $6 until 2026-07-30, then $0.20 and $1.20 (genai-prices 0.2.3)."""
    before = numbers("generation_to_embedding_cost", since="2026-07-29").parts[0]
    after = numbers("generation_to_embedding_cost", since="2026-07-30").parts[0]
    assert float(before["then"].value) == pytest.approx(6 / 0.02)
    assert float(after["then"].value) == pytest.approx(1.2 / 0.02)


def test_nothing_moved_since_the_newest_prices():
    assert not [part.subject for part in numbers(since="2026-11-10").parts if "times" in part]
    assert str(numbers(since="2026-11-10")).startswith("0 moved")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("--since 2023-01-01", "prices are known from 2023-05-08"),
        ("--since yesterday", "is not a day"),
        ("tokens_per_word --since 2024-01-01 --set words=1", "cannot be combined"),
        ("--quiz 3 --since 2024-01-01", "--since has no part in --quiz"),
        ("--since 2999-01-01", "--since: that day is still to come"),
        ("--quiz 0", "--quiz 0 is not a whole number from 1 to"),
        ("-1", "unknown number '-1'"),
        ("tokens_per_word --set words=-5", "--set 'words=-5': give a number from 0 up"),
        ("tokens_per_word --set words=many", "--set 'words=many' is not a number; write one such as 1200"),
        ("tokens_per_word --set words=5 tokens=7", "'tokens=7': write --set before each input: --set"),
    ],
)
def test_a_day_that_cannot_be_answered_is_refused_in_one_line(shell, line, words):
    with pytest.raises(LLMNumbersError) as caught:
        shell.run_line_magic("llmnumbers", line)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
