"""A corpus is counted as its texts are, in whatever form, packing and parts; what cannot be is told."""

from __future__ import annotations

import gzip
import json
import os
import statistics

import corpora
import pytest
from corpora import DOCUMENTS, FORMS, PACKINGS, by_tiktoken, jsonl

from ipython_llmnumbers import count_corpus
from ipython_llmnumbers.corpus.count import Asked
from ipython_llmnumbers.corpus.count import count_corpus as count
from ipython_llmnumbers.corpus.lengths import Lengths
from ipython_llmnumbers.errors import FileError, LLMNumbersError, ParameterError, UsageError

pytestmark = pytest.mark.usefixtures("openai_files")
MODEL = "gpt-4o"  # o200k_base


@pytest.fixture(scope="module")
def truth(openai_files):  # noqa: ARG001
    """The tokens of each document, by tiktoken."""
    return by_tiktoken(DOCUMENTS)


# -- every form, packed or not -------------------------------------------------------------------

TABLES = ("rows.parquet", "rows.arrow")


@pytest.mark.parametrize(
    "name",
    [
        f"{form}{packing}"
        for form in FORMS
        for packing in PACKINGS
        if not packing or form not in TABLES  # they are packed within
    ],
)
def test_every_form_counts_as_its_texts_do(tmp_path, truth, name):
    form = next(form for form in FORMS if name.startswith(form))
    content = PACKINGS[name.removeprefix(form)](FORMS[form](DOCUMENTS))
    (tmp_path / name).write_bytes(content)
    corpus = count_corpus(str(tmp_path / name), model=MODEL)
    assert corpus["tokens"].value == sum(truth)
    assert not corpus["tokens"].approximate
    assert corpus["documents"].value == len(truth)
    assert corpus["tokens_max"].value == max(truth)
    assert corpus["text_bytes"].value == sum(len(text.encode()) for text in DOCUMENTS)
    assert corpus.notes == ()
    p50 = corpus["tokens_p50"]
    assert p50.low <= statistics.median_low(truth) <= p50.high


@pytest.mark.parametrize("packing", PACKINGS)
def test_a_file_of_text_is_one_document(tmp_path, truth, packing):
    for number, text in enumerate(DOCUMENTS):
        (tmp_path / f"{number}.txt{packing}").write_bytes(PACKINGS[packing](text.encode()))
    corpus = count_corpus(str(tmp_path / "*"), model=MODEL)
    assert (corpus["tokens"].value, corpus["documents"].value) == (sum(truth), len(truth))
    assert corpus["tokens_max"].value == max(truth)


def test_a_container_is_told_by_its_bytes_and_not_by_its_name(tmp_path, truth):
    (tmp_path / "plain.txt").write_bytes(gzip.compress(DOCUMENTS[0].encode()))
    (tmp_path / "table.txt").write_bytes(corpora.parquet(DOCUMENTS))
    assert count_corpus(str(tmp_path / "plain.txt"), model=MODEL)["tokens"].value == truth[0]
    assert count_corpus(str(tmp_path / "table.txt"), model=MODEL)["tokens"].value == sum(truth)


# madler/zlib#984: a gzip file may have several members, of which naive readers take the first.
# lizhiyao/oh-my-knowledge#960: the same of zstd's frames; 279 bytes were read of 1.4 MB.
@pytest.mark.parametrize("packing", [".gz", ".bz2", ".xz", ".zst"])
def test_all_members_of_a_packed_file_are_counted(tmp_path, truth, packing):
    path = tmp_path / f"rows.jsonl{packing}"
    path.write_bytes(b"".join(PACKINGS[packing](jsonl([text])) for text in DOCUMENTS))
    corpus = count_corpus(str(path), model=MODEL)
    assert (corpus["tokens"].value, corpus["documents"].value) == (sum(truth), len(truth))


# abicheck/abicheck#869: a zstd frame that lacks its end was read as if it were whole.
@pytest.mark.parametrize("packing", [".gz", ".bz2", ".xz", ".zst"])
@pytest.mark.parametrize("n_lost", [1, 400])
def test_a_packed_file_without_its_end_is_told(tmp_path, packing, n_lost):
    whole = PACKINGS[packing](jsonl(DOCUMENTS * 3))
    (tmp_path / f"cut.jsonl{packing}").write_bytes(whole[:-n_lost])
    (tmp_path / "whole.jsonl").write_bytes(jsonl(["hello world"]))
    corpus = count_corpus(str(tmp_path / "*"), model=MODEL)
    assert corpus["tokens"].value >= 2
    (problem,) = corpus.details.problems.values()
    assert f"cut.jsonl{packing}" in problem
    assert "\n" not in problem
    assert [note.text for note in corpus.notes if note.level == "warning"] == [problem]


# -- parts of one file ----------------------------------------------------------------------------

# pola-rs/polars#19078: a row with a line break in a quoted field was split in two by parallel reading; these
# are its rows. duckdb/duckdb#9036 and modin-project/modin#2713: so were marks that open no field, and marks
# behind a backslash.
POLARS = [f'{n},"ABCDE FGHIJ\nKLMNOP"' for n in range(1041)]
INCHES = [f'{n},5" pipe' if n % 3 else f'{n},"a 5"" pipe,\n2"" long"' for n in range(300)]
BACKSLASH = [f'{n},"field b with a \\" symbol"\n{n},"two\nlines"' for n in range(300)]


@pytest.mark.parametrize("rows", [POLARS, INCHES], ids=["breaks", "inches"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_quoted_line_break_is_no_end_of_a_row(tmp_path, rows, line_end):
    import csv

    path = tmp_path / "rows.csv"
    path.write_bytes(line_end.join(["id,text", *rows, ""]).encode())
    with path.open(newline="") as file:
        texts = [row[1] for row in csv.reader(file)][1:]
    for span_bytes in (37, 500, 10_000):
        found = counted_in_spans(path, span_bytes)
        assert found.n_documents == len(texts)
        assert found.of("o200k_base").tokens == sum(by_tiktoken(texts))


def test_a_row_with_a_mark_behind_a_backslash_is_a_bad_row_in_every_part(tmp_path):
    """As RFC 4180 has it the field ends at that mark: what follows is no text that anybody wrote."""
    path = tmp_path / "rows.csv"
    path.write_text("\n".join(["id,text", *BACKSLASH, ""]))
    for span_bytes in (37, 500, 10_000):
        found = counted_in_spans(path, span_bytes)
        assert (found.n_documents, found.bad_rows) == (300, {"not parsed": 300})
        assert found.of("o200k_base").tokens == 300 * by_tiktoken(["two\nlines"])[0]


def counted_in_spans(path, span_bytes, vocabulary="o200k_base"):
    """The tally of a file in spans of that size, each counted by itself."""
    from ipython_llmnumbers.corpus.counting import count_request
    from ipython_llmnumbers.corpus.parts import Job, Task, request_of
    from ipython_llmnumbers.corpus.planning.plan import Wanted, plan_files
    from ipython_llmnumbers.corpus.tally import Tally

    tally = Tally()
    spans = plan_files((str(path),), Wanted(), span_bytes).spans
    assert span_bytes * 1.5 > path.stat().st_size or len(spans) > 1
    for number, span in enumerate(spans):
        request = json.loads(request_of(Job((vocabulary,)), Task(number, (span,))))
        tally.merge(Tally.from_json(json.loads(json.dumps(count_request(request)))))
    assert not tally.problems
    assert not tally.open_texts
    return tally


@pytest.mark.parametrize("span_bytes", [100, 1_000, 20_000])
@pytest.mark.parametrize("form", ["rows.jsonl", "rows.csv", "rows.parquet", "rows.arrow"])
def test_a_file_in_parts_counts_as_the_whole(tmp_path, truth, form, span_bytes):
    path = tmp_path / form
    path.write_bytes(FORMS[form](DOCUMENTS))
    tally = counted_in_spans(path, span_bytes)
    assert (tally.n_documents, tally.of("o200k_base").tokens) == (len(truth), sum(truth))


# Parts far smaller than any that is used: some cut a text where there is no safe place, and say so.
@pytest.mark.parametrize("span_bytes", [3_000, 20_000])
@pytest.mark.parametrize("vocabulary", ["o200k_base", "cl100k_base", "llama3", "qwen3", "gemma3", "llama2"])
def test_a_text_in_parts_counts_as_the_whole(tmp_path, span_bytes, vocabulary):
    from ipython_llmnumbers.probes.tokenizers.engines import embedded_engine

    text = "\n".join(DOCUMENTS * 2)
    path = tmp_path / "all.txt"
    path.write_text(text, "utf-8", newline="")
    whole = len(embedded_engine(vocabulary).encode(text))
    tally = counted_in_spans(path, span_bytes, vocabulary)
    counted = tally.of(vocabulary)
    assert counted.tokens - counted.joints <= whole <= counted.tokens
    if vocabulary != "llama2":  # which writes a space before each text
        assert counted.joints == 0
    assert (tally.n_documents, counted.lengths.longest) == (1, counted.tokens)


# -- what is wrong with rows and files ------------------------------------------------------------


# JH-DSAI/text-detection-baselines#35, martymcenroe/AssemblyZero#3198: rows that were dropped in silence made
# counts look whole. EducationalTestingService/rsmtool#271: NaN in another field is how pandas writes.
# microsoft/graphrag#2434: blank lines are none. MakazhanAlpamys/Soup#548: a row of another type.
def test_bad_rows_are_counted_and_shown(tmp_path):
    lines = [
        b'{"text": "hello world", "score": NaN}',
        b"",
        b"  ",
        b"{this is not valid json}",
        b'{"text": null}',
        b'{"text": 7}',
        b'{"content": "elsewhere"}',
        b'["a list"]',
        b'{"text": "\xff\xfe"}',
        b'{"text": "half a \\ud83d character"}',
        b'{"text": "' + b"[" * 100_000,
        b'{"text": ' + b"[" * 100_000,
        b'{"text": "hello world"}',
    ]
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b"\n".join(lines))
    corpus = count_corpus(str(path), model=MODEL)
    assert (corpus["tokens"].value, corpus["documents"].value) == (4, 2)
    assert corpus["bad_rows"].value == 9
    assert corpus.details.bad_rows == {
        "the row cannot be parsed": 3,
        "the field is empty (null)": 1,
        "the field holds no text": 1,
        "the field is not there": 2,
        "the row is not UTF-8": 2,
    }
    place = len(b"\n".join(lines[:4])) - len(lines[3])
    assert corpus.details.samples["the row cannot be parsed"][0] == f"{path}, byte {place:,}"
    assert sum("rows not counted" in note.text for note in corpus.notes) == 5


def test_a_row_of_a_table_without_a_text_is_told(tmp_path):
    from pyarrow import parquet, table

    parquet.write_table(table({"text": ["hello world", None, "hello"]}), tmp_path / "a.parquet")
    corpus = count_corpus(str(tmp_path), model=MODEL)
    assert (corpus["tokens"].value, corpus["documents"].value) == (3, 2)
    assert corpus.details.bad_rows == {"the field is empty (null)": 1}


def test_a_short_row_of_csv_is_told(tmp_path):
    (tmp_path / "a.csv").write_text("id,text\n1,hello world\n2\n\n3,hello\n")
    corpus = count_corpus(str(tmp_path), model=MODEL)
    assert (corpus["tokens"].value, corpus.details.bad_rows) == (3, {"the field is not there": 1})


FOREIGN = {
    "docx": b"PK\x03\x04\x14\x00",
    "pdf": b"%PDF-1.7\n",
    "db": b"SQLite format 3\x00",
    "utf16": "hello world\n".encode("utf-16-le") * 50,  # without a mark nothing tells it
    "latin": "für Größe, naïve Änderung\n".encode("latin-1") * 50,
    "bin": bytes(range(256)) * 50,
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_what_is_no_text_is_named_and_the_rest_goes_on(tmp_path, kind):
    (tmp_path / f"a.{kind}").write_bytes(FOREIGN[kind])
    (tmp_path / "b.txt").write_text("hello world")
    corpus = count_corpus(str(tmp_path), model=MODEL)
    assert corpus["tokens"].value == 2
    (problem,) = corpus.details.problems.values()
    assert f"a.{kind}" in problem
    assert len(problem) < 200 + len(str(tmp_path))


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="no permissions of that kind")
def test_a_file_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "a.txt").write_text("hello world")
    (tmp_path / "b.txt").symlink_to(tmp_path / "gone.txt")
    os.mkfifo(tmp_path / "c.txt")
    corpus = count_corpus(str(tmp_path), model=MODEL)
    assert corpus["tokens"].value == 2
    assert sorted(corpus.details.problems) == [str(tmp_path / "b.txt"), str(tmp_path / "c.txt")]
    assert "no such file" in corpus.details.problems[str(tmp_path / "b.txt")]
    if os.geteuid():
        (tmp_path / "a.txt").chmod(0)
        with pytest.raises(FileError, match=r"a\.txt: cannot be read"):
            count_corpus(str(tmp_path / "a.txt"), model=MODEL)


def test_a_file_that_grows_is_counted_as_it_was_planned(tmp_path, monkeypatch):
    from ipython_llmnumbers.corpus import count as module

    path = tmp_path / "rows.jsonl"
    path.write_bytes(jsonl(["hello world"] * 10))
    plan = module.plan_files

    def then_grown(*arguments):
        found = plan(*arguments)
        with path.open("ab") as file:
            file.write(jsonl(["hello world"]))
        return found

    monkeypatch.setattr(module, "plan_files", then_grown)
    monkeypatch.setattr(module, "_LEAST_TASK_BYTES", module._MOST_TASK_BYTES)
    corpus = count_corpus(str(path), model=MODEL)
    assert corpus["documents"].value == 10
    assert any("grew meanwhile" in note.text for note in corpus.notes)


@pytest.mark.parametrize(
    ("files", "asked", "error", "words"),
    [
        ({}, {}, FileError, "no such file, and no file matches"),
        ({"a.jsonl": b'{"prompt": "a", "answer": "b"}\n'}, {}, UsageError, "prompt, answer"),
        ({"a.jsonl": b'{"text": "a"}\n'}, {"field": "body"}, FileError, "no field 'body'; its fields: text"),
        ({"a.csv": b"id,text\n1,a\n"}, {"field": "body"}, FileError, "no field 'body'; its fields: id, text"),
        ({"a.jsonl": b'["a"]\n["b"]\n'}, {}, FileError, "jq -c"),
        ({"a.json": b'[{"text": "a"}, {"text": "b"}]'}, {"field": "body"}, FileError, "its fields: text"),
        ({"a.jsonl": b"7\n"}, {}, FileError, "its rows are of type int"),
        ({"a.jsonl": b'{"id": 7}\n'}, {}, FileError, "no field holds text"),
        ({"a.zip": b"PK\x03\x04"}, {}, FileError, "a zip file, not text"),
        ({"a.gz": gzip.compress(b"PK\x03\x04")}, {}, FileError, "a zip file within gzip"),
        ({"a.parquet": b"PAR1 and no more"}, {}, FileError, "cannot be read"),
        ({"a.bin": bytes(3000)}, {}, FileError, "a.bin: not text in UTF-8"),
        ({"a.bin": bytes(range(128, 256)), "b.bin": b"\xff"}, {}, FileError, "a.bin: not text in UTF-8"),
        ({"a.bin": bytes(90_000)}, {"sample": 0.5}, FileError, "a.bin: not text in UTF-8"),
        ({"a.jsonl": b""}, {}, UsageError, "there is no row in it"),
        ({"a.csv": b"id,text\n"}, {}, UsageError, "there is no row in it"),
        ({"a.csv": b"id,text\n1,\xff\n"}, {}, FileError, "the row is not UTF-8, and no row could be"),
        ({"a.txt": b"a"}, {"sample": 2.0}, ParameterError, "sample"),
        ({"a.txt": b"a"}, {"sample": 0.1, "resume": True}, UsageError, "resume"),
        ({"a.txt": b"a"}, {"executor": 7}, UsageError, "int is no executor"),
        ({"a.txt": b"a"}, {"workers": 2, "executor": "ray"}, UsageError, "workers"),
        ({"a.txt": b"a"}, {"model": "no-such-model"}, LLMNumbersError, "no-such-model"),
        ({"a.txt": b"a"}, {"tune_model": "no-such-model"}, LLMNumbersError, "no-such-model"),
    ],
)
def test_an_error_is_one_line(tmp_path, files, asked, error, words):
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    with pytest.raises(error) as caught:
        count_corpus(str(tmp_path / "*"), **{"model": MODEL, **asked})
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 700


@pytest.mark.parametrize("paths", ["", [], [""], 7, [7], None])
def test_paths_that_are_none(paths):
    with pytest.raises(ParameterError):
        count_corpus(paths)


# -- fields ---------------------------------------------------------------------------------------


def test_a_field_by_its_name_and_by_its_path(tmp_path):
    rows = [{"text": "a b", "meta": {"body": "a b c"}, "a.b": "hello"}]
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    tokens = {field: count_corpus(str(path), field=field)["tokens"].value for field in ("meta.body", "a.b")}
    assert tokens == {"meta.body": 3, "a.b": 1}
    assert count_corpus(str(path))["tokens"].value == 2


def test_json_is_rows_where_a_field_is_asked_for(tmp_path):
    path = tmp_path / "rows.json"
    path.write_bytes(jsonl(["hello world"]))
    assert count_corpus(str(path), field="text", model=MODEL)["tokens"].value == 2
    assert count_corpus(str(path), model=MODEL)["tokens"].value == by_tiktoken([path.read_text()])[0]


# -- lengths --------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_quantiles_of_a_histogram_of_parts(seed):
    """What numpy and pandas call `inverted_cdf` (Hyndman and Fan 1996, type 1), within 1.1 %."""
    import numpy as np

    lengths = np.random.default_rng(seed).lognormal(6, 1.5, 5_000).astype(int)
    whole = Lengths()
    for part in np.array_split(lengths, 7):
        one = Lengths()
        one.add(map(int, part))
        whole.merge(Lengths.from_json(json.loads(json.dumps(one.to_json()))))
    assert whole.n_documents == len(lengths)
    assert whole.longest == lengths.max()
    for share in (0.01, 0.5, 0.95, 0.99, 1.0):
        low, high = whole.quantile(share)
        exact = int(np.quantile(lengths, share, method="inverted_cdf"))
        assert low <= exact <= high
        assert high - low <= max(1, 0.012 * exact)
    assert sum(n for *_, n in whole.doublings()) == len(lengths)
    for low, high, n in whole.doublings():
        assert n == ((lengths >= low) & (lengths < high)).sum()


# -- costs ----------------------------------------------------------------------------------------


# OpenAI, https://platform.openai.com/docs/pricing: a million tokens of text-embedding-3-small are $0.02, of
# gpt-4o $2.50 and $10.
@pytest.mark.usefixtures("the_documents_day")
def test_what_a_corpus_costs(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_bytes(jsonl(DOCUMENTS))
    corpus = count_corpus(str(path), model=MODEL, output_tokens=300)
    tokens, n = corpus["tokens"].value, corpus["documents"].value
    assert float(corpus["embed_usd"].value) == pytest.approx(
        sum(by_tiktoken(DOCUMENTS, "cl100k_base")) * 0.02e-6
    )
    assert float(corpus["input_usd"].value) == pytest.approx(tokens * 2.5e-6)
    assert float(corpus["output_usd"].value) == pytest.approx(n * 300 * 10e-6)
    assert corpus["process_usd"].value == corpus["input_usd"].value + corpus["output_usd"].value
    # Two thirds of the operations: no gradients of the weights (as `training_cost` has it).
    assert float(corpus["tune_usd"].value / corpus["train_usd"].value) == pytest.approx(2 / 3)


def test_a_range_of_answers_is_a_range_of_dollars(tmp_path):
    (tmp_path / "a.txt").write_text("hello world")
    corpus = count_corpus(str(tmp_path), model=MODEL, output_tokens=(100, 300))
    usd = corpus["output_usd"]
    assert float(usd.low) * 3 == pytest.approx(float(usd.high))


def test_another_currency(tmp_path):
    (tmp_path / "a.txt").write_text("hello world")
    corpus = count_corpus(str(tmp_path), model=MODEL, currency="JPY", rate="150@2026-11-20")
    assert corpus["embed_local"].value == corpus["embed_usd"].value * 150


def test_several_models_are_counted_in_one_pass(tmp_path, truth):
    path = tmp_path / "rows.jsonl"
    path.write_bytes(jsonl(DOCUMENTS))
    corpus = count_corpus(str(path), model=["gpt-4o", "gpt-4", "claude-opus-4-5"])
    assert corpus.part("gpt-4o")["tokens"].value == sum(truth)
    assert corpus.part("gpt-4")["tokens"].value == sum(by_tiktoken(DOCUMENTS, "cl100k_base"))
    claude = corpus.part("claude-opus-4-5")["tokens"]
    assert claude.low < claude.value < claude.high or claude.approximate
    assert "gpt-4o" in str(corpus)


def test_what_is_probed_is_near_what_is_counted(tmp_path):
    """The tokens of another vocabulary from the beginnings of the parts alone."""
    for number in range(40):
        (tmp_path / f"{number}.txt").write_text("\n".join(DOCUMENTS[number:] * 20), "utf-8")
    result = count(Asked((str(tmp_path),), ("o200k_base",), ("cl100k_base",), n_workers=2))
    exact = count(Asked((str(tmp_path),), ("o200k_base", "cl100k_base"), n_workers=2)).totals["cl100k_base"][
        1
    ]
    probed = result.tally.probed["cl100k_base"]
    first = result.totals["o200k_base"][1]
    assert first * probed.low <= exact <= first * probed.high
    assert first * probed.ratio == pytest.approx(exact, rel=0.1)


# -- objects --------------------------------------------------------------------------------------


def objects():
    import pandas as pd
    import pyarrow as pa
    from pyarrow import dataset

    table = corpora.table(DOCUMENTS)
    frame = pd.DataFrame({"id": range(len(DOCUMENTS)), "text": DOCUMENTS})
    return {
        "pandas": (frame, None),
        "pandas field": (frame.assign(other="x"), "text"),
        "column": (frame["text"], None),
        "pyarrow": (table, None),
        "dataset": (dataset.dataset(table), None),
        "array": (pa.array(DOCUMENTS), None),
    }


@pytest.mark.parametrize("kind", ["pandas", "pandas field", "column", "pyarrow", "dataset", "array"])
def test_a_table_in_memory(truth, kind):
    value, field = objects()[kind]
    corpus = count_corpus(value, field=field, model=MODEL)
    assert (corpus["tokens"].value, corpus["documents"].value) == (sum(truth), len(truth))
    assert corpus.request["paths"] == {"in_memory": type(value).__name__}


def test_a_table_of_polars(truth):
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({"id": range(len(DOCUMENTS)), "text": DOCUMENTS})
    for value, field in ((frame, None), (frame, "text"), (frame["text"], None)):
        assert count_corpus(value, field=field, model=MODEL)["tokens"].value == sum(truth)


def test_a_dataset_of_hugging_face(truth):
    datasets = pytest.importorskip("datasets")
    value = datasets.Dataset.from_dict({"id": list(range(len(DOCUMENTS))), "text": DOCUMENTS})
    assert count_corpus(value, model=MODEL)["tokens"].value == sum(truth)
    assert count_corpus(value.to_iterable_dataset(), model=MODEL)["tokens"].value == sum(truth)


def test_a_large_table_is_sent_to_processes(truth):
    import pandas as pd

    texts = DOCUMENTS * 200
    corpus = count_corpus(pd.Series([*texts, None, 7]), model=MODEL, workers=2)
    assert corpus["tokens"].value == 200 * sum(truth)
    assert corpus.details.workers == 2
    assert corpus.details.bad_rows == {"the field is empty (null)": 1, "the field holds no text": 1}


# -- addresses ------------------------------------------------------------------------------------


def test_addresses_of_fsspec(tmp_path, truth):
    import fsspec

    memory = fsspec.filesystem("memory")
    for number, text in enumerate(DOCUMENTS):
        memory.pipe(f"/corpus/{number}.txt", text.encode())
    try:
        assert count_corpus("memory://corpus/*.txt", model=MODEL)["tokens"].value == sum(truth)
        assert count_corpus("memory://corpus/0.txt", model=MODEL)["tokens"].value == truth[0]
        with pytest.raises(FileError, match="no such file"):
            count_corpus("memory://corpus/*.jsonl", model=MODEL)
    finally:
        memory.rm("/corpus", recursive=True)
    (tmp_path / "a.txt").write_text(DOCUMENTS[0], "utf-8")
    assert count_corpus(f"file://{tmp_path}/a.txt", model=MODEL)["tokens"].value == truth[0]


@pytest.mark.parametrize("address", ["nosuch://bucket/a", "memory://gone.txt", "s3://k:SECRET@h/a?SECRET=1"])
def test_an_address_that_cannot_be_opened_is_one_line_without_its_keys(address):
    with pytest.raises(LLMNumbersError) as caught:
        count_corpus(address)
    assert "SECRET" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("model", ["grok-4.7", "command-a-03-2025"])  # Claude is none where ctok is installed
def test_of_a_model_by_ratio_the_lengths_are_in_its_own_tokens(tmp_path, model):
    """Documents of 1 to 300 words: the histogram, the quantiles and the mean tell of the same tokens."""
    (tmp_path / "rows.jsonl").write_bytes(jsonl([" lorem" * n for n in range(1, 301)]))
    corpus = count_corpus(str(tmp_path), model=model)
    assert corpus.details.how == "ratio"
    assert sum(n for *_, n in corpus.details.histogram) == 300
    last_low, last_high, _ = corpus.details.histogram[-1]
    assert last_low <= corpus["tokens_max"].value < last_high
    tokens = corpus["tokens"]
    for name in ("tokens_mean", "tokens_p50", "tokens_p95", "tokens_max"):
        figure = corpus[name]
        assert figure.low <= figure.value <= figure.high, name
        assert figure.high / figure.low == pytest.approx(tokens.high / tokens.low, rel=0.03), name


@pytest.mark.parametrize("in_memory", [True, False], ids=["in memory", "in a file"])
@pytest.mark.parametrize("kind", ["string", "large_string", "string_view", "dictionary"])
def test_arrow_s_types_of_text_are_text_in_memory_and_in_a_file(tmp_path, kind, in_memory):
    """A column of what repeats is a dictionary in pandas' categories and in datasets' files.

    pandas-dev/pandas#59478: a list of such types that stood twice differed there too.
    """
    import pyarrow as pa
    from pyarrow import ipc

    texts = ["hello world", "hello"] * 3
    column = (
        pa.array(texts).dictionary_encode() if kind == "dictionary" else pa.array(texts, getattr(pa, kind)())
    )
    table = pa.table({"id": pa.array(range(6)), "body": column})
    with ipc.new_file(tmp_path / "rows.arrow", table.schema) as file:
        file.write_table(table)
    corpus = count_corpus(table if in_memory else str(tmp_path / "rows.arrow"), model=MODEL)
    assert (corpus["tokens"].value, corpus["documents"].value) == (9, 6)
