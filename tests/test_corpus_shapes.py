"""Corpora in the shapes that others publish them in: tiktoken's count of the texts, or a line why not.

Each case names who has such files, or who met them; all read on 2026-11-28.
"""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import tarfile

import pytest
from corpora import DOCUMENTS, arrow, by_tiktoken, jsonl, zstd

from ipython_llmnumbers import count_corpus
from ipython_llmnumbers.errors import LLMNumbersError

pytestmark = pytest.mark.usefixtures("openai_files")
MODEL = "gpt-4o"
ROWS = jsonl(DOCUMENTS)
OBJECTS = [{"text": text} for text in DOCUMENTS]


def rows_of_csv(rows, **options):
    out = io.StringIO(newline="")
    csv.writer(out, **options).writerows(rows)
    return out.getvalue().encode()


def tar(content):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo("a.txt")
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


SHAPES = {
    # facebook/zstd#323: frames that are appended are one content; The Pile's `.jsonl.zst` are such.
    "frames.jsonl.zst": zstd(ROWS[:5000]) + zstd(ROWS[5000:]),
    # RFC 8878, 3.1.2, as facebook/zstd's contrib/pzstd and contrib/seekable_format write it.
    "skipped.jsonl.zst": b"\x50\x2a\x4d\x18\x04\0\0\0abcd" + zstd(ROWS),
    # iipc/warc-specifications#47: readers that stop behind the first member of several.
    "members.jsonl.gz": gzip.compress(ROWS[:5000]) + gzip.compress(ROWS[5000:]),
    # WikiExtractor/wikiextractor#105, #325: lines of objects in wiki_00, packed with `--compress`.
    "wiki_00": ROWS,
    "wiki_01.bz2": bz2.compress(ROWS),
    # One array that is called JSON Lines, as `json.dump` of a list writes it.
    "pretty.jsonl": json.dumps(OBJECTS, indent=2).encode(),
    "line.jsonl": json.dumps(OBJECTS).encode() + b"\n",
    # lil-lab/nlvr#1: lines of objects that are called JSON.
    "lines.json": ROWS,
    # infiniflow/ragflow#19179, huggingface/datasets#8241: a mark and CRLF from Windows.
    "windows.jsonl": b"\xef\xbb\xbf" + ROWS.replace(b"\n", b"\r\n"),
    "windows.json": b"\xef\xbb\xbf" + json.dumps(OBJECTS, indent=2).replace("\n", "\r\n").encode(),
    # pandas-dev/pandas#22140: columns between bars, text with commas.
    "bars.csv": rows_of_csv([("id", "text"), *enumerate(DOCUMENTS)], delimiter="|"),
    # Google Forms: a question of two lines is the name of a column.
    "question.csv": rows_of_csv([("id", "What do you\nthink?"), *enumerate(DOCUMENTS)]),
    # pandas writes its index under no name, as many of Kaggle's files have it.
    "index.csv": rows_of_csv([("", "text", "label"), *((n, text, 0) for n, text in enumerate(DOCUMENTS))]),
}


@pytest.mark.parametrize("name", SHAPES)
def test_a_public_shape_is_counted_as_its_texts_are(tmp_path, name):
    (tmp_path / name).write_bytes(SHAPES[name])
    corpus = count_corpus(str(tmp_path / name), model=MODEL)
    assert corpus["tokens"].value == sum(by_tiktoken(DOCUMENTS))
    assert (corpus["documents"].value, corpus["bad_rows"].value) == (len(DOCUMENTS), 0)
    assert corpus.notes == ()


def test_lines_of_chats_are_chats(tmp_path):
    """A list of messages in each line, without the object that OpenAI's files to fine-tune with have."""
    chats = [
        [{"role": "user", "content": text}, {"role": "assistant", "content": "ok"}] for text in DOCUMENTS
    ]
    for n in (1, len(chats)):
        (tmp_path / "a.jsonl").write_text("".join(json.dumps(chat) + "\n" for chat in chats[:n]), "utf-8")
        corpus = count_corpus(str(tmp_path / "a.jsonl"), model=MODEL)
        assert corpus["documents"].value == n
        assert corpus["text_tokens"].value == sum(by_tiktoken(DOCUMENTS[:n])) + n


def test_what_datasets_saves_beside_its_tables_is_no_text_of_them(tmp_path):
    """huggingface/datasets#2377, #571: `save_to_disk` writes Arrow streams and two files about them."""
    (tmp_path / "data-00000-of-00001.arrow").write_bytes(arrow(DOCUMENTS, "stream"))
    for name in ("state.json", "dataset_info.json"):
        (tmp_path / name).write_text('{"_split": "train"}')
    corpus = count_corpus(str(tmp_path), model=MODEL)
    assert corpus["tokens"].value == sum(by_tiktoken(DOCUMENTS))
    assert [note.text for note in corpus.notes] == [
        "what datasets saves beside its tables is not counted: 2 files"
    ]
    (tmp_path / "data-00000-of-00001.arrow").unlink()
    assert count_corpus(str(tmp_path), model=MODEL)["documents"].value == 2


@pytest.mark.parametrize(
    "content", [{"data": OBJECTS}, {"version": "1.1", "data": [{"paragraphs": OBJECTS}]}]
)
def test_json_that_is_counted_as_text_says_so(tmp_path, content):
    """SQuAD's files, and the answers of datasets servers: one object around all rows."""
    (tmp_path / "train-v1.1.json").write_text(json.dumps(content), "utf-8")
    corpus = count_corpus(str(tmp_path), model=MODEL)
    assert corpus["tokens"].value == sum(by_tiktoken([json.dumps(content)]))
    assert [note.text for note in corpus.notes] == ["JSON is counted as text, with its marks"]


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_what_stands_behind_an_array_is_told(tmp_path, name):
    """Two arrays that were appended to one file: the second one was passed over."""
    (tmp_path / name).write_text(json.dumps(OBJECTS, indent=1) * 2, "utf-8")
    corpus = count_corpus(str(tmp_path / name), model=MODEL)
    assert corpus["documents"].value == len(DOCUMENTS)
    assert "counted up to there ('there is more behind the array')" in corpus.notes[0].text


BAD_CSV = {
    # microsoft/vscode-data-wrangler#411, salesforce/ml4ir#231: a mark is escaped by a backslash.
    '1,"He said \\"hi\\", and left"\n': "the row cannot be parsed",
    # pytorch/text#612: a mark that nothing closes.
    '1,"He said\n': "the row cannot be parsed",
    # A comma in a text without marks, at which pandas stops: "Expected 2 fields in line 3, saw 3".
    "1,hello, world\n": "the row has more fields than there are columns",
}


@pytest.mark.parametrize("row", BAD_CSV)
def test_a_row_of_csv_that_would_be_another_text_is_not_counted(tmp_path, row):
    (tmp_path / "a.csv").write_text("id,text\n0,hello world\n" + row)
    corpus = count_corpus(str(tmp_path / "a.csv"), model=MODEL)
    assert (corpus["tokens"].value, corpus["documents"].value) == (2, 1)
    assert corpus.details.bad_rows == {BAD_CSV[row]: 1}


def test_empty_fields_behind_the_last_column_are_none(tmp_path):
    """UCI's SMS Spam Collection on Kaggle: three commas behind most rows."""
    (tmp_path / "spam.csv").write_text("id,text\n0,hello world,,,\n")
    assert count_corpus(str(tmp_path), model=MODEL)["tokens"].value == 2


REFUSED = {
    "a.csv": (b"id,text\r1,hello\r2,b\r", "a.csv: its rows end with CR alone; write them with LF"),
    "a.tar": (tar(b"hello world " * 9_000), "a.tar: a tar file, not text"),
    "a.tar.gz": (gzip.compress(tar(b"hello world " * 9_000)), "a tar file within gzip; unpack it first"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_counted_is_refused_in_a_line(tmp_path, name):
    content, words = REFUSED[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(LLMNumbersError, match=words) as caught:
        count_corpus(str(tmp_path / name), model=MODEL)
    assert "\n" not in str(caught.value)
