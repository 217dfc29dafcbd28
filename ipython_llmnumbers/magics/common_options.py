"""Options that more than one magic takes."""

from __future__ import annotations

from collections.abc import Iterable

from ..messages import LANGUAGES, say
from .option_values import currency_code, one_of, rate_of_day
from .options import Option


def known_models() -> Iterable[str]:
    """The names that TAB offers for a model."""
    from ..estimates.hosted_model import known_models

    return known_models()


MODELS = Option(
    ("-m", "--model"),
    say("the model, or several with commas for a comparison; default: LLMNumbers.model"),
    "MODEL[,MODEL…]",
    known=known_models,
)
VARIABLE = Option(
    ("-v", "--var"), say("take the text from a notebook variable: a name, or table.column"), "NAME"
)
OUTPUT_NAME = Option(
    ("-o", "--output"), say("keep the estimate under this name as well"), "NAME", effect="after"
)
JSON_FILE = Option(("--json",), say("write the whole estimate to a file"), "PATH", effect="after")
CURRENCY = Option(("--currency",), say("amounts in another currency too, with --rate"), "CODE", currency_code)
RATE = Option(("--rate",), say("your rate for one dollar and its day"), "RATE@YYYY-MM-DD", rate_of_day)
LANGUAGE = Option(
    ("--lang",),
    say("the language of the answer; default: LLMNumbers.language"),
    "|".join(LANGUAGES),
    one_of(*LANGUAGES),
    known=lambda: LANGUAGES,
)
