"""Plan a count: what each file is, by its first bytes and its name, and the spans to count it in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field, replace
from itertools import pairwise
from pathlib import PurePosixPath
from typing import BinaryIO

from ...errors import FileError, LLMNumbersError, UsageError
from ...files.containers import HEAD_BYTES, PACKED, container_of, unpacked
from ...files.encodings import UTF8, marked_encoding
from ...files.places import is_address, open_place, places, shown_place
from ...messages import say, shorten
from ...records import dataclass
from ..parts import Form, Span, Task
from ..reading.edges import csv_cuts
from ..reading.source import source_of
from ..tally import Tally
from .rows import fields_of_array, fields_of_lines, is_one_array, with_fields
from .tables import arrow_spans, parquet_spans

_ROWS: dict[str, Form] = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".tsv": "csv"}
# What `Dataset.save_to_disk` writes: huggingface/datasets, `src/datasets/config.py`.
_SAVED_NOTES = frozenset({"state.json", "dataset_info.json"})
_PACKED_SUFFIXES = frozenset({".gz", ".gzip", ".bz2", ".xz", ".zst", ".zstd"})
_TABLES: dict[str, Form] = {"parquet": "parquet", "arrow": "arrow", "arrow stream": "arrow stream"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """How the files are to be read: the fields that hold texts, and the encoding of what is no table.

    No fields are the usual one, or the only one that there is; a byte order mark goes before the encoding.
    """

    fields: tuple[str, ...] = ()
    encoding: str = UTF8


@dataclass(slots=True)
class Plan:
    """The spans of all sources, and what was found to be wrong with others: a line for each by its name.

    `remarks` say what is read otherwise than its name may let one think.
    """

    spans: list[Span] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    @property
    def size(self) -> int:
        return sum(span.size for span in self.spans)

    def tell(self, tally: Tally) -> None:
        """Add what was found to what is counted."""
        tally.problems |= self.problems
        for remark in self.remarks:
            tally.remarks.setdefault(remark, self.remarks.count(remark))


def plan_files(patterns: Sequence[str], wanted: Wanted, span_bytes: int) -> Plan:
    """The spans of all files that the patterns mean, of about so many bytes each.

    Args:
        patterns: names, glob patterns, folders and addresses.
        wanted: how they are to be read.
        span_bytes: the size of a span; a packed file, and a row group, stays whole.

    Raises:
        LLMNumbersError: no file matches, or none of them can be counted.
    """
    plan = Plan()
    # One file under two patterns is counted once.
    found = list(dict.fromkeys(each for pattern in patterns for each in places(pattern)))
    found = _without_notes(found, plan.remarks)
    error: LLMNumbersError | None = None
    for place in found:
        try:
            plan.spans += _spans_of(place, wanted, span_bytes, plan.remarks)
        except UsageError:
            raise
        except LLMNumbersError as problem:
            error = error or problem
            plan.problems[shown_place(place)] = str(problem)
        except (OSError, ValueError, EOFError) as problem:
            error = error or _broken(place, problem)
            plan.problems[shown_place(place)] = str(_broken(place, problem))
    if not plan.spans and error is not None:
        raise error
    return plan


def _without_notes(found: list[str], remarks: list[str]) -> list[str]:
    """The files without those in which `datasets` describes the tables that it saved beside them."""
    saved = {PurePosixPath(place).parent for place in found if place.endswith(".arrow")}

    def is_note(path: PurePosixPath) -> bool:
        return path.name in _SAVED_NOTES and path.parent in saved

    kept = [place for place in found if not is_note(PurePosixPath(place))]
    n_notes = len(found) - len(kept)
    if n_notes:
        remarks.append(say("what datasets saves beside its tables is not counted: {n:,} files", n=n_notes))
    return kept


def tasks_of(spans: Iterable[Span], task_bytes: int, most_spans: int = 500) -> Iterator[Task]:
    """Spans that are counted together: small files share a task."""
    together: list[Span] = []
    number = size = 0
    for span in spans:
        if together and (size + span.size > task_bytes or len(together) >= most_spans):
            yield Task(number, tuple(together))
            together, number, size = [], number + 1, 0
        together.append(span)
        size += span.size
    if together:
        yield Task(number, tuple(together))


def _spans_of(place: str, wanted: Wanted, span_bytes: int, remarks: list[str]) -> list[Span]:
    with open_place(place) as (file, size):
        head = file.read(HEAD_BYTES)
        file.seek(0)
        kind = container_of(head)
        packing = kind if kind in PACKED else ""
        if packing:
            head = _packed_head(place, file, packing)
            kind = container_of(head)
        if kind and kind not in _TABLES:
            raise FileError(
                "{path}: a {kind} file, not text; convert it to text, JSONL, CSV or Parquet",
                path=shown_place(place),
                kind=kind,
            )
        whole = Span(place, _TABLES.get(kind, "text"), 0, size, size, packing, source_bytes=size)
        if whole.form == "parquet":
            return parquet_spans(whole, file, wanted.fields, span_bytes)
        if whole.form != "text":
            return arrow_spans(whole, file, wanted.fields, span_bytes)
        encoding = marked_encoding(head) or wanted.encoding
        whole = _with_form(replace(whole, encoding=encoding), file, wanted, remarks)
        file.seek(0)
        whole = with_fields(whole, source_of(whole, file), wanted.fields, remarks)
        if whole.is_stream or whole.size <= span_bytes * 1.5:
            return [whole]
        return _ranges(whole, file, span_bytes)


def _packed_head(place: str, file: BinaryIO, packing: str) -> bytes:
    """The first bytes of what is packed in a file."""
    head = unpacked(file, packing).read(HEAD_BYTES)
    file.seek(0)
    kind = container_of(head)
    if kind == "arrow stream" or not kind:
        return head
    raise FileError(
        "{path}: a {kind} file within {packing}; unpack it first",
        path=shown_place(place),
        kind=kind,
        packing=packing,
    )


def _with_form(span: Span, file: BinaryIO, wanted: Wanted, remarks: list[str]) -> Span:
    """The span of text or rows, told by the ending, that of the packing left out.

    What is called JSON, or has no ending as the parts of WikiExtractor and Spark, is rows if it is an array
    or lines of objects that have a usual field, or if one is asked for; else it may be anything, such as
    settings. What is called text is such rows only if a field is asked for.
    """
    place = shown_place(span.place) if is_address(span.place) else span.place
    suffixes = [suffix.lower() for suffix in PurePosixPath(place).suffixes[-2:]]
    suffixes = [suffix for suffix in suffixes if suffix not in _PACKED_SUFFIXES]
    lines, array = replace(span, form="jsonl"), replace(span, form="json array")
    for suffix in reversed(suffixes):
        if form := _ROWS.get(suffix):
            is_array = form == "jsonl" and is_one_array(span, source_of(span, file))
            return array if is_array else replace(span, form=form)
    is_json, is_txt = ".json" in suffixes, suffixes[-1:] == [".txt"]
    if suffixes and not is_json and not is_txt:
        return span
    rows, fields = array, fields_of_array(span, source_of(span, file)) if suffixes else None
    if fields is None:
        file.seek(0)
        rows, fields = lines, fields_of_lines(span, source_of(span, file))
    is_asked = bool(wanted.fields) and (fields is not None or not is_txt)
    if is_asked or (fields is not None and fields.usual and not is_txt):
        return rows
    if fields is not None:
        remarks.append(say("JSON is counted as text, with its marks; {option:field} counts its fields"))
    elif is_json:
        remarks.append(say("JSON is counted as text, with its marks"))
    return span


def _ranges(whole: Span, file: BinaryIO, span_bytes: int) -> list[Span]:
    """Byte ranges of one file, cut where the readers of both sides will find the same place."""
    n_spans = -(-whole.size // span_bytes)
    places = [whole.size * number // n_spans for number in range(n_spans + 1)]
    may_be_quoted = whole.form == "csv" and whole.has_marks
    cuts = csv_cuts(file, places, whole.delimiter) if may_be_quoted else [(place, False) for place in places]
    return [
        replace(
            whole,
            start=start,
            end=end,
            size=end - start,
            opens_quoted=opens_quoted,
            ends_quoted=ends_quoted,
            is_whole=False,
        )
        for (start, opens_quoted), (end, ends_quoted) in pairwise(cuts)
        if end > start
    ]


def _broken(place: str, error: Exception) -> FileError:
    reason = shorten((str(error).splitlines() or [type(error).__name__])[0])
    return FileError("{path}: cannot be read ({reason})", path=shown_place(place), reason=reason)
