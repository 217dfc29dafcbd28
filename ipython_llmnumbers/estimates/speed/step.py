"""One step of decoding, and one prompt, as figures: what is read, what is computed, what waits."""

from __future__ import annotations

from ...catalog.hardware.engine_speed import EngineSpeed, find_speed
from ...catalog.hardware.gpus import Gpu
from ...catalog.hardware.ram import ram_figure
from ...catalog.open_models.quants import Quant, kv_bits_figure
from ...catalog.open_models.spec import ModelSpec
from ...figures import Figure, assumed, derive, given
from ...formulas import speed
from ...messages import joined, option, say
from ...records import dataclass
from ..devices import Device
from ..memory.cache import cache_needs
from ..memory.engines import serving
from ..memory.machine.machine import Machine
from ..memory.machine.passing import layers_latency, reading_s
from ..memory.needs import Needs
from ..memory.weights import read_weights_figure, weights_figure
from ..parameters import one_unless_given

# Reading the weights takes longer than computing so few tokens, on every GPU of the table.
FEW_SEQUENCES = 4


@dataclass(frozen=True, slots=True)
class Step:
    """What is to run where."""

    spec: ModelSpec
    quant: Quant
    kv: str | None
    device: Device
    engine: EngineSpeed
    context: Figure
    output_tokens: int | None
    tp: int
    laid_gpus: int = 1
    """GPUs over which the layers go one after the other; each step passes through all of them."""
    offload: Figure | None = None
    """What each GPU reads of its weights from RAM."""
    machine: Machine | None = None
    """The devices that it goes over, where each has its own share."""

    @property
    def n_gpus(self) -> int:
        """All that are rented."""
        return len(self.machine.gpus) if self.machine else self.tp * self.laid_gpus

    @property
    def gpu(self) -> Gpu | None:
        """What is published of the device's speed; None where no table has it, or GPUs differ."""
        differ = self.machine is not None and len({each.name for each in self.machine.gpus}) > 1
        return None if differ else self.device.gpu

    @property
    def computing_gpu(self) -> Gpu | None:
        """The GPU by which computing is told: of several the slowest."""
        gpus = [each.gpu for each in self.machine.gpus] if self.machine else [self.gpu]
        known = [gpu for gpu in gpus if gpu is not None]
        return min(known, key=lambda gpu: gpu.bf16_flops_per_s or 0, default=None)

    @property
    def device_name(self) -> str:
        """The GPU, with how many of them, or all devices of the machine."""
        if self.machine is not None:
            return self.machine.name
        return self.device.name if self.n_gpus == 1 else joined(" × ", str(self.n_gpus), self.device.name)

    @property
    def context_tokens(self) -> int:
        """Tokens that a sequence holds, prompt and answer together."""
        return int(self.context.value or 0)


def make_step(step: Step, batch_size: int) -> dict[str, Figure]:
    """The figures of a batch of that size, by name, in the order of their making.

    `batch_size` (sequences), `read_weights_bytes`, `kv_cache_bytes`, `step_s`, `sequence_tokens_per_s`
    and `tokens_per_s` (tokens/s), `prefill_s`, `prefill_tokens_per_s` (tokens/s).
    """
    batch = one_unless_given("batch_size", batch_size, "sequences")
    gpus = one_unless_given("tp", step.tp, "GPUs")
    weights = read_weights_figure(step.spec, step.quant, list(step.spec.architecture.matrices), batch)
    cache = cache_needs(
        step.spec,
        kv_bits_figure(step.kv, step.quant),
        _held(step),
        batch,
        served_by=serving(step.engine.name),
        tp=step.tp,
    ).total_bytes
    from_ram = _from_ram(step, weights)
    kept = weights
    if from_ram is not None:
        kept = derive(
            "read_weights_bytes",
            "bytes",
            speed.read_on_gpus_bytes,
            read_weights_bytes=weights,
            offload_bytes=from_ram,
        )
    reading = _machine_s(step, batch) or derive(
        "memory_s",
        "s",
        speed.memory_s,
        read_weights_bytes=kept,
        tp=gpus,
        kv_cache_bytes=cache,
        bandwidth_bytes_per_s=step.device.bandwidth_figure(),
        efficiency=step.engine.efficiency(step.gpu.name if step.gpu else ""),
    )
    if from_ram is not None:
        reading = _with_link(reading, from_ram, gpus)
    latency = layers_latency(step.spec, step.engine, step.tp)
    seconds = derive(
        "step_s",
        "s",
        speed.step_s,
        memory_s=reading,
        layers_latency_s=latency,
        compute_s=_decode_compute(step, gpus, batch),
        prompts_compute_s=_prompts_compute(step, gpus, batch),
    )
    prompt = _prompt(step)
    prefill = derive(
        "prefill_s",
        "s",
        speed.prefill_s,
        compute_s=_compute(step, gpus, prompt, "prefill_mfu"),
        layers_latency_s=latency,
        prompt_link_s=_prompt_link(step, prompt),
    )
    one = given("batch_size", 1, "sequences", say("one of them"))
    return {
        "batch_size": batch,
        "read_weights_bytes": weights,
        "kv_cache_bytes": cache,
        "step_s": seconds,
        "sequence_tokens_per_s": derive(
            "sequence_tokens_per_s", "tokens/s", speed.tokens_per_s, batch_size=one, step_s=seconds
        ),
        "tokens_per_s": derive(
            "tokens_per_s", "tokens/s", speed.tokens_per_s, batch_size=batch, step_s=seconds
        ),
        "prefill_s": prefill,
        "prefill_tokens_per_s": derive(
            "prefill_tokens_per_s",
            "tokens/s",
            speed.prefill_tokens_per_s,
            prompt_tokens=prompt,
            prefill_s=prefill,
        ),
    }


def sequence_speed(needs: Needs, device: Device, kv: str | None) -> Figure:
    """Tokens per second of one sequence on GPUs like this one, which hold the needs whole."""
    step = Step(
        spec=needs.spec,
        quant=needs.quant,
        kv=kv,
        device=device,
        engine=find_speed(needs.served_by.engine.name),
        context=needs.context_tokens,
        output_tokens=None,
        tp=needs.tp,
    )
    return make_step(step, 1)["sequence_tokens_per_s"]


def _from_ram(step: Step, weights: Figure) -> Figure | None:
    """What a step reads of weights that lie in RAM for all the GPUs; None where none do."""
    if step.offload is None:
        return None
    whole = weights_figure(step.spec, step.quant, [m for m in step.spec.architecture.matrices if not m.draft])
    return derive(
        "offload_bytes",
        "bytes",
        speed.offloaded_read_bytes,
        offload_bytes=step.offload,
        n_gpus=given("n_gpus", step.n_gpus, "GPUs", say("which read them")),
        read_weights_bytes=weights,
        weights_bytes=whole,
    )


def _with_link(reading: Figure, from_ram: Figure, gpus: Figure) -> Figure:
    """Reading the GPU's memory, and RAM over the link to it."""
    link = derive(
        "link_s",
        "s",
        speed.link_s,
        read_weights_bytes=from_ram,
        tp=gpus,
        link_bytes_per_s=ram_figure("link_bytes_per_s"),
    )
    return derive("memory_s", "s", speed.laid_memory_s, note="", gpu=reading, link=link)


def _machine_s(step: Step, batch: Figure) -> Figure | None:
    """Seconds in which the devices of a machine read their shares, one after the other."""
    if step.machine is None:
        return None
    return reading_s(step.machine.needs, step.machine.held, step.engine, batch, _held(step))


def _held(step: Step) -> Figure:
    """Tokens of a sequence's cache, on average."""
    if step.output_tokens is None:
        return step.context
    output = given("output_tokens", step.output_tokens, "tokens", option("output_tokens"))
    return derive(
        "context_tokens", "tokens", speed.held_tokens, context_tokens=step.context, output_tokens=output
    )


def _prompts_compute(step: Step, gpus: Figure, batch: Figure) -> Figure:
    """Computing the prompts of new sequences, which a full server reads beside each step."""
    if step.output_tokens is None:
        return assumed("prompts_compute_s", 0, "s", say("decoding only"))
    tokens = derive(
        "prompt_tokens",
        "tokens",
        speed.step_prompt_tokens,
        batch_size=batch,
        prompt_tokens=_prompt(step),
        output_tokens=given("output_tokens", step.output_tokens, "tokens", option("output_tokens")),
    )
    return _compute(step, gpus, tokens, "decode_mfu")


def _prompt_link(step: Step, prompt: Figure) -> Figure:
    """What the GPUs get of RAM to read a prompt; nothing where all is theirs."""
    if step.machine is None or not step.machine.in_ram.held.holds_layers:
        return assumed("prompt_link_s", 0, "s", say("all weights are on the GPUs"))
    in_ram = step.machine.in_ram.judged.needs
    return derive(
        "prompt_link_s",
        "s",
        speed.prompt_link_s,
        ram_bytes=in_ram.weights_bytes,
        prompt_tokens=prompt,
        n_ubatch=in_ram.served_by.chunk_figure(prompt),
        link_bytes_per_s=ram_figure("link_bytes_per_s"),
    )


def _prompt(step: Step) -> Figure:
    prompt = step.context_tokens - (step.output_tokens or 0)
    return given(
        "prompt_tokens", prompt, "tokens", say("{option:context_tokens}, less {option:output_tokens}")
    )


def _decode_compute(step: Step, gpus: Figure, batch: Figure) -> Figure:
    """Computing a step; left out where the GPU's peak is unknown and only a few tokens are computed."""
    few = (batch.value or 0) <= FEW_SEQUENCES
    if few and step.computing_gpu is not None and step.computing_gpu.bf16_flops_per_s is None:
        note = say(
            "left out: the peak of {gpu} is in no table, and few tokens are computed", gpu=step.device.name
        )
        return assumed("compute_s", 0, "s", note)
    return _compute(step, gpus, batch, "decode_mfu")


def _compute(step: Step, gpus: Figure, tokens: Figure, share: str) -> Figure:
    return derive(
        "compute_s",
        "s",
        speed.compute_s,
        tokens=tokens,
        active_params=step.spec.active_params_figure(),
        tp=gpus,
        peak_flops_per_s=_peak(step),
        mfu=step.engine.share(share, "mfu"),
    )


def _peak(step: Step) -> Figure:
    """The peak at the width in which the matrices are multiplied: 8 bits only where they are stored so."""
    gpu = step.computing_gpu
    if gpu is None:
        note = say("the peak of {gpu} is in no table", gpu=step.device.name)
        return assumed("peak_flops_per_s", None, "FLOP/s", note)
    if step.quant.name in {"fp8", "nvfp4"} and gpu.fp8_flops_per_s:
        return gpu.flops_figure(8)
    return gpu.flops_figure()
