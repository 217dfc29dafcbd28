"""tiktoken's encodings from its cache on disk, never from the network.

`tiktoken.get_encoding` downloads what it does not find; this reads the cached rank file
itself, checks it as tiktoken does, and builds the same `Encoding`.
"""

from __future__ import annotations

import base64
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import FileError
from ...files.reading import read_bytes

if TYPE_CHECKING:
    from tiktoken import Encoding

# URL and SHA-256 of the rank files, as in tiktoken 0.14.0 `tiktoken_ext/openai_public.py`.
_BLOB = "https://openaipublic.blob.core.windows.net/encodings/"
OLD_ENCODINGS = {
    "p50k_base": "94b5ca7dff4d00767bc256fdd1b27e5b17361d7b8a5f968547f9f23eb70d2069",
    "r50k_base": "306cd27f03c1a714eca7108e03d66b7dc042abe8c258b44c199a7ed9838dd930",
}
# The largest of them has 1.7 MB.
_MOST_BYTES = 10_000_000


def rank_file(name: str) -> Path:
    """Where tiktoken's cache keeps the rank file of an encoding, whether or not it is there."""
    import hashlib

    return _cache_folder() / hashlib.sha1(f"{_BLOB}{name}.tiktoken".encode()).hexdigest()


def read_encoding(name: str, path: Path) -> Encoding | None:
    """The encoding of a rank file; None if the file cannot be read or is not the one of that name."""
    try:
        ranks_file = read_bytes(path, _MOST_BYTES)
    except FileError:
        return None
    import hashlib

    if hashlib.sha256(ranks_file).hexdigest() != OLD_ENCODINGS[name]:
        return None
    import tiktoken
    from tiktoken_ext import openai_public

    ranks = {
        base64.b64decode(token): int(rank)
        for token, rank in (line.split() for line in ranks_file.splitlines())
    }
    return tiktoken.Encoding(
        name, pat_str=openai_public.r50k_pat_str, mergeable_ranks=ranks, special_tokens={}
    )


def _cache_folder() -> Path:
    """Where tiktoken keeps downloads: `tiktoken/load.py`, `read_file_cached`."""
    for variable in ("TIKTOKEN_CACHE_DIR", "DATA_GYM_CACHE_DIR"):
        if variable in os.environ:
            return Path(os.environ[variable])
    return Path(tempfile.gettempdir()) / "data-gym-cache"
