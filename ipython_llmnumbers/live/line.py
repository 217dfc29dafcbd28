"""The live line: what a cell's magic would answer, on one line, without running the cell.

The first line is read by the magic's own table of options and the estimate is the one that
the magic would return, so that the line, the toolbar and the output cannot disagree.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from ..errors import LLMNumbersError
from ..estimates.memory.details import FitEstimate
from ..figures import Level
from ..magics import gpufit, llmcost, tokens
from ..magics.flags import as_flag
from ..magics.magic import Call
from ..magics.session import Session
from ..magics.settings import LLMNumbers
from ..messages import speaking, tell
from ..render.line import cost_parts, fit_parts, share_of_length, text_line

_MAGICS = {magic.name: magic for magic in (llmcost.MAGIC, tokens.MAGIC, gpufit.MAGIC)}
# IPython splits a magic's name from its line at the first space, and only there.
_FIRST_LINE = re.compile(r"(?P<marks>%%?)(?P<name>\w+)(?: (?P<line>[^\n]*)|[^\S\n]*)(?=\n|\Z)")


@dataclass(frozen=True, slots=True)
class LiveLine:
    """What is shown: parts to set side by side, and whether they are a warning or an error."""

    parts: tuple[str, ...]
    level: Level = "info"

    def __str__(self) -> str:
        return text_line(self.parts)


def live_line(cell: str, settings: LLMNumbers) -> LiveLine | None:
    """The line for a cell as it stands in the editor; None where none of our magics begins it.

    Args:
        cell: the whole cell; it is counted and kept nowhere.
        settings: the defaults, such as the model that counts without `-m`.

    >>> live_line("%%llmcost -m gpt-4o\\nhello world", LLMNumbers()).parts[:3]
    ('2 tokens', '$0.000005 input', 'gpt-4o')
    >>> live_line("print(1)", LLMNumbers()) is None
    True
    """
    typed = _FIRST_LINE.match(cell)
    magic = _MAGICS.get(typed["name"]) if typed else None
    if typed is None or magic is None or (typed["marks"] == "%%" and magic.kind == "line"):
        return None
    body = cell[typed.end() :].removeprefix("\n") if typed["marks"] == "%%" else None
    with speaking(settings.language, as_flag):
        try:
            # Without a shell: a variable's attribute is code, and typing must run none.
            call = magic.call((typed["line"] or "").rstrip(), body, Session(None, settings))
            with speaking(call.language):
                return _answer(call)
        except LLMNumbersError as error:
            return LiveLine((str(error),), "error")
        except (KeyboardInterrupt, SystemExit, GeneratorExit):
            raise
        except BaseException as error:  # a Rust extension panics with one that is no Exception
            # Whoever types must not be interrupted, and an error's text may quote the prompt.
            line = tell("no estimate while typing ({error}); run the cell", error=type(error).__name__)
            return LiveLine((line,), "error")


def starts_live(cell: str) -> bool:
    """Whether a cell begins with a magic that has a live line: cheap enough for every keystroke."""
    typed = _FIRST_LINE.match(cell)
    return typed is not None and typed["name"] in _MAGICS


@lru_cache(maxsize=32)
def settings_with(model: str = "", currency: str = "", rate: str = "", language: str = "") -> LLMNumbers:
    """The settings of a front end that cannot see a kernel's; an empty word is the built-in default.

    Raises:
        TraitError: a model that no table knows, or what is no currency, rate or language, with the remedy.
    """
    settings = LLMNumbers()
    settings.is_loaded = True
    # The language first: the others are refused in it.
    for name, word in {"language": language, "model": model, "currency": currency, "rate": rate}.items():
        if word:
            setattr(settings, name, word)
    return settings


def _answer(call: Call) -> LiveLine | None:
    if _effects(call, "instead"):
        return None
    if call.cell == "":
        return LiveLine((tell("write the prompt below: it is counted while you type"),))
    estimate = call.magic.answer(call.without(_effects(call, "after")))
    if estimate is None:
        return None
    if isinstance(estimate, FitEstimate):
        return LiveLine(tuple(fit_parts(estimate)), "info" if estimate.verdict == "fits" else "warning")
    if estimate.kind not in ("cost", "tokens"):
        return None
    if estimate.kind == "tokens":
        from ..estimates.cost.question import Cost

        # `%tokens` does not ask what its text costs; whoever writes a prompt does.
        names = [part.subject for part in estimate.parts] or [estimate.subject]
        text, _ = call.subject()
        estimate = Cost.of(prompt=text, model=names, as_text=True, **call.currency).answer()
    share = share_of_length(estimate)
    is_full = share is not None and share.value is not None and share.value > 100
    return LiveLine(tuple(cost_parts(estimate, share)), "warning" if is_full else "info")


def _effects(call: Call, effect: Literal["after", "instead"]) -> set[str]:
    """The names of the given options that do something beside shaping the estimate."""
    return {each.name for each in call.magic.all_options if each.effect == effect} & set(call.options.values)
