"""The tokenizer engines, behind one shape: the only module that knows splintr, tiktoken and ctok.

Every engine here works offline. Text is text: a spelling such as `<|endoftext|>` in a
prompt is counted as the characters that somebody typed, never as the special token.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

from ._tiktoken_cache import cached_encoding

# How each ctok release marks the frame of a message in its token list.
_CTOK_FRAME = "⟨pad⟩"


# Tokens that a text may have more for each place where it is cut: these vocabularies write a
# space before a text, or markers around it. The others count the pieces as the whole.
TOKENS_AT_A_CUT = {"llama2": 1, "codellama": 1, "mistral_v1": 1, "mistral_v2": 1, "modernbert": 2}


@dataclass(frozen=True, slots=True)
class Engine:
    """One loaded vocabulary.

    `encode` takes a text without lone surrogates and returns its token ids;
    `token_bytes` gives the bytes of one id, and is None where cuts are not known.
    """

    name: str
    encode: Callable[[str], Sequence[Any]]
    token_bytes: Callable[[int], bytes] | None


@cache
def load_engine(vocabulary: str) -> Engine | None:
    """Load a vocabulary by name; None where it is not on this machine.

    Takes 6–40 ms for most, 300 ms for Gemma 4's; a `ctok …` family up to 400 ms.
    """
    if vocabulary.startswith("ctok "):
        return _ctok(vocabulary.removeprefix("ctok "))
    if vocabulary in ("p50k_base", "r50k_base"):
        encoding = cached_encoding(vocabulary)
        if encoding is None:
            return None
        return Engine(
            f"tiktoken {version('tiktoken')}", encoding.encode_ordinary, encoding.decode_single_token_bytes
        )
    import splintr

    tokenizer = splintr.Tokenizer.from_pretrained(vocabulary)
    encode = tokenizer.encode_ordinary
    if vocabulary == "qwen3":
        # Qwen's tokenizer.json normalises to NFC before it splits; splintr does not.
        return Engine(
            _splintr_name(),
            lambda text: encode(unicodedata.normalize("NFC", text)),
            tokenizer.decode_token_bytes,
        )
    return Engine(_splintr_name(), encode, tokenizer.decode_token_bytes)


@cache
def _splintr_name() -> str:
    return f"splintr-rs {version('splintr-rs')}"


def _ctok(family: str) -> Engine | None:
    """Claude's counts as reconstructed by ctok, without the message frame; None without ctok."""
    if find_spec("ctok") is None:
        return None
    import ctok

    def encode(text: str) -> list[str]:
        return [token for token in ctok.tokenize(text, family) if token != _CTOK_FRAME]

    return Engine(f"ctok {version('ctok')}", encode, None)
