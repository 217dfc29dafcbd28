"""Files as attackers and broken downloads make them, each from a good one."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

TENSORS: dict[str, Any] = {
    "a": {"dtype": "F16", "shape": [2, 3], "data_offsets": [0, 12]},
    "b": {"dtype": "F32", "shape": [4], "data_offsets": [12, 28]},
    "c": {"dtype": "F4", "shape": [8], "data_offsets": [28, 32]},
}


def safetensors_bytes(header: object, data_bytes: int = 32, length: int | None = None) -> bytes:
    """A `.safetensors` file: the header as JSON, or as it is, with zeros behind it."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + bytes(data_bytes)


def tokenizer_json(**changes: Any) -> str:
    """A tokenizer of three tokens and no merges."""
    model = {
        "type": "BPE",
        "dropout": None,
        "unk_token": None,
        "continuing_subword_prefix": None,
        "end_of_word_suffix": None,
        "fuse_unk": False,
        "byte_fallback": False,
        "ignore_merges": False,
        "vocab": {"a": 0, "b": 1, "!": 2},
        "merges": [],
    }
    parts = ("truncation", "padding", "normalizer", "pre_tokenizer", "post_processor", "decoder")
    whole = {"version": "1.0", **dict.fromkeys(parts), "added_tokens": [], "model": model}
    return json.dumps({**whole, **changes})


@dataclass(frozen=True)
class Gguf:
    """A `.gguf` file of three tensors of one shape; `bytes()` writes it, with zeros for data.

    A key is its name, the number of its type, and its value: a number of 32 bits, or bytes as they are.
    """

    magic: bytes = b"GGUF"
    version: int = 3
    n_tensors: int | None = None
    n_keys: int | None = None
    keys: Sequence[tuple[str, int, int | bytes] | bytes] = ()
    names: tuple[str, ...] = ("a", "b", "c")
    shape: tuple[int, ...] = (8,)
    n_dimensions: int | None = None
    kind: int = 0
    offsets: tuple[int, ...] | None = None

    def __bytes__(self) -> bytes:
        n_keys = len(self.keys) if self.n_keys is None else self.n_keys
        n_tensors = len(self.names) if self.n_tensors is None else self.n_tensors
        content = self.magic + struct.pack("<IQQ", self.version, n_tensors, n_keys)
        for key in self.keys:
            if isinstance(key, bytes):
                content += key
                continue
            name, kind, value = key
            content += struct.pack("<Q", len(name)) + name.encode() + struct.pack("<I", kind)
            content += value if isinstance(value, bytes) else struct.pack("<I", value)
        size = min(4 * math.prod(self.shape), 1 << 20)
        offsets = self.offsets or tuple(place * (-(-size // 32) * 32) for place in range(len(self.names)))
        n_dimensions = len(self.shape) if self.n_dimensions is None else self.n_dimensions
        for name, offset in zip(self.names, offsets, strict=True):
            content += struct.pack("<Q", len(name)) + name.encode() + struct.pack("<I", n_dimensions)
            content += struct.pack(f"<{len(self.shape)}QIQ", *self.shape, self.kind, offset)
        return content + bytes(-len(content) % 32 + len(self.names) * (-(-size // 32) * 32))
