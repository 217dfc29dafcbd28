"""Measured token ratios: what a tokenizer that is not at hand counts, relative to o200k_base.

`token_ratios.json` holds, for 26 kinds of text, the count of each vocabulary divided by
the count of o200k_base on the same text. A ratio is looked up by the scripts of a text,
and its range is the spread over every kind of text in those scripts.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from statistics import median
from typing import Any

from ..figures import Figure, Source, published

# Kinds of text that are written in each script, by their row in the table.
_ROWS_OF_SCRIPT = {
    "latin": (
        *("en-US", "de-DE", "fr-FR", "es-ES", "it-IT", "pt-BR", "nl-NL", "pl-PL", "tr-TR", "vi-VN", "id-ID"),
        *("python", "json-pretty", "json-min", "md/readme", "html"),
    ),
    "digit": ("csv-num", "base64"),
    "cyrillic": ("ru-RU",),
    "greek": ("el-GR",),
    "arabic": ("ar-MA", "fa-IR"),
    "kana": ("ja-JP",),
    "han": ("zh-CN", "zh-TW", "ja-JP"),
    "hangul": ("ko-KR",),
}


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(files(__package__).joinpath("token_ratios.json").read_text("utf-8"))
    return table


def token_ratio(scripts: tuple[str, ...], column: str | None, source: Source) -> Figure:
    """The ratio to o200k_base for a text in these scripts, as a figure with its range.

    Args:
        scripts: as `probes.text.scripts` names them; a script that was not measured
            takes the spread over all rows.
        column: the tokenizer that was measured; None spreads over all of them, which is
            what can be said of a tokenizer that nobody has measured.
    """
    table = _table()
    measured_scripts = [script for script in scripts if script in _ROWS_OF_SCRIPT]
    names = [row for script in measured_scripts for row in _ROWS_OF_SCRIPT[script]]
    if not names or len(measured_scripts) < len(scripts):
        names = list(table["rows"])
    columns = [column] if column else [c for c in table["columns"] if not c.startswith("claude")]
    ratios = [table["rows"][name][each] for name in dict.fromkeys(names) for each in columns]
    basis = f"{column or 'the spread over open vocabularies'}, {', '.join(scripts) or 'any'} script"
    return published("ratio", median(ratios), "", source, low=min(ratios), high=max(ratios), note=basis)
