"""An estimate by ratio is a range that holds the true count, and tells how it was made."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import pytest
import references
from hypothesis import given
from hypothesis import strategies as st

from ipython_llmnumbers import count_tokens
from ipython_llmnumbers.catalog.tokenization.ratios import open_vocabularies
from ipython_llmnumbers.catalog.tokenization.vocabularies import find_tokenizer
from ipython_llmnumbers.catalog.toml_tables import read_table
from ipython_llmnumbers.estimates.tokens.one_text import count_texts
from ipython_llmnumbers.estimates.tokens.texts import Texts
from ipython_llmnumbers.probes.prompts.text_kinds import kinds
from ipython_llmnumbers.probes.tokenizers.engines import load_engine

CORPUS = json.loads((Path(__file__).parent / "data" / "corpus.json").read_text("utf-8"))
# Ordinary text, short as it is: 60 to 500 characters.
TEXTS = [text for kind in ("languages", "code", "data") for text in CORPUS[kind].values()]
LONG = "The river is white this morning, and nobody can say to whom the letter is written. " * 40


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (CORPUS["languages"]["en"], "english"),
        (CORPUS["languages"]["nl"], "latin"),
        (CORPUS["languages"]["da"], "latin"),
        (CORPUS["languages"]["uk"], "cyrillic"),
        (CORPUS["languages"]["el"], "greek"),
        (CORPUS["languages"]["fa"], "arabic"),
        (CORPUS["languages"]["ja"], "japanese"),
        (CORPUS["languages"]["zh-Hant"], "chinese"),
        (CORPUS["languages"]["ko"], "korean"),
        (CORPUS["languages"]["th"], "other"),
        (CORPUS["code"]["rust"], "code"),
        (CORPUS["data"]["json-pretty"], "code"),
        (CORPUS["data"]["html"], "markup"),
        (CORPUS["data"]["csv-numbers"], "numbers"),
        (CORPUS["data"]["base64"], "encoded"),
    ],
)
def test_the_kind_of_a_text_is_told(text, kind):
    assert next(iter(kinds(text))) == kind


def of_words(*parts):
    """A text of 100 characters beside its spaces: (a piece, how often), the rest in words of one letter."""
    pieces = [piece for piece, times in parts for _ in range(times)]
    return " ".join([*pieces, *"w" * (100 - sum(map(len, pieces)))])


# Each kind begins at a share of the characters that are not white space: a text on each side of it. A kind
# that comes first keeps its text from those below: base64 has digits, tags have brackets.
@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (of_words((";", 8)), "code"),
        (of_words((";", 7)), "latin"),
        (of_words(("{", 2), ("}", 2), ("=", 2), ("_", 2)), "code"),
        (of_words((".", 8), (",", 8), ("!", 8), ("?", 8), ("-", 8)), "latin"),
        (of_words(("7", 30)), "numbers"),
        (of_words(("7", 29)), "latin"),
        (of_words(("7", 30), (";", 20)), "numbers"),
        (of_words(("<p>", 6), ("</div>", 1), ("w", 1)), "code"),
        (of_words(("<p>", 5), ("</div>", 1), ("<ol>", 1)), "markup"),
        (of_words(("<p>", 4), ("</div>", 2)), "code"),
        (of_words(("< p", 12)), "code"),
        (of_words(("A" * 50, 1)), "encoded"),
        (of_words(("A" * 49, 1)), "latin"),
        (of_words(("A" * 40, 1), ("A" * 40, 1)), "encoded"),
        (of_words(("A" * 39, 1), ("A" * 39, 1)), "latin"),
        (of_words(("7" * 50, 1), (";", 20)), "encoded"),
    ],
)
def test_a_kind_begins_at_its_share(text, kind):
    assert kinds(text) == {kind: 1.0}


# A tenth of the words of a sentence are among the commonest of English: of 20 words two, of 19 two.
@pytest.mark.parametrize(
    ("common", "others", "kind"), [(2, 18, "english"), (1, 18, "latin"), (2, 19, "latin"), (0, 1, "latin")]
)
def test_english_is_told_by_its_commonest_words(common, others, kind):
    assert kinds(" ".join(["The"] * common + ["huis"] * others)) == {kind: 1.0}


# Japanese is told by its kana: more than one for twenty Chinese characters, three bytes each.
@pytest.mark.parametrize(
    ("kana", "kind"), [(0, "chinese"), (1, "chinese"), (2, "japanese"), (20, "japanese")]
)
def test_japanese_is_told_by_its_kana(kana, kind):
    assert kinds("の" * kana + "世" * 20) == {kind: 1.0}


def test_a_kind_is_told_from_the_start_of_a_long_text():
    prose, code = "huis boom " * 1_000, "x = {}; " * 10_000
    assert kinds(prose * 2 + code) == {"latin": 1.0}
    assert kinds(prose + code) == {"code": 1.0}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('"Are you there?" she asked, and nobody in the house was awake to answer that.', "english"),
        ("Use the `print` function to see the value of a variable; it is not for logs.", "english"),
        ("total = 0\nfor price in prices:\n    total += price\nprint(total)", "code"),
        ("SELECT name, age FROM people WHERE age > 30 AND city = 'Rome';", "code"),
        ("In 2023 the model had 13 billion parameters, and in 2024 it had 70 billion of them.", "english"),
        ("2024-01-01,13.5,22.1\n2024-01-02,14.0,21.7\n2024-01-03,12.8,20.9", "numbers"),
    ],
)
def test_prose_and_code_as_people_write_them(text, kind):
    assert kinds(text) == {kind: 1.0}


def test_every_kind_has_its_ratios():
    table = read_table("tokenization/ratios.toml")
    columns = {
        row["ratio"] for row in read_table("tokenization/vocabularies.toml")["models"] if "ratio" in row
    }
    for kind, row in table["kinds"].items():
        assert row.keys() == columns, kind
        assert all(low < middle < high for low, middle, high in row.values()), kind


@given(st.text(max_size=80))
def test_shares_are_shares_of_kinds_that_have_ratios(text):
    shares = kinds(text)
    assert shares.keys() <= read_table("tokenization/ratios.toml")["kinds"].keys()
    assert not text or sum(shares.values()) == pytest.approx(1)


# The margins were set on other texts, with these two tokenizers, which the project does not carry.
@pytest.mark.slow
@pytest.mark.parametrize("name", ["llama4", "qwen3_6"])
def test_an_unmeasured_tokenizer_s_count_falls_into_the_range(name):
    encode = getattr(references, name)()
    assert held("grok-4", encode) >= 0.95


@pytest.mark.parametrize(
    ("model", "vocabulary"), [("text-davinci-003", "p50k_base"), ("davinci", "r50k_base")]
)
def test_gpt_3_s_count_falls_into_the_range(model, vocabulary):
    assert held(model, references.old_openai(vocabulary)) >= 0.95


@pytest.mark.skipif(find_spec("ctok") is None, reason="ctok needs Python 3.12")
@pytest.mark.parametrize(("model", "family"), [("claude-2.1", "3.0"), ("claude-unheard-of", "4.8")])
def test_claude_s_count_falls_into_the_range(model, family):
    assert held(model, load_engine(f"ctok {family}").encode) >= 0.95


def held(model, encode):
    """The share of the corpus whose true count lies between low and high."""
    hits = []
    for text in TEXTS:
        tokens = count_texts("tokens", Texts([text]), find_tokenizer(model)).figure
        hits.append(tokens.low <= len(encode(text)) <= tokens.high)
    return sum(hits) / len(hits)


def test_english_is_a_narrower_range_than_its_script():
    english = count_tokens(LONG, "grok-4")["tokens"]
    assert english.high / english.low < 1.2


def test_the_open_vocabularies_bound_the_range_of_an_unmeasured_one():
    counts = [len(load_engine(name).encode(LONG)) for name in open_vocabularies()]
    tokens = count_tokens(LONG, "grok-4")["tokens"]
    assert tokens.low < min(counts) <= tokens.value <= max(counts) < tokens.high
    assert "5 open vocabularies" in tokens.note


def test_a_few_tokens_are_not_exact_for_lack_of_a_range():
    tokens = count_tokens("hello world", "grok-4")["tokens"]
    assert tokens.value == 2
    assert tokens.approximate


def test_no_text_is_no_tokens():
    assert count_tokens("", "grok-4")["tokens"].value == 0


def test_a_mixed_text_lies_between_its_kinds():
    chinese, english = CORPUS["languages"]["zh-Hans"] * 3, LONG[:900]
    ratios = [
        count_texts("tokens", Texts([text]), find_tokenizer("davinci")).figure.inputs[1].value
        for text in (english, english + chinese, chinese)
    ]
    assert ratios == sorted(ratios)
    assert ratios[0] < ratios[1] < ratios[2]
