"""The shapes of open-weight dense models, and what a bare size such as `13B` is taken for.

A named model's figures are published; a bare size gives its parameters exactly and
borrows the rest from the nearest Llama, as assumed figures with a range.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, DecimalException
from functools import cache
from typing import Any

from ..errors import UnknownNameError, UsageError, shorten
from ..figures import Figure, Source, assumed, given, published
from ..formulas.memory import dense_params, kept_params, linear_params
from .tables import read_table, source_of

SHAPE_UNITS = {
    "n_layers": "layers",
    "hidden_size": "",
    "n_heads": "heads",
    "n_kv_heads": "heads",
    "head_dim": "",
    "intermediate_size": "",
    "vocab_size": "tokens",
    "tied_embeddings": "",
    "qkv_bias": "",
    "qk_norm": "",
}
"""The fields of a shape that the formulas ask for, each with its unit; the last three are 0 or 1."""

_LINEAR_FIELDS = ("n_layers", "hidden_size", "n_heads", "n_kv_heads", "head_dim", "intermediate_size")
_SIZE = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?\s*[KMBT]", re.IGNORECASE)
_UNITS = {"K": 10**3, "M": 10**6, "B": 10**9, "T": 10**12}
_LEAST_PARAMS, _MOST_PARAMS = 10**5, 10**14
# 8 shared heads is what every Llama since 3, and most of their contemporaries, keep (models.toml).
_SHARED_KV_HEADS = 8
# The least and the greatest vocabulary in models.toml.
_VOCAB_RANGE = (32_000, 152_064)


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model's shape and where it is from.

    `given_params` is set where the user gave a bare size: then the shape is that of
    `name_of_shape`, assumed. `max_context_tokens` is None where no model is named.
    """

    name: str
    shape: Mapping[str, int]
    dtype: str
    source: Source
    max_context_tokens: int | None
    name_of_shape: str
    given_params: int | None = None
    published_params: int | None = None

    def figure(self, field: str) -> Figure:
        """One field of the shape: published for a named model, assumed for a bare size.

        >>> find_model("llama-3.1-8b").figure("n_kv_heads").value
        8
        >>> heads = find_model("7B").figure("n_kv_heads")
        >>> heads.origin, heads.low, heads.high
        ('assumed', 8, 32)
        """
        value, unit = self.shape[field], SHAPE_UNITS[field]
        if self.given_params is None:
            return published(field, value, unit, self.source)
        low, high = self._range_of(field)
        note = f"of {self.name_of_shape}, the nearest Llama to {self.name}"
        return assumed(field, value, unit, note, source=self.source, low=low, high=high)

    def _range_of(self, field: str) -> tuple[int, int]:
        value = self.shape[field]
        if field == "vocab_size":
            return min(value, _VOCAB_RANGE[0]), max(value, _VOCAB_RANGE[1])
        # 13B is Llama 2 13B, which the "1 MB for each token" of 2023 was said of; of another
        # size nobody can tell whether its heads share keys and values.
        if field == "n_kv_heads" and self.name_of_shape != "Llama-2-13B":
            return min(value, _SHARED_KV_HEADS), self.shape["n_heads"]
        return value, value

    def given_params_figure(self) -> Figure:
        """The parameters that a bare size stands for."""
        return given("params", self.given_params, "parameters", f"the size {self.name}")

    def context_figure(self) -> Figure:
        """The longest context that the model was made for; its value is None for a bare size."""
        if self.max_context_tokens is None:
            return assumed("model_context_tokens", None, "tokens", "a bare size names no model")
        return published("model_context_tokens", self.max_context_tokens, "tokens", self.source)

    def kept_share_figure(self) -> Figure:
        """The share of the parameters outside the layers' matrices, for a bare size."""
        linear = linear_params(*(self.shape[field] for field in _LINEAR_FIELDS))
        total = dense_params(*(self.shape[field] for field in SHAPE_UNITS))
        share = round(kept_params(total, linear) / total, 3)
        note = f"of {self.name_of_shape}; from half to twice of it, as vocabularies differ"
        return assumed(
            "kept_share", share, "", note, source=self.source, low=share / 2, high=min(1.0, share * 2)
        )


def find_model(name: str) -> ModelSpec:
    """The dense model of that name, or what a bare size is taken for.

    Args:
        name: a repository (`meta-llama/Llama-3.1-8B-Instruct`), a short name
            (`qwen2.5-7b`), or a size (`13B`, `1.5B`, `350M`).

    Raises:
        UsageError: no name, or a size outside 100K–100T parameters.
        UnknownNameError: no such model in the table.

    >>> find_model("meta-llama/Llama-3.1-8B-Instruct").name
    'Llama-3.1-8B'
    >>> find_model("13B").given_params
    13000000000
    """
    wanted = name.strip() if isinstance(name, str) else ""
    if not wanted:
        raise UsageError("no model given; name one, such as llama-3.1-8b, or a size, such as 13B")
    if _SIZE.fullmatch(wanted):
        return _bare_size(wanted)
    key, is_instruct = _key(wanted)
    row = _rows_by_key().get(key)
    if row is None:
        raise UnknownNameError("model", wanted, known_models(), "or give a size, such as 13B")
    context = row["max_context_tokens"]
    return _spec(row, row.get("instruct_context_tokens", context) if is_instruct else context)


def known_models() -> list[str]:
    """The names that completion offers, as their makers write them.

    >>> "Llama-3.1-8B" in known_models()
    True
    """
    return [row["name"] for row in read_table("models.toml")["models"]]


def _bare_size(text: str) -> ModelSpec:
    try:
        params = Decimal(text[:-1].strip()) * _UNITS[text[-1].upper()]
    except DecimalException:  # an exponent past what a Decimal holds
        params = Decimal(0)
    if not _LEAST_PARAMS <= params <= _MOST_PARAMS:
        raise UsageError(f"model size {shorten(text, 30)} is not between 100K and 100T parameters; try 13B")
    llamas = [row for row in read_table("models.toml")["models"] if row["name"].startswith("Llama")]
    # Sizes differ by factors, so the nearest is the nearest by ratio.
    nearest = min(llamas, key=lambda row: abs(math.log(dense_params(**_shape(row)) / float(params))))
    spec = _spec(nearest, None)
    return ModelSpec(text.upper(), spec.shape, "bf16", spec.source, None, spec.name, given_params=int(params))


def _spec(row: dict[str, Any], context: int | None) -> ModelSpec:
    source = source_of(read_table("models.toml"), row)
    where = Source(f"{row['hf']}: {source.name}", source.url, source.checked)
    name = row["name"]
    return ModelSpec(
        name, _shape(row), row["dtype"], where, context, name, published_params=row.get("params")
    )


def _shape(row: dict[str, Any]) -> dict[str, int]:
    return {field: int(row[field]) for field in SHAPE_UNITS}


@cache
def _rows_by_key() -> dict[str, dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for row in read_table("models.toml")["models"]:
        for name in (row["name"], row["hf"], *row.get("aliases", ())):
            rows.setdefault(_key(name)[0], row)
    return rows


def _key(name: str) -> tuple[str, bool]:
    """A name without its owner, tuning and punctuation, and whether it was a tuned one.

    >>> _key("meta-llama/Meta-Llama-3.1-8B-Instruct")
    ('llama3.18b', True)
    """
    words = [word for word in re.split(r"[-_:\s]+", name.casefold().rpartition("/")[2]) if word]
    tuned = {"instruct", "chat", "it"} & set(words)
    kept = [word for word in words if word not in {"meta", "hf", "instruct", "chat", "it"}]
    return "".join(kept), bool(tuned)
