"""What are the numbers that every LLM developer should know?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from ...catalog.numbers_2023 import all_number_keys, new_number_keys, number_keys
from ...errors import UsageError
from ...messages import say
from ...records import dataclass
from .. import kinds
from ..hosted_model import known_models
from ..money import Priced
from ..parameters import known_gpus
from ..question import parameter
from .details import NumberEstimate


def known_numbers() -> list[str]:
    """The names of the numbers that a quiz asks for: those of 2023, then those that came since."""
    return [*number_keys(), *new_number_keys()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers(Priced):
    """The numbers every LLM developer should know, or one of them with your own inputs.

    Returns:
        An Estimate with a part per number, `numbers()["tokens_per_word"]["published"]`; of one number,
        its figures `published`, `recomputed`, `today`, and `worked`, which takes the inputs, and `details`.

    Raises:
        LLMNumbersError: no such number, or an input that its formula does not have.

    >>> from ipython_llmnumbers import numbers
    >>> numbers()["kv_memory_per_token_13b"]["recomputed"].value
    819200
    >>> numbers("tokens_per_word", words=1200)["worked"].value
    1560
    """

    function = "numbers"

    name: str | None = parameter(
        kinds.Name(all_number_keys),
        say("a number's name, such as `tokens_per_word`; without it all are shown"),
        None,
        is_subject=True,
    )
    inputs: Mapping[str, Any] | None = parameter(
        kinds.Numbers(),
        say("put a number of your own in the formula; may be repeated"),
        None,
        flag="set",
        metavar="INPUT=NUMBER",
    )

    model: str | None = parameter(
        kinds.Name(known_models),
        say("the model that the numbers are told for beside today's"),
        None,
        short="m",
        metavar="MODEL",
    )
    gpu: str | None = parameter(
        kinds.Name(known_gpus),
        say("the GPU that they are told for; without it the local one"),
        None,
        short="g",
        metavar="GPU",
    )
    more: bool = parameter(kinds.Switch(), say("show the numbers of late 2026 too"), False)
    since: date | None = parameter(
        kinds.Day(),
        say("which numbers moved since that day, by how much and why"),
        None,
        metavar="YYYY-MM-DD",
    )

    def check(self) -> None:
        Priced.check(self)
        if self.since is not None and self.inputs:
            raise UsageError("{option:inputs} cannot be combined with {option:since}")
        if self.inputs and self.name is None:
            raise UsageError(
                "{inputs} of which number? give its name first, such as tokens_per_word",
                inputs=", ".join(self.inputs),
            )

    def answer(self) -> NumberEstimate:
        from .estimate import answer_numbers

        return answer_numbers(self)
