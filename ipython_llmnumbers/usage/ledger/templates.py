"""What a prompt's template is known by: a keyed hash of its text, from which nobody learns the text.

The key lies in the user's configuration folder and not in the ledger, so that a ledger which is passed on
does not even confirm a guess.
"""

from __future__ import annotations

import os
from contextlib import suppress
from functools import cache
from hashlib import blake2b
from pathlib import Path

from ...catalog.user_table import user_file
from ...errors import FileError
from ...files.reading import read_bytes
from ...files.writing import make_folder, write_text
from ...patterns import pattern

_KEY_BYTES = 32
_FIELD = pattern(r"\{[^{}]*\}")


def template_text(text: str) -> str:
    """A prompt without what is filled in, and without its white space.

    >>> template_text("Translate {text}\\n to French."), template_text("Translate  to French.")
    ('Translate to French.', 'Translate to French.')
    """
    return " ".join(_FIELD.sub(" ", text).split())


def template_hash(text: str, key: bytes) -> str:
    """The hash of a prompt's template under a key.

    >>> template_hash("Translate {text}", b"k") == template_hash("Translate ", b"k")
    True
    >>> template_hash("Translate {text}", b"k") == template_hash("Translate {text}", b"other")
    False
    """
    return blake2b(template_text(text).encode("utf-8", "surrogatepass"), key=key, digest_size=16).hexdigest()


@cache
def session_key() -> bytes:
    """A key of this process alone."""
    return os.urandom(_KEY_BYTES)


def user_key() -> bytes:
    """The user's key, which all their sessions share; made where there is none.

    Raises:
        FileError: it can neither be read nor made.
    """
    return _key_at(user_file().parent / "ledger.key")


@cache
def _key_at(path: Path) -> bytes:
    if not (kept := _kept_key(path)):
        make_folder(path.parent)
        with suppress(FileError):  # another kernel was first
            write_text(path, os.urandom(_KEY_BYTES).hex() + "\n", is_ours=lambda _: False, mode=0o600)
        kept = _kept_key(path)
    if not kept:
        raise FileError("{path} is no key of the ledger; remove it", path=path)
    return kept


def _kept_key(path: Path) -> bytes:
    with suppress(FileError, ValueError):
        return bytes.fromhex(read_bytes(path, 1_000).decode("ascii").strip())
    return b""
