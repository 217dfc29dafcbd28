"""Read a provider's export of usage or costs: JSON as its API answers, or CSV as its console writes."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from ...catalog.bills import BillFormat, format_of
from ...catalog.limits import CONTEXT_TOKENS
from ...errors import FileError
from ...files.formats import FormatError, parse_json
from ...files.reading import read_bytes
from ...messages import say, shorten
from .amounts import Mark, mark_of, read_amount

_MOST_BYTES = 100_000_000
# Of one row; a bucket sums many calls.
_MOST_TOKENS = CONTEXT_TOKENS * 10**9
_NUMBER = re.compile(r"\s*-?[\d.,]+\s*")
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
    """What a file bills. `is_partial`: there are more pages of it. `n_unread` rows are of another kind."""

    name: str
    format: BillFormat
    rows: tuple[BillRow, ...]
    is_partial: bool
    n_unread: int


class _RowError(ValueError):
    """A value that its column cannot have."""


def read_bill(path: Path) -> Bill:
    """The bill in a file.

    Raises:
        FileError: no file that can be read, no known export, or a row that makes no sense.
    """
    content = read_bytes(path, _MOST_BYTES)
    try:
        values, is_partial, usual_mark = _rows(content)
    except (FormatError, csv.Error, UnicodeDecodeError) as error:
        raise FileError("{path} is neither JSON nor CSV ({reason})", path=path, reason=str(error)) from None
    found: list[BillRow] = []
    form: BillFormat | None = None
    n_unread = 0
    forms = [format_of(frozenset(row)) for row in values]
    mark = mark_of(list(_amounts(values, forms)), by_default=usual_mark)
    for number, (row, its) in enumerate(zip(values, forms, strict=True), start=1):
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
        columns = ", ".join(sorted({key for row in values for key in row})[:12]) or say("none")
        raise FileError(
            "{path} is no export of usage or costs of OpenAI or Anthropic; its columns: {names}",
            path=path,
            names=shorten(columns, 200),
        )
    return Bill(path.name, form, tuple(found), is_partial, n_unread)


def _is_empty(row: Row) -> bool:
    """Whether a bucket has nothing in it: no number beside its ends, as of a day without a call."""
    values = (value for column, value in row.items() if column not in _BUCKET_ENDS)
    return not any(isinstance(value, int | float) or _NUMBER.fullmatch(str(value)) for value in values)


def _rows(content: bytes) -> tuple[list[Row], bool, Mark]:
    """The rows of a file, whether it says that more pages follow, and how its numbers usually are written."""
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        pages = _json_texts(content)
        is_partial = any(isinstance(page, dict) and page.get("has_more") is True for page in pages[-1:])
        return [row for page in pages for row in _buckets(page)], is_partial, "."
    text = content.decode("utf-8-sig")
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    rows: list[Row] = [
        {key.strip(): value for key, value in row.items() if key and value not in (None, "")}
        for row in csv.DictReader(io.StringIO(text), delimiter=delimiter, strict=True)
    ]
    # Programs part columns by a semicolon where the comma is taken by their numbers.
    return rows, False, "," if delimiter == ";" else "."


def _amounts(rows: Iterable[Row], forms: Iterable[BillFormat | None]) -> Iterator[str]:
    """Every number of a bill that is written as a text."""
    for row, form in zip(rows, forms, strict=True):
        if form:
            columns = (form.usd, form.requests, *(each for sums in form.counts.values() for each in sums))
            yield from (row[each] for each in columns if isinstance(row.get(each), str))


def _json_texts(content: bytes) -> list[Any]:
    """One JSON text, or one on each line: a page each."""
    try:
        parsed = parse_json(content)
        return parsed if isinstance(parsed, list) else [parsed]
    except FormatError:
        lines = [line for line in content.splitlines() if line.strip()]
        if len(lines) < 2:
            raise
        return [parse_json(line) for line in lines]


def _buckets(value: Any) -> Iterator[Row]:
    """The results of every bucket in a page, a list of pages or of buckets, each with its bucket's ends."""
    if isinstance(value, list):
        for each in value:
            yield from _buckets(each)
    elif isinstance(value, dict) and isinstance(value.get("results"), list):
        ends = {name: value[name] for name in _BUCKET_ENDS if name in value}
        for result in value["results"]:
            if isinstance(result, dict):
                yield {**dict(_flat(result)), **ends}
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
