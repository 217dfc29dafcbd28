"""What to change where a model does not fit: each step is judged again before it is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ...catalog.hardware.gpus import advised_gpus, find_gpu
from ...catalog.open_models.quants import find_quant
from ...figures import Figure, Note, Verdict
from ...messages import option, say
from .engines import serving
from .question import Fit

Ask = Callable[..., Verdict | None]

_SHORTEST_CONTEXT = 1_024
_GPU_COUNTS = (2, 4, 8)


def advice(request: Fit, bits: float, max_context: Figure, on_named_gpu: bool, ask: Ask) -> list[Note]:
    """Changes that make it fit, one of each kind, from the least harm to the most.

    `bits` are those of the weights now; `ask` judges a changed request, on another GPU
    where one is named. Only a change after which the verdict is `fits` is told.
    """
    found = []
    for candidates in _kinds(request, bits, max_context, on_named_gpu):
        for text, changed, gpu in candidates:
            if ask(changed, gpu) == "fits":
                found.append(Note(say("it fits with {option}", option=text)))
                break
    return found


_Candidate = tuple[str, Fit, str | None]


def _kinds(request: Fit, bits: float, max_context: Figure, on_named_gpu: bool) -> Iterator[list[_Candidate]]:
    engine = serving(request.engine).engine
    kv = engine.advised_kv
    if request.kv is None and kv is not None:
        yield [(option("kv", kv), request.changed(kv=kv), None)]
    shorter = max_context.low
    if shorter is not None and shorter >= _SHORTEST_CONTEXT:
        tokens = int(shorter) // 1_024 * 1_024
        yield [(option("context_tokens", tokens), request.changed(context_tokens=tokens), None)]
    if request.batch_size > 1:
        yield [(option("batch_size", 1), request.changed(batch_size=1), None)]
    lighter = [name for name in engine.advised_quants if find_quant(name).bits < bits]
    yield [(option("quant", name), request.changed(quant=name), None) for name in lighter]
    if on_named_gpu and request.tp == 1:
        yield [
            (say("{option:tp={n}} ({n} of this GPU)", n=n), request.changed(tp=n), None) for n in _GPU_COUNTS
        ]
    yield [
        (gpu_option(name), request.changed(gpu=name), name)
        for name in advised_gpus("fit")
        if request.gpu is None or find_gpu(name).name != find_gpu(request.gpu).name
    ]


def gpu_option(name: str) -> str:
    """What to write for a GPU, with its rent where that is known."""
    asked, rent = option("gpu", name.replace(" ", "-")), find_gpu(name).hourly_figure().value
    return asked if rent is None else say("{option} (${rent:.2f} an hour)", option=asked, rent=rent)
