"""What an estimate shows: its answer, bars, tables of text cells, notes. The renderers only draw it.

Text, HTML and Markdown say the same because they draw the same layout; the choice of
rows and words is made once for each kind of estimate, in `layouts/`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ..figures import Estimate, Figure, Note, TokenPiece, Verdict, local_name
from ..messages import said, tell
from ..records import dataclass
from .figure_text import known_value, source_text, value_text
from .labels import label
from .verdict_words import verdict_words

# Each part of a bar has a character of its own: it reads without any colour.
_PARTS = "█▓▒░▚▞▖"
_FREE = "·"
METER_CELLS = 20


@dataclass(frozen=True, slots=True)
class Answer:
    """The one thing that was asked, which stands first and alone; `about` says what it is of.

    `verdict` has a mark and a word of its own beside it.
    """

    value: str
    about: str = ""
    verdict: Verdict | None = None

    @classmethod
    def judged(cls, verdict: Verdict | None, title: str, needs: str, *facts: str) -> Answer:
        """A verdict on what `title` names; where none can be told, what is needed stands first."""
        value, first = (title, needs) if verdict else (needs, title)
        return cls(value, joined_facts(first, *facts), verdict)

    @property
    def line(self) -> str:
        """All of it in words."""
        verdict = verdict_words(self.verdict) if self.verdict else ""
        return joined_facts(verdict, self.value, self.about)


@dataclass(frozen=True, slots=True)
class Meters:
    """An amount for each row of a table, drawn as a bar; `title` says of what, and in which unit.

    `ends` are both ends of each amount, the same where it is no range; an unknown amount is 0.
    """

    title: str
    amounts: tuple[float, ...]
    ends: tuple[tuple[float, float], ...]

    @classmethod
    def of(cls, title: str, figures: Iterable[Figure]) -> Meters | None:
        """Those of the figures; None where all are 0 or unknown."""
        points = [(float(known_value(figure) or 0), figure) for figure in figures]
        if not any(amount for amount, _ in points):
            return None
        # What has no end that is known is drawn as it is.
        ends = (
            (amount, amount) if figure.is_at_least else (float(figure.low or 0), float(figure.high or 0))
            for amount, figure in points
        )
        return cls(title, tuple(amount for amount, _ in points), tuple(ends))

    def heading(self, beside: str) -> str:
        """What stands above the bars; nothing where it is the head beside them, or longer than they are."""
        return self.title if len(self.title) <= METER_CELLS and self.title != beside else ""

    @property
    def shares(self) -> tuple[float, ...]:
        """Each amount as a share of the greatest."""
        most = max(self.amounts)
        return tuple(amount / most for amount in self.amounts)


@dataclass(frozen=True, slots=True)
class Table:
    """Cells of plain text; `right` are the indices of the columns that hold numbers.

    `meters` are drawn behind its cells. `is_folded` is a table that
    says how the answer is made: it opens where the front end can fold, and stands open elsewhere; one that
    `only_folds` is left out there.
    """

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: frozenset[int] = frozenset({1})
    meters: Meters | None = None
    is_folded: bool = False
    only_folds: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a bar: its name, its size in GiB, and the size in words."""

    name: str
    size: float
    text: str


@dataclass(frozen=True, slots=True)
class Bar:
    """Parts of a whole side by side, against what there is, in GiB; without `limit` they are all.

    `title` says of which of several devices.
    """

    parts: tuple[Part, ...]
    limit: float = 0
    limit_text: str = ""
    title: str = ""

    @property
    def size(self) -> float:
        """What the whole width stands for."""
        return max(self.needed, self.limit) or 1

    @property
    def needed(self) -> float:
        return sum(part.size for part in self.parts)

    def drawn(self, width: int = 60) -> str:
        """A row of characters; a `|` stands where what there is ends, if the parts are more.

        >>> Bar((Part("weights", 6, "6 GiB"), Part("KV cache", 2, "2 GiB")), 10).drawn(10)
        '██████▓▓··'
        >>> Bar((Part("weights", 15, "15 GiB"),), 10).drawn(12)
        '████████|████'
        """
        row, reached = "", 0.0
        for character, part in zip(_PARTS, self.parts, strict=False):
            reached += part.size
            row += character * (round(reached * width / self.size) - len(row))
        end = round(self.limit * width / self.size)
        is_short = self.limit and self.needed > self.limit
        return f"{row[:end]}|{row[end:]}" if is_short else row.ljust(end, _FREE)

    def legend(self) -> str:
        """What each character stands for, and what is free.

        >>> Bar((Part("weights", 6, "6 GiB"),), 10, "10 GiB").legend()
        '█ weights 6 GiB  █· free 10 GiB'
        >>> Bar((Part("weights", 15, "15 GiB"),), 10, "10 GiB").legend()
        '█ weights 15 GiB  | free 10 GiB'
        >>> Bar((Part("weights", 6, "6 GiB"),), title="RTX 3090").legend()
        'RTX 3090  █ weights 6 GiB'
        """
        named = zip(_PARTS, self.parts, strict=False)
        words = [self.title] if self.title else []
        words += [f"{character} {part.name} {part.text}" for character, part in named]
        end = "|" if self.needed > self.limit else f"{_PARTS[0]}{_FREE}"
        return "  ".join([*words, f"{end} {self.free()}"] if self.limit_text else words)

    def free(self) -> str:
        """What there is, in words."""
        return tell("free {size}", size=self.limit_text)


@dataclass(frozen=True, slots=True)
class Hidden:
    """Figures that a reader opens on purpose: shown where the front end can fold, nowhere else."""

    summary: str
    figures: tuple[Figure, ...]
    title: str


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything that a renderer draws, from top to bottom.

    `explained` are figures to open down to their sources: a tree under the tables. `asked` are those of the
    lines that an option asked for: they stay in brief.
    """

    tables: tuple[Table, ...]
    lines: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    explained: tuple[Figure, ...] = ()
    hidden: tuple[Hidden, ...] = ()
    pieces: tuple[TokenPiece, ...] = ()
    bars: tuple[Bar, ...] = ()
    answer: Answer | None = None
    asked: tuple[str, ...] = ()

    @property
    def first_line(self) -> str:
        """The answer, and what it is of; empty where nothing stands first."""
        return self.answer.line if self.answer else ""

    @property
    def remedies(self) -> tuple[Note, ...]:
        """The notes that stand beside a verdict: what would fit where this does not."""
        verdict = self.answer.verdict if self.answer else None
        return self.notes if verdict in ("tight", "does not fit") else ()

    @property
    def remarks(self) -> tuple[Note, ...]:
        """The other notes, which stand below what they are of."""
        return () if self.remedies else self.notes

    def in_brief(self) -> Layout:
        """Without what only says how the answer is made, or that it is as usual."""
        notes = self.remedies or tuple(note for note in self.notes if note.level != "info")
        return replace(self, tables=self.open_tables, lines=self.asked, notes=notes, explained=())

    @property
    def open_tables(self) -> tuple[Table, ...]:
        return tuple(table for table in self.tables if not table.is_folded)

    @property
    def folded_tables(self) -> tuple[Table, ...]:
        return tuple(table for table in self.tables if table.is_folded)

    @property
    def unfolded_tables(self) -> tuple[Table, ...]:
        """Those that fold, where nothing can."""
        return tuple(table for table in self.folded_tables if not table.only_folds)


def joined_facts(*facts: str) -> str:
    """Facts in one line, those that are empty left out."""
    return " · ".join(filter(None, facts))


def meter(share: float, cells: int = METER_CELLS) -> str:
    """A share of the greatest as characters; of what is little, still a stroke.

    >>> meter(0.5), meter(0.001), meter(0)
    ('██████████', '▏', '')
    """
    return "█" * round(cells * share) or ("▏" if share else "")


def row(figure: Figure) -> tuple[str, str, str]:
    formula = (figure.formula or "").partition("\n")[0]
    return (label(figure.name), value_text(figure), said(figure.note) or formula or source_text(figure))


def local_rows(estimate: Estimate, name: str) -> Iterator[tuple[str, str, str]]:
    """The row of a dollar figure in the user's currency, where the estimate has it."""
    figure = estimate.get(local_name(name))
    if figure is not None:
        what = tell("{what}, {currency}", what=label(name), currency=figure.unit.partition("/")[0])
        yield (what, *row(figure)[1:])
