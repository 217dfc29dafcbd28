"""The numbers every LLM developer should know, live under the code being written.

`%load_ext ipython_llmnumbers` adds the magics; the functions below answer the same
questions without IPython. Everything heavy is imported on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import LLMNumbersError
from .figures import Estimate, Figure, Source

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__version__ = "0.1.0"
__all__ = [
    "Estimate",
    "Figure",
    "LLMNumbersError",
    "Source",
    "count_tokens",
    "estimate_cost",
    "gpu_fit",
    "load_ipython_extension",
    "numbers",
    "unload_ipython_extension",
]


class _LazyPresenter:
    """Gives estimates their display without `figures` knowing of `render`, or loading it early."""

    def mimebundle(self, estimate: Estimate) -> dict[str, Any]:
        from .render import mimebundle

        return mimebundle(estimate)

    def text(self, estimate: Estimate) -> str:
        from .render import text

        return text(estimate)

    def explain(self, estimate: Estimate, name: str | None) -> str:
        from .render import explain

        return explain(estimate, name)


Estimate.presenter = _LazyPresenter()


def count_tokens(text: str, model: str = "gpt-4o") -> Estimate:
    """Count the tokens of `text` as `model` would.

    Args:
        text: taken as it is; special-token spellings such as `<|endoftext|>` are text.
        model: a model's name as people write it, or a vocabulary's (`o200k_base`).

    Returns:
        An Estimate with the figure `tokens`, and `tokens_per_word` and
        `tokens_per_char`.

    Raises:
        LLMNumbersError: no tokenizer and no estimate is known for `model`.

    >>> count_tokens("hello world", model="gpt-4o")["tokens"].value
    2
    """
    from .estimates.tokens import estimate_tokens

    return estimate_tokens(text, model)


def estimate_cost(
    prompt: str, model: str = "gpt-4o", output_tokens: int | None = None, calls: int = 1
) -> Estimate:
    """What one call with `prompt` costs on `model`, and `calls` of them.

    Args:
        prompt: the text of the prompt; it never leaves the machine.
        model: one name, or several with commas between: then a comparison.
        output_tokens: the tokens that the model will answer with; without it the
            output is not counted, and the estimate says so.
        calls: how often the prompt is sent.

    Returns:
        An Estimate with `input_tokens`, `output_tokens`, `input_usd`, `output_usd`,
        `total_usd` (one call) and `all_calls_usd`. An unknown price is None, not 0.

    Raises:
        LLMNumbersError: an unknown model, or a count below zero.

    >>> cost = estimate_cost("hello world", model="gpt-4o", output_tokens=10)
    >>> cost["input_tokens"].value, cost["output_tokens"].value
    (2, 10)
    """
    from .estimates.cost import compare_costs

    return compare_costs(prompt, model.split(","), output_tokens=output_tokens, calls=calls)


def gpu_fit(
    model: str,
    quant: str | None = None,
    context_tokens: int | None = None,
    batch_size: int = 1,
    gpu: str | None = None,
) -> Estimate:
    """Whether `model` fits the local GPU, or the named one.

    Args:
        model: a bundled model's name, or a size such as `13B`.
        quant: a data type or quantisation (`bf16`, `int8`, `q4_k_m`, …).
        context_tokens: tokens kept per sequence, prompt and answer together.
        batch_size: sequences held at once.
        gpu: a GPU's name; None asks the local driver, then this machine's RAM.

    Returns:
        An Estimate with a `verdict` and `weights_bytes`, `kv_cache_bytes`,
        `overhead_bytes`, `free_bytes`, `max_context_tokens`.

    Raises:
        LLMNumbersError: an unknown model, quantisation or GPU.

    >>> gpu_fit("13B", gpu="A100-80GB")["weights_bytes"].value
    26000000000
    """
    from .estimates.fit import estimate_fit

    return estimate_fit(model, quant=quant, context_tokens=context_tokens, batch_size=batch_size, gpu=gpu)


def numbers() -> Estimate:
    """The 14 numbers of the 2023 document, each recomputed from its own inputs.

    Returns:
        An Estimate with a part per number; `numbers()["tokens_per_word"]["published"]`.

    >>> len(numbers().parts)
    14
    """
    from .estimates.numbers import estimate_numbers

    return estimate_numbers()


def load_ipython_extension(ip: InteractiveShell) -> None:
    """Called by `%load_ext ipython_llmnumbers`."""
    from .magics import load

    settings = load(ip)
    # A kernel has no prompt: only a terminal shows the live line by itself.
    if getattr(ip, "pt_app", None) is not None:
        from .live import terminal

        terminal.load(ip, settings)


def unload_ipython_extension(ip: InteractiveShell) -> None:
    """Called by `%unload_ext ipython_llmnumbers`; leaves nothing behind."""
    from .live import terminal
    from .magics import unload

    terminal.unload(ip)
    unload(ip)


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    """Asked by the Jupyter server, which then loads the live line's handler."""
    return [{"module": "ipython_llmnumbers.live.server"}]
