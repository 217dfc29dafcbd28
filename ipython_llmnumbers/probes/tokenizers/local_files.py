"""Tokenizers that are on this machine already: a `tokenizer.json`, or the Hugging Face cache.

Nothing is fetched: the cache answers in a millisecond whether it holds a file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ...errors import CatalogError
from ...messages import shorten

_FILE_NAME = "tokenizer.json"
_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
# A byte that a sentencepiece vocabulary spells out.
_BYTE_TOKEN = re.compile(r"<0x([0-9A-F]{2})>")


def local_tokenizer_file(model: str) -> Path | None:
    """The tokenizer.json that a path, a folder or a cached Hugging Face id names; else None."""
    if model.endswith(".json") or "/" in model or "\\" in model:
        try:
            path = Path(model).expanduser()
            path = path / _FILE_NAME if path.is_dir() else path
            if path.suffix == ".json" and path.is_file():
                return path.resolve()
        except (OSError, ValueError, RuntimeError):
            return None
    if not _REPOSITORY.fullmatch(model):
        return None
    from huggingface_hub import try_to_load_from_cache

    try:
        cached = try_to_load_from_cache(model, _FILE_NAME)
    except ValueError:  # its HFValidationError: no repository can have this name
        return None
    return Path(cached) if isinstance(cached, str) else None


def load_tokenizer_file(path: str) -> tuple[str, Callable[[str], Sequence[int]], Callable[[int], bytes]]:
    """The engine's name, its encoder, and the bytes of an id, for a tokenizer.json.

    Raises:
        CatalogError: the file is no tokenizer that `tokenizers` can read.
    """
    import tokenizers

    try:
        tokenizer = tokenizers.Tokenizer.from_file(path)
    except Exception as error:  # tokenizers raises a bare Exception
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CatalogError(
            "{path}: not a tokenizer that can be read ({reason}); name another",
            path=path,
            reason=shorten(reason),
        ) from None
    # A spelling such as <|endoftext|> in a prompt is the text that somebody typed.
    tokenizer.encode_special_tokens = True
    is_byte_level = '"ByteLevel"' in json.dumps(json.loads(tokenizer.to_str()).get("decoder"))

    def encode(text: str) -> Sequence[int]:
        ids: Sequence[int] = tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def token_bytes(token_id: int) -> bytes:
        token = tokenizer.id_to_token(token_id) or ""
        if is_byte_level:
            alphabet = _byte_of_character()
            return bytes(alphabet[character] for character in token if character in alphabet)
        byte = _BYTE_TOKEN.fullmatch(token)
        return bytes.fromhex(byte[1]) if byte else token.encode()

    return f"tokenizers {version('tokenizers')}", encode, token_bytes


@cache
def _byte_of_character() -> dict[str, int]:
    """GPT-2's alphabet, in which a byte-level vocabulary is written: a printable character for each byte.

    https://github.com/openai/gpt-2/blob/master/src/encoder.py, `bytes_to_unicode`.
    """
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    alphabet: dict[str, Any] = {chr(byte): byte for byte in printable}
    return alphabet | {chr(256 + index): byte for index, byte in enumerate(others)}
