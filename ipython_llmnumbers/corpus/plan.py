"""Plan a count: what each file is, by its first bytes and its name, and the spans to count it in."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field, replace
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from ..errors import FileError, LLMNumbersError, UsageError
from ..files.containers import HEAD_BYTES, PACKED, arrow, container_of, text_columns, unpacked
from ..files.formats import FormatError, parse_json_row
from ..files.places import is_address, open_place, places, shown_place
from ..messages import say, shorten
from ..records import dataclass
from .documents import value_at
from .edges import csv_cuts
from .parts import MOST_ROW_BYTES, Form, Span, Task

_ROWS: dict[str, Form] = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".tsv": "csv"}
_TABLES: dict[str, Form] = {"parquet": "parquet", "arrow": "arrow", "arrow stream": "arrow stream"}
# A first row longer than this tells no fields.
# What most data sets call their text.
_USUAL = ("text", "content")


@dataclass(slots=True)
class Plan:
    """The spans of all sources, and what was found to be wrong with others: a line for each by its name."""

    spans: list[Span] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return sum(span.size for span in self.spans)


def plan_files(patterns: Sequence[str], wanted: str | None, span_bytes: int) -> Plan:
    """The spans of all files that the patterns mean, of about so many bytes each.

    Args:
        patterns: names, glob patterns, folders and addresses.
        wanted: the field that holds the text; None is the usual one, or the only one that there is.
        span_bytes: the size of a span; a packed file, and a row group, stays whole.

    Raises:
        LLMNumbersError: no file matches, or none of them can be counted.
    """
    plan = Plan()
    # One file under two patterns is counted once.
    found = list(dict.fromkeys(each for pattern in patterns for each in places(pattern)))
    error: LLMNumbersError | None = None
    for place in found:
        try:
            plan.spans += _spans_of(place, wanted, span_bytes)
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


def _spans_of(place: str, wanted: str | None, span_bytes: int) -> list[Span]:
    with open_place(place) as (file, size):
        kind = container_of(file.read(HEAD_BYTES))
        file.seek(0)
        packing = kind if kind in PACKED else ""
        if packing:
            kind = _packed_kind(place, file, packing)
        if kind and kind not in _TABLES:
            raise FileError(
                "{path}: a {kind} file, not text; convert it to text, JSONL, CSV or Parquet",
                path=shown_place(place),
                kind=kind,
            )
        form = _TABLES.get(kind) or _form_by_name(place, wanted)
        whole = Span(place, form, 0, size, size, packing, source_bytes=size)
        if form == "parquet":
            return _parquet_spans(whole, file, wanted, span_bytes)
        if form in ("arrow", "arrow stream"):
            return _arrow_spans(whole, file, wanted, span_bytes)
        whole = _with_field(whole, unpacked(file, packing) if packing else file, wanted)
        if packing or size <= span_bytes * 1.5:
            return [whole]
        return _ranges(whole, file, span_bytes)


def _packed_kind(place: str, file: BinaryIO, packing: str) -> str:
    kind = container_of(unpacked(file, packing).read(HEAD_BYTES))
    file.seek(0)
    if kind == "arrow stream" or not kind:
        return kind
    raise FileError(
        "{path}: a {kind} file within {packing}; unpack it first",
        path=shown_place(place),
        kind=kind,
        packing=packing,
    )


def _form_by_name(place: str, wanted: str | None) -> Form:
    """By the ending, that of the packing left out; a JSON file is rows where a field of it is asked for."""
    suffixes = PurePosixPath(shown_place(place) if is_address(place) else place).suffixes[-2:]
    for suffix in reversed(suffixes):
        if form := _ROWS.get(suffix.lower()):
            return form
    is_rows = wanted is not None and (not suffixes or ".json" in map(str.lower, suffixes))
    return "jsonl" if is_rows else "text"


def _with_field(span: Span, file: BinaryIO, wanted: str | None) -> Span:
    """The span with its field, told by the first row."""
    if span.form == "jsonl":
        return replace(span, field=_json_field(span.place, file, wanted))
    if span.form == "csv":
        return _csv_field(span, file, wanted)
    return span


def _json_field(place: str, file: BinaryIO, wanted: str | None) -> str:
    """The field as the first row has it; later rows without it are bad rows."""
    while (line := file.readline(MOST_ROW_BYTES)) and not line.strip():
        pass
    try:
        row = parse_json_row(line.removeprefix(b"\xef\xbb\xbf"))
    except FormatError as error:
        if not line:
            return wanted or ""
        raise _no_lines(place, error.problem) from None
    if isinstance(row, str) and wanted is None:
        return ""
    if isinstance(row, list):
        raise _no_lines(place, say("it begins with a list"))
    if not isinstance(row, dict):
        raise FileError(
            "{path}: its rows are of type {kind}, with no fields; write objects or texts",
            path=shown_place(place),
            kind=type(row).__name__,
        )
    if wanted is not None:
        try:
            value_at(row, wanted)
        except KeyError:
            raise _no_field(place, wanted, list(row)) from None
        return wanted
    return choose_field(place, list(row), [name for name, value in row.items() if isinstance(value, str)])


def choose_field(place: str, names: Sequence[str], textual: Sequence[str], wanted: str | None = None) -> str:
    """The field that is asked for, the usual one, or the only one that holds text.

    Raises:
        FileError: the field is not there.
        UsageError: several fields hold text.
    """
    if wanted is not None:
        if wanted not in names and wanted.partition(".")[0] not in names:
            raise _no_field(place, wanted, names)
        return wanted
    usual = next((name for name in _USUAL if name in textual), None)
    if usual is not None:
        return usual
    if len(textual) == 1:
        return textual[0]
    if not textual:
        raise FileError(
            "{path}: no field holds text; its fields: {names}",
            path=shown_place(place),
            names=_listed(names),
        )
    raise UsageError(
        "{path}: several fields hold text; give {option:field}, one of {names}",
        path=shown_place(place),
        names=_listed(textual),
    )


def _csv_field(span: Span, file: BinaryIO, wanted: str | None) -> Span:
    line = file.readline(MOST_ROW_BYTES)
    head = line.decode("utf-8-sig", "replace")
    is_tabbed = any(suffix.lower() == ".tsv" for suffix in PurePosixPath(span.place).suffixes)
    delimiter = "\t" if is_tabbed else ";" if head.count(";") > head.count(",") else ","
    names = next(csv.reader([head], delimiter=delimiter), [])
    try:
        first = next(
            csv.reader([file.readline(MOST_ROW_BYTES).decode("utf-8", "replace")], delimiter=delimiter), []
        )
    except csv.Error:
        first = []
    textual = [name for name, value in zip(names, first, strict=False) if not _is_number(value)]
    name = choose_field(span.place, names, textual or names, wanted)
    if name not in names:
        raise _no_field(span.place, name, names)
    return replace(span, field=name, column=names.index(name), delimiter=delimiter)


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return not value
    return True


def _ranges(whole: Span, file: BinaryIO, span_bytes: int) -> list[Span]:
    """Byte ranges of one file, cut where the readers of both sides will find the same place."""
    n_spans = -(-whole.size // span_bytes)
    places = [whole.size * number // n_spans for number in range(n_spans + 1)]
    is_csv = whole.form == "csv"
    cuts = csv_cuts(file, places, whole.delimiter) if is_csv else [(place, False) for place in places]
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


def _parquet_spans(whole: Span, file: BinaryIO, wanted: str | None, span_bytes: int) -> list[Span]:
    arrow()
    from pyarrow import parquet

    table = parquet.ParquetFile(file)
    name = _arrow_field(whole.place, table.schema_arrow, wanted)
    sizes = [table.metadata.row_group(at).total_byte_size for at in range(table.metadata.num_row_groups)]
    # Sizes before compression tell how the bytes of the file share out.
    of_disk = whole.size / (sum(sizes) or 1)
    return _grouped(replace(whole, field=name), [round(size * of_disk) for size in sizes], span_bytes)


def _arrow_spans(whole: Span, file: BinaryIO, wanted: str | None, span_bytes: int) -> list[Span]:
    ipc = arrow().ipc
    if whole.form == "arrow stream":
        stream = ipc.open_stream(unpacked(file, whole.packing) if whole.packing else file)
        return [replace(whole, field=_arrow_field(whole.place, stream.schema, wanted))]
    table = ipc.open_file(file)
    name = _arrow_field(whole.place, table.schema, wanted)
    n_batches = table.num_record_batches
    sizes = [whole.size // n_batches] * n_batches if n_batches else []
    return _grouped(replace(whole, field=name), sizes, span_bytes)


def _grouped(whole: Span, sizes: Sequence[int], span_bytes: int) -> list[Span]:
    """Row groups or batches, as many together as make a span."""
    spans: list[Span] = []
    start = size = 0
    for at, each in enumerate(sizes):
        size += each
        if size >= span_bytes or at == len(sizes) - 1:
            spans.append(replace(whole, start=start, end=at + 1, size=size, is_whole=False))
            start, size = at + 1, 0
    return spans


def _arrow_field(place: str, schema: Any, wanted: str | None) -> str:
    return choose_field(place, schema.names, text_columns(schema), wanted)


def _no_lines(place: str, problem: str) -> FileError:
    return FileError(
        "{path}: not JSON Lines, a value in each line ({problem}); of one JSON value make lines with"
        " jq -c '.[]'",
        path=shown_place(place),
        problem=problem,
    )


def _no_field(place: str, wanted: str, names: Sequence[str]) -> FileError:
    return FileError(
        "{path}: no field {field}; its fields: {names}",
        path=shown_place(place),
        field=shorten(wanted),
        names=_listed(names),
    )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(name if len(name) <= 40 else f"{name[:39]}…" for name in map(str, names[:12])) or "–"


def _broken(place: str, error: Exception) -> FileError:
    reason = shorten((str(error).splitlines() or [type(error).__name__])[0])
    return FileError("{path}: cannot be read ({reason})", path=shown_place(place), reason=reason)
