"""Many texts, files of any size, many tokenizers."""

from __future__ import annotations

import codecs
import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipython_llmnumbers import count_corpus, count_tokens, estimate_cost
from ipython_llmnumbers.catalog.defaults import DEFAULT_MODEL
from ipython_llmnumbers.catalog.tokenization.vocabularies import VOCABULARIES
from ipython_llmnumbers.errors import LLMNumbersError
from ipython_llmnumbers.estimates.tokens.length_statistics import histogram
from ipython_llmnumbers.probes.prompts import text_files as files
from ipython_llmnumbers.probes.tokenizers.engines import TOKENS_AT_A_CUT, load_engine

MIXED = (
    "def f(x):\n    return x  # It's\nnext line\n\n\n日本語の文。\n次の行。\r\nПривет\n\n мир\n"
    "/path\n*bold*\n\tTab\n"
    "It's\nI'm\n're\n{\"a\": [1, 2]}\nOne more line with several words in it\n"
)


@pytest.mark.parametrize("vocabulary", [v for v in VOCABULARIES if v not in ("p50k_base", "r50k_base")])
@settings(max_examples=15)
@given(order=st.permutations(MIXED.splitlines(keepends=True)))
def test_a_text_has_the_same_tokens_in_pieces(vocabulary, order):
    text = "".join(order)
    encode = load_engine(vocabulary).encode
    for pattern, at in files._CUTS:
        cuts = [0, *(match.start() + at for match in pattern.finditer(text)), len(text)]
        pieces = [text[start:end] for start, end in pairwise(cuts) if end > start]
        more = sum(len(encode(piece)) for piece in pieces) - len(encode(text))
        assert 0 <= more <= TOKENS_AT_A_CUT.get(vocabulary, 0) * (len(pieces) - 1)


def written(path, repeats):
    """A file of mixed text, 190 bytes a repeat."""
    path.write_text(MIXED * repeats, encoding="utf-8", newline="")
    return str(path)


@pytest.mark.slow
def test_a_large_file_is_counted_exactly_and_takes_no_more_memory_than_a_small_one(tmp_path):
    peaks = []
    for repeats in (10_000, 80_000):
        path = written(tmp_path / f"{repeats}.txt", repeats)
        tracemalloc.start()
        tokens = count_tokens(file=path, model="gpt-4o")["tokens"]
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        whole = len(load_engine("o200k_base").encode(MIXED * repeats))
        assert (tokens.low, tokens.value, tokens.high) == (whole, whole, whole)
    assert peaks[1] < 1.2 * peaks[0]


@pytest.mark.slow
def test_a_vocabulary_that_marks_its_texts_gives_a_range_for_pieces(tmp_path):
    tokens = count_tokens(file=written(tmp_path / "x.txt", 12_000), model="llama2")["tokens"]
    whole = len(load_engine("llama2").encode(MIXED * 12_000))
    assert tokens.low <= whole <= tokens.high
    assert "pieces" in tokens.note


@pytest.mark.slow
def test_a_line_without_a_place_to_cut_is_counted_all_the_same(tmp_path):
    path = tmp_path / "line.txt"
    path.write_text("0" * 9_000_000)
    tokens = count_tokens(file=str(path), model="gpt-4o")["tokens"]
    assert tokens.low <= 3_000_000 <= tokens.high


def test_bytes_that_are_no_text_are_counted_and_said(tmp_path):
    path = tmp_path / "x.bin"
    text = "hello world, " * 20
    path.write_bytes(codecs.BOM_UTF8 + text.encode() + b"\xff\xfe")
    estimate = count_tokens(file=str(path), model="gpt-4o")
    assert "characters that are no UTF-8, counted as U+FFFD: 2" in estimate.notes[0].text
    assert estimate["chars"].value == len(text) + 2
    assert estimate["tokens"].value == len(load_engine("o200k_base").encode(text + "\ufffd\ufffd"))
    assert estimate["tokens"].approximate
    corpus = count_corpus(path, model="gpt-4o")
    assert (corpus["tokens"].value, corpus["tokens"].approximate) == (estimate["tokens"].value, True)


def test_a_replacement_character_of_the_file_s_own_is_no_fault_of_its_encoding(tmp_path):
    """Web text has them: a page that was decoded wrongly once, as in Common Crawl's."""
    (tmp_path / "a.txt").write_text("caf\ufffd " * 20, "utf-8")
    for estimate in (
        count_tokens(file=str(tmp_path / "a.txt"), model="gpt-4o"),
        count_corpus(tmp_path / "a.txt", model="gpt-4o"),
    ):
        assert not estimate.notes
        assert not estimate["tokens"].approximate
        assert estimate["tokens"].value == len(load_engine("o200k_base").encode("caf\ufffd " * 20))


# PowerShell 5.1's `>` and `Out-File` write UTF-16 with a mark: wonderwhy-er/DesktopCommanderMCP#610,
# mpfaffenberger/code_puppy#778 (read 2026-11-28).
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "utf-16-be"])
def test_a_byte_order_mark_tells_the_encoding_of_a_file(tmp_path, encoding):
    text = "吾輩は猫である。\r\nName: none yet. 😀\r\n" * 30
    path = tmp_path / "a.txt"
    mark = codecs.BOM_UTF16_BE if encoding == "utf-16-be" else b""
    path.write_bytes(mark + text.encode(encoding))
    estimate = count_tokens(file=str(path), model="gpt-4o")
    assert estimate["tokens"].value == len(load_engine("o200k_base").encode(text))
    assert estimate["chars"].value == len(text)
    assert estimate.notes == ()
    assert not estimate["tokens"].approximate


@pytest.mark.parametrize("encoding", ["cp932", "euc_jp", "utf-16-le", "gb18030"])
def test_a_file_in_another_encoding_is_refused_and_not_counted_as_utf8(tmp_path, encoding):
    path = tmp_path / "a.txt"
    path.write_bytes(("名前はまだ無い。" * 30).encode(encoding))
    with pytest.raises(
        LLMNumbersError, match="not text in UTF-8; paths with encoding, such as cp932"
    ) as caught:
        count_tokens(file=str(path), model="gpt-4o")
    assert str(caught.value).isascii()
    assert count_corpus(path, encoding=encoding)["text_bytes"].value == 30 * 24


def test_an_empty_file_has_no_tokens(tmp_path):
    (tmp_path / "empty").touch()
    assert count_tokens(file=str(tmp_path / "empty"), model="gpt-4o")["tokens"].value == 0


def test_a_list_of_texts_has_a_total_a_spread_and_a_histogram(shell):
    shell.user_ns["texts"] = ["word " * n for n in range(1, 101)]
    estimate = shell.run_line_magic("tokens", "-m gpt-4o -v texts")
    assert estimate["tokens"].value == sum(range(2, 102))
    assert estimate["tokens_max"].value == 101
    assert estimate["tokens_p50"].value in (51, 52)
    assert sum(n for _, _, n in estimate.details.histogram) == 100
    assert "█" in str(estimate)


# By hand: the 95th percentile lies 95 % of the way along the sorted lengths, between two of them in
# proportion. Of 2 lengths it is 0.95 of the way, of 3 it is 0.9 of the way from the second to the third.
@pytest.mark.parametrize(
    ("lengths", "mean", "median", "p95", "longest"),
    [
        ([10, 110], 60, 60, 105, 110),
        ([120, 10, 20], 50, 20, 110, 120),
        ([5, 1, 2, 3, 29], 8, 3, 24, 29),
        ([7, 7, 7, 7], 7, 7, 7, 7),
        (list(range(1, 22)), 11, 11, 20, 21),
        ([1] * 19 + [101] * 2, 11, 1, 101, 101),
        ([*range(1, 101), 1_000], 60, 51, 96, 1_000),
    ],
)
def test_the_statistics_of_known_lengths(lengths, mean, median, p95, longest):
    texts = ["word" + " word" * (n - 1) for n in lengths]
    expected = {"mean": mean, "p50": median, "p95": p95, "max": longest}
    counted = count_tokens(texts, label="texts")
    priced = estimate_cost(texts, "gpt-4o")
    for estimate, name in ((counted, "tokens"), (priced, "input_tokens")):
        shown = {suffix: estimate[f"{name}_{suffix}"].value for suffix in expected}
        assert shown == expected
        assert estimate[name].value == sum(lengths)


def test_a_statistic_is_shown_under_its_own_name():
    shown = str(count_tokens(["word" + " word" * (n - 1) for n in (120, 10, 20)], label="texts"))
    for label, value in (("Mean", 50), ("Median", 20), ("95th percentile", 110), ("Longest", 120)):
        assert any(
            line.split(label)[1].split()[0] == str(value) for line in shown.splitlines() if label in line
        )


def test_a_single_text_has_no_spread():
    one = count_tokens(["word word"], label="texts")
    assert [figure.name for figure in one.figures] == ["tokens", "texts"]
    assert one["tokens"].value == 2
    assert not [figure.name for figure in estimate_cost(["word"], "gpt-4o").figures if "_p95" in figure.name]


def test_the_bins_of_known_lengths():
    # From 1 to 31 are 31 lengths: too many for ten bins of 3, so there are eight of 4.
    texts = ["word" + " word" * (n - 1) for n in (5, 1, 2, 3, 31)]
    bins = count_tokens(texts, label="texts").details.histogram
    assert bins[:2] == ((1, 5, 3), (5, 9, 1))
    assert bins[-1] == (29, 33, 1)
    assert [n for _, _, n in bins] == [3, 1, 0, 0, 0, 0, 0, 1]


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=50))
def test_a_histogram_holds_every_count_once(counts):
    bins = histogram(counts)
    assert sum(n for _, _, n in bins) == len(counts)
    for low, high, n in bins:
        assert n == sum(low <= count < high for count in counts)


def test_one_text_under_many_tokenizers(shell):
    estimate = shell.run_cell_magic("tokens", "--compare", "Grüße aus dem Rechenzentrum, 世界!")
    assert estimate.parts[0].subject == DEFAULT_MODEL
    assert estimate.parts[0]["tokens_ratio"].value == 1
    subjects = {part.subject for part in estimate.parts}
    assert {"text-embedding-3-small", "gemini-3.5-flash", "deepseek-v4-flash"} <= subjects
    two = shell.run_cell_magic("tokens", "-m gpt-4,gpt-4o", "hello 世界")
    assert [part.subject for part in two.parts] == ["gpt-4", "gpt-4o"]
    assert "To the first" in str(two)


def test_ids_are_shown_and_folded(shell):
    assert "Ids: 24912 2375" in str(shell.run_line_magic("tokens", "-m gpt-4o --ids hello world"))
    shell.user_ns["long"] = "word " * 1000
    assert "more" in str(shell.run_line_magic("tokens", "-m gpt-4o --ids -v long"))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("--file /no/such/file", "/no/such/file: no such file"),
        ("--file /", "is a folder"),
        ("--file x text", "give one of them"),
        ("-m , --compare hello", "no model given"),
        ("--file 'a\x00b'", "cannot be a file's name"),
    ],
)
def test_bad_input_is_one_line(shell, line, message):
    with pytest.raises(LLMNumbersError) as caught:
        shell.run_line_magic("tokens", line)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_lengths_of_a_model_by_ratio_have_the_range_of_their_total():
    estimate = count_tokens([" lorem" * n for n in range(1, 101)], model="command-a-03-2025")
    total = estimate["tokens"]
    assert total.has_range
    for name in ("tokens_mean", "tokens_p95", "tokens_max"):
        figure = estimate[name]
        assert figure.low < figure.value < figure.high
        assert figure.high / figure.low == pytest.approx(total.high / total.low, rel=0.03)
