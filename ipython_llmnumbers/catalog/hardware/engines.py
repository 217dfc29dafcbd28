"""What the engines take for themselves: figures with a range and a source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...errors import UnknownNameError
from ...figures import Figure, assumed
from ...messages import say
from ..names import as_name, folded
from ..toml_tables import read_table, source_of

_MIB = 2**20


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine by name; `block_tokens` is the step in which it gives out its cache."""

    name: str
    title: str
    block_tokens: int

    def block_figure(self) -> Figure:
        """The step in which the engine gives out its cache."""
        note = say("{engine} gives out its cache in blocks", engine=self.title)
        return assumed("block_tokens", self.block_tokens, "tokens", note)

    def figure(self, name: str, *, suffix: str = "") -> Figure:
        """One of the engine's figures; `suffix` picks the row for another situation (`_small`, `_tp`).

        >>> find_engine("vllm").figure("utilization").value
        0.92
        """
        table = read_table("hardware/engines.toml")
        row = next(row for row in _row(self.name)["figures"] if row["name"] == name + suffix)
        if "mib" in row:
            value, low, high = (each * _MIB for each in row["mib"])
        else:
            value, low, high = row["value"], row["low"], row["high"]
        source = source_of(table, row)
        return assumed(name, value, row["unit"], row["note"], source=source, low=low, high=high)


def find_engine(name: str) -> Engine:
    """The engine of that name; case and punctuation do not matter.

    Raises:
        UnknownNameError: no such engine.

    >>> find_engine("llamacpp").name
    'llama.cpp'
    """
    wanted = folded(as_name(say("engine"), name))
    for row in read_table("hardware/engines.toml")["engines"]:
        if folded(row["name"]) == wanted:
            return Engine(row["name"], row["title"], row["block_tokens"])
    hint = say("without {option:engine} none is assumed")
    raise UnknownNameError(say("engine"), name, known_engines(), hint)


def known_engines() -> list[str]:
    """The names that completion offers."""
    return [row["name"] for row in read_table("hardware/engines.toml")["engines"]]


def _row(name: str) -> dict[str, Any]:
    return next(row for row in read_table("hardware/engines.toml")["engines"] if row["name"] == name)
