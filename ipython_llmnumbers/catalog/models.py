"""Open-weight models by name, and what a bare size such as `13B` is taken for.

A named model is its config.json, read by `architectures`; its figures are published. A
bare size gives its parameters exactly and borrows the rest from the nearest Llama, as
assumed figures with a range.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, DecimalException
from functools import cache
from importlib.resources import files
from typing import Any

from ..errors import UnknownNameError, UsageError, shorten
from ..figures import Figure, Source, assumed, derive, given, measured, published
from ..formulas import parameters
from .architectures import Architecture, Matrix, read_config
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
"""The fields that describe a model in short, each with its unit; the last three are 0 or 1."""

_SIZE = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?\s*[KMBT]", re.IGNORECASE)
_UNITS = {"K": 10**3, "M": 10**6, "B": 10**9, "T": 10**12}
_LEAST_PARAMS, _MOST_PARAMS = 10**5, 10**14
# 8 shared heads is what every Llama since 3, and most of their contemporaries, keep.
_SHARED_KV_HEADS = 8
# The least and the greatest vocabulary of the dense models of 2023 to 2025.
_VOCAB_RANGE = (32_000, 152_064)


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model and where its facts are from.

    `given_params` is set where the user gave a bare size: then the architecture is that
    of `name_of_shape`, assumed. `max_context_tokens` is None where no model is named.
    `quant` is how the checkpoint stores its weights; `is_measured` is true where a file
    or an object of the user's was read, not a table.
    """

    name: str
    architecture: Architecture
    quant: str
    source: Source
    max_context_tokens: int | None
    name_of_shape: str
    given_params: int | None = None
    published_params: int | None = None
    is_measured: bool = False

    @property
    def shape(self) -> dict[str, int]:
        """The fields of `SHAPE_UNITS` as plain numbers."""
        return {field: int(getattr(self.architecture, field)) for field in SHAPE_UNITS}

    def figure(self, field: str) -> Figure:
        """One field of the shape: published for a named model, assumed for a bare size.

        >>> find_model("llama-3.1-8b").figure("n_kv_heads").value
        8
        >>> heads = find_model("7B").figure("n_kv_heads")
        >>> heads.origin, heads.low, heads.high
        ('assumed', 8, 32)
        """
        return self.fact(field, self.shape[field], SHAPE_UNITS[field])

    def fact(self, name: str, value: int | None, unit: str, note: str = "") -> Figure:
        """A number of the model under its name, known as its source makes it known."""
        if self.is_measured:
            return measured(name, value, unit, self.source, note=note)
        if self.given_params is None:
            return published(name, value, unit, self.source, note=note)
        low, high = self._range_of(name, value or 0)
        note = f"of {self.name_of_shape}, the nearest Llama to {self.name}"
        return assumed(name, value, unit, note, source=self.source, low=low, high=high)

    def _range_of(self, field: str, value: int) -> tuple[int, int]:
        if field == "vocab_size":
            return min(value, _VOCAB_RANGE[0]), max(value, _VOCAB_RANGE[1])
        # 13B is Llama 2 13B, which the "1 MB for each token" of 2023 was said of; of another
        # size nobody can tell whether its heads share keys and values.
        if field == "n_kv_heads" and self.name_of_shape != "Llama-2-13B":
            return min(value, _SHARED_KV_HEADS), self.architecture.n_heads
        return value, value

    def params_figure(self) -> Figure:
        """All parameters: given for a bare size, else the sum over every matrix.

        >>> find_model("Mixtral-8x7B").params_figure().value
        46702792704
        """
        if self.given_params is not None:
            return given("params", self.given_params, "parameters", f"the size {self.name}")
        return self.sum_figure("params", [each for each in self.architecture.matrices if not each.draft])

    def active_params_figure(self) -> Figure:
        """The parameters that one token passes through: all of a dense model, some of the experts else.

        >>> find_model("Mixtral-8x7B").active_params_figure().value
        12879925248
        """
        spec = self.architecture
        if self.given_params is not None or spec.active_params == spec.params:
            return self.params_figure()
        experts = [each for each in spec.matrices if each.is_expert and not each.draft]
        return derive(
            "active_params",
            "parameters",
            parameters.active_params,
            params=self.params_figure(),
            expert_params=self.sum_figure("expert_params", experts),
            n_experts=self.fact("n_experts", spec.n_experts, "experts"),
            n_experts_used=self.fact("n_experts_used", spec.n_experts_used, "experts"),
        )

    def sum_figure(self, name: str, matrices: list[Matrix]) -> Figure:
        """The parameters of some matrices, each as rows × columns × how many there are."""
        parts: dict[str, Figure] = {}
        for each in matrices:
            key = _identifier(each.role, parts)
            parts[key] = derive(
                key,
                "parameters",
                parameters.matrix_params,
                note=_where(each),
                rows=self.fact("rows", each.rows, ""),
                columns=self.fact("columns", each.columns, ""),
                count=self.fact("count", each.count, ""),
            )
        return derive(name, "parameters", parameters.total_params, note="", **parts)

    def context_figure(self) -> Figure:
        """The longest context that the model was made for; its value is None where none is known."""
        if self.given_params is not None:
            return assumed("model_context_tokens", None, "tokens", "a bare size names no model")
        if self.max_context_tokens is None:
            return assumed("model_context_tokens", None, "tokens", "the config names no longest context")
        return self.fact("model_context_tokens", self.max_context_tokens, "tokens")

    def kept_share_figure(self) -> Figure:
        """The share of the parameters outside the layers' matrices, for a bare size."""
        spec = self.architecture
        linear = sum(each.params for each in spec.matrices if each.is_linear)
        share = round(1 - linear / spec.params, 3)
        note = f"of {self.name_of_shape}; from half to twice of it, as vocabularies differ"
        return assumed(
            "kept_share", share, "", note, source=self.source, low=share / 2, high=min(1.0, share * 2)
        )


def find_model(name: str) -> ModelSpec:
    """The model of that name in the tables, or what a bare size is taken for.

    Args:
        name: a repository (`meta-llama/Llama-3.1-8B-Instruct`), a short name
            (`qwen2.5-7b`), or a size (`13B`, `1.5B`, `350M`).

    Raises:
        UsageError: no name, or a size outside 100K–100T parameters.
        UnknownNameError: no such model in the tables.

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
    found = _rows_by_key().get(key)
    if found is None:
        hint = "or give a size, such as 13B, or a path to a config.json, .gguf or .safetensors file"
        raise UnknownNameError("model", wanted, known_models(), hint)
    table, row = found
    spec = _spec(table, row["name"])
    context = row.get("instruct_context_tokens") if is_instruct else None
    return spec if context is None else _with_context(spec, context)


def known_models() -> list[str]:
    """The names that completion offers, as their makers write them.

    >>> "Llama-3.1-8B" in known_models()
    True
    """
    return [row["name"] for _, row in _rows()]


def _bare_size(text: str) -> ModelSpec:
    try:
        params = Decimal(text[:-1].strip()) * _UNITS[text[-1].upper()]
    except DecimalException:  # an exponent past what a Decimal holds
        params = Decimal(0)
    if not _LEAST_PARAMS <= params <= _MOST_PARAMS:
        raise UsageError(f"model size {shorten(text, 30)} is not between 100K and 100T parameters; try 13B")
    names = [row["name"] for table, row in _rows() if table == "llama" and row["name"].startswith("Llama-")]
    dense = [spec for spec in (_spec("llama", name) for name in names) if not spec.architecture.n_experts]
    # Sizes differ by factors, so the nearest is the nearest by ratio.
    spec = min(dense, key=lambda each: abs(math.log(each.architecture.params / float(params))))
    name = text.upper()
    return ModelSpec(name, spec.architecture, "bf16", spec.source, None, spec.name, given_params=int(params))


@cache
def _spec(table: str, name: str) -> ModelSpec:
    row = next(row for each, row in _rows() if each == table and row["name"] == name)
    source = source_of(read_table(f"checkpoints/{table}.toml"), row)
    where = Source(f"{row['hf']}: {source.name}", source.url, source.checked)
    architecture = read_config(row["config"], name)
    return ModelSpec(
        name,
        architecture,
        row.get("quant") or row.get("dtype", "bf16"),
        where,
        architecture.max_context_tokens,
        name,
        published_params=row.get("params"),
    )


def _with_context(spec: ModelSpec, context: int) -> ModelSpec:
    return ModelSpec(
        spec.name,
        spec.architecture,
        spec.quant,
        spec.source,
        context,
        spec.name_of_shape,
        published_params=spec.published_params,
    )


@cache
def _rows() -> tuple[tuple[str, dict[str, Any]], ...]:
    """Every row of every table, with the table's name."""
    return tuple(
        (name, row) for name in _tables() for row in read_table(f"checkpoints/{name}.toml")["models"]
    )


def _tables() -> Iterator[str]:
    folder = files(__package__).joinpath("checkpoints")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    # Llama first: of two rows with one short name the first is meant.
    return iter(sorted((name.removesuffix(".toml") for name in names), key=lambda name: name != "llama"))


@cache
def _rows_by_key() -> dict[str, tuple[str, dict[str, Any]]]:
    rows: dict[str, tuple[str, dict[str, Any]]] = {}
    for table, row in _rows():
        for name in (row["name"], row["hf"], *row.get("aliases", ())):
            rows.setdefault(_key(name)[0], (table, row))
    return rows


def _key(name: str) -> tuple[str, bool]:
    """A name without its owner, tuning and punctuation, and whether it was a tuned one.

    >>> _key("meta-llama/Meta-Llama-3.1-8B-Instruct")
    ('llama3.18b', True)
    """
    words = [word for word in re.split(r"[-_:\s]+", name.casefold().rpartition("/")[2]) if word]
    tuned = {"instruct", "chat", "it"} & set(words)
    dropped = {"meta", "nvidia", "hf", "bf16", "instruct", "chat", "it"}
    return "".join(word for word in words if word not in dropped), bool(tuned)


def _identifier(role: str, taken: dict[str, Figure]) -> str:
    """A tensor's role as a name for its figure; a second shape of one role is numbered."""
    name = re.sub(r"\W", "_", role)
    number = 2
    unique = name
    while unique in taken:
        unique, number = f"{name}_{number}", number + 1
    return unique


def _where(matrix: Matrix) -> str:
    layers = f"{len(matrix.layers)} of them" if len(matrix.layers) > 1 else ""
    experts = f"{matrix.experts} experts each" if matrix.is_expert else ""
    return ", ".join(filter(None, (layers, experts)))
