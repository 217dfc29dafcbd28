"""Read what an engine wrote when it started: the sizes of what it loaded, and what it was told.

A log may hold several starts, and lines of anything else. Which forms its lines have is the caller's to say,
as `catalog/hardware/engine_logs.py` does; nothing here knows an engine.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Protocol

from ...errors import FileError
from ...files.encodings import decoded
from ...files.reading import read_bytes
from ...messages import joined
from ...patterns import pattern
from ...records import dataclass

# A server that ran for months has written more; the start is what counts, and stands in less.
MOST_LOG_BYTES = 32_000_000
# vLLM writes its whole configuration, of some 5,000 characters, into one line.
_MOST_LINE_CHARS = 20_000

_OF_DEVICES: Mapping[str, Callable[[list[float]], float]] = {"sum": sum, "max": max, "min": min}
_UNITS = {"B": 1, "KB": 2**10, "KIB": 2**10, "MB": 2**20, "MIB": 2**20, "GB": 2**30, "GIB": 2**30}
# More bytes than any machine has, and more tokens than any cache holds.
_MOST_SIZE = 2.0**50
_COLOURS = pattern(r"\x1b\[[0-9;]*m")
# Devices of the machine's own memory: `CPU`, `CPU_Mapped`, `CUDA_Host`, `Host`.
_HOST = pattern(r"CPU(?:_\w+)?|\w*_?Host")
# What is said once for all starts, before the first of them.
_CARRIED = ("version", "device_gib")


class Line(Protocol):
    """A form of a line, as the caller knows it; see `catalog/hardware/engine_logs.py`."""

    @property
    def has(self) -> str: ...
    @property
    def pattern(self) -> re.Pattern[str]: ...
    @property
    def unit(self) -> str: ...
    @property
    def of_devices(self) -> str: ...
    @property
    def adds(self) -> bool: ...
    @property
    def is_weak(self) -> bool: ...
    @property
    def is_estimated(self) -> bool: ...


class Form(Protocol):
    """The logs of one engine, as the caller knows them."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def mark(self) -> re.Pattern[str]: ...
    @property
    def begins(self) -> re.Pattern[str]: ...
    @property
    def loads(self) -> re.Pattern[str]: ...
    @property
    def lines(self) -> Sequence[Line]: ...


@dataclass(frozen=True, slots=True)
class Reading:
    """A size that the log tells; `line` is the number of the last line that it is from, `text` that line.

    `rounding` is what the digits that are written leave open, to either side: 0.05 GiB of `1.8 GiB`.
    """

    value: float
    line: int
    text: str
    is_estimated: bool = False
    rounding: float = 0.0


@dataclass(frozen=True, slots=True)
class Start:
    """One start of an engine: the sizes by name, in bytes, tokens or blocks, and the settings as written.

    `gpus` are the names of the GPUs that it found.
    """

    readings: Mapping[str, Reading]
    settings: Mapping[str, str]
    gpus: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EngineLog:
    """A log of the engine `form`, with every start that says how large anything is."""

    path: Path
    form: Form
    starts: tuple[Start, ...]


def read_log(path: Path, forms: Iterable[Form], fields: Mapping[str, str]) -> EngineLog:
    """The starts that a log tells of.

    Args:
        path: the file.
        forms: the engines' logs, in the order in which they are tried.
        fields: the names of sizes, with their units; every other group is a setting.

    Raises:
        FileError: it cannot be read, no engine of `forms` wrote it, or it ends before anything is loaded.
    """
    text = _COLOURS.sub("", decoded(read_bytes(path, MOST_LOG_BYTES), "replace"))
    forms = tuple(forms)
    form = next((each for each in forms if each.mark.search(text)), None)
    if form is None:
        titles = joined(", ", *(each.title for each in forms))
        raise FileError("{path}: no start-up log of {engines}; give one of them", path=path, engines=titles)
    present = [line for line in form.lines if line.has in text]
    starts = tuple(_starts(text, form, present, fields))
    if not starts:
        raise FileError(
            "{path}: a log of {engine} that ends before anything is loaded; give one of a whole start",
            path=path,
            engine=form.title,
        )
    return EngineLog(path, form, starts)


@dataclass(slots=True)
class _Draft:
    """A start while its lines are read: for each size, what each device has of it."""

    settings: dict[str, str] = field(default_factory=dict)
    weak_settings: dict[str, str] = field(default_factory=dict)
    gpus: dict[str, dict[str, str]] = field(default_factory=dict)
    sizes: dict[tuple[str, bool], dict[str, Reading]] = field(default_factory=dict)
    of_devices: dict[str, str] = field(default_factory=dict)

    def next(self) -> _Draft:
        """The draft of a start in the same log."""
        kept = {name: self.settings[name] for name in _CARRIED if name in self.settings}
        return _Draft(settings=kept, gpus={form: dict(names) for form, names in self.gpus.items()})

    def ends_before(self, line: str, form: Form) -> bool:
        """Whether a line is of the next start: of one that is planned, its load is a part."""
        is_loaded = any(not is_weak for _, is_weak in self.sizes)
        begins = bool(self.sizes and form.begins.search(line))
        return begins or bool(is_loaded and form.loads.search(line))

    def take(
        self, line: Line, found: re.Match[str], number: int, text: str, fields: Mapping[str, str]
    ) -> None:
        groups = {name: value for name, value in found.groupdict().items() if value}
        device, unit = groups.pop("device", ""), groups.pop("unit", "") or line.unit
        for name, value in groups.items():
            if name == "gpu":
                # One line calls a device `0`, another `CUDA0`.
                self.gpus.setdefault(line.has, {})[device] = value.strip()
            elif name in fields:
                self._size(name, value, unit if fields[name] == "bytes" else "B", device, line, number, text)
            else:
                (self.weak_settings if line.is_weak else self.settings)[name] = value.strip()

    def _size(
        self, name: str, value: str, unit: str, device: str, line: Line, number: int, text: str
    ) -> None:
        try:
            size = float(value.replace(",", "")) * _UNITS[unit.upper()]
            rounding = _half_of_the_last_digit(value) * _UNITS[unit.upper()]
        except (ValueError, KeyError):  # no number, or a unit that no engine writes
            return
        if size > _MOST_SIZE:
            return
        if _HOST.fullmatch(device):
            if name not in {"weights_bytes", "kv_cache_bytes"}:
                return
            name = "host_bytes" if name == "weights_bytes" else name
        by_device = self.sizes.setdefault((name, line.is_weak), {})
        if line.adds and device in by_device:
            size += by_device[device].value
            rounding += by_device[device].rounding
        by_device[device] = Reading(size, number, text, line.is_estimated, rounding)
        self.of_devices[name] = line.of_devices

    def start(self) -> Start | None:
        """The start, if any size of it was told."""
        found = {}
        for (name, is_weak), by_device in self.sizes.items():
            if is_weak and (name, False) in self.sizes:
                continue
            values = [each.value for each in by_device.values()]
            roundings = [each.rounding for each in by_device.values()]
            value, rounding = _OF_DEVICES[self.of_devices[name]](values), max(roundings)
            if self.of_devices[name] == "sum":
                rounding = sum(roundings)
            last = max(by_device.values(), key=lambda each: each.line)
            found[name] = Reading(value, last.line, last.text, last.is_estimated, rounding)
        gpus = max(self.gpus.values(), key=len, default={})
        return Start(found, {**self.weak_settings, **self.settings}, tuple(gpus.values())) if found else None


def _half_of_the_last_digit(number: str) -> float:
    """What a written number leaves open; nothing of a whole one, which is counted.

    >>> _half_of_the_last_digit("1.8"), _half_of_the_last_digit("4168.09"), _half_of_the_last_digit("3852")
    (0.05, 0.005, 0.0)
    """
    decimals = len(number.partition(".")[2])
    return 0.5 / 10**decimals if decimals else 0.0


def _starts(text: str, form: Form, present: Sequence[Line], fields: Mapping[str, str]) -> Iterator[Start]:
    draft = _Draft()
    for number, line in enumerate(text.splitlines(), start=1):
        line = line[:_MOST_LINE_CHARS]
        if draft.ends_before(line, form):
            if (start := draft.start()) is not None:
                yield start
            draft = draft.next()
        for each in present:
            if each.has in line and (found := each.pattern.search(line)):
                draft.take(each, found, number, line.strip(), fields)
    if (start := draft.start()) is not None:
        yield start
