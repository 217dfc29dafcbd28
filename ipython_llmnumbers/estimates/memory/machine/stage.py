"""A model that an engine divides into stages, or keeps a part of in RAM for its GPUs to read."""

from __future__ import annotations

from dataclasses import replace

from ....errors import UsageError
from ....figures import Figure, derive, given
from ....formulas import memory
from ....messages import option
from ..needs import Needs
from ..question import Fit
from .held import Held, needs_held, nowhere

_GIB = 2**30


def placed(needs: Needs, request: Fit) -> Needs:
    """The needs of one GPU, as the request lays the model over several or takes weights off each.

    Raises:
        UsageError: more stages than layers.
    """
    if request.pp > 1:
        needs = _fullest_stage(needs, request.pp)
    if request.cpu_offload_gb is None:
        return needs
    taken = offload_figure(request.cpu_offload_gb)
    kept = derive(
        "weights_bytes", "bytes", memory.kept_bytes, weights_bytes=needs.weights_bytes, offload_bytes=taken
    )
    return replace(needs, weights_bytes=kept, host_bytes=replace(taken, name="host_bytes"))


def offload_figure(gib: int) -> Figure:
    """The weights that each GPU reads from RAM."""
    return given("offload_bytes", gib * _GIB, "bytes", option("cpu_offload_gb", gib))


def _fullest_stage(needs: Needs, pp: int) -> Needs:
    """The last stage, which has as many layers as any and the head too."""
    n_layers = needs.spec.architecture.n_layers
    if pp > n_layers:
        raise UsageError(
            "{option:pp={pp}} is more than the {n} layers of {model}",
            pp=pp,
            n=n_layers,
            model=needs.spec.name,
        )
    layers = range(n_layers - -(-n_layers // pp), n_layers)
    held = Held(nowhere(), layers, layers, has_head=True, has_embeddings=False, n_cached=len(layers))
    return needs_held(needs, held)
