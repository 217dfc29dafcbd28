"""What one task counts, and what it is told: small values that JSON writes, so that they go anywhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, field
from typing import Any, Literal

from ..files.encodings import UTF8, keeps_ascii
from ..records import dataclass

MOST_ROW_BYTES = 64 << 20
"""The longest row that is counted."""

TABLE_ROWS = 512
"""Rows of a table that are in memory at once, before they are batches."""

Form = Literal["text", "jsonl", "json array", "csv", "parquet", "arrow", "arrow stream", "texts"]
"""How the documents stand in a source: a text is one, a table has one in each row, `texts` are at hand."""


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a source: bytes `start` to `end`, or of a table its row groups or batches of that number.

    What begins in the part belongs to it. `size` is its bytes as they lie on the disk. `fields` are those of
    a row that hold its texts, none if the row is the text; `beside` are columns that belong to the request
    whose messages a field has. A CSV's `columns` are those of the fields; `opens_quoted` and `ends_quoted`
    say if the place lies between quotation marks; `has_marks` if they are more than letters; `n_head_rows`
    stand before the data. `values` are rows that are sent along instead of read.
    """

    place: str
    form: Form
    start: int
    end: int
    size: int
    packing: str = ""
    encoding: str = UTF8
    fields: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    columns: tuple[int, ...] = ()
    n_columns: int = 0
    delimiter: str = ","
    has_marks: bool = True
    n_head_rows: int = 1
    opens_quoted: bool = False
    ends_quoted: bool = False
    is_whole: bool = True
    source_bytes: int = 0
    values: tuple[Any, ...] = ()

    @property
    def is_stream(self) -> bool:
        """Whether the source is read from its start, as what is packed is, an array of JSON, and UTF-16."""
        return bool(self.packing) or self.form == "json array" or not keeps_ascii(self.encoding)


@dataclass(frozen=True, slots=True)
class Job:
    """What holds for all tasks of a run: the vocabularies to count with, and which engine for each.

    `engines` names one by vocabulary, where it is another than splintr; `probed` are vocabularies that count
    only the beginning of each task; `tells_kinds` asks for the kinds of text as well, on which a ratio
    depends; `language` is that of what is said.
    """

    vocabularies: tuple[str, ...]
    engines: Mapping[str, str] = field(default_factory=dict)
    probed: tuple[str, ...] = ()
    tells_kinds: bool = False
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Task:
    """Spans that are counted together; `number` tells one task of a plan from the others."""

    number: int
    spans: tuple[Span, ...]

    @property
    def size(self) -> int:
        return sum(span.size for span in self.spans)


def request_of(job: Job, task: Task) -> str:
    """The job and the task as one line of JSON."""
    return json.dumps({"job": asdict(job), "spans": [asdict(span) for span in task.spans]})


def read_request(request: Mapping[str, Any]) -> tuple[Job, tuple[Span, ...]]:
    """The job and the spans of a request."""
    job = request["job"]
    tuples = ("fields", "beside", "columns", "values")
    spans = tuple(
        Span(**{**span, **{name: tuple(span[name]) for name in tuples}}) for span in request["spans"]
    )
    lists = {name: tuple(job[name]) for name in ("vocabularies", "probed")}
    return Job(**{**job, **lists}), spans
