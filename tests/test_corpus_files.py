"""Files as people write them: what other readers make of them was reported, each with its place.

All reports read on 2026-11-28. The texts are counted by tiktoken as they stand in the cells.
"""

from __future__ import annotations

import json

import pytest
from corpora import DOCUMENTS, as_csv, by_tiktoken, jsonl

from ipython_llmnumbers import count_corpus
from ipython_llmnumbers.corpus.counting import count_request
from ipython_llmnumbers.corpus.parts import Job, Task, request_of
from ipython_llmnumbers.corpus.planning.plan import Wanted, plan_files
from ipython_llmnumbers.corpus.tally import Tally
from ipython_llmnumbers.errors import LLMNumbersError

pytestmark = pytest.mark.usefixtures("openai_files")
MODEL = "gpt-4o"
TWEETS = (  # the first columns of Sentiment140, which has no names for them
    '"0","1467810369","NO_QUERY","@switchfoot - Awww, that\'s a bummer."\n'
    '"4","1467810672","NO_QUERY","is upset that he can\'t ""update"" it"\n'
)
LONG = "\n".join(f"{number} {text}" for number in range(40) for text in DOCUMENTS)

# The file, and the texts in it.
FILES = {
    # python/cpython#109644, pandas-dev/pandas#47303: Excel's own first line; in any case of its letters.
    "excel.csv": ("sep=;\r\nid;text\r\n1;hello, world\r\n2;a b\r\n", ["hello, world", "a b"]),
    "bars.csv": ("SEP=|\ncol1|text\nrow1|hello, world\n", ["hello, world"]),
    "quoted.csv": ('"sep=,"\nid,text\n1,hello world\n', ["hello world"]),
    # biolab/orange3#7000, C2FO/fast-csv#131: Excel's mark before the first name.
    "marked.csv": ("\ufefftext;id\r\nhello world;1\r\n", ["hello world"]),
    # pandas and polars pass over lines without anything.
    "blank.csv": ("\n\nid,text\n1,hello world\n\n2,a b\n", ["hello world", "a b"]),
    # langchain-ai/langchain#6460, pytorch/tutorials#1708: the first row of data was taken for names.
    "no_names.csv": ('0,"hello, world"\n1,a b\n', ["hello, world", "a b"]),
    "no_names.tsv": ("0\thello world\n1\ta b\n", ["hello world", "a b"]),
    # Names that are numbers: pandas numbers columns, and the World Bank has one for each year.
    "numbered.csv": (",0,1\n0,1,hello world\n1,2,a b\n", ["hello world", "a b"]),
    "years.csv": ("country,1960,1961\nhello world,1.5,2\n", ["hello world"]),
    # pola-rs/polars#22312, adaltas/node-csv-parse#323: a mark within a field between tabs is an error.
    "inside.tsv": (
        'id\ttext\n1\tLorem ipsum\n2\t"Lorem Ipsum" dolor\n',
        ["Lorem ipsum", '"Lorem Ipsum" dolor'],
    ),
    # rewicks/ersatz#1: what a mark opens ran over the next rows. tidyverse/readr#844: IANA has no such marks.
    "open.tsv": ('id\ttext\n1\t"He said\n2\tshe said"\n3\ta b\n', ['"He said', 'she said"', "a b"]),
    # Excel's own text between tabs has them, over lines too.
    "excel.tsv": ('id\ttext\n1\t"hello\nworld"\n2\t"a ""b"""\n', ["hello\nworld", 'a "b"']),
    # huggingface/transformers#15582, marin-community/levanter#394: objects in lines, in a file of JSON.
    "train.json": ('{"text":"hello world"}\r\n\r\n{"text":"a b"}', ["hello world", "a b"]),
    # microsoft/graphrag#2424: one blank line, and the file was passed over.
    "blank.jsonl": ('{"text":"a"}\n\n  \t\n{"text":"b"}\n', ["a", "b"]),
    # apache/arrow#45394: one line, and no end of it.
    "line.jsonl": ('{"text":"hello world"}', ["hello world"]),
    # huggingface/datasets#2181, #3227: a row that is longer than a block.
    "long.jsonl": (json.dumps({"text": LONG}) + '\n{"text": "a b"}\n', [LONG, "a b"]),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_as_it_was_reported_counts_as_the_texts_in_it(tmp_path, name):
    content, texts = FILES[name]
    (tmp_path / name).write_bytes(content.encode())
    corpus = count_corpus(str(tmp_path / name), model=MODEL)
    assert corpus["tokens"].value == sum(by_tiktoken(texts))
    assert (corpus["documents"].value, corpus["bad_rows"].value) == (len(texts), 0)
    line = f"{tmp_path / name}: its first line is data, not names; the columns are 1 to 2"
    said = [line] if "no_names" in name else []
    assert [note.text for note in corpus.notes] == said


def test_columns_without_names_are_asked_for_by_their_number(tmp_path):
    """Sentiment140 (Kaggle, `training.1600000.processed.noemoticon.csv`); ray-project/ray#18117."""
    path = tmp_path / "training.csv"
    path.write_text(TWEETS)
    words = "its first line is data, not names; give field, one or more of its columns 3, 4"
    with pytest.raises(LLMNumbersError, match=words):
        count_corpus(str(path), model=MODEL)
    with pytest.raises(LLMNumbersError, match="no field 'tweet'; its fields: 1, 2, 3, 4"):
        count_corpus(str(path), model=MODEL, field="tweet")
    corpus = count_corpus(str(path), model=MODEL, field="4")
    texts = ["@switchfoot - Awww, that's a bummer.", 'is upset that he can\'t "update" it']
    assert corpus["tokens"].value == sum(by_tiktoken(texts))


def test_a_name_that_is_asked_for_makes_the_first_line_names(tmp_path):
    (tmp_path / "a.csv").write_text("text,5\nhello world,4\n")
    assert count_corpus(str(tmp_path), model=MODEL, field="text")["documents"].value == 1


@pytest.mark.parametrize("fields", ["prompt,completion", "text,note"])
@pytest.mark.parametrize("form", ["{0}\n{0}\n", "{0}\n\n{0}", "[{0},\n {0}]"])
def test_json_in_a_file_of_text_is_text_and_says_so(tmp_path, fields, form):
    """openai/openai-python#383: a `train.txt` of such lines, with `prompt` and `completion`."""
    path = tmp_path / "train.txt"
    row = json.dumps(dict.fromkeys(fields.split(","), "hello"))
    path.write_text(content := form.replace("{0}", row))
    corpus = count_corpus(str(path), model=MODEL)
    assert (corpus["tokens"].value, corpus["documents"].value) == (by_tiktoken([content])[0], 1)
    assert [note.text for note in corpus.notes] == [
        "JSON is counted as text, with its marks; field counts its fields"
    ]
    corpus = count_corpus(str(path), model=MODEL, field=fields)
    assert (corpus["tokens"].value, corpus["documents"].value, corpus.notes) == (4, 2, ())


def test_a_text_beside_rows_stays_a_text_when_a_field_is_asked_for(tmp_path):
    (tmp_path / "a.txt").write_text("hello world")
    (tmp_path / "b.jsonl").write_text('{"body": "a b"}\n')
    assert count_corpus(str(tmp_path), model=MODEL, field="body")["tokens"].value == 4


@pytest.mark.parametrize("name", ["letters.tsv", "data.csv", "excel.csv"])
@pytest.mark.parametrize("span_bytes", [30, 500, 10_000])
def test_such_files_in_parts_count_as_the_whole(tmp_path, name, span_bytes):
    texts = [text.replace("\t", " ").replace("\n", " ").replace("\r", " ") for text in DOCUMENTS]
    rows = {
        "letters.tsv": "id\ttext\n" + "".join(f'{n}\t"{text}\n' for n, text in enumerate(texts)),
        "data.csv": as_csv(texts).decode().partition("\n")[2],
        "excel.csv": "sep=|\n" + as_csv(texts, delimiter="|").decode(),
    }[name]
    texts = [f'"{text}' for text in texts] if name == "letters.tsv" else texts
    path = tmp_path / name
    path.write_bytes(rows.encode("utf-8", "replace"))
    texts = [text.encode("utf-8", "replace").decode() for text in texts]
    whole = Tally()
    spans = plan_files((str(path),), Wanted(), span_bytes).spans
    for span in spans:
        request = json.loads(request_of(Job(("o200k_base",)), Task(0, (span,))))
        whole.merge(Tally.from_json(count_request(request)))
    assert len(spans) > 1
    assert (whole.n_documents, whole.bad_rows) == (len(texts), {})
    assert whole.of("o200k_base").tokens == sum(by_tiktoken(texts))


def test_rows_are_parsed_as_the_standard_library_does():
    from ipython_llmnumbers.files.formats import FormatError, parse_json_row

    for line in ['{"a": 1}\n', ' {"a": 1}\r\n', "[1, 2]", '"a"\n', "NaN", "1 \n", '{"a": "\\ud800"}']:
        assert repr(parse_json_row(line.encode())) == repr(json.loads(line))
    for line in ["", "\n", "{} x", '{"a": 1}, ', "\ufeff{}", "{", "nul", "[" * 100_000]:
        with pytest.raises(FormatError):
            parse_json_row(line.encode())


def test_short_rows_are_told_by_their_lengths(tmp_path):
    rows = [*DOCUMENTS, "", "a", "a b"] * 3
    (tmp_path / "a.jsonl").write_bytes(jsonl(rows))
    lengths = by_tiktoken(rows)
    corpus = count_corpus(str(tmp_path), model=MODEL)
    assert corpus["tokens"].value == sum(lengths)
    assert corpus["tokens_max"].value == max(lengths)
