"""The options of the magics themselves, beside those of their questions."""

from __future__ import annotations

from ..messages import LANGUAGES, say
from .options import Option


def _language(_flag: str, word: str) -> str:
    from ..estimates.kinds import OneOf

    return OneOf(tuple(LANGUAGES)).take("lang", word)


VARIABLE = Option(
    ("-v", "--var"), say("take the text from a notebook variable: a name, or table.column"), "NAME"
)
OUTPUT_NAME = Option(
    ("-o", "--output"), say("keep the estimate under this name as well"), "NAME", effect="after"
)
JSON_FILE = Option(("--json",), say("write the whole estimate to a file"), "PATH", effect="after")
LANGUAGE = Option(
    ("--lang",),
    say("the language of the answer; default: LLMNumbers.language"),
    "|".join(LANGUAGES),
    _language,
    known=lambda: LANGUAGES,
)
