"""The texts that prompts send: what of a message is text, by whether the model is sent its name."""

from __future__ import annotations

from collections.abc import Sequence

from ...probes.prompts.chat import Message, Prompt
from ...probes.prompts.text import replace_lone_surrogates
from ...records import dataclass
from .texts import Texts


@dataclass(frozen=True, slots=True)
class SentTexts:
    """All texts of some prompts, how many each prompt has, and how many lone surrogates were replaced."""

    all: Texts
    lengths: tuple[int, ...]
    n_surrogates: int

    def sums(self, counts: Sequence[int]) -> tuple[int, ...]:
        """The counts of each prompt's texts, added up."""
        iterator = iter(counts)
        return tuple(sum(next(iterator) for _ in range(length)) for length in self.lengths)


class PromptTexts:
    """Prompts whose texts are read, and counted, once for all models that are asked about them."""

    def __init__(self, prompts: Sequence[Prompt]) -> None:
        self.prompts = prompts
        self._read: dict[bool, SentTexts] = {}

    def as_sent(self, *, names_count: bool) -> SentTexts:
        """What is sent to a model, with names or without: providers that have no place for them drop them
        (Gemini: panaversity/learn-agentic-ai, 4_trim_filter_messages.ipynb)."""
        names_count = names_count and any(one.name for prompt in self.prompts for one in prompt.messages)
        if names_count not in self._read:
            self._read[names_count] = _read(self.prompts, names_count=names_count)
        return self._read[names_count]


def _read(prompts: Sequence[Prompt], *, names_count: bool) -> SentTexts:
    texts, lengths, n_surrogates = [], [], 0
    for prompt in prompts:
        cleaned = [replace_lone_surrogates(text) for text in _texts(prompt, names_count=names_count)]
        texts += [text for text, _ in cleaned]
        lengths.append(len(cleaned))
        n_surrogates += sum(n_lone for _, n_lone in cleaned)
    return SentTexts(Texts(texts), tuple(lengths), n_surrogates)


def _texts(prompt: Prompt, *, names_count: bool) -> list[str]:
    pairs = ((one.text, _name(one) if names_count else "") for one in prompt.messages)
    return [each for pair in pairs for each in pair if each]


def _name(message: Message) -> str:
    """A name is read behind a space: "Lance" and "Bot" are one token each on gpt-4o, not two and one (39 and
    11 in langchain-ai/langchain-academy, module-2/trim-filter-messages.ipynb and module-0/basics.ipynb).

    A name that is the role is not written twice: microsoft/autogen, models.ipynb, cell 9, 15 on GPT-4o.
    """
    return f" {message.name}" if message.name and message.name != message.role else ""
