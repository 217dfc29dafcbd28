"""How many tokens is a text?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ...errors import ParameterError, UsageError
from ...messages import option, say
from ...probes.prompts.dataframes import RowValues, rows_in
from ...records import dataclass
from .. import parameters
from ..kinds import Kind, Name, Switch
from ..question import Question, parameter
from .details import TokensEstimate


class Texts(Kind):
    """A text, or many: a list, a DataFrame or its column of text."""

    json_schema: ClassVar[Mapping[str, Any]] = {"type": ["string", "array", "null"]}

    def take(self, name: str, value: Any) -> Any:
        """A text as it is; many as their rows, with None for a row without one."""
        if isinstance(value, str | RowValues):
            return value
        rows = rows_in(value, option(name))
        wrong = next((row for row in rows if not isinstance(row, str | None)), None)
        if wrong is not None:
            raise UsageError(
                "{option} holds a {type}, which is no text; what a prompt costs counts messages too",
                option=option(name),
                type=type(wrong).__name__,
            )
        return rows

    def to_json(self, value: Any) -> Any:
        return value if isinstance(value, str) else list(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens(Question):
    """Count the tokens of `text` as `model` would.

    Special-token spellings such as `<|endoftext|>` in it are text.

    Returns:
        An Estimate with the figure `tokens`; of one text also `words`, `chars`, `tokens_per_word` and
        `tokens_per_char`; of many `texts` and how long they are; of several models a part for each. It is a
        `OneTextEstimate`, a `ManyTextsEstimate` or a `TokensComparison`.

    Raises:
        LLMNumbersError: no tokenizer and no estimate is known for `model`, or nothing that is a text.

    >>> from ipython_llmnumbers import count_tokens
    >>> count_tokens("hello world", model="gpt-4o")["tokens"].value
    2
    """

    function = "count_tokens"

    text: Any = parameter(
        Texts(), say("a text, a list of texts, or a DataFrame column of text"), None, is_subject=True
    )
    model: tuple[str, ...] = parameters.hosted_models()
    file: str | None = parameter(
        Name(), say("count a text file of any size"), None, metavar="PATH", effect="instead"
    )
    compare: bool = parameter(
        Switch(), say("count under many tokenizers, with the ratio to the first"), False
    )
    ids: bool = parameter(Switch(), say("show the ids of the tokens"), False)
    label: str | None = parameter(
        Name(), say("what to call many texts; default: text"), None, is_subject=True
    )

    def check(self) -> None:
        if (self.text is None) == (self.file is None):
            if self.text is None:
                raise UsageError("nothing to count: give {option:text} or {option:file}")
            raise UsageError("{option} and another text: give one of them", option=option("file", self.file))
        several = self.compare or len(self.model) > 1
        if several and not isinstance(self.text, str):
            raise ParameterError(
                "{option}: many texts and files are counted for one model", "model", ",".join(self.model)
            )

    def answer(self) -> TokensEstimate:
        from .many_texts import compare_tokens, estimate_file, estimate_texts
        from .one_text import estimate_tokens

        if self.file is not None:
            return estimate_file(self)
        if not isinstance(self.text, str):
            return estimate_texts(self)
        if self.compare or len(self.model) > 1:
            return compare_tokens(self)
        return estimate_tokens(self.text, self.model[0], self)
