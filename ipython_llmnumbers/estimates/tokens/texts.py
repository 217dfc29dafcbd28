"""Texts that several models may be asked about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from ...probes.prompts.text_kinds import kinds
from ...probes.tokenizers.engines import Engine


class Texts:
    """Texts free of lone surrogates, which a vocabulary counts once, however many models have it."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.texts = tuple(texts)
        self._ids: dict[str, list[Sequence[Any]]] = {}

    def ids(self, vocabulary: str, engine: Engine) -> list[Sequence[Any]]:
        """The ids of each text under a vocabulary, which the engine holds."""
        if vocabulary not in self._ids:
            self._ids[vocabulary] = [engine.encode(text) for text in self.texts]
        return self._ids[vocabulary]

    @cached_property
    def kinds(self) -> dict[str, float]:
        """The kinds of text in all of them, and their shares."""
        return kinds("\n".join(self.texts))

    @cached_property
    def n_chars(self) -> int:
        return sum(map(len, self.texts))
