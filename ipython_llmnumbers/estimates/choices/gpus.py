"""Which machines a model fits: the clouds' with their rents, and GPUs that no cloud of the tables has."""

from __future__ import annotations

from collections.abc import Iterator

from ...catalog.hardware.engines import find_engine
from ...catalog.hardware.gpu_rent import hourly_figure
from ...catalog.hardware.gpu_rows import gpu_rows
from ...catalog.hardware.instances import find_instance, known_instances
from ...catalog.open_models.spec import ModelSpec
from ...errors import LLMNumbersError
from ...figures import Figure, Note
from ...messages import say
from ...records import dataclass
from ..devices import named_devices
from ..memory.engines import serving
from ..memory.judgement import Judgement
from ..memory.machine.machine import Machine
from ..memory.machine.on_gpus import OnGpus, judged_figures, on_gpus
from ..memory.needs import Needs, default_context, needs_of
from ..memory.notes import too_long
from ..memory.question import Fit
from ..open_model import resolve_model
from ..speed.cost import hourly_rent
from ..subjects import without_object
from .details import FittingGpu, FittingGpuDetails, FittingGpusDetails, FittingGpusEstimate
from .question import FittingGpus

# How many of a GPU are put into one machine, where no cloud's says.
_COUNTS = (1, 2, 4, 8)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """GPUs by the name that asks for them; `cloud` is empty for those that no table's machine has."""

    name: str
    gpu: str
    count: int
    instance: str = ""
    cloud: str = ""


@dataclass(frozen=True, slots=True)
class _Found:
    candidate: _Candidate
    there: OnGpus
    judged: Judgement | Machine

    @property
    def rent(self) -> Figure:
        """Dollars for an hour of all its GPUs."""
        return hourly_rent(self.there.device.gpu, self.candidate.count, self.candidate.name)


class _Asked:
    """A model as it is asked about; its needs are worked out once for all machines that divide it alike."""

    def __init__(self, spec: ModelSpec, question: FittingGpus) -> None:
        self._spec = spec
        self._fit = Fit(
            model=question.model,
            quant=question.quant,
            context_tokens=question.context_tokens,
            batch_size=question.batch_size,
            engine=question.engine,
            kv=question.kv,
            utilization=question.utilization,
            text_only=question.text_only,
        )
        self._needs: dict[tuple[int, float | None], Needs] = {}

    def on(self, candidate: _Candidate) -> _Found:
        """The model on a machine, whether or not it fits there.

        Raises:
            LLMNumbersError: a name that means several GPUs, or GPUs that do not divide the heads.
        """
        there = on_gpus(self._spec, self._fit.changed(gpu=candidate.name), named_devices(candidate.name))
        usual = default_context(serving(self._fit.engine), there.gpus).value
        key = there.request.tp, None if usual is None else float(usual)
        if key not in self._needs:
            self._needs[key] = needs_of(self._spec, there.request, *there.gpus)
        return _Found(candidate, there, there.judge(self._needs[key]))


def estimate_fitting_gpus(question: FittingGpus) -> FittingGpusEstimate:
    """The machines that it fits, the cheapest first; of a GPU in a cloud the smallest machine that does.

    >>> found = estimate_fitting_gpus(FittingGpus(model="llama-3.1-8b", engine="vllm"))
    >>> rents = [part["usd_per_hour"].value for part in found.parts]
    >>> known = [rent for rent in rents if rent is not None]
    >>> known == sorted(known), rents[len(known):] == [None] * (len(rents) - len(known))
    (True, True)
    """
    spec = resolve_model(question.model)
    question = without_object(question, spec.name)
    candidates = [*_instances(), *_bare()]
    found = list(_smallest(_Asked(spec, question), candidates))
    every = sorted(found, key=_by_rent)
    n_rented = sum(each.rent.value is not None for each in every)
    shown = [*every[:n_rented][: question.most], *every[n_rented:][: question.most]]
    parts = list(map(_part, shown))
    engine = None if question.engine is None else find_engine(question.engine).title
    quant = found[0].judged.needs.quant.name if found else question.quant or spec.quant
    notes = too_long(spec, question.context_tokens or 0)
    notes += [] if parts else [Note(say("it fits no machine of the tables"), "warning")]
    if len(parts) < len(every):
        notes.append(Note(say("{n} more fit; {option:most} lists more", n=len(every) - len(parts))))
    return FittingGpusEstimate(
        subject=spec.name,
        notes=tuple(notes),
        details=FittingGpusDetails(
            model=spec.name,
            quant=quant,
            engine_title=engine,
            n_fitting=len(every),
            n_tried=len({(each.cloud, each.gpu) for each in candidates}),
        ),
        question=question,
        parts=tuple(parts),
    )


def _instances() -> Iterator[_Candidate]:
    """The clouds' machines, those with a share of a GPU too."""
    for name in known_instances():
        machine = find_instance(name)
        assert machine is not None
        yield _Candidate(name, machine.gpu, machine.gpus, name, machine.cloud)


def _bare() -> Iterator[_Candidate]:
    """The GPUs of no machine of the tables: one of a laptop or of a chip, of others several too."""
    rented = {find.gpu for name in known_instances() if (find := find_instance(name))}
    for row in gpu_rows():
        gpu = row.gpu
        if gpu.name in rented:
            continue
        for count in (1,) if gpu.one_per_machine else _COUNTS:
            yield _Candidate(gpu.name if count == 1 else f"{count}x {gpu.name}", gpu.name, count)


def _smallest(asked: _Asked, candidates: list[_Candidate]) -> Iterator[_Found]:
    """Of a cloud's machines with one kind of GPU the smallest that it fits, and so of each bare GPU."""
    done: set[tuple[str, str]] = set()
    for each in sorted(candidates, key=_rank):
        key = (each.cloud, each.gpu)
        if key in done:
            continue
        try:
            found = asked.on(each)
        except LLMNumbersError:
            continue
        if found.judged.verdict == "fits":
            done.add(key)
            yield found


def _rank(candidate: _Candidate) -> tuple[int, bool, float]:
    """The fewest GPUs first, and of as many the cheapest machine."""
    rent = hourly_figure(candidate.gpu, candidate.instance).value if candidate.instance else None
    return candidate.count, rent is None, float(rent or 0)


def _part(found: _Found) -> FittingGpu:
    candidate, judged, there = found.candidate, found.judged, found.there
    _, total, free, longest = judged_figures(judged, there.request, there.device)
    return FittingGpu(
        subject=candidate.name,
        figures=(found.rent, total, free, longest),
        verdict=judged.verdict,
        details=FittingGpuDetails(
            gpu=candidate.gpu,
            count=candidate.count,
            tp=judged.needs.tp,
            instance=candidate.instance,
            cloud=candidate.cloud,
        ),
        question=there.request,
    )


def _by_rent(found: _Found) -> tuple[bool, float, int, float]:
    """The cheapest first; of unknown rent those of one GPU, the smallest first."""
    rent, free = found.rent.value, found.there.device.free_bytes.value
    return rent is None, float(rent or 0), found.candidate.count, float(free or 0)
