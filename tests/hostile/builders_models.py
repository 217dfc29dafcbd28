"""Folders as downloads leave them, from a table of names and what lies under each."""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from builders import Gguf, safetensors_bytes

FIFO, LOOP, DANGLING, FOLDER, ENDLESS = "a pipe", "a loop", "a dangling link", "a folder", "/dev/zero"

CONFIG: dict[str, Any] = {
    "model_type": "llama",
    "hidden_size": 256,
    "intermediate_size": 512,
    "num_attention_heads": 8,
    "num_hidden_layers": 2,
    "num_key_value_heads": 2,
    "vocab_size": 1_000,
    "tie_word_embeddings": False,
}
WEIGHTS = safetensors_bytes({"a": {"dtype": "F16", "shape": [4, 4], "data_offsets": [0, 32]}})
INDEX = {"metadata": {"total_size": 10_000_000_000}, "weight_map": {"a": "model-00001-of-00002.safetensors"}}
KEYS = [
    ("general.architecture", 8, struct.pack("<Q", 5) + b"llama"),
    ("llama.block_count", 4, 1),
    ("llama.embedding_length", 4, 8),
    ("llama.attention.head_count", 4, 1),
]
NAMES = ("token_embd.weight", "output.weight", "blk.0.attn_k.weight")
GGUF = bytes(Gguf(keys=KEYS, names=NAMES))


def shard(number: int, count: int, name: str = "a", total: int | None = None) -> bytes:
    """One of the GGUF files that gguf-split makes, with one tensor."""
    keys = [*KEYS, ("split.no", 2, struct.pack("<H", number)), ("split.count", 2, struct.pack("<H", count))]
    keys.append(("split.tensors.count", 5, count if total is None else total))
    return bytes(Gguf(keys=keys, names=(name,)))


def make_files(folder: Path, files: Mapping[str, Any]) -> None:
    """Each file by what it is: bytes, JSON, or one of the things that are no file."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content == FIFO:
            os.mkfifo(path)
        elif content == LOOP:
            path.symlink_to(path)
        elif content == DANGLING:
            path.symlink_to(folder / "not" / "here")
        elif content == FOLDER:
            path.mkdir()
        elif isinstance(content, str) and content.startswith("/"):
            path.symlink_to(content)
        elif isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(json.dumps(content))
