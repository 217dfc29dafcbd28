"""What was measured of an engine and kept: a file of the user's, beside the table of their own.

A correction is what an engine's start-up log showed beyond what was estimated. It holds for that engine, in
that version, on that machine, and for no other.
"""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from ...errors import CatalogError
from ...files.formats import FormatError, parse_json
from ...files.reading import is_there, read_bytes
from ...files.writing import make_folder, write_text
from ...records import dataclass
from ..limits import TABLE_BYTES
from ..user_table import user_file

_NAME = "corrections.json"
_SCHEMA = "llmnumbers.corrections.v1"
# No GPU has more memory, so no correction is larger.
_MOST_BYTES = 2**45


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a log showed beyond the estimate, in bytes on each GPU; below 0 where it showed less.

    `version` is empty where the log does not say it. `machine` is the GPU's own identifier where it is one of
    this machine, else its name. `weights_bytes` is of this `model` in this `quant` alone.
    """

    engine: str
    version: str
    machine: str
    gpu: str
    tp: int
    model: str
    quant: str
    overhead_bytes: int
    weights_bytes: int
    log: str
    day: date

    @property
    def key(self) -> tuple[str, str, str, int, str, str]:
        """What two corrections of one thing have in common: the later takes the place of the other."""
        return self.engine, self.version, self.machine, self.tp, self.model, self.quant

    @property
    def saved_bytes(self) -> int:
        """What it takes off an estimate at the most, on each GPU."""
        return max(0, -self.weights_bytes) + max(0, -self.overhead_bytes)


def corrections_file() -> Path:
    """Where they are kept, whether or not the file exists.

    Raises:
        FileError: `$LLMNUMBERS_FILE` is no file's name.
    """
    return user_file().with_name(_NAME)


def kept_corrections() -> tuple[Correction, ...]:
    """The corrections in the order in which they were kept; none where there is no file.

    Raises:
        CatalogError: the file is not as it was written.
        FileError: it cannot be read.
    """
    path = corrections_file()
    return _read(path, read_bytes(path, TABLE_BYTES)) if is_there(path) else ()


def keep_correction(correction: Correction) -> None:
    """Add one, in the place of an older one of the same engine, version, machine and model.

    Raises:
        CatalogError, FileError: as `kept_corrections`, or the file cannot be written.
    """
    others = tuple(each for each in kept_corrections() if each.key != correction.key)
    _write((*others, correction))


def drop_corrections(numbers: set[int] | None) -> tuple[Correction, ...]:
    """Take away those of the numbers, counted from 1, or all; what was taken away.

    Raises:
        CatalogError, FileError: as `keep_correction`.
    """
    kept = kept_corrections()
    gone = [numbers is None or number in numbers for number in range(1, len(kept) + 1)]
    if any(gone):
        _write(tuple(each for each, is_gone in zip(kept, gone, strict=True) if not is_gone))
    return tuple(each for each, is_gone in zip(kept, gone, strict=True) if is_gone)


def _write(corrections: tuple[Correction, ...]) -> None:
    path = corrections_file()
    rows = [{**asdict(each), "day": each.day.isoformat()} for each in corrections]
    make_folder(path.parent)
    text = json.dumps({"schema": _SCHEMA, "corrections": rows}, ensure_ascii=False, indent=1) + "\n"
    write_text(path, text, is_ours=lambda old: _SCHEMA.encode() in old[:100])


@lru_cache(maxsize=4)
def _read(path: Path, content: bytes) -> tuple[Correction, ...]:
    try:
        found = parse_json(content)
        if found["schema"] != _SCHEMA:
            raise ValueError
        return tuple(_correction(row) for row in found["corrections"])
    except (FormatError, ValueError, TypeError, KeyError):
        raise CatalogError(
            "{path}: not the corrections as they were kept; remove the file", path=path
        ) from None


def _correction(row: dict[str, Any]) -> Correction:
    """A row as it was written.

    Raises:
        ValueError, TypeError, KeyError: it was not written so.
    """
    for each in fields(Correction):
        kind = int if each.type == "int" else str
        if type(row[each.name]) is not kind:
            raise TypeError
    if max(abs(row["overhead_bytes"]), abs(row["weights_bytes"])) > _MOST_BYTES:
        raise ValueError
    return Correction(**{**row, "day": date.fromisoformat(row["day"])})
