"""The live line: what each magic of a cell would answer, on one line, without running the cell.

The words behind a magic are read by its own table of options and the estimate is the one that
the magic would return, so that the line, the toolbar and the output cannot disagree.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Literal

from traitlets import TraitError

from ..errors import LaterError, LLMNumbersError, UsageError
from ..figures import Estimate
from ..magics import gpufit, llmcost, tokens
from ..magics.flags import as_flag
from ..magics.magic import Call, Magic
from ..magics.session import Session
from ..magics.settings import LLMNumbers
from ..messages import speaking, tell
from ..records import dataclass
from ..render.line import estimate_parts, is_warning, text_line
from .cell import LIVE_MAGICS, Use, uses_in
from .told import DEFAULTS, ToldVariables, Variables

_MAGICS = dict(zip(LIVE_MAGICS, (llmcost.MAGIC, tokens.MAGIC, gpufit.MAGIC), strict=True))
# More magics than this in one cell are counted, not estimated.
_SHOWN_MAGICS = 4
# What stands in for a text or a model that is not typed yet, so that a wrong option is named at once.
_STAND_IN = {"llmcost": "x", "tokens": "x", "gpufit": "7B"}

LineLevel = Literal["info", "warning", "error", "later"]


@dataclass(frozen=True, slots=True)
class LiveLine:
    """What is shown of one magic: parts to set side by side, and whether they are a warning or an error.

    `later` is neither: what only a run can tell. It has nothing more to say once the cell has run.
    """

    parts: tuple[str, ...]
    level: LineLevel = "info"

    def __str__(self) -> str:
        return text_line(self.parts)


def live_lines(cell: str, settings: LLMNumbers, variables: Variables | None = None) -> tuple[LiveLine, ...]:
    """A line for each magic of a cell as it stands in the editor; none where it has none of ours.

    Args:
        cell: the whole cell; it is counted and kept nowhere.
        settings: the defaults, such as the model that counts without `-m`.
        variables: those that the notebook has told, see `told.py`; None where it has told none.

    >>> live_lines("%%llmcost -m gpt-4o\\nhello world", LLMNumbers())[0].parts[:3]
    ('2 tokens', '$0.000005 input', 'gpt-4o')
    >>> live_lines("print(1)", LLMNumbers())
    ()
    """
    uses = uses_in(cell)
    lines = [_line(use, settings, variables) for use in uses[:_SHOWN_MAGICS]]
    n_more = len(uses) - _SHOWN_MAGICS
    if n_more > 0:
        with speaking(settings.language, as_flag):
            lines.append(LiveLine((tell("and {n} more in this cell", n=n_more),)))
    return tuple(line for line in lines if line is not None)


def _line(use: Use, settings: LLMNumbers, variables: Variables | None) -> LiveLine | None:
    """The line of one magic; None if its options ask for something that is no estimate."""
    magic = _MAGICS[use.name]
    with speaking(settings.language, as_flag):
        try:
            if use.misplaced:
                raise UsageError(
                    "{magic} is read in the first line of a cell only; move it above the comment",
                    magic=use.misplaced,
                )
            told = None if variables is None else ToldVariables(variables, use.around)
            # Without a shell: a variable's attribute is code, and typing must run none.
            session = Session(None, _settings_of(use, settings), told=told)
            return _answered(magic, use, session)
        except LaterError as error:
            return LiveLine((str(error),), "later")
        except LLMNumbersError as error:
            return LiveLine((str(error),), "error")
        except (KeyboardInterrupt, SystemExit, GeneratorExit):
            raise
        except BaseException as error:  # a Rust extension panics with one that is no Exception
            # Whoever types must not be interrupted, and an error's text may quote the prompt.
            line = tell("no estimate while typing ({error}); run the cell", error=type(error).__name__)
            return LiveLine((line,), "error")


def _settings_of(use: Use, settings: LLMNumbers) -> LLMNumbers:
    """The settings as they are where the magic runs.

    Raises:
        LaterError: the cell computes them before.
        UsageError: the cell sets one to what it does not take.
    """
    set_before = use.around.settings
    if set_before is None:
        raise LaterError("this cell changes the settings first; it is estimated when it runs")
    if not set_before:
        return settings
    known = {name: getattr(settings, name) for name in DEFAULTS}
    try:
        return settings_with(**(known | {name: set_before[name] for name in known if name in set_before}))
    except TraitError as error:
        raise UsageError("{error}", error=str(error)) from None


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


def _answered(magic: Magic, use: Use, session: Session) -> LiveLine | None:
    if use.body is not None and magic.kind == "line":
        return None
    call = magic.call(use.line, use.body, session)
    with speaking(call.language, as_flag):
        if _effects(call, "instead"):
            return None
        call = call.without(_effects(call, "after"))
        has_text = call.options.rest if call.cell is None else call.cell
        if has_text or (call.cell is None and call.options.get("var")):
            chosen = "model" in {*call.options.values, *(use.around.settings or {})}
            return _estimated(call, is_default_model=session.told is None and not chosen)
        _refuse_wrong_options(call)
        return LiveLine((_what_to_type(call),))


def _estimated(call: Call, *, is_default_model: bool) -> LiveLine | None:
    estimate = call.magic.answer(call)
    if estimate is None:
        return None
    if estimate.kind == "tokens":
        estimate = _priced(call, estimate)
    parts = tuple(estimate_parts(estimate, is_default_model=is_default_model))
    return LiveLine(parts, "warning" if is_warning(estimate) else "info")


def _priced(call: Call, counted: Estimate) -> Estimate:
    """What a text costs that `%tokens` has counted: who writes a prompt asks that, too."""
    from ..estimates.cost.question import Cost

    names = [part.subject for part in counted.parts] or [counted.subject]
    text, _ = call.subject()
    return Cost.of(prompt=text, model=names, as_text=True, **call.currency).answer()


def _refuse_wrong_options(call: Call) -> None:
    """Answer for a text or model that is not typed yet: an unknown model is named before it is there."""
    text = _STAND_IN[call.magic.name]
    if call.cell is None:
        call.magic.answer(replace(call, options=replace(call.options, rest=text)))
    else:
        call.magic.answer(replace(call, cell=text))


def _what_to_type(call: Call) -> str:
    if call.cell is not None:
        return tell("write the prompt below: it is counted while you type")
    if call.magic.name == "gpufit":
        return tell("write the model behind it: a name such as llama-3.1-8b, or a size such as 13B")
    return tell("write the prompt behind it, or name a variable with -v: it is counted while you type")


def _effects(call: Call, effect: Literal["after", "instead"]) -> set[str]:
    """The names of the given options that do something beside shaping the estimate."""
    return {each.name for each in call.magic.all_options if each.effect == effect} & set(call.options.values)
