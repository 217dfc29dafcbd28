"""The options of the magics themselves, beside those of their questions."""

from __future__ import annotations

from ..errors import one_of
from ..messages import LANGUAGES, say
from .options import Option

# The last group of every help.
GROUP = say("what the notebook gives and keeps")

VARIABLE = Option(
    ("-v", "--var"),
    say("take the text from a notebook variable: a name, or table.column"),
    "NAME",
    group=GROUP,
)
KEEPING = (
    Option(
        ("-o", "--output"),
        say("keep the estimate under this name as well"),
        "NAME",
        effect="after",
        group=GROUP,
    ),
    Option(("--json",), say("write the whole estimate to a file"), "PATH", effect="after", group=GROUP),
    Option(("--overwrite",), say("replace a file that something else wrote"), effect="after", group=GROUP),
)
LANGUAGE = Option(
    ("--lang",),
    say("the language of the answer; default: LLMNumbers.language"),
    "|".join(LANGUAGES),
    lambda _flag, word: one_of(LANGUAGES, "lang", word),
    known=lambda: LANGUAGES,
    group=GROUP,
)
