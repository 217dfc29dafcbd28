"""What an engine is to a fit: how it holds weights and cache, and what it takes beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ....catalog.hardware.engines import Engine
from ....catalog.open_models.find import repository_of
from ....catalog.open_models.quants import Quant
from ....figures import Figure, Note, assumed, derive, given
from ....formulas import memory, overhead
from ....messages import say
from ....records import dataclass

if TYPE_CHECKING:
    from ....catalog.open_models.spec import ModelSpec
    from ...devices import Device
    from ..machine.split import Sizes
    from ..needs import Needs


@dataclass(frozen=True, slots=True)
class Overhead:
    """What an engine takes; `per_token` is the part that each token of a sequence adds to it.

    `at_rest` is the rest, without that part: the two make the largest context. `alone` is what is left
    without a sequence: `logit_rows` of logits come to it, or one for each sequence if they are more. Where
    there is none, any batch takes the same; `n_gpus` are as many as have logits of their own. `further` are
    figures of their own, such as what the engine leaves for the cache.
    """

    total: Figure
    at_rest: Figure
    per_token: Figure | None = None
    further: tuple[Figure, ...] = ()
    alone: Figure | None = None
    logit_rows: Figure | None = None
    n_gpus: Figure | None = None


@dataclass(frozen=True, slots=True)
class Launch:
    """How a model is started on more than one GPU.

    `counts` are the layers on each of them, `n_cpu_moe` those with experts in RAM, `rooms` what weights
    may take of each device in GiB, the RAM behind the GPUs.
    """

    model: str
    asked: str
    """The model as it was asked for: a name, a repository, a file, a tag."""
    quant: str
    context_tokens: int
    batch_size: int
    kv: str | None = None
    tp: int = 1
    pp: int = 1
    utilization: float | None = None
    cpu_offload_gb: int | None = None
    converted: str | None = None
    """The quantisation that an engine is to make of what it fetches; None where it is as fetched."""
    gpu_layers: int | None = None
    """The layers on the GPUs, the head as one more; None for all."""
    counts: tuple[int, ...] = ()
    n_cpu_moe: int = 0
    rooms: tuple[int, ...] = ()

    @property
    def repository(self) -> str:
        """Where an engine fetches it from: what was asked for, if that is a repository or a folder."""
        return self.asked if "/" in self.asked else repository_of(self.model)

    @property
    def gguf(self) -> str:
        """The file that llama.cpp loads."""
        if self.asked.casefold().endswith(".gguf"):
            return self.asked
        return f"{self.model}-{self.quant.upper()}.gguf"


def engine_flag(name: str, value: object) -> str:
    """An option of an engine's own command line; ours are written by `messages.option`.

    >>> engine_flag("pp-size", 2) == "-" * 2 + "pp-size 2"
    True
    """
    return f"--{name} {value}"


@dataclass(frozen=True, slots=True)
class Serving:
    """An engine that serves a model; what it does not override is what most of them do."""

    engine: Engine
    batched_tokens: Figure | None = None
    """The tokens of prompts that it is told to read at once; None where it plans them itself."""

    keeps_embeddings_in_ram: ClassVar[bool] = False
    """On a GPU too, if the model's head is a matrix of its own."""
    loads_tower: ClassVar[bool] = True
    """Loads what sees with the rest of the model."""
    can_leave_tower: ClassVar[bool] = True
    """Can be told not to."""
    shares_windows: ClassVar[bool] = False
    """Keeps the sequences of a batch in one cache, with a window for each of them."""
    lays_layers: ClassVar[bool] = True
    """Puts a model's layers one after the other on several GPUs, where it is not told otherwise."""
    expands_latents: ClassVar[bool] = False
    """Keeps the keys and values of every head where the model would keep their latent."""

    keeps_layers_in_ram: ClassVar[bool] = False
    """Runs on the CPU the layers that no GPU has room for."""
    reads_ram: ClassVar[bool] = False
    """Runs them on the first GPU instead, which reads their weights and holds their cache.

    The first layers are then on the GPUs, and the last in RAM.
    """
    gives_drafts_its_kv: ClassVar[bool] = True
    """Keeps the tokens of a draft in the type of the model's cache; else in 16 bits."""

    @property
    def moves_experts(self) -> bool:
        """Whether it can keep experts in RAM and the rest of their layers on the GPU."""
        return False

    @property
    def overhead_words(self) -> str:
        """What its overhead is made of, in few words."""
        raise NotImplementedError

    def overhead_on_gpu(self, needs: Needs, device: Device) -> Overhead:
        """What it takes on a GPU beside weights and cache."""
        raise NotImplementedError

    def overhead_on(self, needs: Needs, device: Device) -> Overhead:
        """What it takes there, on each of the GPUs where the layers go over several."""
        if not device.is_gpu:
            return self.overhead_on_cpu(needs)
        if not device.members:
            return self.overhead_on_gpu(needs, device)
        each = [self.overhead_on_gpu(needs, member) for member in device.members]
        return laid_overhead(needs, each, device.free_bytes)

    def overhead_on_cpu(self, needs: Needs) -> Overhead:
        """The same where it runs on the CPU."""
        raise NotImplementedError

    def held(self, quant: Quant) -> Quant:
        """A quantisation as the engine's kernels hold it."""
        return quant

    def loads(self, spec: ModelSpec) -> str | None:  # noqa: ARG002
        """The quantisation that it loads where nobody says one; None where that is the model's own."""
        return None

    def default_context(self, memory_bytes: float) -> Figure | None:  # noqa: ARG002
        """The context that it takes on GPUs of so much memory together; None where that does not decide."""
        return None

    def ubatch_figure(self) -> Figure:
        """The tokens that move through a window together, for an engine that shares windows."""
        return self.batched_tokens or self.engine.figure("n_ubatch")

    def chunk_figure(self, prompt_tokens: Figure) -> Figure:  # noqa: ARG002
        """The tokens of a prompt that pass through the weights together."""
        return self.ubatch_figure()

    def window_tokens(self, window_tokens: Figure) -> Figure:
        """The tokens that a layer with a window keeps."""
        return window_tokens

    def window_share(self, spec: ModelSpec) -> Figure | None:  # noqa: ARG002
        """The share of all tokens that layers with a window have room for; None where it is their window."""
        return None

    def starts(self, needs: Needs, device: Device) -> bool:  # noqa: ARG002
        """Whether it starts there at all, however little the model needs."""
        return True

    def start_changes(self, needs: Needs, device: Device) -> dict[str, float]:  # noqa: ARG002
        """Parameters with which it would start where it does not."""
        return {}

    def rooms_for_layers(self, rooms: list[float], sizes: Sizes) -> list[float]:  # noqa: ARG002
        """Of what each GPU has beside the overhead, what layers may take."""
        return rooms

    def command(self, launch: Launch) -> str | None:  # noqa: ARG002
        """What to type to start it so; None where it cannot be told to."""
        return None

    def batch_notes(self, needs: Needs) -> list[Note]:  # noqa: ARG002
        """What else the sequences of a batch may take there."""
        return []

    def start_notes(self, needs: Needs, device: Device) -> list[Note]:  # noqa: ARG002
        """Why it does not start there, although the model would fit."""
        return []

    def tight_note(self) -> str:
        """What is said where whether it fits lies within the range."""
        return say("tight: whether it fits lies within what is known of {engine}", engine=self.engine.title)


def laid_overhead(needs: Needs, each: list[Overhead], free_bytes: Figure) -> Overhead:
    """What several GPUs take together, and the room that whole layers leave on all but the last.

    At rest that is the room that is left when the largest context fills them.

    ollama issue 9181 shows a compute buffer of the full size on each of four GPUs.
    """
    share = assumed(
        "unfilled_share",
        0.5,
        "layers",
        say("a GPU holds whole layers, and has room for a part"),
        low=0,
        high=1,
    )
    layers = {
        "n_layers": needs.spec.figure("n_layers"),
        "n_gpus": given("n_gpus", len(each), "GPUs", say("over which the layers go")),
        "unfilled_share": share,
    }
    unfilled = derive(
        "unfilled_bytes",
        "bytes",
        overhead.unfilled_bytes,
        note="",
        weights_bytes=needs.weights_bytes,
        kv_cache_bytes=needs.cache.total_bytes,
        **layers,
    )

    def together(name: str, unit: str, parts: list[Figure], *more: Figure) -> Figure:
        named = {f"gpu_{number}": part for number, part in enumerate(parts)}
        return derive(name, unit, memory.sum_bytes, note="", **named, **{part.name: part for part in more})

    per_token = [part.per_token for part in each if part.per_token is not None]
    at_rest = [part.at_rest for part in each]
    alone = [part.alone for part in each if part.alone is not None]
    when_full = derive(
        "unfilled_bytes",
        "bytes",
        overhead.unfilled_when_full_bytes,
        note="",
        free_bytes=free_bytes,
        overhead_bytes=together("overhead_bytes", "bytes", at_rest),
        **layers,
    )
    return Overhead(
        together("overhead_bytes", "bytes", [part.total for part in each], unfilled),
        together("overhead_bytes", "bytes", at_rest, when_full),
        together("activation_bytes_per_token", "bytes/token", per_token) if per_token else None,
        each[0].further,
        together("overhead_bytes", "bytes", alone, when_full) if alone else None,
        each[0].logit_rows,
        layers["n_gpus"],
    )


def rows_overhead(needs: Needs, runtime: Figure, rows: Figure, reserve: Figure) -> Overhead:
    """A runtime, rows of logits for each sequence, and a reserve."""
    total = derive(
        "overhead_bytes",
        "bytes",
        memory.overhead_bytes,
        runtime_bytes=runtime,
        vocab_size=needs.words_figure(),
        logit_rows=rows,
        batch_size=needs.batch_size,
        reserved_bytes=reserve,
    )
    nothing = assumed("activation_bytes", 0, "bytes", say("without logits"))
    return Overhead(total, total, alone=_sum(runtime, nothing, reserve), logit_rows=rows)


def _sum(runtime: Figure, activation: Figure, other: Figure) -> Figure:
    return derive(
        "overhead_bytes",
        "bytes",
        overhead.summed_overhead_bytes,
        runtime_bytes=runtime,
        activation_bytes=activation,
        dequantised_bytes=other,
    )


def summed_overhead(runtime: Figure, activation: Figure, unpacked: Figure | None = None) -> Overhead:
    """A runtime, what a step computes, and a matrix that is unpacked for it."""
    nothing = assumed("dequantised_bytes", 0, "bytes", say("no matrix is unpacked"))
    total = _sum(runtime, activation, unpacked or nothing)
    return Overhead(total, total, further=(activation,))
