"""What a first estimate needs is loaded by a thread, while its user reads and types.

The thread works in small steps, and takes the next one only while no cell runs. It keeps no process from
its end. Where a step holds the interpreter (the vocabulary's: 40 ms), it is left to the first estimate in
a terminal: there the same process reads the keys. `%config LLMNumbers.warm = False` ends it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..magics.flags import as_flag
from ..messages import speaking

if TYPE_CHECKING:
    from ..figures import Estimate
    from ..magics.settings import LLMNumbers

# From below upwards, so that each takes some milliseconds.
_MODULES = (
    *("figures", "files.formats", "catalog.toml_tables", "catalog.names", "catalog.prices.price_table"),
    *("catalog.prices.find", "probes.prompts.chat", "estimates.kinds", "estimates.parameters"),
    *("estimates.cost.question", "estimates.tokens.question", "estimates.tokens.one_text"),
    *("estimates.cost.input_tokens", "estimates.cost.estimate"),
    *("render.figure_text", "render.labels", "render.layout", "render", "render.layouts.cost"),
    *("render.layouts.tokens", "estimates.memory.question", "estimates.memory.estimate"),
    *("render.layouts.fit", "estimates.numbers.question", "estimates.numbers.estimate"),
    *("estimates.number_words", "usage.ledger.book"),
)
# Between two steps, for whoever else waits for the interpreter.
_PAUSE_S = 0.01


class Warmer:
    """The thread of one shell; `reads_keys` says whether its process is the one that a user types into."""

    def __init__(self, shell: Any, settings: LLMNumbers, *, reads_keys: bool) -> None:
        self._events, self._settings, self._reads_keys = shell.events, settings, reads_keys
        self._is_idle = threading.Event()
        self._is_stopped = False
        self._thread: threading.Thread | None = None
        self.n_steps = 0

    def start(self) -> None:
        """Begin at the end of the cell that runs now."""
        self._events.register("pre_run_cell", self._cell_begins)
        self._events.register("post_run_cell", self._cell_ends)

    def stop(self) -> None:
        """Take no further step."""
        self._is_stopped = True
        self._is_idle.set()
        for event, callback in (("pre_run_cell", self._cell_begins), ("post_run_cell", self._cell_ends)):
            with suppress(ValueError):
                self._events.unregister(event, callback)

    def _cell_begins(self, *_: object) -> None:
        self._is_idle.clear()

    def _cell_ends(self, *_: object) -> None:
        self._is_idle.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="llmnumbers-warming", daemon=True)
            with suppress(RuntimeError):  # no threads, as in a browser
                self._thread.start()

    def _run(self) -> None:
        with speaking(self._settings.language, as_flag):
            for step in steps(self._settings.model, counts=not self._reads_keys):
                time.sleep(_PAUSE_S)
                self._is_idle.wait()
                if self._is_stopped or not self._settings.warm:
                    return
                with suppress(Exception):  # it fails again, and is told, when the user asks
                    step()
                self.n_steps += 1


def steps(models: str, *, counts: bool) -> Iterator[Callable[[], object]]:
    """What is to be loaded for these models, with commas between; `counts`: the vocabularies too."""
    package = __package__.partition(".")[0]
    yield from (partial(import_module, f"{package}.{module}") for module in _MODULES)
    yield _options
    for model in models.split(","):
        yield partial(_price, model)
        yield from (partial(ask, model) for ask in (_cost, _tokens) if counts)
    yield from (_fit, _number) if counts else ()


def _options() -> object:
    from ..magics import MAGICS

    return [magic.all_options for magic in MAGICS]


def _price(model: str) -> object:
    from ..catalog.prices.find import find_price

    return find_price(model)


def _cost(model: str) -> object:
    from ..functions import estimate_cost

    return _shown(estimate_cost("a first estimate", model=model, output_tokens=1))


def _tokens(model: str) -> object:
    from ..functions import count_tokens

    return _shown(count_tokens("a first estimate", model))


def _fit() -> object:
    from ..functions import gpu_fit

    return _shown(gpu_fit("llama-3.1-8b", gpu="L4"))


def _number() -> object:
    from ..functions import numbers

    return _shown(numbers("tokens_per_word"))


def _shown(estimate: Estimate) -> object:
    from ..render import mimebundle

    return mimebundle(estimate)


_WARMERS: dict[int, Warmer] = {}


def load(shell: Any, settings: LLMNumbers, *, reads_keys: bool) -> None:
    """Have a thread load what the first estimate of a shell needs."""
    _WARMERS[id(shell)] = Warmer(shell, settings, reads_keys=reads_keys)
    _WARMERS[id(shell)].start()


def unload(shell: Any) -> None:
    """End the thread at its next step."""
    warmer = _WARMERS.pop(id(shell), None)
    if warmer is not None:
        warmer.stop()
