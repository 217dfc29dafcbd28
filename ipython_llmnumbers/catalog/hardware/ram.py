"""A machine's RAM as people write it, and how fast it is read."""

from __future__ import annotations

import re

from ...errors import ParameterError
from ...figures import Figure, assumed, given
from ...formulas import speed
from ...messages import say, shorten
from ...patterns import pattern
from ...records import dataclass
from ..toml_tables import read_table, source_of

_TABLE = "hardware/ram.toml"
_UNITS = {"g": 10**9, "gb": 10**9, "gib": 2**30, "mb": 10**6, "mib": 2**20, "tb": 10**12, "tib": 2**40}
_SIZE = pattern(r"(\d{1,7}(?:\.\d{1,3})?)\s*(gib|gb|g|mib|mb|tib|tb)\b(?!/s)")
_SPEED = pattern(r"(\d{1,5}(?:\.\d{1,3})?)\s*gb/s")
_TRANSFERS = pattern(r"(?:ddr[1-5]|lpddr[1-6]x?)[ -]?(\d{3,5})\b")
_CHANNELS = pattern(r"(\d{1,2})[ -]?channels?")
# JEDEC's generations, written without the rate: the speed is then a range.
_GENERATION = pattern(r"(?:ddr[1-5]l?|lpddr[1-6]x?)\b")
# Words that may stand beside them and say nothing of the size or the speed.
_NOISE = frozenset(
    {"at", "of", "ram", "memory", "ecc", "unified", "mt", "s", "mhz", "sdram", "dimm", "udimm", "rdimm"}
)
_IN_WORDS = {"single": 1, "dual": 2, "quad": 4, "hexa": 6, "octa": 8}
_MOST_BYTES = 10**15


@dataclass(frozen=True, slots=True)
class Ram:
    """So many bytes; `bandwidth` is given, or a desktop's."""

    size_bytes: int
    bandwidth: Figure


def read_ram(text: str) -> Ram:
    """`64GB`, `64GB DDR5-5600`, `62GB DDR4-3200 quad channel`, `128 GB at 200 GB/s`.

    Raises:
        ParameterError: no size, or one that no machine has, or a speed that is not written so.

    >>> read_ram("62GB DDR4-3200 quad channel").bandwidth.value / 1e9
    102.4
    """
    plain = text.casefold()
    size = _SIZE.search(plain)
    held = round(float(size[1]) * _UNITS[size[2]]) if size else 0
    if not 0 < held <= _MOST_BYTES:
        raise ParameterError(
            "{option} is no size of RAM; write it as 64GB, or with its speed as 64GB DDR5-5600", "ram", text
        )
    if unread := _unread(plain):
        raise ParameterError(
            "{option}: {word} is no speed of RAM; write it as 64GB DDR5-5600, or 64GB at 90 GB/s",
            "ram",
            text,
            word=shorten(unread),
        )
    return Ram(held, _bandwidth(plain))


def _unread(plain: str) -> str:
    """The first word that says neither a size nor a speed; empty where all do.

    >>> _unread("64gb ddr9"), _unread("64gb ddr5-5600 dual channel")
    ('ddr9', '')
    """
    rest = plain
    for each in (_SIZE, _SPEED, _TRANSFERS, _CHANNELS, _GENERATION):
        rest = each.sub(" ", rest, count=1)
    words = re.findall(r"[^\s,;()/+-]+", rest)
    known = {*_NOISE, *_IN_WORDS, "channel", "channels"}
    return next((word for word in words if word not in known), "")


def _bandwidth(plain: str) -> Figure:
    name, unit = "ram_bandwidth_bytes_per_s", "bytes/s"
    if told := _SPEED.search(plain):
        return given(name, round(float(told[1]) * 1e9), unit, say("as it was written"))
    transfers = _TRANSFERS.search(plain)
    if transfers is None:
        return ram_figure(name)
    counted = _CHANNELS.search(plain)
    words = (count for word, count in _IN_WORDS.items() if word in plain)
    channels = int(counted[1]) if counted else next(words, 2)
    note = say("{n} channels of {mt:,} MT/s", n=channels, mt=int(transfers[1]))
    return given(name, speed.ram_bandwidth_bytes_per_s(channels, int(transfers[1])), unit, note)


def ram_figure(name: str) -> Figure:
    """A figure of the table, with its range and source.

    >>> ram_figure("ram_efficiency").value
    0.5
    """
    table = read_table(_TABLE)
    row = next(row for row in table["figures"] if row["name"] == name)
    source = source_of(table, row)
    return assumed(
        name, row["value"], row["unit"], row["note"], source=source, low=row["low"], high=row["high"]
    )
