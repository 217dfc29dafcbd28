"""The parameters that several questions have: one meaning, one flag, one limit."""

from __future__ import annotations

from typing import Any

from ..catalog import limits
from ..catalog.defaults import DEFAULT_MODEL
from ..figures import Figure, given
from ..messages import option, say
from .hosted_model import known_models
from .kinds import Dollars, Fraction, Name, Names, Switch, Whole
from .question import parameter
from .subjects import OpenModel

# Names of the tables, which a question of prices alone does not load.


def known_gpus() -> list[str]:
    """The names of the GPUs that are known."""
    from ..catalog.hardware import gpus

    return gpus.known_gpus()


def _known_engines() -> list[str]:
    from ..catalog.hardware.engines import known_engines

    return known_engines()


def _known_quants() -> list[str]:
    from ..catalog.open_models.quants import known_quants

    return known_quants()


def _known_kv_types() -> list[str]:
    from ..catalog.open_models.quants import known_kv_types

    return known_kv_types()


def one_unless_given(name: str, value: int | None, unit: str) -> Figure:
    """A parameter of that kind as a figure."""
    return given(name, value, unit, say("{flag}, 1 unless given", flag=option(name)))


def open_model() -> Any:
    """A model with open weights, which a question of its memory, speed or training is about."""
    about = say(
        "a bundled model's name, a size such as `13B`, or a path to a model's folder, `config.json`,"
        " `.gguf` or `.safetensors` file; or a torch module, a transformers model, or a config"
    )
    return parameter(OpenModel(), about, is_subject=True)


def hosted_models() -> Any:
    """A model that counts and prices a text, or several to compare."""
    return parameter(
        Names(known_models),
        say("the model, or several with commas for a comparison"),
        DEFAULT_MODEL,
        short="m",
        metavar="MODEL[,MODEL…]",
    )


def quant() -> Any:
    """What the weights are stored in."""
    about = say("data type or quantisation of the weights; default: the model's own")
    return parameter(Name(_known_quants), about, None, short="q", metavar="QUANT")


def kv() -> Any:
    """What the cache is stored in."""
    about = say("data type of the KV cache; default: 16 bits")
    return parameter(Name(_known_kv_types), about, None, metavar="TYPE")


def context_tokens() -> Any:
    """How long a sequence is."""
    return parameter(
        Whole(limits.CONTEXT_TOKENS),
        say("tokens kept per sequence, prompt and answer together; default: 8192, or what the model takes"),
        None,
        flag="context",
        short="c",
        metavar="TOKENS",
        unit="tokens",
    )


def batch_size() -> Any:
    """How many sequences are held at once."""
    return parameter(
        Whole(limits.SEQUENCES),
        say("sequences held at once; default: 1"),
        1,
        flag="batch",
        short="b",
        metavar="N",
        unit="sequences",
    )


def gpu() -> Any:
    """A GPU of the tables, several of it, a cloud's machine, or a size."""
    about = say("not the local GPU: a name, `2xH100` for two, a cloud's machine, or a size such as `24GiB`")
    return parameter(Name(known_gpus), about, None, short="g", metavar="GPU")


def tp() -> Any:
    """How many GPUs hold the model together."""
    about = say("GPUs that share it (tensor parallel); default: 1")
    return parameter(Whole(limits.GPUS_OF_A_MODEL), about, 1, metavar="N", unit="GPUs")


def pp() -> Any:
    """How many GPUs, or groups of them, hold the layers one behind the other."""
    about = say("stages that hold its layers one behind the other (pipeline parallel); default: 1")
    return parameter(Whole(limits.GPUS_OF_A_MODEL), about, 1, metavar="N", unit="GPUs")


def cpu_offload_gb() -> Any:
    """How much of the weights each GPU reads from RAM."""
    about = say("GiB of weights that each GPU keeps in RAM and reads from there; default: none")
    return parameter(Whole(limits.OFFLOAD_GIB), about, None, metavar="GIB")


def engine() -> Any:
    """What serves the model."""
    about = say("what serves it; without it the range of all engines, and the speed with CUDA graphs")
    return parameter(Name(_known_engines), about, None, short="e", metavar="ENGINE")


def utilization() -> Any:
    """How much of a GPU an engine takes, whatever it needs."""
    about = say("share of the GPU that an engine takes at start; default: its own")
    return parameter(Fraction(0.1), about, None, metavar="SHARE")


def output_tokens() -> Any:
    """How much of a sequence is made, and not read."""
    return parameter(
        Whole(limits.CONTEXT_TOKENS),
        say("of a sequence, the tokens that are generated; the rest is its prompt"),
        None,
        flag="out",
        metavar="N",
        unit="tokens",
    )


def n_gpus() -> Any:
    """How many GPUs train a model."""
    return parameter(
        Whole(limits.GPUS_OF_A_TRAINING),
        say("GPUs that train together; default: as many as {option:gpu} names"),
        1,
        flag="gpus",
        metavar="N",
        unit="GPUs",
    )


def ngl() -> Any:
    """How many layers are on the GPUs."""
    about = say(
        "layers on the GPUs, the head counted as one more; the others stay in RAM; default: all that fit"
    )
    return parameter(Whole(limits.LAYERS, least=0), about, None, metavar="N", unit="layers")


def n_cpu_moe() -> Any:
    """How many layers have their experts in RAM."""
    about = say("of a mixture, the first layers whose experts stay in RAM; default: as few as fit")
    return parameter(Whole(limits.LAYERS, least=0), about, None, metavar="N", unit="layers")


def ram() -> Any:
    """How much RAM stands beside the GPUs."""
    about = say("RAM beside the GPUs, for what they do not hold: `64GB`, or with its speed `64GB DDR5-5600`")
    return parameter(Name(), about, None, metavar="SIZE")


def text_only() -> Any:
    """Whether the tower that sees is left out."""
    about = say("leave out the tower that sees pictures; engines have a switch for it")
    return parameter(Switch(), about, False)


def train_tokens(**default: Any) -> Any:
    """How much a model is trained on."""
    about = say("tokens to train on: GPU-hours and dollars; alone, of making the model")
    return parameter(Whole(limits.TRAIN_TOKENS), about, metavar="TOKENS", unit="tokens", **default)


def usd_per_gpu_hour() -> Any:
    """The rent of a GPU."""
    return parameter(
        Dollars(limits.USD_PER_HOUR, is_price=True),
        say("what an hour of one GPU costs; default: the tables"),
        None,
        flag="usd-per-hour",
        metavar="USD",
        unit="USD/h",
    )
