"""What did the engine take when it loaded the model, and what is kept of that?"""

from __future__ import annotations

from typing import Any

from ...messages import say
from ...records import dataclass
from .. import parameters
from ..kinds import Name, Switch
from ..question import Question, parameter
from ..subjects import OpenModel
from .details import CorrectionsEstimate, LoadedEstimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded(Question):
    """What an engine's start-up log says that it took, beside what is estimated.

    The log says how the engine was started; what is given besides takes the place of that.

    Returns:
        An Estimate with a part for each size in the log: `measured`, `estimated` and `difference`.

    Raises:
        LLMNumbersError: a log of another program or of another model, or one that ends too early.
    """

    function = "compare_log"

    model: Any = parameter(
        OpenModel(),
        say("the model that was loaded; default: the one that the log names"),
        None,
        is_subject=True,
    )
    log: str = parameter(
        Name(),
        say("compare with the log that an engine wrote when it started"),
        metavar="PATH",
        effect="instead",
    )
    keep: bool = parameter(
        Switch(),
        say("keep the difference as a correction, for this engine, version and machine"),
        False,
        effect="instead",
    )
    gpu: str | None = parameters.gpu()
    quant: str | None = parameters.quant()
    engine: str | None = parameters.engine()
    tp: int = parameters.tp()
    utilization: float | None = parameters.utilization()
    text_only: bool = parameters.text_only()

    def answer(self) -> LoadedEstimate:
        from .estimate import estimate_loaded

        return estimate_loaded(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrections(Question):
    """The corrections that were kept of engines' logs.

    Returns:
        An Estimate with a part for each, by its number; of what was dropped where `drop` says so.

    Raises:
        LLMNumbersError: a file that is not as it was written, or no such number.
    """

    function = "corrections"

    drop: str | None = parameter(
        Name(),
        say("drop a kept correction by its number, several with commas, or all"),
        None,
        metavar="N",
        effect="instead",
    )

    def answer(self) -> CorrectionsEstimate:
        from .corrections import estimate_corrections

        return estimate_corrections(self)
