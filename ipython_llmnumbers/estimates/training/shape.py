"""What a step keeps of a model's matrices: sums over them, as facts of the model."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ...catalog.open_models.architectures import Matrix
from ...catalog.open_models.spec import ModelSpec
from ...figures import Figure, assumed
from ...messages import joined, say

# The last matrix of attention, of a network, of a state-space layer: what comes in is a product.
_LAST = ("attn_output", "ffn_down", "ssm_out")
# Of one size a model may be shallow or deep: of a token Qwen2.5 3B keeps 1.4 times as many numbers as
# Llama 3.2 3B, and StableLM Alpha 3B, with 16 layers and no gates, 0.7 times as many.
_OTHER_SHAPES = (0.7, 1.5)


def activation_facts(spec: ModelSpec) -> dict[str, Figure]:
    """What `activation_numbers` takes: numbers of one token in all layers, from the matrices it meets.

    By name, without a unit: `projected`, `multiplied`, `activated`, `normed`.

    >>> from ...catalog.open_models.find import find_model
    >>> facts = activation_facts(find_model("llama-2-7b"))
    >>> facts["multiplied"].value == 32 * (4096 + 11_008)
    True
    """
    linear = _linear(spec)
    norms = 2 * spec.architecture.n_layers * spec.architecture.hidden_size
    last = [each for each in linear if each.role.startswith(_LAST)]
    gates = [each for each in linear if each.role.startswith("ffn_gate")]
    sums = {
        "projected": (_sum(linear, lambda m: m.rows), say("what every matrix gives")),
        "multiplied": (_sum(last, lambda m: m.columns), say("what the last matrix of a part takes in")),
        "activated": (_sum(gates, lambda m: m.rows), say("what the gates' activation gives")),
        "normed": (norms, say("two norms in each layer")),
    }
    return {name: _fact(spec, name, value, note) for name, (value, note) in sums.items()}


def _fact(spec: ModelSpec, name: str, value: int, note: str) -> Figure:
    """A sum over a model's matrices; over the nearest Llama's, and so with a range, for a bare size."""
    if spec.given_params is None:
        return spec.fact(name, value, "", note)
    narrow, wide = _OTHER_SHAPES
    note = joined("; ", note, say("of {model}, as shapes of one size differ", model=spec.name_of_shape))
    low, high = round(value * narrow), round(value * wide)
    return assumed(name, value, "", note, source=spec.source, low=low, high=high)


def adapted_width(spec: ModelSpec, roles: tuple[str, ...] | None = None) -> int:
    """Both sides of every matrix that gets an adapter, summed: those of the roles, else all but experts.

    >>> from ...catalog.open_models.find import find_model
    >>> adapted_width(find_model("llama-2-7b"), ("attn_q", "attn_v"))
    524288
    """
    return _sum(
        (each for each in _linear(spec) if not each.is_expert and (roles is None or each.role in roles)),
        lambda m: m.rows + m.columns,
    )


def is_gated(spec: ModelSpec) -> bool:
    """Whether the model's networks have a gate, as all since Llama have."""
    return any(each.role.startswith("ffn_gate") for each in _linear(spec))


def _linear(spec: ModelSpec) -> list[Matrix]:
    return [each for each in spec.architecture.matrices if each.is_linear and not each.draft]


def _sum(matrices: Iterable[Matrix], measure: Callable[[Matrix], int]) -> int:
    """The measure over every layer, and over the experts that one token passes through."""
    return sum(measure(each) * max(1, len(each.layers)) * each.experts_used for each in matrices)
