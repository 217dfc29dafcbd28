"""The lines of the ledger, made from estimates and from what recorded calls cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ...catalog.names import parse_name
from ...catalog.prices.genai_prices import now
from ...estimates.cost.details import CostDetails, CostEstimate, spent_usd
from ...estimates.ledger.entry import Entry, EntryKind
from ...figures import UNBOUNDED, Figure
from ...records import dataclass

if TYPE_CHECKING:
    from ...estimates.cost.notebook_details import CellEstimate
    from ...estimates.cost.usage_details import CallCost

# The figures of a call that are counts of a kind of tokens, under the names of an entry.
_KINDS = (
    *("cached_tokens", "cache_write_tokens", "cache_write_1h_tokens", "audio_tokens", "cached_audio_tokens"),
    *("reasoning_tokens", "audio_output_tokens"),
)


@dataclass(frozen=True, slots=True)
class Place:
    """The cell that a line is of: its number, and the session that has it."""

    session: str
    cell: str


def estimate_entries(estimate: CostEstimate, place: Place) -> Iterator[Entry]:
    """One line for each model of an estimate."""
    for one in estimate.parts or (estimate,):
        calls = int(one.figure("calls").value or 1) * one.details.prompts
        yield _estimated("estimate", place, one.subject, one.details, calls, one.figures, spent_usd(one))


def source_entries(
    estimate: CellEstimate | None, place: Place, template_of: Callable[[str], str]
) -> Iterator[Entry]:
    """One line for each prompt that the source of a recorded cell shows; `template_of` hashes its text.

    Without a length of the answers the dollars are at least those of the prompts.
    """
    for prompt in estimate.parts if estimate is not None else ():
        line = _estimated(
            "source",
            place,
            prompt.subject,
            prompt.details.cost,
            1,
            prompt.figures,
            prompt.figure("total_usd"),
            is_least=prompt.figure("output_tokens").value is None,
        )
        yield replace(line, template=template_of(prompt.details.text))


def call_entry(call: CallCost, place: Place, template: str | None) -> Entry:
    """The line of a call; `template` is the hash of the prompt in the source that it was sent by."""
    details = call.details
    usd = call.figure("total_usd") if details.how != "unknown" else None
    return Entry(
        kind="call",
        session=place.session,
        cell=place.cell,
        at=details.started,
        model=details.model,
        listed_as=details.listed_as or _plain_name(details.model),
        sold_by=details.sold_by,
        how=details.how,
        state=details.state,
        tier=details.tier,
        status=details.status,
        address=details.address,
        client=details.client,
        operation=details.operation,
        duration_s=_value(call.figures, "duration_s"),
        first_text_s=_value(call.figures, "first_text_s"),
        template=template,
        **{name: _value(call.figures, name) for name in _KINDS},
        **_ranged("input_tokens", _figure(call.figures, "input_tokens")),
        **_ranged("output_tokens", _figure(call.figures, "output_tokens")),
        **_ranged("usd", usd),
    )


def _estimated(
    kind: EntryKind,
    place: Place,
    model: str,
    details: CostDetails,
    calls: int,
    figures: Sequence[Figure],
    usd: Figure,
    *,
    is_least: bool = False,
) -> Entry:
    dollars = _ranged("usd", usd)
    if is_least:
        dollars["usd_high"] = None
    return Entry(
        kind=kind,
        session=place.session,
        cell=place.cell,
        at=now(),
        model=model,
        listed_as=details.price_model or _plain_name(model),
        calls=calls,
        how="estimated",
        **_ranged("input_tokens", _figure(figures, "input_tokens")),
        **_ranged("output_tokens", _figure(figures, "output_tokens")),
        **dollars,
    )


def _plain_name(model: str | None) -> str | None:
    """A model that no table prices, without the host before its name."""
    return parse_name(model).base if model else None


def _figure(figures: Sequence[Figure], name: str) -> Figure | None:
    return next((figure for figure in figures if figure.name == name), None)


def _value(figures: Sequence[Figure], name: str) -> Any:
    figure = _figure(figures, name)
    return None if figure is None else figure.value


def _ranged(name: str, figure: Figure | None) -> dict[str, Any]:
    """A figure as the three fields of an entry."""
    ends = (None, None, None) if figure is None else (figure.value, figure.low, figure.high)
    value, low, high = (None if end == UNBOUNDED else _exact(end) for end in ends)
    return {name: value, f"{name}_low": low, f"{name}_high": high}


def _exact(number: Any) -> Any:
    return number if number is None or isinstance(number, int | Decimal) else Decimal(str(number))
