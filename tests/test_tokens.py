"""Counts are exact where a vocabulary is at hand, and say what they are where it is not."""

from __future__ import annotations

import re
from functools import cache

import pytest
import references
import splintr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ipython_llmnumbers import LLMNumbersError, count_tokens
from ipython_llmnumbers.catalog.tokenization.vocabularies import VOCABULARIES, find_tokenizer
from ipython_llmnumbers.catalog.toml_tables import read_table
from ipython_llmnumbers.probes.prompts.text import count_words
from ipython_llmnumbers.probes.tokenizers.engines import load_engine

BUNDLED = [name for name in VOCABULARIES if name not in ("p50k_base", "r50k_base")]


# OpenAI's cookbook, "How to count tokens with tiktoken": the same strings under its encodings.
# https://github.com/openai/openai-cookbook/blob/main/examples/How_to_count_tokens_with_tiktoken.ipynb
@pytest.mark.parametrize(
    ("text", "cl100k", "o200k"),
    [("antidisestablishmentarianism", 6, 6), ("2 + 2 = 4", 7, 7), ("お誕生日おめでとう", 9, 8)],
)
def test_the_cookbook_s_counts_come_out(text, cl100k, o200k):
    assert count_tokens(text, "gpt-4")["tokens"].value == cl100k
    assert count_tokens(text, "gpt-4o")["tokens"].value == o200k


@pytest.mark.parametrize(
    ("name", "how", "vocabulary"),
    [
        ("gpt-4o", "exact", "o200k_base"),
        ("openai/gpt-4o", "exact", "o200k_base"),
        ("ft:gpt-4o:org::id", "exact", "o200k_base"),
        ("gpt-4", "exact", "cl100k_base"),
        ("gpt-6-luna", "assumed", "o200k_base"),
        ("claude-opus-5-5", "unofficial", "ctok 4.8"),
        ("claude-opus-4-7", "unofficial", "ctok 4.7"),
        ("claude-3-haiku", "unofficial", "ctok 3.0"),
        ("meta-llama/Llama-3.1-8B-Instruct", "exact", "llama3"),
        ("Qwen/Qwen3-8B", "exact", "qwen3"),
        ("qwen3.5-plus", "ratio", None),
        ("deepseek-v4-pro", "exact", "deepseek_v3"),
        ("mistral-large-latest", "assumed", "mistral_v3"),
        ("gemini-2.5-pro", "mapped", "gemma3"),
        ("gemini-4-argon", "ratio", None),
        ("o200k_base", "exact", "o200k_base"),
    ],
)
def test_names_as_people_write_them_find_their_vocabulary(name, how, vocabulary):
    choice = find_tokenizer(name)
    assert (choice.how, choice.vocabulary) == (how, vocabulary)


def test_every_row_of_the_table_is_sourced_and_loads_or_has_a_ratio():
    table = read_table("tokenization/vocabularies.toml")
    for row in table["models"]:
        assert table["sources"][row["source"]]["checked"], row
        vocabulary = row.get("vocabulary", "")
        assert row["how"] == "ratio" or vocabulary.startswith("ctok ") or vocabulary in VOCABULARIES


@pytest.mark.parametrize(
    "text",
    [
        "<|endoftext|>",
        "<|im_start|>user",
        "[INST] x [/INST]",
        "{name} $x %time ;",
        "\x00\x00",
        "a\ud800b",
        "👩‍💻" * 3,
        "é",
        " " * 5_000,
        "a" * 5_000,
        "\r\n\t\v",
        "<b>&amp;</b>",
    ],
)
def test_any_text_is_text(text):
    estimate = count_tokens(text, "gpt-4o")
    assert estimate["tokens"].value > 0
    shown = b"".join(piece.data for piece in estimate.pieces).decode()
    assert shown == text.replace("\ud800", "\ufffd")


def test_a_special_token_s_spelling_is_not_the_special_token():
    assert count_tokens("<|endoftext|>", "gpt-4o")["tokens"].value == 7


def test_a_lone_surrogate_is_counted_and_said():
    notes = count_tokens("a\ud800", "gpt-4o").notes
    assert notes[0].text.endswith("counted as U+FFFD: 1")


def test_an_empty_text_has_no_tokens_and_no_ratios():
    estimate = count_tokens("", "gpt-4o")
    assert estimate["tokens"].value == 0
    assert estimate["tokens_per_word"].value is None
    assert estimate["tokens_per_char"].value is None


def test_qwen_reads_composed_and_decomposed_alike():
    composed, decomposed = "caf\u00e9", "cafe\u0301"
    counts = [count_tokens(text, "Qwen/Qwen3-8B")["tokens"].value for text in (composed, decomposed)]
    assert counts[0] == counts[1]
    assert count_tokens(decomposed, "gpt-4o")["tokens"].value > counts[0]


@pytest.mark.parametrize("vocabulary", BUNDLED)
@settings(max_examples=20)
@given(text=st.text(max_size=200))
def test_every_vocabulary_takes_any_unicode(vocabulary, text):
    count = count_tokens(text, vocabulary)["tokens"]
    assert count.value == count.low == count.high
    assert not count.approximate


@cache
def splintr_of(vocabulary):
    return splintr.Tokenizer.from_pretrained(vocabulary)


@pytest.mark.parametrize("vocabulary", ["gemma2", "gemma3"])
@settings(max_examples=300)
@given(
    text=st.lists(
        st.one_of(st.sampled_from([" ", "  ", "▁", ">", "</", "> </", "\n", "\u3000"]), st.text(max_size=5))
    ).map("".join)
)
def test_a_text_of_gemma_cut_at_its_spaces_has_the_ids_of_the_whole(vocabulary, text):
    assume(not re.search("</?[a-z0-9]+>", text))  # a tag of HTML is one token
    assert load_engine(vocabulary).encode(text) == splintr_of(vocabulary).encode_ordinary(text)


@pytest.mark.parametrize(("vocabulary", "across"), [("gemma2", []), ("gemma3", [b"> </"])])
def test_no_other_token_of_gemma_s_goes_on_behind_a_space(vocabulary, across):
    tokens = (splintr_of(vocabulary).decode_token_bytes(token_id) for token_id in range(256_000))
    assert [token for token in tokens if b" " in token.lstrip(b" ")] == across


def test_a_model_without_a_tokenizer_gets_a_range_and_its_making():
    tokens = count_tokens("The quick brown fox jumps over the lazy dog. " * 20, "grok-4")["tokens"]
    assert tokens.low < tokens.value < tokens.high
    assert tokens.approximate
    assert tokens.formula == "round(reference_tokens * ratio)"
    ratio = tokens.inputs[1]
    assert ratio.origin == "measured"
    assert "our own measurement" in ratio.source.name
    assert ratio.source.checked.year == 2026


def test_a_vocabulary_counts_as_soon_as_it_is_on_this_machine(tmp_path, monkeypatch):
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    assert load_engine("p50k_base") is None
    assert count_tokens("hello world", "text-davinci-003").details.how == "ratio"
    references.fill_tiktoken_cache(tmp_path)
    assert count_tokens("hello world", "text-davinci-003").details.how == "exact"
    assert load_engine("p50k_base") is load_engine("p50k_base")
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path / "elsewhere"))
    assert load_engine("p50k_base") is None


def test_words_are_not_counted_where_there_are_no_spaces():
    assert count_words("これは日本語の文です。") is None
    assert count_words("ภาษาไทยไม่มีช่องว่าง") is None
    assert count_words("안녕하세요 세계") == 2
    assert count_tokens("これは日本語の文です。", "gpt-4o")["tokens_per_word"].value is None


@pytest.mark.parametrize("model", ["no-such-model", "gpt-4p", "", "  ", "; rm -rf", "\x00", "モデル"])
def test_an_unknown_model_is_named_in_one_line(model):
    with pytest.raises(LLMNumbersError) as caught:
        count_tokens("x", model)
    assert "\n" not in str(caught.value)
    assert "model" in str(caught.value)


def test_what_is_not_text_is_refused():
    with pytest.raises(LLMNumbersError, match="text is of type int: give text, messages, a list"):
        count_tokens(3, "gpt-4o")
