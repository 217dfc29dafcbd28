"""Run beside the notebook by `local_files.py`: it loads one tokenizer.json and counts with it.

One JSON line is read and one written for each text. A process of its own can be ended: a file from a
stranger may hold a pattern that never ends, or one that crashes the library.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ...files.formats import parse_json
from ...files.reading import read_bytes
from ...patterns import pattern
from ...processes import limit_memory, only_answers

# Gemma's has 33 MB.
_MOST_BYTES = 200_000_000
# What a process of that size and a text of some megabytes take, several times over.
_MOST_MEMORY_BYTES = 6 << 30
# A byte that a sentencepiece vocabulary spells out.
_BYTE_TOKEN = pattern(r"<0x([0-9A-F]{2})>")


def main(path: str) -> None:
    """Answer `{"text": …}` with `{"ids": […], "bytes": {id: base64}}`, until the input ends."""
    answers = only_answers()
    limit_memory(_MOST_MEMORY_BYTES)
    answer: Callable[[dict[str, Any]], dict[str, Any]]
    try:
        described, answer = _load(Path(path))
    except BaseException as error:
        described, answer = {"error": _reason(error)}, lambda _request: {}
    answers.write(json.dumps(described).encode() + b"\n")
    for line in sys.stdin.buffer if "error" not in described else ():
        try:
            reply = answer(parse_json(line))
        except BaseException as error:  # a Rust extension panics with one that is no Exception
            reply = {"error": _reason(error)}
        answers.write(json.dumps(reply).encode() + b"\n")


def _load(path: Path) -> tuple[dict[str, Any], Callable[[dict[str, Any]], dict[str, Any]]]:
    import tokenizers

    tokenizer = tokenizers.Tokenizer.from_buffer(read_bytes(path, _MOST_BYTES))
    described = {
        "engine": f"tokenizers {version('tokenizers')}",
        "cut_at_tokens": (tokenizer.truncation or {}).get("max_length"),
    }
    # Both belong to the batches that a file was trained or served with, and would change a count.
    tokenizer.no_truncation()
    tokenizer.no_padding()
    # A spelling such as <|endoftext|> in a prompt is the text that somebody typed.
    tokenizer.encode_special_tokens = True
    is_byte_level = tokenizer.decoder is not None and b'"ByteLevel"' in tokenizer.decoder.__getstate__()

    def token_bytes(token_id: int) -> bytes:
        token = tokenizer.id_to_token(token_id) or ""
        if is_byte_level:
            alphabet = _byte_of_character()
            return bytes(alphabet[character] for character in token if character in alphabet)
        byte = _BYTE_TOKEN.fullmatch(token)
        return bytes.fromhex(byte[1]) if byte else token.encode()

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        ids = tokenizer.encode(request["text"], add_special_tokens=False).ids
        return {
            "ids": ids,
            "bytes": {each: base64.b64encode(token_bytes(each)).decode() for each in set(ids)},
        }

    return described, answer


@cache
def _byte_of_character() -> dict[str, int]:
    """GPT-2's alphabet, in which a byte-level vocabulary is written: a printable character for each byte.

    https://github.com/openai/gpt-2/blob/master/src/encoder.py, `bytes_to_unicode`.
    """
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    alphabet: dict[str, Any] = {chr(byte): byte for byte in printable}
    return alphabet | {chr(256 + index): byte for index, byte in enumerate(others)}


def _reason(error: BaseException) -> str:
    return (str(error).splitlines() or [""])[0] or type(error).__name__


if __name__ == "__main__":
    main(sys.argv[1])
