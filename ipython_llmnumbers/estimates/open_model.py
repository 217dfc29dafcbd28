"""Which model is meant: a file, an object of the notebook, the Hugging Face cache, the tables, the Hub."""

from __future__ import annotations

from pathlib import Path

from ..catalog.open_models.find import find_model
from ..catalog.open_models.from_files import gguf_types, spec_of_files
from ..catalog.open_models.spec import ModelSpec
from ..errors import UnknownNameError, UsageError
from ..figures import Note
from ..files.reading import is_there
from ..probes.checkpoints.read import Checkpoint, cached_checkpoint, is_path, read_checkpoint
from ..probes.checkpoints.torch_modules import module_checkpoint
from ..probes.online.hub import hub_checkpoint
from .subjects import InMemory, Variable


def resolve_model(model: object, *, hub: bool = False) -> ModelSpec:
    """The model behind a name, a path, or an object such as a torch module.

    In this order: a path, the Hugging Face cache for a repository, the tables and bare
    sizes; the Hub alone where `hub` is set.

    Raises:
        LLMNumbersError: nothing of that name, or files that cannot be read.

    >>> resolve_model("13B").name
    '13B'
    """
    if isinstance(model, ModelSpec):
        return model
    if isinstance(model, InMemory):
        raise UsageError("{model} was an object in memory: give it again", model=model.name)
    if not isinstance(model, str):
        if model is None:
            raise UsageError("no model given; name one, such as llama-3.1-8b, or a size, such as 13B")
        name, held = (model.name, model.value) if isinstance(model, Variable) else ("model", model)
        return _spec(module_checkpoint(name, held))
    name = model.strip()
    if is_path(name):
        named = _named_file(name)
        if named is not None:
            return named
        return _spec(read_checkpoint(name, gguf_types()))
    if hub:
        return _spec(hub_checkpoint(name))
    cached = cached_checkpoint(name, gguf_types()) if "/" in name else None
    return find_model(name) if cached is None else _spec(cached)


def _named_file(name: str) -> ModelSpec | None:
    """The model in the name of a GGUF file that is not here, as a file list of the Hub has it."""
    if not name.casefold().endswith(".gguf") or name.startswith(("/", ".", "~")) or is_there(Path(name)):
        return None
    try:
        return find_model(name)
    except UnknownNameError:
        return None


def model_notes(spec: ModelSpec) -> list[Note]:
    """How the model's name was read, and what is wrong with its files."""
    notes = [Note(remark) for remark in spec.remarks]
    return [*notes, Note(spec.warning, "warning")] if spec.warning else notes


def _spec(found: Checkpoint) -> ModelSpec:
    facts = [(each.name, each.shape, each.kind, each.bytes) for each in found.tensors]
    return spec_of_files(
        found.name, found.where, found.config, facts, found.keys, found.total_bytes, found.warning
    )


def resolve_layers(model: object, question: str) -> ModelSpec:
    """The model, for a question that takes more than the size of its weights.

    Raises:
        LLMNumbersError: as `resolve_model`; or weights without a config, whose layers are not known.
    """
    spec = resolve_model(model)
    if not spec.architecture.n_layers:
        raise UsageError(
            "{reason}: {question} needs its layers",
            reason=spec.why_unknown,
            question=question,
        )
    return spec
