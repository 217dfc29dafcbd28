"""Corpora for the tests: the texts of `data/corpus.json` in every form, and another engine's counts."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
from pathlib import Path

TEXTS = json.loads((Path(__file__).parent / "data" / "corpus.json").read_text("utf-8"))
DOCUMENTS = [text for kind in ("languages", "code", "data") for text in TEXTS[kind].values()]


def by_tiktoken(texts, name="o200k_base"):
    """The tokens of each text as OpenAI's own engine counts them; needs the fixture `openai_files`."""
    import tiktoken

    encode = tiktoken.get_encoding(name).encode_ordinary
    return [len(encode(text)) for text in texts]


def jsonl(texts, field="text"):
    return "".join(json.dumps({"id": n, field: text}) + "\n" for n, text in enumerate(texts)).encode()


def as_csv(texts, field="text", delimiter=","):
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerows([("id", field), *enumerate(texts)])
    return out.getvalue().encode()


def table(texts, field="text"):
    import pyarrow as pa

    return pa.table({"id": list(range(len(texts))), field: list(texts)})


def parquet(texts, rows_in_group=7):
    from pyarrow import parquet as pq

    out = io.BytesIO()
    pq.write_table(table(texts), out, row_group_size=rows_in_group)
    return out.getvalue()


def arrow(texts, kind="file"):
    import pyarrow as pa

    out = io.BytesIO()
    rows = table(texts)
    new = pa.ipc.new_file if kind == "file" else pa.ipc.new_stream
    with new(out, rows.schema) as writer:
        writer.write_table(rows, max_chunksize=7)
    return out.getvalue()


def zstd(content):
    import pyarrow as pa

    return pa.Codec("zstd").compress(content).to_pybytes()


FORMS = {
    "rows.jsonl": jsonl,
    "rows.ndjson": jsonl,
    "rows.csv": as_csv,
    "rows.tsv": lambda texts: as_csv(texts, delimiter="\t"),
    "semicolons.csv": lambda texts: as_csv(texts, delimiter=";"),
    "rows.parquet": parquet,
    "rows.arrow": arrow,
    "stream.arrow": lambda texts: arrow(texts, "stream"),
}
PACKINGS = {
    "": lambda content: content,
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstd,
}
