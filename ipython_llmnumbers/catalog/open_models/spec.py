"""What is known of one model: its architecture, where its facts are from, and its figures."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Concatenate, ParamSpec, TypeAlias

from ...figures import Figure, Source, assumed, derive, given, measured, published
from ...formulas import parameters
from ...messages import joined, say
from ...records import dataclass
from .architectures import Architecture, Matrix

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

# 8 shared heads is what every Llama since 3, and most of their contemporaries, keep.
_SHARED_KV_HEADS = 8
# The least and the greatest vocabulary of the dense models of 2023 to 2025.
_VOCAB_RANGE = (32_000, 152_064)
# DeepSeek-V3 has 40 matrices of their own shape and place.
_MOST_REMEMBERED = 200

_P = ParamSpec("_P")
_OfMatrices: TypeAlias = "Callable[Concatenate[ModelSpec, tuple[Matrix, ...], _P], Figure]"


@dataclass(frozen=True, slots=True)
class Stored:
    """Tensors of one role and one type in a file of the user's: how many numbers, how many bytes."""

    role: str
    kind: str
    params: int
    bytes: int


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model and where its facts are from.

    `given_params` is set where only a size is known, the user's or a named model's: then the
    architecture is that of `name_of_shape`, assumed. `max_context_tokens` is None where no model is named.
    `quant` is how the checkpoint stores its weights; `is_measured` is true where a file
    or an object of the user's was read, not a table; `warning` says what is wrong with it.
    `remarks` say how the name was read where it is not the model's own; `says_quant` is true where that
    name, not the model, says `quant`.
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
    stored: tuple[Stored, ...] = ()
    warning: str = ""
    remarks: tuple[str, ...] = ()
    says_quant: bool = False

    @property
    def knows_only_params(self) -> bool:
        """Whether nothing is known of a named model but how many parameters it has."""
        return self.given_params is not None and self.published_params is not None

    @property
    def why_unknown(self) -> str:
        """Why what a token keeps is not known, where it is not."""
        if self.knows_only_params:
            return say("of {model} only the number of parameters is known", model=self.name)
        return say("{model} has no config.json beside it", model=self.name)

    @property
    def shape(self) -> dict[str, int]:
        """The fields of `SHAPE_UNITS` as plain numbers."""
        return {field: int(getattr(self.architecture, field)) for field in SHAPE_UNITS}

    def without_tower(self) -> ModelSpec:
        """The model where it only reads: without what sees pictures."""
        matrices = tuple(each for each in self.architecture.matrices if not each.sees)
        return replace(self, architecture=replace(self.architecture, matrices=matrices))

    def figure(self, field: str) -> Figure:
        """One field of the shape: published for a named model, assumed for a bare size.

        >>> from ipython_llmnumbers.catalog.open_models.find import find_model
        >>> find_model("llama-3.1-8b").figure("n_kv_heads").value
        8
        >>> heads = find_model("7B").figure("n_kv_heads")
        >>> heads.origin, heads.low, heads.high
        ('assumed', 8, 32)
        """
        return self.fact(field, self.shape[field], SHAPE_UNITS[field])

    def fact(self, name: str, value: float | None, unit: str, note: str = "") -> Figure:
        """A number of the model under its name, known as its source makes it known."""
        if self.is_measured:
            return measured(name, value, unit, self.source, note=note)
        if self.given_params is None:
            return published(name, value, unit, self.source, note=note)
        low, high = self._range_of(name, value or 0)
        note = say("of {model}, the nearest Llama to {size}", model=self.name_of_shape, size=self.name)
        return assumed(name, value, unit, note, source=self.source, low=low, high=high)

    def _range_of(self, field: str, value: float) -> tuple[float, float]:
        if field == "vocab_size":
            return min(value, _VOCAB_RANGE[0]), max(value, _VOCAB_RANGE[1])
        # 13B is Llama 2 13B, which the "1 MB for each token" of 2023 was said of; of another
        # size nobody can tell whether its heads share keys and values.
        if field == "n_kv_heads" and self.name_of_shape != "Llama-2-13B":
            return min(value, _SHARED_KV_HEADS), self.architecture.n_heads
        return value, value

    def params_figure(self) -> Figure:
        """All parameters: given for a bare size, else the sum over every matrix.

        >>> from ipython_llmnumbers.catalog.open_models.find import find_model
        >>> find_model("Mixtral-8x7B").params_figure().value
        46702792704
        """
        if self.knows_only_params:
            return published("params", self.published_params, "parameters", self.source)
        if self.given_params is not None:
            return given("params", self.given_params, "parameters", say("the size {size}", size=self.name))
        if not self.architecture.knows_cache:
            held = sum(each.params for each in self.stored)
            note = say("numbers in the file")
            return measured("params", held or None, "parameters", self.source, note=note)
        return self.sum_figure("params", [each for each in self.architecture.matrices if not each.draft])

    def active_params_figure(self) -> Figure:
        """The parameters that one token passes through: all of a dense model, some of the experts else.

        >>> from ipython_llmnumbers.catalog.open_models.find import find_model
        >>> find_model("Mixtral-8x7B").active_params_figure().value
        12879925248
        """
        spec = self.architecture
        if self.knows_only_params:
            note = say("{reason}, not whether it has experts", reason=self.why_unknown)
            return assumed("active_params", None, "parameters", note)
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

    def sum_figure(self, name: str, matrices: Iterable[Matrix]) -> Figure:
        """The parameters of some matrices, each as rows × columns × how many there are."""
        return _sum_figure(self, tuple(matrices), name)

    def context_figure(self) -> Figure:
        """The longest context that the model was made for; its value is None where none is known."""
        if self.knows_only_params and self.max_context_tokens is not None:
            return published("model_context_tokens", self.max_context_tokens, "tokens", self.source)
        if self.given_params is not None and not self.knows_only_params:
            return assumed("model_context_tokens", None, "tokens", say("a bare size names no model"))
        if self.max_context_tokens is None:
            note = say("its longest context is not known")
            return assumed("model_context_tokens", None, "tokens", note)
        return self.fact("model_context_tokens", self.max_context_tokens, "tokens")

    def kept_share_figure(self) -> Figure:
        """The share of the parameters outside the layers' matrices, for a bare size."""
        spec = self.architecture
        linear = sum(each.params for each in spec.matrices if each.is_linear)
        share = round(1 - linear / spec.params, 3)
        note = say("of {model}; from half to twice of it, as vocabularies differ", model=self.name_of_shape)
        return assumed(
            "kept_share", share, "", note, source=self.source, low=share / 2, high=min(1.0, share * 2)
        )


def remembered(figure_of: _OfMatrices[_P]) -> _OfMatrices[_P]:
    """Keep what a function has made of a model's matrices: one answer asks for the same a hundred times.

    The thousands of tensors that a file of the user's may have would fill the memory.
    """
    kept = lru_cache(maxsize=128)(figure_of)

    def figure(
        spec: ModelSpec, matrices: tuple[Matrix, ...], /, *rest: _P.args, **options: _P.kwargs
    ) -> Figure:
        ask = kept if len(matrices) <= _MOST_REMEMBERED else figure_of
        return ask(spec, matrices, *rest, **options)

    return figure


@remembered
def _sum_figure(spec: ModelSpec, matrices: tuple[Matrix, ...], name: str) -> Figure:
    parts: dict[str, Figure] = {}
    numbers: Counter[str] = Counter()
    for each in matrices:
        key = _identifier(each.role, parts, numbers)
        parts[key] = derive(
            key,
            "parameters",
            parameters.matrix_params,
            note=_where(each),
            rows=spec.fact("rows", each.rows, ""),
            columns=spec.fact("columns", each.columns, ""),
            count=spec.fact("count", each.count, ""),
        )
    return derive(name, "parameters", parameters.total_params, note="", **parts)


def _identifier(role: str, taken: dict[str, Figure], numbers: Counter[str]) -> str:
    """A tensor's role as a name for its figure; a second shape of one role is numbered.

    `numbers` goes on where it ended: a file may have a hundred thousand roles of one name.
    """
    name = re.sub(r"\W", "_", role)
    unique = name
    while unique in taken:
        numbers[name] += 1
        unique = f"{name}_{numbers[name] + 1}"
    return unique


def _where(matrix: Matrix) -> str:
    layers = say("{n} of them", n=len(matrix.layers)) if len(matrix.layers) > 1 else ""
    experts = say("{n} experts each", n=matrix.experts) if matrix.is_expert else ""
    return joined(", ", layers, experts)
