"""A model that an engine divides into stages, or keeps a part of in RAM for its GPUs to read."""

from __future__ import annotations

from dataclasses import replace

from ....errors import UsageError
from ....figures import Figure, Verdict, derive, given
from ....formulas import memory
from ....messages import option, say
from ...devices import Device, local_ram, named_ram, verdict
from ..needs import Needs, per_gpu
from ..question import Fit
from ..weights import outside_layers_of_a_size, weights_figure
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
    sizes = {
        "weights_bytes": needs.weights_bytes,
        "outside_bytes": _outside_layers(needs, request.pp),
        "offload_bytes": given(
            "offload_bytes",
            request.cpu_offload_gb * _GIB,
            "bytes",
            option("cpu_offload_gb", request.cpu_offload_gb),
        ),
    }
    kept = derive("weights_bytes", "bytes", memory.kept_bytes, note="", **sizes)
    return replace(
        needs,
        weights_bytes=kept,
        host_bytes=derive("host_bytes", "bytes", memory.offloaded_bytes, note="", **sizes),
    )


def ram_beside(request: Fit, device: Device) -> Device:
    """The RAM that GPUs read from: as it was written, else that of this machine, where they are in it."""
    return local_ram(request.ram) if device.kind == "local GPU" else named_ram(request.ram)


def ram_verdict(needs: Needs, request: Fit, device: Device) -> Verdict | None:
    """Whether what the GPUs read from RAM has room there; `fits` where nobody says how much there is."""
    if request.cpu_offload_gb is None:
        return "fits"
    free = ram_beside(request, device).free_bytes
    return "fits" if free.value is None else verdict(read_from_ram(needs, request), free)


def read_from_ram(needs: Needs, request: Fit) -> Figure:
    """What the RAM holds of weights of all GPUs together."""
    assert needs.host_bytes is not None  # an engine that reads weights from there
    return derive(
        "host_bytes",
        "bytes",
        memory.pinned_bytes,
        note="",
        host_bytes=needs.host_bytes,
        n_gpus=given("n_gpus", request.tp * request.pp, "GPUs", say("which read them")),
        pinned_factor=needs.served_by.engine.figure("pinned_factor"),
    )


def _outside_layers(needs: Needs, pp: int) -> Figure:
    """What a GPU holds beside layers: the head, embeddings where it has the first stage too, adapters."""
    first = pp == 1
    held = Held(nowhere(), range(0), range(0), True, has_embeddings=first, has_tower=first, n_cached=0)
    matrices = [] if needs.spec.given_params is not None else held.matrices(needs)
    whole = (
        weights_figure(needs.spec, needs.quant, matrices)
        if matrices
        else outside_layers_of_a_size(needs.spec)
    )
    own = per_gpu(needs.spec, needs.quant, whole, matrices, needs.tp)
    beside = {each.name: each for each in needs.beside}
    return derive("outside_bytes", "bytes", memory.sum_bytes, note="", model=own, **beside)


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
    held = Held(nowhere(), layers, layers, True, has_embeddings=False, has_tower=False, n_cached=len(layers))
    return needs_held(needs, held)
