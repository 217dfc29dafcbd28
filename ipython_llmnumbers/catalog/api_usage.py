"""Which addresses answer with a usage, and where in an answer it stands, as `api_usage.toml` states it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from ..patterns import pattern
from ..records import dataclass
from .toml_tables import read_table

_TABLE = "api_usage.toml"
# Letters alone: a segment with a digit may be somebody's name of something.
_LAST_WORD = pattern(r"(?<=[/:])[A-Za-z_]{2,40}(?=/?$)")

Place = tuple[str, ...]
"""Keys, one inside the other."""


@dataclass(frozen=True, slots=True)
class Last:
    """What tells the event that bears the whole usage: a place that is not empty, or that holds a word.

    The word "[]" is a list that is empty.
    """

    place: Place
    word: str | None


@dataclass(frozen=True, slots=True)
class Shape:
    """Where an answer has its usage, and that its counts.

    `counts` are the summed fields of each count by its name; of the names of one field the first that is
    there counts. `fields` are the keys of a usage that any count needs, `needs` the one without which it is
    of another shape. `after` is what must have been seen for `last` to mean the whole usage. What was seen
    before `first` is of an attempt that another has taken the place of. `declined` tells an answer that costs
    nothing if nothing was written.
    """

    name: str
    usage: tuple[Place, ...]
    last: tuple[Last, ...]
    after: tuple[Last, ...]
    first: tuple[Last, ...]
    declined: tuple[Last, ...]
    counts: Mapping[str, tuple[tuple[Place, ...], ...]]
    total: Place | None
    needs: Place | None
    fields: frozenset[str]


@dataclass(frozen=True, slots=True)
class Route:
    """What answers at an address: the shapes of its answer, and who sells the model if the address is silent.

    Of a route without shapes the answer is not read: what it costs is not known. `telling` are the keys, as
    they stand in JSON, of which an event must have one to bear a usage, or its end. `operation` is what
    OpenTelemetry calls it.
    """

    shapes: tuple[Shape, ...]
    host: str
    model: re.Pattern[str] | None
    telling: tuple[bytes, ...]
    operation: str


@dataclass(frozen=True, slots=True)
class Bill:
    """Where a provider says what it asks for a call, and how many of that unit are a dollar.

    Where something true stands at `unless`, that is not all that the call costs.
    """

    places: tuple[Place, ...]
    header: str
    per_usd: int
    unless: Place


COUNTS = (
    *("input", "cached", "cached_audio", "cached_image", "written", "written_1h"),
    *("audio_input", "image_input", "video_input"),
    *("output", "text_output", "reasoning", "audio_output", "image_output", "video_output", "citation"),
)


def route_of(path: str) -> Route | None:
    """What answers at the path of an address; None where no answer has a usage.

    >>> [shape.name for shape in route_of("/openai/deployments/x/chat/completions").shapes]
    ['perplexity', 'chat']
    >>> route_of("/v1/files") is None
    True
    """
    found = _paths().search(path)
    return None if found is None or found.lastgroup is None else _routes()[int(found.lastgroup[1:])]


def is_free(machine: str, path: str) -> bool:
    """Whether nothing is asked for what is sent to an address.

    >>> is_free("api.anthropic.com", "/v1/messages/count_tokens"), is_free("api.openai.com", "/v1/responses")
    (True, False)
    >>> is_free("api.openai.com", "/v1/moderations"), is_free("api.mistral.ai", "/v1/moderations")
    (True, False)
    """
    found = _free_paths().search(path)
    if found is None or found.lastgroup is None:
        return False
    host = read_table(_TABLE)["free"][int(found.lastgroup[1:])].get("host")
    return host in (None, machine)


def uncounted_route(path: str) -> Route:
    """The route of what a known provider is sent, and no table knows: by the last word of the address.

    >>> uncounted_route("/v1/fine_tuning/jobs").operation, uncounted_route("/v1/evals/eval_6f/runs").operation
    ('jobs', 'runs')
    """
    word = _LAST_WORD.search(path)
    return Route((), "", None, (), word[0].casefold() if word else "other")


@cache
def bills() -> tuple[Bill, ...]:
    """Every place of a provider's own bill, in the order in which to look."""
    return tuple(
        Bill(
            alternatives(row["place"]) if "place" in row else (),
            row.get("header", ""),
            row["per_usd"],
            _place(row.get("unless", "")),
        )
        for row in read_table(_TABLE)["bills"]
    )


def telemetry_provider(id: str, address: str) -> str:
    """What OpenTelemetry calls a provider that answered at that address.

    >>> telemetry_provider("google", "https://aiplatform.googleapis.com"), telemetry_provider("openai", "")
    ('gcp.vertex_ai', 'openai')
    """
    rows = read_table(_TABLE)["telemetry_providers"]
    found = (row["name"] for row in rows if row["id"] == id and row.get("address", "") in address)
    return next(found, id)


@cache
def _paths() -> re.Pattern[str]:
    return _one_pattern("routes")


@cache
def _free_paths() -> re.Pattern[str]:
    return _one_pattern("free")


def _one_pattern(table: str) -> re.Pattern[str]:
    """All paths of a table in one pattern: most addresses are none of them, and are to cost little."""
    rows = read_table(_TABLE)[table]
    each = (f"(?P<r{number}>{_uncaptured(row['path'])})" for number, row in enumerate(rows))
    return re.compile(f"(?:{'|'.join(each)})/?$")


def _uncaptured(pattern: str) -> str:
    return pattern.replace("(", "(?:")


@cache
def _routes() -> tuple[Route, ...]:
    return tuple(
        Route(
            tuple(_shapes()[name] for name in row["shapes"]),
            row.get("host", ""),
            re.compile(row["model"]) if "model" in row else None,
            _telling([_shapes()[name] for name in row["shapes"]]),
            row.get("operation", "chat"),
        )
        for row in read_table(_TABLE)["routes"]
    )


@cache
def _shapes() -> dict[str, Shape]:
    return {row["name"]: _shape(row) for row in read_table(_TABLE)["shapes"]}


def _telling(shapes: Sequence[Shape]) -> tuple[bytes, ...]:
    """The keys that stand where a usage is, or where an event says that it is the last.

    >>> _telling([_shapes()["converse"]])
    (b'"usage"',)
    """
    keys = [place[-1] for shape in shapes for place in shape.usage if place]
    keys += [key for shape in shapes if () in shape.usage for key in sorted(shape.fields)]
    ends = [last.place[-1] for shape in shapes for last in (*shape.last, *shape.after) if last.word is None]
    return tuple(f'"{key}"'.encode() for key in dict.fromkeys(keys + ends))


def _shape(row: Mapping[str, Any]) -> Shape:
    counts = {name: tuple(map(alternatives, row[name])) for name in COUNTS if name in row}
    total = _place(row["total"]) if "total" in row else None
    needs = _place(row["needs"]) if "needs" in row else None
    fields = {place[0] for fields in counts.values() for places in fields for place in places}
    return Shape(
        row["name"],
        tuple(map(_place, row["usage"])),
        tuple(map(_last, row["last"])),
        tuple(map(_last, row.get("after", ()))),
        tuple(map(_last, row.get("first", ()))),
        tuple(map(_last, row.get("declined", ()))),
        counts,
        total,
        needs,
        frozenset(fields | ({total[0]} if total else set())),
    )


def _last(text: str) -> Last:
    place, equals, word = text.partition("=")
    return Last(_place(place), word if equals else None)


def alternatives(text: str) -> tuple[Place, ...]:
    """The places between which "|" stands."""
    return tuple(map(_place, text.split("|")))


def _place(text: str) -> Place:
    return tuple(text.split(".")) if text else ()


def value_at(place: Sequence[str], value: Any) -> Any:
    """What stands at a place of a parsed answer; None where nothing does.

    >>> value_at(("a", "0", "b"), {"a": [{"b": 1}]})
    1
    >>> parts = [{"modality": "TEXT", "n": 1}, {"modality": "AUDIO", "n": 2}]
    >>> value_at(("parts", "AUDIO", "n"), {"parts": parts})
    2
    >>> turns = [{"type": "compaction", "n": 3}, {"type": "message", "n": 1}, {"type": "compaction", "n": 4}]
    >>> value_at(("turns", "*compaction", "n"), {"turns": turns})
    7
    """
    for at, key in enumerate(place):
        if key.startswith("*"):
            return _sum_over(key[1:], place[at + 1 :], value)
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list):
            value = next((each for at, each in enumerate(value) if _is_picked(key, at, each)), None)
        else:
            return None
    return value


def _sum_over(kind: str, place: Sequence[str], elements: Any) -> Any:
    """The sum of what stands at a place of each element of that type; None where there is no number."""
    if not isinstance(elements, list):
        return None
    found = [value_at(place, each) for each in elements if value_at(("type",), each) == kind]
    known = [each for each in found if isinstance(each, int | float)]
    return sum(known) if known else None


def _is_picked(key: str, at: int, element: Any) -> bool:
    return str(at) == key or (
        isinstance(element, dict) and key in (element.get("modality"), element.get("ttl"))
    )
