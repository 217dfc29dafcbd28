"""The numbers every LLM developer should know, live under the code being written.

`%load_ext ipython_llmnumbers` adds the magics; the functions below answer the same
questions without IPython. Everything is imported on first use: this file imports nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False  # as that of `typing`, whose import takes twenty times as long as this file's
if TYPE_CHECKING:
    from datetime import date

    from IPython.core.interactiveshell import InteractiveShell

    from .errors import LLMNumbersError
    from .figures import Estimate, Figure, Source
    from .functions import (
        compare_log,
        corrections,
        count_corpus,
        count_tokens,
        estimate_cost,
        gpu_fit,
        gpu_speed,
        gpu_train,
        gpus_that_fit,
        models_that_fit,
        numbers,
        training_cost,
    )
    from .messages import speaking
else:

    def __getattr__(name):
        """What this package offers, from where it is made (PEP 562)."""
        from importlib import import_module

        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        module = import_module(f"{__name__}.{_MADE_IN.get(name, 'functions')}")
        globals()[name] = found = getattr(module, name)
        return found

    def __dir__():
        return sorted({*globals(), *__all__})


__version__ = "0.1.0"
__all__ = [
    "Estimate",
    "Figure",
    "LLMNumbersError",
    "Source",
    "compare_log",
    "corrections",
    "count_corpus",
    "count_tokens",
    "estimate_cost",
    "gpu_fit",
    "gpu_speed",
    "gpu_train",
    "gpus_that_fit",
    "load_ipython_extension",
    "models_that_fit",
    "numbers",
    "speaking",
    "training_cost",
    "unload_ipython_extension",
    "update_prices",
]
_MADE_IN = {
    "Estimate": "figures",
    "Figure": "figures",
    "LLMNumbersError": "errors",
    "Source": "figures",
    "speaking": "messages",
}


def update_prices() -> date:
    """Fetch the newest price table for this session; the day of its prices.

    Raises:
        LLMNumbersError: the table cannot be fetched or read; the prices stay as they were.
    """
    from .estimates.price_update import update_prices

    return update_prices().after


def load_ipython_extension(ip: InteractiveShell) -> None:
    """Called by `%load_ext ipython_llmnumbers`."""
    from .magics import load

    settings = load(ip)
    # A terminal shows the live line by itself; a kernel tells the pages that do.
    is_terminal = getattr(ip, "pt_app", None) is not None
    if is_terminal:
        from .live import terminal

        terminal.load(ip, settings)
    elif getattr(ip, "kernel", None) is not None:
        from .live import kernel

        kernel.load(ip, settings)
    else:
        return
    from .live import warming

    warming.load(ip, settings, reads_keys=is_terminal)


def unload_ipython_extension(ip: InteractiveShell) -> None:
    """Called by `%unload_ext ipython_llmnumbers`; leaves nothing behind."""
    from .live import kernel, terminal, warming
    from .magics import unload

    warming.unload(ip)
    kernel.unload(ip)
    terminal.unload(ip)
    unload(ip)


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    """Asked by the Jupyter server, which then loads the live line's handler."""
    return [{"module": "ipython_llmnumbers.live.server"}]
