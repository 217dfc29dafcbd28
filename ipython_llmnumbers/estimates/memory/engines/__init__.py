"""One file for each engine; what it publishes and what was read of it are rows of engines.toml."""

from __future__ import annotations

from ....catalog.hardware.engines import any_engine, find_engine
from .base import Serving as Serving
from .llama_cpp import LlamaCpp
from .sglang import Sglang
from .transformers import Transformers
from .unnamed import Unnamed
from .vllm import Vllm

_BY_NAME: dict[str, type[Serving]] = {
    "vllm": Vllm,
    "sglang": Sglang,
    "llama.cpp": LlamaCpp,
    "transformers": Transformers,
}


def serving(name: str | None) -> Serving:
    """The engine of that name; where none is named, what holds for all.

    Raises:
        UnknownNameError: no such engine.
    """
    if name is None:
        return Unnamed(any_engine())
    engine = find_engine(name)
    return _BY_NAME[engine.name](engine)
