"""What the engines take for themselves: figures with a range and a source."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from ...errors import ParameterError, UnknownNameError, UsageError
from ...figures import Figure, assumed
from ...messages import option, say, shorten
from ...patterns import pattern
from ...records import dataclass
from ..names import as_name, folded
from ..toml_tables import read_table, source_of

_TABLE = "hardware/engines.toml"
_MIB, _GIB = 2**20, 2**30
_VERSION = pattern(r"\d{1,4}(\.\d{1,4}){0,3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine as the table has it; one without a name stands for all of them.

    `block_tokens` is the step in which it gives out its cache; `advised_quants` and `advised_kv` are what
    to propose where a model does not fit, from the least harm to the most; `takes` are the parameters
    that it alone has; `window_pools` are the architectures whose windows it keeps apart; `sizes` are what
    it plans by the size of a GPU; `version` is the one that was asked for, or empty for the newest.
    """

    name: str
    title: str
    block_tokens: int
    advised_quants: tuple[str, ...]
    advised_kv: str | None
    takes: tuple[str, ...]
    rows: Mapping[str, Mapping[str, Any]] = field(repr=False)
    version: str = ""
    window_pools: tuple[str, ...] = ()
    sizes: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)

    def block_figure(self) -> Figure:
        """The step in which the engine gives out its cache."""
        note = say("{engine} gives out its cache in blocks", engine=self.title)
        return assumed("block_tokens", self.block_tokens, "tokens", note)

    def figure(self, name: str, *, suffix: str = "") -> Figure:
        """One of the engine's figures; `suffix` picks the row for another situation (`_small`, `_tp`).

        >>> find_engine("vllm").figure("utilization").value
        0.92
        """
        row = self.rows[name + suffix]
        if "mib" in row:
            value, low, high = (each * _MIB for each in row["mib"])
        elif "gib" in row:
            value, low, high = (int(each * _GIB) for each in row["gib"])
        else:
            value, low, high = row["value"], row["low"], row["high"]
        source = source_of(read_table(_TABLE), row)
        return assumed(name, value, row["unit"], row["note"], source=source, low=low, high=high)

    def size(self, device_bytes: Figure) -> Mapping[str, Any]:
        """What it plans on a GPU of that size, as the table has it.

        >>> device_bytes = assumed("device_bytes", 24 * 2**30, "bytes", "example")
        >>> find_engine("sglang").size(device_bytes)["batched_tokens"]
        4096
        """
        gib = float(device_bytes.value or 0) / _GIB
        return next(row for row in self.sizes if gib < row.get("below_gib", math.inf))

    def size_figure(self, name: str, value: int, unit: str, device_bytes: Figure, note: str = "") -> Figure:
        """A value of that row as a figure."""
        note = note or say("what {engine} plans on a GPU of this size", engine=self.title)
        source = source_of(read_table(_TABLE), self.size(device_bytes))
        return assumed(name, value, unit, note, source=source)

    def plans_large(self, device_bytes: Figure, device: str) -> bool:
        """Whether an engine plans for many sequences on a GPU of that size and name."""
        large = read_table(_TABLE)["large_gpu"]
        is_other = any(word in device.casefold() for word in large["but_not"])
        size = device_bytes.value
        return size is not None and size >= large["least_gib"] * _GIB and not is_other


def find_engine(name: str) -> Engine:
    """The engine of that name, as pip would write it for a version; case and punctuation do not matter.

    Raises:
        UnknownNameError: no such engine.
        UsageError: a version that is no number, or of an engine whose figures are not known by version.

    >>> find_engine("llamacpp").name
    'llama.cpp'
    >>> find_engine("vllm==0.11").title, find_engine("vllm==0.11").figure("utilization").value
    ('vLLM 0.11', 0.9)
    >>> find_engine("llama.cpp==b4589").version
    '4589'
    """
    bare, version = split_version(as_name(say("engine"), name))
    for row in read_table(_TABLE)["engines"]:
        if folded(row["name"]) == folded(bare):
            return _engine(row, version)
    hint = say("without {option:engine} none is assumed")
    raise UnknownNameError(say("engine"), name, known_engines(), hint)


def split_version(name: str) -> tuple[str, str]:
    """An engine's name, and its version where one is given.

    >>> split_version("vllm==0.11.2"), split_version("vllm")
    (('vllm', '0.11.2'), ('vllm', ''))
    """
    bare, _, version = name.partition("==")
    return bare.strip(), version.strip()


def any_engine() -> Engine:
    """What holds for all engines, where none is named."""
    return _engine({"name": "", "title": "", "block_tokens": 1, **read_table(_TABLE)["any"]})


def check_taken(engine: str | None, parameter: str, value: object) -> None:
    """Nothing, where a parameter has no value or its engine takes it.

    Raises:
        ParameterError: no engine is named, or one that has no such parameter.
        UnknownNameError, UsageError: as `find_engine`.
    """
    if value is None or (engine is not None and parameter in find_engine(engine).takes):
        return
    takers = [_engine(row) for row in read_table(_TABLE)["engines"] if parameter in row.get("takes", ())]
    titles, other = ", ".join(taker.title for taker in takers), option("engine", takers[0].name)
    if engine is None:
        raise ParameterError(
            "{option} is of {engine}; add {other}", parameter, value, engine=titles, other=other
        )
    raise ParameterError(
        "{option} is of {engine}; write {other} instead of {asked}",
        parameter,
        value,
        engine=titles,
        other=other,
        asked=option("engine", engine),
    )


def first_that_takes(parameter: str) -> str:
    """The engine that is meant where none is named and only some have such a parameter.

    >>> find_engine(first_that_takes("ngl")).title
    'llama.cpp'
    """
    rows = read_table(_TABLE)["engines"]
    return str(next(row["name"] for row in rows if parameter in row.get("takes", ())))


def known_engines() -> list[str]:
    """The names that completion offers."""
    return [row["name"] for row in read_table(_TABLE)["engines"]]


def _engine(row: Mapping[str, Any], version: str = "") -> Engine:
    version = _known_version(row, version) if version else ""
    return Engine(
        row["name"],
        f"{row['title']} {version}".strip(),
        row["block_tokens"],
        tuple(row["advised_quants"]),
        row.get("advised_kv"),
        tuple(row.get("takes", ())),
        _rows_of(row["figures"], version),
        version,
        tuple(row.get("window_pools", ())),
        tuple(each for each in row.get("sizes", ()) if _holds(each, version)),
    )


def _known_version(row: Mapping[str, Any], version: str) -> str:
    """A version as the table writes it.

    Raises:
        UsageError: it is written as none of the engine's, or no figure of the engine depends on one.
    """
    if "versions" in row and (written := re.fullmatch(row["versions"], version, re.ASCII)):
        return written[1]
    if _VERSION.fullmatch(version) and any("until" in each for each in row["figures"]):
        return version
    raise UsageError(
        "{engine} {version} is no version that is known; {hint}",
        engine=row["title"],
        version=shorten(version),
        hint=say("leave out the version for the newest"),
    )


def _holds(row: Mapping[str, Any], version: str) -> bool:
    """Whether a row holds for a version; one that has ended, not for the newest."""
    return "until" not in row or (bool(version) and _numbers(version) < _numbers(row["until"]))


def _rows_of(figures: list[Mapping[str, Any]], version: str) -> dict[str, Mapping[str, Any]]:
    """The row of each figure that holds for a version: of those that end after it, the first to end."""
    ended = [each for each in figures if "until" in each and _holds(each, version)]
    found = {each["name"]: each for each in figures if "until" not in each}
    for each in sorted(ended, key=lambda row: _numbers(row["until"]), reverse=True):
        found[each["name"]] = each
    return found


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
