"""One file for each engine; what it publishes and what was read of it are rows of engines.toml."""

from __future__ import annotations

from ....catalog.hardware.engines import any_engine, find_engine
from ....figures import given
from ....messages import option
from .base import Serving as Serving
from .llama_cpp import LlamaCpp
from .ollama import Ollama
from .sglang import Sglang
from .transformers import Transformers
from .unnamed import Unnamed
from .vllm import Vllm

_BY_NAME: dict[str, type[Serving]] = {
    "vllm": Vllm,
    "sglang": Sglang,
    "llama.cpp": LlamaCpp,
    "ollama": Ollama,
    "transformers": Transformers,
}


def serving(name: str | None, batched_tokens: int | None = None) -> Serving:
    """The engine of that name; where none is named, what holds for all.

    `batched_tokens` are those of prompts that it is told to read at once.

    Raises:
        UnknownNameError: no such engine.
    """
    if name is None:
        return Unnamed(any_engine())
    engine = find_engine(name)
    served_by = _BY_NAME[engine.name]
    if batched_tokens is None:
        return served_by(engine)
    flag = option("max_num_batched_tokens", batched_tokens)
    return served_by(engine, given("batched_tokens", batched_tokens, "tokens", flag))
