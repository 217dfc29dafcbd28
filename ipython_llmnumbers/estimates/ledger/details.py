"""The ledger as an answer. `usage` makes it and `render` shows it, and neither may import the other."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from importlib import import_module
from typing import Any, ClassVar, Literal

from ...errors import UsageError
from ...figures import Details, Estimate
from ...files.installed import is_installed
from ...records import dataclass
from .entry import COUNTS, Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupDetails(Details):
    """What the entries of a part of the ledger have in common."""

    by: Literal["day", "model", "cell"]
    """Whether they are of one day (UTC), one model or one cell."""
    session: str | None = None
    """The session of the cell."""
    day: date | None = None
    """The day; that of the first entry of a cell."""


@dataclass(frozen=True, repr=False, kw_only=True)
class LedgerGroup(Estimate):
    """The sums of the entries of one day, model or cell."""

    kind: ClassVar[str] = "ledger_group"
    details: GroupDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerDetails(Details):
    """The lines of the ledger, and where they are kept."""

    file: str | None
    """The file that keeps the ledger; None if it is in memory."""
    entries: tuple[Entry, ...]
    """Every estimate and call, in the order of its time."""


@dataclass(frozen=True, repr=False, kw_only=True)
class Ledger(Estimate):
    """What was estimated, and what calls cost: a part for each day, then each model, then each cell."""

    kind: ClassVar[str] = "ledger"
    details: LedgerDetails
    parts: tuple[LedgerGroup, ...] = ()

    def by(self, kind: Literal["day", "model", "cell"]) -> tuple[LedgerGroup, ...]:
        """The parts of one kind."""
        return tuple(part for part in self.parts if part.details.by == kind)

    def to_records(self) -> list[dict[str, Any]]:
        """Every entry as a dictionary with all its fields: numbers are numbers, money is `Decimal`."""
        names = [each.name for each in fields(Entry)]
        return [{name: getattr(entry, name) for name in names} for entry in self.details.entries]

    def to_dataframe(self) -> Any:
        """Every entry as a row of a pandas DataFrame; dollars are floats there.

        Raises:
            UsageError: pandas is not installed.
        """
        if not is_installed("pandas"):
            raise UsageError("a DataFrame needs {library}: pip install {library}", library="pandas")
        pandas: Any = import_module("pandas")
        names = [each.name for each in fields(Entry)]
        frame = pandas.DataFrame(self.to_records(), columns=names)
        money = [name for name in names if name.startswith("usd")]
        return frame.astype({**dict.fromkeys(money, "float64"), **dict.fromkeys(COUNTS, "Int64")})
