"""Read a provider's export of usage or costs: JSON as its API answers, or CSV as its console writes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

from ...catalog.bills import BillFormat, format_of
from ...catalog.limits import CONTEXT_TOKENS
from ...errors import FileError
from ...files.encodings import decoded
from ...files.formats import FormatError, parse_json
from ...files.reading import read_bytes
from ...messages import say, shorten
from ...patterns import pattern
from ...records import dataclass
from .amounts import Mark, mark_of, read_amount

_MOST_BYTES = 100_000_000
# Of one row; a bucket sums many calls.
_MOST_TOKENS = CONTEXT_TOKENS * 10**9
_NUMBER = pattern(r"\s*-?[\d.,]+\s*")
_BUCKET_ENDS = ("start_time", "end_time", "starting_at", "ending_at")

Row = Mapping[str, Any]
"""A row's values by their column; keys inside others with dots."""


@dataclass(frozen=True, slots=True)
class BillRow:
    """One row: a span of time (UTC), the model as it is written, its counts of tokens, its dollars (USD).

    `tokens` are by the names of `COUNTED`; empty where a row has dollars alone, as `usd` is None where it
    has counts alone. `requests` is None where the row does not count them.
    """

    start: datetime
    end: datetime
    model: str | None
    tokens: Mapping[str, int]
    requests: int | None
    usd: Decimal | None


@dataclass(frozen=True, slots=True)
class Bill:
    """What a file bills, in spans of time that do not overlap. `is_partial`: there are more pages of it.

    `n_unread` rows are of another kind. `n_repeated` buckets stood in the file before, and count once.
    """

    name: str
    format: BillFormat
    rows: tuple[BillRow, ...]
    is_partial: bool
    n_unread: int
    n_repeated: int


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of a file, and how numbers are usually written in a file of its kind."""

    rows: list[Row]
    usual_mark: Mark = "."
    is_partial: bool = False
    n_repeated: int = 0


class _RowError(ValueError):
    """A value that its column cannot have."""


def read_bill(path: Path) -> Bill:
    """The bill in a file.

    Raises:
        FileError: it cannot be read, is no known export, has a senseless row, or its spans overlap.
    """
    content = read_bytes(path, _MOST_BYTES)
    try:
        read = _rows(content)
    except (FormatError, csv.Error, UnicodeDecodeError) as error:
        raise FileError("{path} is neither JSON nor CSV ({reason})", path=path, reason=str(error)) from None
    found: list[BillRow] = []
    form: BillFormat | None = None
    n_unread = 0
    forms = [format_of(frozenset(row)) for row in read.rows]
    mark = mark_of(list(_amounts(read.rows, forms)), by_default=read.usual_mark)
    for number, (row, its) in enumerate(zip(read.rows, forms, strict=True), start=1):
        if its is None:
            n_unread += not _is_empty(row)
            continue
        form = form or its
        if (its.vendor, bool(its.usd)) != (form.vendor, bool(form.usd)):
            n_unread += 1
            continue
        try:
            found += _read(row, its, mark)
        except _RowError as error:
            raise FileError(
                "{path}: row {n:,}: {reason}", path=path, n=number, reason=error.args[0]
            ) from None
    if form is None:
        columns = ", ".join(sorted({key for row in read.rows for key in row})[:12]) or say("none")
        raise FileError(
            "{path} is no export of usage or costs of OpenAI or Anthropic; its columns: {names}",
            path=path,
            names=shorten(columns, 200),
        )
    _check_spans(path, found)
    return Bill(path.name, form, tuple(found), read.is_partial, n_unread, read.n_repeated)


def _check_spans(path: Path, rows: Iterable[BillRow]) -> None:
    """A day beside its hours would bill each call twice.

    Raises:
        FileError: a span begins before another one ends.
    """
    for (start, end), (next_start, next_end) in pairwise(sorted({(row.start, row.end) for row in rows})):
        if next_start < end:
            raise FileError(
                "{path} bills one time twice: {first} and {second} (UTC); export buckets of one width",
                path=path,
                first=f"{start:%Y-%m-%d %H:%M}–{end:%Y-%m-%d %H:%M}",
                second=f"{next_start:%Y-%m-%d %H:%M}–{next_end:%Y-%m-%d %H:%M}",
            )


def _is_empty(row: Row) -> bool:
    """Whether a bucket has nothing in it: no number beside its ends, as of a day without a call."""
    values = (value for column, value in row.items() if column not in _BUCKET_ENDS)
    return not any(isinstance(value, int | float) or _NUMBER.fullmatch(str(value)) for value in values)


def _rows(content: bytes) -> _Rows:
    text = decoded(content)
    if text.lstrip()[:1] in ("{", "["):
        return _json_rows(_json_texts(text))
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    rows: list[Row] = [
        {key.strip(): value for key, value in row.items() if key and value not in (None, "")}
        for row in csv.DictReader(io.StringIO(text), delimiter=delimiter, strict=True)
    ]
    # Programs part columns by a semicolon where the comma is taken by their numbers.
    return _Rows(rows, "," if delimiter == ";" else ".")


def _json_rows(pages: list[Any]) -> _Rows:
    """The rows of the pages. One that was saved twice has the same buckets, which are taken once."""
    rows: list[Row] = []
    seen: set[str] = set()
    n_repeated = 0
    for bucket in (bucket for page in pages for bucket in _buckets(page)):
        text = json.dumps(bucket, sort_keys=True)
        if text in seen:
            n_repeated += bool(bucket)
            continue
        seen.add(text)
        rows += bucket
    is_partial = any(isinstance(page, dict) and page.get("has_more") is True for page in pages[-1:])
    return _Rows(rows, is_partial=is_partial, n_repeated=n_repeated)


def _amounts(rows: Iterable[Row], forms: Iterable[BillFormat | None]) -> Iterator[str]:
    """Every number of a bill that is written as a text."""
    for row, form in zip(rows, forms, strict=True):
        if form:
            columns = (form.usd, form.requests, *(each for sums in form.counts.values() for each in sums))
            yield from (row[each] for each in columns if isinstance(row.get(each), str))


def _json_texts(content: str) -> list[Any]:
    """One JSON text, or one on each line: a page each."""
    try:
        parsed = parse_json(content)
        return parsed if isinstance(parsed, list) else [parsed]
    except FormatError:
        lines = [line for line in content.split("\n") if line.strip()]
        if len(lines) < 2:
            raise
        return [parse_json(line) for line in lines]


def _buckets(value: Any) -> Iterator[list[Row]]:
    """The results of every bucket in a page, a list of pages or of buckets, each with its bucket's ends."""
    if isinstance(value, list):
        for each in value:
            yield from _buckets(each)
    elif isinstance(value, dict) and isinstance(value.get("results"), list):
        ends = {name: value[name] for name in _BUCKET_ENDS if name in value}
        yield [{**dict(_flat(each)), **ends} for each in value["results"] if isinstance(each, dict)]
    elif isinstance(value, dict):
        yield from _buckets(value.get("data"))


def _flat(result: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in result.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{key}.")
        elif value is not None:
            yield f"{before}{key}", value


def _read(row: Row, form: BillFormat, mark: Mark) -> Iterator[BillRow]:
    """The row; nothing of one that bills nothing.

    Raises:
        _RowError: a value that cannot be.
    """
    currency = str(row.get(form.currency, "USD"))
    if currency.upper() != "USD":
        raise _RowError(say("its amount is in {currency}, not in dollars", currency=shorten(currency)))
    usd = _amount(row[form.usd], form.usd, mark) / form.per_usd if form.usd else None
    tokens = {name: _sum(row, columns, mark) for name, columns in form.counts.items()}
    start, end = _span(row, form)
    requests = _count(row[form.requests], form.requests, mark) if form.requests in row else None
    if usd or any(tokens.values()) or requests:
        yield BillRow(start, end, _model(row, form), tokens, requests, usd)


def _model(row: Row, form: BillFormat) -> str | None:
    """The model as the row writes it; of a row of something else, such as a tool, the whole text."""
    text = str(row.get(form.model, "")).strip()
    found = form.model_is.match(text) if form.model_is else None
    return (found[1].strip() if found else text) or None


def _span(row: Row, form: BillFormat) -> tuple[datetime, datetime]:
    start = _moment(row[form.start], form.start)
    if form.end:
        end = _moment(row[form.end], form.end)
    else:
        has_hour = ":" in str(row[form.start])
        end = start + (timedelta(hours=1) if has_hour else timedelta(days=1))
    if not start < end:
        raise _RowError(say("it ends before it begins"))
    return start, end


def _moment(value: Any, column: str) -> datetime:
    """A moment in UTC: seconds since 1970, or ISO 8601."""
    try:
        text = str(value).strip()
        if text.replace(".", "", 1).isdecimal():
            return datetime.fromtimestamp(float(text), UTC)
        read = datetime.fromisoformat(text)
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        raise _wrong(column, value) from None


def _sum(row: Row, columns: Iterable[str], mark: Mark) -> int:
    return sum(_count(row[column], column, mark) for column in columns if column in row)


def _count(value: Any, column: str, mark: Mark) -> int:
    """A whole number; OpenAI's CSV writes 3.0."""
    amount = _amount(value, column, mark)
    if amount != amount.to_integral_value() or not 0 <= amount <= _MOST_TOKENS:
        raise _wrong(column, value)
    return int(amount)


def _amount(value: Any, column: str, mark: Mark) -> Decimal:
    """A number of JSON, or one that is written as a text with that mark."""
    if isinstance(value, bool):
        raise _wrong(column, value)
    try:
        return read_amount(str(value), mark if isinstance(value, str) else ".")
    except ValueError:
        raise _wrong(column, value) from None


def _wrong(column: str, value: Any) -> _RowError:
    return _RowError(say("{column} is {value}", column=column, value=shorten(str(value))))
