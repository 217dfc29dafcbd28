"""Names that do not stay with one model: `…-latest` and others, and what they mean."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from ..figures import Source
from ..messages import say
from ..patterns import matches
from ..records import dataclass
from .name_forms import ModelName
from .toml_tables import read_table, source_of


@dataclass(frozen=True, slots=True)
class Alias:
    """A name that moves on; what is not stated by a source is None."""

    name: str
    means: str | None
    since: date | None
    until: date | None
    source: Source

    @property
    def note(self) -> str:
        """What the name means, in words."""
        values = {"name": self.name, "model": self.means}
        if self.means is None:
            return say("{name} moves from model to model; what it means today is not stated", name=self.name)
        if self.until is not None:
            days = {"since": self.since, "until": self.until}
            return say(
                "{name} meant {model} from {since} until it was shut down on {until}", **values, **days
            )
        if self.since is not None:
            return say("{name} moves on; it means {model} since {day}", **values, day=self.since)
        return say("{name} moves on; on {day} it meant {model}", **values, day=self.source.checked)


@lru_cache(maxsize=512)
def alias_of(name: ModelName) -> Alias | None:
    """The row of a name that moves on; None for a name that means one model.

    >>> from .names import parse_name
    >>> alias_of(parse_name("mistral/mistral-small-latest")).means
    'mistral-small-4'
    >>> alias_of(parse_name("gpt-4o-2024-08-06")) is None
    True
    """
    table = read_table("aliases.toml")
    for row in table["aliases"]:
        if matches(name.base, row["match"]):
            means, since, until = row.get("means"), row.get("since"), row.get("until")
            return Alias(name.base, means, since, until, source_of(table, row))
    return None
