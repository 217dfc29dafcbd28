"""What lies in a model's files: its config.json, and the headers of its weights. No data is read.

Also those that the Hugging Face cache holds; the network is not asked.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import CatalogError
from ...messages import say
from ._gguf import read_gguf
from ._safetensors import read_safetensors
from .tensors import Tensor

_MOST_JSON_BYTES = 50_000_000
_SHARD = re.compile(r"(?P<stem>.*)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf")
_REPOSITORY = re.compile(r"[\w.-]{1,96}/[\w.-]{1,96}", re.ASCII)

GgufTypes = Mapping[int, tuple[str, int, int]]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A model as its files tell of it; each part may be missing.

    `total_bytes` is set where only an index was found that states it. `keys` are those
    of a GGUF file.
    """

    name: str
    where: str
    config: Mapping[str, Any] | None = None
    tensors: tuple[Tensor, ...] = ()
    keys: Mapping[str, Any] | None = None
    total_bytes: int | None = None


def is_path(name: str) -> bool:
    """Whether a model's name is meant as a file or a folder.

    >>> is_path("./model"), is_path("model.gguf"), is_path("Qwen/Qwen3-8B")
    (True, True, False)
    """
    if name.endswith((".gguf", ".safetensors", ".json")) or name.startswith(("/", "./", "../", "~")):
        return True
    return os.sep in name and Path(name).is_dir()


def is_repository(name: str) -> bool:
    """Whether a model's name has the shape of a repository on the Hugging Face Hub.

    >>> is_repository("Qwen/Qwen3-8B"), is_repository("qwen3-8b")
    (True, False)
    """
    return _REPOSITORY.fullmatch(name) is not None


def read_checkpoint(name: str, types: GgufTypes) -> Checkpoint:
    """The model in a folder, or behind a `config.json`, `.safetensors`, index or `.gguf` file.

    Raises:
        CatalogError: nothing there, or a file that cannot be read.
    """
    try:
        path = Path(name).expanduser()
    except RuntimeError:  # no such user's home
        path = Path(name)
    try:
        if path.is_dir():
            return _folder(path, types)
        if not path.exists():
            raise CatalogError("{path}: no such file or folder", path=path)
        if not path.is_file():  # a device or a pipe may have no end
            raise CatalogError("{path}: not a regular file; name a model's file or folder", path=path)
        if path.suffix == ".gguf":
            return _gguf(path, types)
        if path.suffix == ".safetensors":
            return _with_config(path.parent, path.stem, str(path), read_safetensors(path))
        if path.name.endswith(".index.json"):
            return _index(path)
        return Checkpoint(path.parent.resolve().name or str(path), str(path), read_json(path))
    except OSError as error:
        raise CatalogError("{path}: cannot be read ({reason})", path=path, reason=error.strerror) from None


def cached_checkpoint(name: str, types: GgufTypes) -> Checkpoint | None:
    """A repository that the Hugging Face cache holds, or None."""
    if not is_repository(name):
        return None
    folder = _cache_folder() / f"models--{name.replace('/', '--')}"
    snapshots = [each for each in sorted(folder.glob("snapshots/*")) if (each / "config.json").is_file()]
    if not snapshots:
        return None
    reference = folder / "refs" / "main"
    commit = reference.read_text(encoding="utf-8").strip() if reference.is_file() else snapshots[-1].name
    current = folder / "snapshots" / commit
    snapshot = current if current in snapshots else snapshots[-1]
    found = read_checkpoint(str(snapshot), types)
    where = say("{model} in the Hugging Face cache", model=name)
    return Checkpoint(name, where, found.config, found.tensors, found.keys, found.total_bytes)


def read_json(path: Path) -> Mapping[str, Any]:
    """A JSON file that holds one object.

    Raises:
        CatalogError: it is too large, no JSON, or no object.
    """
    if path.stat().st_size > _MOST_JSON_BYTES:
        raise CatalogError("{path}: larger than any config.json", path=path)
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        raise CatalogError("{path}: not valid JSON", path=path) from None
    if not isinstance(found, dict):
        raise CatalogError("{path}: not a config.json, which holds one object", path=path)
    return found


def _folder(path: Path, types: GgufTypes) -> Checkpoint:
    name = path.resolve().name
    index = path / "model.safetensors.index.json"
    if index.is_file():
        return _index(index)
    shards = sorted(each for each in path.glob("*.safetensors") if not each.name.startswith("consolidated"))
    if shards:
        tensors = [tensor for shard in shards for tensor in read_safetensors(shard)]
        return _with_config(path, name, str(path), tensors)
    if (path / "config.json").is_file():
        return Checkpoint(name, str(path), read_json(path / "config.json"))
    models = sorted(each for each in path.glob("*.gguf") if not each.name.startswith("mmproj"))
    if len(models) == 1 or (models and _SHARD.fullmatch(models[0].name)):
        return _gguf(models[0], types)
    if models:
        raise CatalogError(
            "{path}: {n} .gguf files; name one, such as {name}",
            path=path,
            n=len(models),
            name=models[0].name,
        )
    raise CatalogError("{path}: no config.json, .safetensors or .gguf file there", path=path)


def _with_config(folder: Path, name: str, where: str, tensors: list[Tensor]) -> Checkpoint:
    config = folder / "config.json"
    return Checkpoint(name, where, read_json(config) if config.is_file() else None, tuple(tensors))


def _index(path: Path) -> Checkpoint:
    """A sharded model: every shard's header, or the index's own total where no shard is here."""
    folder, index = path.parent, read_json(path)
    names = index.get("weight_map")
    if not isinstance(names, dict) or not names or not all(isinstance(each, str) for each in names.values()):
        raise CatalogError("{path}: the index names no files", path=path)
    shards = [folder / Path(each).name for each in sorted(set(names.values()))]
    missing = [each for each in shards if not each.is_file()]
    if missing and len(missing) < len(shards):
        raise CatalogError(
            "{path}: {n} of {total} shards are missing: {name}",
            path=path,
            n=len(missing),
            total=len(shards),
            name=missing[0].name,
        )
    name = folder.resolve().name
    if not missing:
        tensors = [tensor for shard in shards for tensor in read_safetensors(shard)]
        return _with_config(folder, name, str(path), tensors)
    stated = index.get("metadata")
    total = stated.get("total_size") if isinstance(stated, dict) else None
    if isinstance(total, bool) or not isinstance(total, int | float) or not 0 < total < 2**50:
        raise CatalogError("{path}: no shard is here, and the index states no total_size", path=path)
    bare = _with_config(folder, name, str(path), [])
    return Checkpoint(name, str(path), bare.config, total_bytes=int(total))


def _gguf(path: Path, types: GgufTypes) -> Checkpoint:
    shard = _SHARD.fullmatch(path.name)
    count = int(shard["count"]) if shard else 1
    tensors: list[Tensor] = []
    keys: dict[str, Any] = {}
    for number in range(1, min(count, 1_000) + 1):
        part = path.with_name(f"{shard['stem']}-{number:05d}-of-{count:05d}.gguf") if shard else path
        if not part.is_file():
            raise CatalogError("{path}: shard {name} is missing", path=path, name=part.name)
        header = read_gguf(part, types)
        tensors += header.tensors
        keys = {**header.keys, **keys}
    if not tensors:  # only the first of several shards may have none
        raise CatalogError("{path}: its header names no tensors", path=path)
    return Checkpoint(shard["stem"] if shard else path.stem, str(path), None, tuple(tensors), keys)


def _cache_folder() -> Path:
    """Where huggingface_hub keeps its files, by the same variables and in the same order."""
    named = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE")
    if named:
        return Path(named).expanduser()
    home = os.environ.get("HF_HOME")
    if home:
        return Path(home).expanduser() / "hub"
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base).expanduser() if base else Path.home() / ".cache") / "huggingface" / "hub"
