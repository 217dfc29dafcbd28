"""What a model is made of: matrices that are loaded, and caches that grow while it runs.

A `Plan` collects them layer by layer; alike matrices of several layers become one row.
Roles are the tensor names of GGUF files (`attn_q`, `ffn_down_exps`, …), which say more
than those of any one checkpoint.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field
from typing import TYPE_CHECKING, Literal

from ....records import dataclass

if TYPE_CHECKING:
    from .stored_as import StoredAs

CacheKind = Literal["full", "sliding", "latent", "index", "cross", "state"]

# Matrices that quantisers of linear layers leave as they are: they are looked up, not multiplied
# by, or they are small and decide much (the router).
_NOT_LINEAR = {"token_embd", "output", "position_embd", "token_types", "ffn_gate_inp", "ssm_conv1d", "ssm_a"}


@dataclass(frozen=True, slots=True)
class Matrix:
    """Alike matrices: one of `rows` × `columns` for each expert of each of some layers.

    A norm or a bias is a matrix of one row. `experts_used` are those that one token
    passes through; `draft` belongs to a multi-token-prediction module, which an engine
    loads only to speculate.
    """

    role: str
    rows: int
    columns: int
    layers: tuple[int, ...] = ()
    experts: int = 1
    experts_used: int = 1
    draft: bool = False

    @property
    def count(self) -> int:
        return max(1, len(self.layers)) * self.experts

    @property
    def params(self) -> int:
        return self.rows * self.columns * self.count

    @property
    def active_params(self) -> int:
        return self.params // self.experts * self.experts_used

    @property
    def is_vector(self) -> bool:
        return self.rows == 1

    @property
    def is_expert(self) -> bool:
        return self.experts > 1

    @property
    def sees(self) -> bool:
        """Whether it is of the tower that sees pictures, or of what turns them into tokens."""
        return self.role.startswith("v.")

    @property
    def is_linear(self) -> bool:
        """Whether FP8, AWQ, NF4 and their like make it smaller."""
        return not self.is_vector and self.role not in _NOT_LINEAR and not self.sees


@dataclass(frozen=True, slots=True)
class Cache:
    """What alike layers keep of a sequence.

    Attention keeps `key_dim + value_dim` numbers for each of `heads` and each token, of
    the last `window` tokens where there is a window. A state keeps the same whatever the
    length: `state_numbers` in 32 bits and `conv_numbers` in 16. `expanded_dim` is what
    a latent cache takes in an engine that does not know it.
    """

    kind: CacheKind
    layers: int
    heads: int = 1
    key_dim: int = 0
    value_dim: int = 0
    window: int | None = None
    state_numbers: int = 0
    conv_numbers: int = 0
    expanded_dim: int = 0
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class Architecture:
    """A model as its config.json or GGUF keys describe it.

    `knows_cache` is false where only a table of tensors is at hand: then nobody knows what
    a token keeps. `storage` is what the config says of a quantised checkpoint, module by module;
    an encoder reads a text once and keeps nothing of it.
    """

    model_type: str
    n_layers: int
    hidden_size: int
    n_heads: int
    n_kv_heads: int
    head_dim: int
    intermediate_size: int
    vocab_size: int
    tied_embeddings: bool
    qkv_bias: bool
    qk_norm: bool
    max_context_tokens: int | None
    dtype: str
    quantization: str | None
    matrices: tuple[Matrix, ...]
    caches: tuple[Cache, ...]
    n_experts: int = 0
    n_experts_used: int = 0
    uncounted: tuple[str, ...] = ()
    knows_cache: bool = True
    storage: StoredAs | None = None
    is_encoder: bool = False

    @property
    def params(self) -> int:
        return sum(each.params for each in self.matrices if not each.draft)

    @property
    def active_params(self) -> int:
        return sum(each.active_params for each in self.matrices if not each.draft)


@dataclass(slots=True)
class Plan:
    """Collects matrices and caches while a config.json is walked, layer by layer."""

    layer: int | None = None
    draft: bool = False
    matrices: dict[tuple[str, int, int, int, int, bool], list[int]] = field(default_factory=dict)
    caches: dict[Cache, int] = field(default_factory=dict)

    def matrix(self, role: str, rows: int, columns: int, *, experts: int = 1, used: int = 1) -> None:
        """Add a matrix to the current layer; nothing where it has no extent."""
        if rows <= 0 or columns <= 0 or experts <= 0:
            return
        layers = self.matrices.setdefault((role, rows, columns, experts, used, self.draft), [])
        layers.append(-1 if self.layer is None else self.layer)

    def linear(self, role: str, rows: int, columns: int, *, bias: bool = False) -> None:
        """Add a linear layer: a matrix, and a bias with one number for each row."""
        self.matrix(role, rows, columns)
        if bias:
            self.vector("bias", rows)

    def vector(self, role: str, size: int, times: int = 1) -> None:
        """Add a norm's weights, a bias, or another list of numbers, `times` times."""
        for _ in range(times):
            self.matrix(role, 1, size)

    def cache(self, cache: Cache) -> None:
        """Add what the current layer keeps of a sequence."""
        self.caches[cache] = self.caches.get(cache, 0) + 1

    def built(self) -> tuple[tuple[Matrix, ...], tuple[Cache, ...]]:
        """Everything collected, alike layers together."""
        matrices = [
            Matrix(role, rows, columns, tuple(sorted(layers)), experts, used, draft)
            for (role, rows, columns, experts, used, draft), layers in self.matrices.items()
        ]
        return tuple(matrices), tuple(_times(cache, layers) for cache, layers in self.caches.items())


def _times(cache: Cache, layers: int) -> Cache:
    return Cache(
        cache.kind,
        layers,
        cache.heads,
        cache.key_dim,
        cache.value_dim,
        cache.window,
        cache.state_numbers,
        cache.conv_numbers,
        cache.expanded_dim,
        cache.tokens,
    )


def total_params(matrices: Iterable[Matrix]) -> int:
    return sum(each.params for each in matrices)
