"""What lies in a model's files: its config.json, and the headers of its weights. No data is read.

Also those that the Hugging Face cache holds; the network is not asked.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...errors import CatalogError
from ...files.formats import FormatError, parse_json
from ...files.reading import (
    files_in,
    folders_in,
    is_file,
    is_folder,
    is_there,
    open_file,
    read_bytes,
    user_path,
)
from ...messages import joined, say
from ...patterns import pattern
from ...records import dataclass
from ._gguf import read_gguf
from ._mistaken import not_the_weights
from ._safetensors import read_safetensors
from .tensors import Tensor

# A config names its labels, 21,000 of them in some; an index names each tensor, 140,000 in Kimi K2's.
_MOST_CONFIG_BYTES, _MOST_INDEX_BYTES, _MOST_NAME_BYTES = 5_000_000, 50_000_000, 1_000
# Values and lists in either: 50 MB of empty lists would become 2 GB.
_MOST_ITEMS = 1_000_000
# DeepSeek-V3 has 163 shards, the largest GGUF files some dozens.
_MOST_SHARDS = 10_000
_SHARD = pattern(r"(?P<stem>.*)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf")
_REPOSITORY = pattern(r"[\w.-]{1,96}/[\w.-]{1,96}", re.ASCII)

GgufTypes = Mapping[int, tuple[str, int, int]]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A model as its files tell of it; each part may be missing.

    `total_bytes` is set where only an index was found that states it. `keys` are those
    of a GGUF file; `warning` says what is wrong with the files.
    """

    name: str
    where: str
    config: Mapping[str, Any] | None = None
    tensors: tuple[Tensor, ...] = ()
    keys: Mapping[str, Any] | None = None
    total_bytes: int | None = None
    warning: str = ""


def is_path(name: str) -> bool:
    """Whether a model's name is meant as a file or a folder.

    >>> is_path("./model"), is_path("model.gguf"), is_path("Qwen/Qwen3-8B")
    (True, True, False)
    """
    if name.endswith((".gguf", ".safetensors", ".json")) or name.startswith(("/", "./", "../", "~")):
        return True
    return os.sep in name and is_folder(Path(name))


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
    path = user_path(name)
    if is_folder(path):
        return _folder(path, types)
    if not is_there(path):
        raise CatalogError("{path}: no such file or folder", path=path)
    if path.suffix == ".gguf":
        return _gguf(path, types)
    if path.suffix == ".safetensors":
        return _with_config(path.parent, path.stem, str(path), read_safetensors(path))
    if path.name.endswith(".index.json"):
        return _index(path)
    return _by_content(path, types)


def _by_content(path: Path, types: GgufTypes) -> Checkpoint:
    """A file whose name says nothing: a blob of a cache's, or a download under way."""
    beginning = _begins(path)
    if beginning.startswith(b"GGUF") and path.suffix != ".json":
        return _gguf(path, types)
    if b"\0" in beginning[:8] and beginning[8:9] == b"{":
        return _with_config(path.parent, path.stem, str(path), read_safetensors(path))
    return Checkpoint(path.parent.resolve().name or str(path), str(path), read_config(path))


def cached_checkpoint(name: str, types: GgufTypes) -> Checkpoint | None:
    """A repository that the Hugging Face cache holds, or None."""
    if not is_repository(name):
        return None
    folder = hub_cache_folder() / f"models--{name.replace('/', '--')}"
    snapshots = [each for each in folders_in(folder / "snapshots") if is_file(each / "config.json")]
    if not snapshots:
        return None
    reference = folder / "refs" / "main"
    commit = read_bytes(reference, _MOST_NAME_BYTES).decode("utf-8", "replace") if is_file(reference) else ""
    current = folder / "snapshots" / commit.strip()
    snapshot = current if current in snapshots else snapshots[-1]
    found = read_checkpoint(str(snapshot), types)
    where = say("{model} in the Hugging Face cache", model=name)
    return replace(found, name=name, where=where)


def read_config(path: Path) -> Mapping[str, Any]:
    """A config.json, which holds one object.

    Raises:
        CatalogError: it is no JSON, or no object.
        FileError: it cannot be read, or is larger than any.
    """
    return _object(path, _MOST_CONFIG_BYTES)


def _begins(path: Path) -> bytes:
    with open_file(path) as file:
        return file.read(200)


def _object(path: Path, most_bytes: int) -> Mapping[str, Any]:
    beginning = _begins(path)
    if beginning.lstrip()[:1] not in (b"{", b"[", b"\xef"):
        raise not_the_weights(path, beginning, "JSON")
    content = read_bytes(path, most_bytes)
    if sum(map(content.count, (b",", b"[", b"{"))) > _MOST_ITEMS:
        raise CatalogError("{path}: more values than that of any model has", path=path)
    try:
        found = parse_json(content)
    except FormatError as error:
        raise CatalogError("{path}: not valid JSON ({reason})", path=path, reason=error.problem) from None
    if not isinstance(found, dict):
        raise CatalogError("{path}: not a config.json, which holds one object", path=path)
    return found


def _folder(path: Path, types: GgufTypes) -> Checkpoint:
    name = path.resolve().name
    index = path / "model.safetensors.index.json"
    if is_there(index):
        return _index(index)
    shards = [each for each in files_in(path, "*.safetensors") if not each.name.startswith("consolidated")]
    if shards:
        tensors = [tensor for shard in shards for tensor in read_safetensors(shard)]
        return _with_config(path, name, str(path), tensors)
    if is_there(path / "config.json"):
        return Checkpoint(name, str(path), read_config(path / "config.json"))
    models = [each for each in files_in(path, "*.gguf") if not each.name.startswith("mmproj")]
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
    return Checkpoint(name, where, read_config(config) if is_there(config) else None, tuple(tensors))


def _index(path: Path) -> Checkpoint:
    """A sharded model: every shard's header, or the index's own total where no shard is here."""
    folder, index = path.parent, _object(path, _MOST_INDEX_BYTES)
    names = index.get("weight_map")
    if not isinstance(names, dict) or not names or not all(isinstance(each, str) for each in names.values()):
        raise CatalogError("{path}: the index names no files", path=path)
    shards = [folder / Path(each).name for each in sorted(set(names.values()))]
    if len(shards) > _MOST_SHARDS:
        raise CatalogError("{path}: {n:,} shards, more than any model has", path=path, n=len(shards))
    missing = [each for each in shards if not is_file(each)]
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
    if bare.config is None:
        raise CatalogError(
            "{path}: {n:,} bytes of weights, by the index; the rest needs its config.json",
            path=path,
            n=int(total),
        )
    return Checkpoint(name, str(path), bare.config, total_bytes=int(total))


def _gguf(path: Path, types: GgufTypes) -> Checkpoint:
    shard = _SHARD.fullmatch(path.name)
    tensors: list[Tensor] = []
    keys: dict[str, Any] = {}
    missing_bytes = 0
    for number, part in enumerate(_parts(path, shard)):
        if not is_file(part):
            raise CatalogError("{path}: shard {name} is missing", path=path, name=part.name)
        header = read_gguf(part, types)
        _check_split(part, header.keys, number, int(shard["count"]) if shard else 1)
        tensors += header.tensors
        keys = {**header.keys, **keys}
        missing_bytes += header.missing_bytes
    if not tensors:  # only the first of several shards may have none
        raise CatalogError("{path}: its header names no tensors", path=path)
    total = keys.get("split.tensors.count", len(tensors))
    if shard and total != len(tensors):
        raise CatalogError(
            "{path}: {n} tensors, and {total} by its keys; download it again",
            path=path,
            n=len(tensors),
            total=total,
        )
    cut = say("cut short, {n:,} bytes are missing: download it again", n=missing_bytes)
    return Checkpoint(
        shard["stem"] if shard else path.stem,
        str(path),
        keys=keys,
        tensors=tuple(tensors),
        warning=joined(": ", str(path), cut) if missing_bytes else "",
    )


def _parts(path: Path, shard: re.Match[str] | None) -> list[Path]:
    if not shard:
        return [path]
    count = int(shard["count"])
    if not 0 < count <= _MOST_SHARDS:
        raise CatalogError("{path}: {n:,} shards, more than any model has", path=path, n=count)
    return [path.with_name(f"{shard['stem']}-{n:05d}-of-{count:05d}.gguf") for n in range(1, count + 1)]


def _check_split(path: Path, keys: Mapping[str, Any], number: int, count: int) -> None:
    """Whether a file is the shard that its name says: one that was renamed would pass for the model.

    llama.cpp refuses the same ("invalid split file" in src/llama-model-loader.cpp).
    """
    stated, place = keys.get("split.count", 0), keys.get("split.no", number)
    if stated in (0, count) and (place == number or count == 1):
        return
    if not all(type(each) is int and each < _MOST_SHARDS for each in (stated, place)):
        raise CatalogError("{path}: its keys name no shard; download it again", path=path)
    expected = f"NAME-{place + 1:05d}-of-{stated:05d}.gguf"
    raise CatalogError(
        "{path}: by its keys shard {number} of {count}; name it {name} beside the others, or join them with"
        " llama-gguf-split",
        path=path,
        number=place + 1,
        count=stated,
        name=expected,
    )


def hub_cache_folder() -> Path:
    """Where huggingface_hub keeps its files, by the same variables and in the same order."""
    named = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE")
    if named:
        return user_path(named)
    home = os.environ.get("HF_HOME")
    if home:
        return user_path(home) / "hub"
    base = os.environ.get("XDG_CACHE_HOME")
    return (user_path(base) if base else user_path("~/.cache")) / "huggingface" / "hub"
