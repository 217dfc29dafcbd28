"""The defaults a user may set: `%config LLMNumbers.model = "claude-opus-5-5"`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from traitlets import Bool, CUnicode, TraitError, Unicode, validate
from traitlets.config import Configurable

from ..catalog.defaults import DEFAULT_MODEL
from ..errors import LLMNumbersError, one_of
from ..messages import LANGUAGES, speaking
from .flags import as_setting

# Compact leaves out what says how an estimate is made.
DISPLAYS = ("full", "compact")


class Language(Unicode):  # type: ignore[type-arg]
    """One of the languages. Another is refused before it is set: the other settings are refused in it."""

    def validate(self, obj: Any, value: Any) -> str:
        if value == self.default_value:  # validated when it is first read: no language is set yet
            return str(value)
        with _refusing(obj.language):
            return one_of(LANGUAGES, "language", value)


class LLMNumbers(Configurable):
    """Defaults of %%llmcost, %tokens, %gpufit and %llmnumbers."""

    # From then on a model is looked up when it is set; before, where it is first used.
    is_loaded = False

    model = Unicode(DEFAULT_MODEL, help="The model that %%llmcost and %tokens count for without -m.").tag(
        config=True
    )

    currency = Unicode("", help="A currency for totals beside dollars, such as JPY; needs rate.").tag(
        config=True
    )
    rate = Unicode("", help="Your rate for one dollar and its day, such as 150@2026-11-20.").tag(config=True)

    language = Language("en", help="The language of every answer: en or ja.").tag(config=True)

    student = CUnicode(
        "", help="Your number in class: the exercises of %llmnumbers --check are drawn by it."
    ).tag(config=True)

    display = Unicode("full", help="How much of an estimate is shown: full or compact.").tag(config=True)

    ledger = Unicode("", help="A file that keeps the ledger; without one it is in memory.").tag(config=True)

    @validate("ledger")
    def _usable_file(self, proposal: Any) -> str:
        name: str = proposal["value"]
        if not name:
            return name
        from ..files.reading import user_path

        with _refusing(self.language, "LLMNumbers.ledger: "):
            # The notebook may change its folder later.
            path = user_path(name).absolute()
            if self.is_loaded:
                from ..usage.ledger.ledger_file import LedgerFile

                LedgerFile(path).check()
            return str(path)

    warm = Bool(True, help="Load what the first estimate needs while no cell runs.").tag(config=True)

    @validate("model")
    def _known_model(self, proposal: Any) -> str:
        name: str = proposal["value"]
        if not self.is_loaded:  # the tables would take longer than all else of %load_ext
            return name
        from ..estimates.hosted_model import resolve_tokenizer

        with _refusing(self.language, "LLMNumbers.model: "):
            for each in name.split(","):
                resolve_tokenizer(each)
        return name

    @validate("student")
    def _known_student(self, proposal: Any) -> str:
        from ..catalog import limits
        from ..estimates import kinds

        word = str(proposal["value"])
        with _refusing(self.language):
            if word:
                kinds.Whole(limits.QUIZ_SEED, least=0).take(
                    "student", int(word) if word.isdecimal() else word
                )
        return word

    @validate("display")
    def _known_display(self, proposal: Any) -> str:
        with _refusing(self.language):
            return one_of(DISPLAYS, "display", proposal["value"])

    @validate("currency", "rate")
    def _well_formed(self, proposal: Any) -> str:
        from ..estimates.money import CurrencyCode, RateOfDay

        name, word = proposal["trait"].name, proposal["value"]
        kind = CurrencyCode() if name == "currency" else RateOfDay()
        if word:
            with _refusing(self.language):
                kind.take(name, word)
        return str(word)


@contextmanager
def _refusing(language: str, prefix: str = "") -> Iterator[None]:
    """What is refused is a TraitError: %config logs its text and nothing else, so it says what to do."""
    with speaking(language, as_setting):
        try:
            yield
        except LLMNumbersError as error:
            raise TraitError(f"{prefix}{error}") from None
