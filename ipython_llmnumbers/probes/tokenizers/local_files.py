"""Tokenizers that are on this machine already: a `tokenizer.json`, or the Hugging Face cache.

Nothing is fetched: the cache answers in a millisecond whether it holds a file. The file itself is
read and used by a process of its own, `_file_child.py`.
"""

from __future__ import annotations

import base64
import json
import re
import weakref
from pathlib import Path
from typing import Any

from ...errors import CatalogError, FileError
from ...files.reading import file_size_bytes, is_file, is_folder, open_file, user_path
from ...messages import say, shorten
from ...patterns import pattern
from ...processes import NoAnswerError, end, exchange, start

_FILE_NAME = "tokenizer.json"
_REPOSITORY = pattern(r"[\w.-]+/[\w.-]+", re.ASCII)
_CHILD = f"{__package__}._file_child"
# A process that is asked for a little, and for each megabyte of its file and of the text. Gemma's file of
# 33 MB loads within two seconds on a small machine, and a text of a megabyte counts in one.
_LEAST_S, _S_PER_MB = 5.0, 5.0


def local_tokenizer_file(model: str) -> Path | None:
    """The tokenizer.json that a path, a folder or a cached Hugging Face id names; else None."""
    if model.endswith(".json") or "/" in model or "\\" in model:
        try:
            path = user_path(model)
        except FileError:
            return None
        path = path / _FILE_NAME if is_folder(path) else path
        if path.suffix == ".json" and is_file(path):
            return path.resolve()
    if not _REPOSITORY.fullmatch(model):
        return None
    from huggingface_hub import try_to_load_from_cache

    try:
        cached = try_to_load_from_cache(model, _FILE_NAME)
    except ValueError:  # its HFValidationError: no repository can have this name
        return None
    return Path(cached) if isinstance(cached, str) else None


class FileTokenizer:
    """A tokenizer.json, loaded in a process that is ended when it takes too long or is no longer used.

    `engine` is the library that counts; `note` says what a reader must know of the file.

    Raises:
        CatalogError: the file is no tokenizer that the library can read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._bytes_of_id: dict[int, bytes] = {}
        described = self._load()
        self.engine: str = described["engine"]
        cut_at = described["cut_at_tokens"]
        self.note = (
            say("the file asks to cut at {n:,}; the model does not see the rest", n=cut_at) if cut_at else ""
        )

    def encode(self, text: str) -> list[int]:
        """The ids of a text, whole, whatever the file says of cutting and filling up."""
        if self._process.poll() is not None:
            self._load()
        answer = self._answer(len(text), json.dumps({"text": text}).encode())
        for token_id, encoded in answer["bytes"].items():
            self._bytes_of_id[int(token_id)] = base64.b64decode(encoded)
        ids: list[int] = answer["ids"]
        return ids

    def token_bytes(self, token_id: int) -> bytes:
        """The bytes of an id that `encode` returned."""
        return self._bytes_of_id[token_id]

    def _load(self) -> dict[str, Any]:
        try:
            self._process = start(_CHILD, str(self._path))
        except OSError as error:
            raise CatalogError(
                "{path}: its tokenizer runs in a process of its own, which cannot be started ({reason})",
                path=self._path,
                reason=error.strerror,
            ) from None
        weakref.finalize(self, end, self._process)
        with open_file(self._path) as file:
            return self._answer(file_size_bytes(file), None)

    def _answer(self, n_bytes: int, question: bytes | None) -> dict[str, Any]:
        """The next line of the process, for a file or a text of that size."""
        try:
            answer = exchange(self._process, question, _LEAST_S + _S_PER_MB * n_bytes / 1e6)
        except NoAnswerError as error:
            raise self._unusable(error.reason if error.is_late else say("it crashes its library")) from None
        if "error" in answer:
            raise self._unusable(shorten(answer["error"]))
        return answer

    def _unusable(self, reason: str) -> CatalogError:
        return CatalogError(
            "{path}: not a tokenizer that can be used ({reason}); name another",
            path=self._path,
            reason=reason,
        )
