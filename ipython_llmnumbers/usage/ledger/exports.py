"""The lines of the ledger as a CSV file (RFC 4180)."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from ...estimates.ledger.entry import Entry
from ...files.writing import write_text

_HEADER = ",".join(each.name for each in fields(Entry))


def write_csv(path: Path, entries: Sequence[Entry], *, overwrite: bool = False) -> None:
    """One row for each entry; what is not known is an empty cell, and money has all its digits.

    Raises:
        FileError: it cannot be written, or stands there and is no such file.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(each.name for each in fields(Entry))
    for entry in entries:
        writer.writerow(_cell(getattr(entry, each.name)) for each in fields(Entry))
    write_text(path, text.getvalue(), is_ours=_is_ours, overwrite=overwrite)


def _is_ours(content: bytes) -> bool:
    return content.startswith(_HEADER.encode())


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case Decimal():
            return format(value.normalize(), "f")
        case datetime():
            return value.isoformat()
        case str() if value[:1] in ("=", "+", "-", "@", "\t", "\r"):
            # A table program would take it for a formula (OWASP, CSV injection).
            return f"'{value}"
        case _:
            return str(value)
