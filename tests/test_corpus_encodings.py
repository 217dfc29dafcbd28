"""Text in other encodings than UTF-8: the same count, in parts too, and a line for what cannot be read."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import json

import pytest
from corpora import TEXTS, by_tiktoken

from ipython_llmnumbers import count_corpus
from ipython_llmnumbers.errors import LLMNumbersError, ParameterError, UsageError
from ipython_llmnumbers.files.encodings import encoding_named, keeps_ascii

pytestmark = pytest.mark.usefixtures("openai_files")
MODEL = "gpt-4o"

# What each encoding is for. The second byte of 表, ソ and 能 in Shift JIS is a backslash, and that of others
# is another mark of ASCII.
JAPANESE = [
    "表示する機能をソフトウェアで予定する。\nコーヒー、タバコ｡",
    "吾輩は猫である。名前はまだ無い。",
    '彼は"はい"と言った, と書いた',
]
GERMAN = ["Größe und Maß, „naïve“ Änderung – 5 €", "Der Käse kostet 3,50 €; der Wein mehr.\nÜbel?"]
CHINESE = ["数据,库\n許功蓋", "第二行、第三行"]
KOREAN = ["안녕하세요, 세계\n뷁", "토큰이란 무엇입니까?"]
RUSSIAN = ["Съешь ещё этих мягких французских булок", "да\nвыпей чаю"]
ASCII_ENCODINGS = {
    "cp932": JAPANESE,
    "shift_jis": JAPANESE[:2],
    "euc_jp": JAPANESE,
    "cp1252": GERMAN,
    "iso8859-15": [text.replace("–", "-").replace("„", '"').replace("“", '"') for text in GERMAN],
    "gb18030": CHINESE,
    "gbk": CHINESE,
    "big5": ["許功蓋,育\n蓋許", "第二行、第三行"],
    "cp949": KOREAN,
    "koi8-r": RUSSIAN,
    "cp1251": RUSSIAN,
    "utf-8": [*JAPANESE, *GERMAN, *CHINESE],
}
OTHER_ENCODINGS = {
    "utf-16": JAPANESE + KOREAN,
    "utf-16-le": JAPANESE + KOREAN,
    "utf-16-be": JAPANESE,
    "utf-32": GERMAN,
    "iso2022_jp": [text.replace("｡", "。") for text in JAPANESE],
    "cp037": ["Customer, 5 records\nENDE", "Größe"],
    "hz": ["数据", "第二行"],
}
ENCODINGS = ASCII_ENCODINGS | OTHER_ENCODINGS


def jsonl(texts):
    return "".join(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts)


def rows_of_csv(texts, delimiter=","):
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows([("番号" if "猫" in texts[0] else "id", "text")])
    csv.writer(out, delimiter=delimiter).writerows(enumerate(texts))
    return out.getvalue()


# -- every encoding ---------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("form", ["rows.jsonl", "rows.json", "rows.csv", "text.txt", "rows.jsonl.gz"])
def test_every_encoding_counts_as_utf8_does(tmp_path, encoding, form):
    texts = ENCODINGS[encoding] * 3
    written = {"rows.csv": rows_of_csv(texts), "text.txt": "\n".join(texts)}.get(form, jsonl(texts))
    content = written.encode(encoding)
    (tmp_path / form).write_bytes(gzip.compress(content) if form.endswith("gz") else content)
    corpus = count_corpus(str(tmp_path), encoding=encoding, model=MODEL)
    expected = ["\n".join(texts)] if form == "text.txt" else texts
    assert corpus["tokens"].value == sum(by_tiktoken(expected))
    assert (corpus["documents"].value, corpus["bad_rows"].value) == (len(expected), 0)
    assert corpus["text_bytes"].value == sum(len(text.encode()) for text in expected)
    assert corpus.notes == ()


@pytest.mark.parametrize("encoding", ASCII_ENCODINGS)
def test_a_file_is_cut_at_its_lines_in_every_encoding_that_keeps_them(encoding):
    """Each character of the texts, with a comma behind it: no byte of one is taken for a mark."""
    assert keeps_ascii(encoding)
    for character in "".join(ASCII_ENCODINGS[encoding]):
        marked = f"{character},\n".encode(encoding)
        expected = [b",", b"\n"] + ([] if character not in ",\n" else [character.encode()])
        assert sorted(bytes([byte]) for byte in marked if byte in b",\n") == sorted(expected)


@pytest.mark.parametrize("span_bytes", [40, 100, 700])
@pytest.mark.parametrize("form", ["rows.jsonl", "rows.csv", "text.txt"])
@pytest.mark.parametrize("encoding", ["cp932", "euc_jp", "gb18030", "cp1252", "big5"])
def test_a_file_in_parts_counts_as_the_whole(tmp_path, encoding, form, span_bytes):
    from ipython_llmnumbers.corpus.counting import count_request
    from ipython_llmnumbers.corpus.parts import Job, Task, request_of
    from ipython_llmnumbers.corpus.planning.plan import Wanted, plan_files
    from ipython_llmnumbers.corpus.tally import Tally

    texts = ASCII_ENCODINGS[encoding] * 40
    written = {"rows.csv": rows_of_csv(texts), "text.txt": "\n".join(texts)}.get(form, jsonl(texts))
    (tmp_path / form).write_bytes(written.encode(encoding))
    spans = plan_files((str(tmp_path / form),), Wanted(encoding=encoding), span_bytes).spans
    assert len(spans) > 1
    tally = Tally()
    for number, span in enumerate(spans):
        request = json.loads(request_of(Job(("o200k_base",)), Task(number, (span,))))
        tally.merge(Tally.from_json(json.loads(json.dumps(count_request(request)))))
    expected = ["\n".join(texts)] if form == "text.txt" else texts
    counted = tally.of("o200k_base")
    assert (tally.n_documents, tally.n_bad_rows) == (len(expected), 0)
    assert (counted.tokens, counted.joints) == (sum(by_tiktoken(expected)), 0)


# -- byte order marks -------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["rows.jsonl", "rows.csv", "text.txt", "text.txt.gz"])
@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
    ],
)
@pytest.mark.parametrize("asked", [{}, {"encoding": "cp932"}], ids=["not asked", "asked otherwise"])
def test_a_byte_order_mark_tells_the_encoding(tmp_path, mark, encoding, form, asked):
    written = {"rows.csv": rows_of_csv(JAPANESE), "rows.jsonl": jsonl(JAPANESE)}.get(form, "".join(JAPANESE))
    content = mark + written.encode(encoding)
    (tmp_path / form).write_bytes(gzip.compress(content) if form.endswith("gz") else content)
    corpus = count_corpus(str(tmp_path), model=MODEL, **asked)
    expected = ["".join(JAPANESE)] if "text" in form else JAPANESE
    assert corpus["tokens"].value == sum(by_tiktoken(expected))
    assert corpus.notes == ()


def test_what_windows_exports(tmp_path):
    """Excel's "Unicode Text" is UTF-16 with tabs, and its "CSV" in Japan is Shift JIS as Microsoft has it."""
    (tmp_path / "a.csv").write_bytes(rows_of_csv(JAPANESE, "\t").encode("utf-16"))
    assert count_corpus(str(tmp_path / "a.csv"), model=MODEL)["tokens"].value == sum(by_tiktoken(JAPANESE))
    (tmp_path / "b.csv").write_bytes("本,値段\r\n①猫㈱,5\r\n".encode("cp932"))
    corpus = count_corpus(str(tmp_path / "b.csv"), encoding="cp932", model=MODEL)
    assert corpus["tokens"].value == sum(by_tiktoken(["①猫㈱"]))


# -- what cannot be read ----------------------------------------------------------------------------


# chakki-works/Japanese-Company-Lexicon#6: one of two published files is Shift JIS, and its reader stopped at
# byte 0x92, or showed nonsense. hiyouga/LlamaFactory#7016, jingyaogong/minimind#551: the same with JSON.
@pytest.mark.parametrize("form", ["a.csv", "a.jsonl", "a.txt"])
@pytest.mark.parametrize(
    ("written", "asked", "named"),
    [
        ("cp932", {}, "UTF-8"),
        ("utf-16-le", {}, "UTF-8"),
        ("cp932", {"encoding": "euc_jp"}, "euc_jp"),
        ("utf-8", {"encoding": "ascii"}, "ascii"),
    ],
)
def test_the_wrong_encoding_is_told_in_a_line_without_its_nonsense(tmp_path, form, written, asked, named):
    texts = ["店舗と氏名の一覧表", "東京都千代田区"] * 20
    line = json.dumps({"品名": texts[0], "text": texts[1]}, ensure_ascii=False) + "\n"
    content = {"a.csv": "品名,説明\n" + ",".join(texts[:2]), "a.jsonl": line}.get(form, "".join(texts))
    (tmp_path / form).write_bytes(content.encode(written))
    with pytest.raises(LLMNumbersError) as caught:
        count_corpus(str(tmp_path / form), **asked)
    assert f"{form}: not text in {named}; give its encoding, such as cp932 or utf-16" in str(caught.value)
    assert str(caught.value).isascii()


def test_a_character_that_is_none_is_counted_and_told(tmp_path):
    """openai/openai-cookbook#648: 0x9d is no character of cp1252, in which Windows opens files."""
    text = "Grüße aus Köln. " * 20
    (tmp_path / "a.txt").write_bytes(text.encode("cp1252") + b"\x9d!")
    corpus = count_corpus(str(tmp_path / "a.txt"), encoding="cp1252", model=MODEL)
    assert corpus["tokens"].value == by_tiktoken([text + "\ufffd!"])[0]
    (note,) = corpus.notes
    assert note.text == "bytes that are no character of their encoding, counted as U+FFFD: 1"


@pytest.mark.parametrize("encoding", ["cp932", "utf-16"])
@pytest.mark.parametrize("form", ["a.jsonl", "a.csv"])
def test_a_row_that_cannot_be_decoded_is_a_bad_row(tmp_path, encoding, form):
    good = jsonl(JAPANESE[1:2]) if form == "a.jsonl" else "id,text\n1,猫\n"
    bad = jsonl(["half "]) if form == "a.jsonl" else "2,half \n"
    half = {"cp932": b"\x81", "utf-16": b"\x3d\xd8"}[encoding]  # of a character, and of a pair
    at = bad.index("half ") + 5
    codec = "utf-16-le" if encoding == "utf-16" else encoding
    content = (good + bad[:at]).encode(codec) + half + bad[at:].encode(codec)
    mark = codecs.BOM_UTF16_LE if encoding == "utf-16" else b""
    (tmp_path / form).write_bytes(mark + content)
    corpus = count_corpus(str(tmp_path / form), encoding=encoding, model=MODEL)
    assert corpus.details.bad_rows == {"the row is not text in the encoding of its file": 1}


@pytest.mark.parametrize(
    "name",
    [
        "rot13",
        "hex",
        "base64",
        "zlib",
        "no-such",
        "",
        "utf 99",
        "a\0b",
        "idna",
        "punycode",
        "unicode_escape",
        "../os",
    ],
)
def test_what_is_no_encoding_is_refused_in_a_line(tmp_path, name):
    assert encoding_named(name) == ""
    with pytest.raises(ParameterError, match="is no text encoding") as caught:
        count_corpus(str(tmp_path), encoding=name)
    assert "\n" not in str(caught.value)


def test_a_table_in_memory_has_no_encoding():
    import pandas as pd

    with pytest.raises(UsageError, match="encoding applies to files"):
        count_corpus(pd.Series(["a"]), encoding="cp932")


def test_a_sample_draws_each_encoding_by_itself(tmp_path):
    """A byte of UTF-16 holds less text than one of UTF-8."""
    texts = list(TEXTS["languages"].values()) * 60
    (tmp_path / "a.jsonl").write_text(jsonl(texts), "utf-8")
    (tmp_path / "b.jsonl").write_bytes(jsonl(texts).encode("utf-16"))
    tokens = 2 * sum(by_tiktoken(texts))
    corpus = count_corpus(str(tmp_path), sample=0.3, model=MODEL)
    assert corpus["tokens"].low <= tokens <= corpus["tokens"].high


def test_the_magic_takes_an_encoding_by_any_of_its_names(tmp_path, shell):
    (tmp_path / "a.txt").write_bytes("吾輩は猫である".encode("cp932"))
    found = {
        name: shell.run_line_magic("tokens", f"--corpus {tmp_path} --encoding {name} -m {MODEL}")[
            "tokens"
        ].value
        for name in ("cp932", "MS932", "Shift-JIS", "sjis")
    }
    assert set(found.values()) == {by_tiktoken(["吾輩は猫である"])[0]}
