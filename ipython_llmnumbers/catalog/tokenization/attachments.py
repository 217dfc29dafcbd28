"""How a model counts what stands in a message beside text: the rows of `attachments.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal

from ...figures import Figure, Number, Source, published
from ...patterns import matches
from ...records import dataclass
from ..names import ModelName, parse_name
from ..toml_tables import read_table, source_of

Medium = Literal["images", "documents", "audio", "video"]
_TABLE = "tokenization/attachments.toml"
# The constants of the formulas that a row may hold, and their units.
_UNITS = {
    **dict.fromkeys(("base_tokens", "most_tokens", "block_tokens", "tokens"), "tokens"),
    **dict.fromkeys(("tokens_per_tile", "tokens_per_patch", "tokens_per_page"), "tokens"),
    **dict.fromkeys(("tokens_per_file", "tokens_per_frame"), "tokens"),
    **dict.fromkeys(("short_side_px", "longest_px", "patch_px"), "pixels"),
    "most_patches": "patches",
    "tokens_per_s": "tokens/s",
}


@dataclass(frozen=True, slots=True)
class MediumRule:
    """How one medium is counted at one detail; `numbers` are the constants of its formula.

    `greatest` is the size, in pixels, of the image that costs most; None where there is no end.
    `other_tokens` is what another page of the vendor's says of a large image. `ignores_detail` says that a
    detail was asked for, and that the rule goes by none.
    """

    rule: str
    numbers: Mapping[str, Figure]
    source: Source
    greatest: tuple[int, int] | None = None
    other_tokens: int | None = None
    is_another_detail: bool = False
    ignores_detail: bool = False


@lru_cache(maxsize=512)
def medium_rule(medium: Medium, model: str | ModelName, detail: str = "") -> MediumRule | None:
    """The rule for a medium; None where nobody publishes one for the model.

    Args:
        medium: `images`, `documents`, `audio` or `video`.
        model: the model's name.
        detail: OpenAI's detail or Google's media resolution; without one the model's own. Of one that the
            model has no row for, `is_another_detail` is true, and the numbers are those of the largest.

    >>> medium_rule("images", "gpt-4o").greatest
    (2048, 768)
    >>> medium_rule("documents", "gpt-4o") is None
    True
    """
    row = _row(medium, model)
    if row is None:
        return None
    details = {key: value for key, value in row.items() if isinstance(value, dict)}
    asked = detail if detail not in ("", "auto", "unspecified") else row.get("default", "")
    chosen = details.get(asked, details.get(row.get("default", ""), {}))
    fields = {**row, **chosen}
    source = source_of(read_table(_TABLE), row)
    goes_by_detail = bool(details) or row.get("rule") == "tiles"
    numbers = {key: _figure(fields, key, source) for key in _UNITS if key in fields}
    rule = row.get("rule", medium)
    return MediumRule(
        "whole_patches" if rule == "patches" and "most_patches" not in numbers else rule,
        numbers,
        source,
        tuple(fields["greatest"]) if "greatest" in fields else None,
        row.get("other_tokens"),
        is_another_detail=bool(asked) and bool(details) and asked not in details,
        ignores_detail=bool(asked) and not goes_by_detail,
    )


def _row(medium: Medium, model: str | ModelName) -> Mapping[str, Any] | None:
    base = parse_name(model).base
    rows = read_table(_TABLE)[medium]
    return next((row for row in rows if matches(base, row["match"])), None)


def _figure(fields: Mapping[str, Any], key: str, source: Source) -> Figure:
    value, low, high = (_number(fields.get(f"{key}{end}")) for end in ("", "_low", "_high"))
    return published(key, value, _UNITS[key], source, low=low, high=high)


def _number(value: Any) -> Number | None:
    """A number of the table; one with decimals stands in quotes, so that no float rounds it."""
    return Decimal(value) if isinstance(value, str) else value
