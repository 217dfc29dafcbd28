"""A warm answer and its display, beside what others take for the same text."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from .measure import Work, environment, readme_prompt

BASE = "tiktoken, the same 2 kB"
FIVE = "gpt-4o,gpt-5.4,claude-opus-5-5,gemini-2.5-pro,deepseek-chat"
_MAGICS = {
    "`%%llmcost`": ("llmcost", "-m gpt-4o --out 300 --calls 1000", True),
    "five models": ("llmcost", f"-m {FIVE} --out 300", True),
    "`%tokens`": ("tokens", "-m gpt-4o", True),
    "`%gpufit`": ("gpufit", "llama-3.1-8b --gpu L4", False),
    "a number opened": ("llmnumbers", "gpt4_to_gpt35_cost", False),
}


def works() -> dict[str, Work]:
    """What is timed, by its name in the table; the base first."""
    os.environ.update(environment())  # tokencost asks tiktoken for its files
    prompt = readme_prompt()
    encode, lengths = _tiktoken(), bytearray(prompt.encode())
    found: dict[str, Work] = {BASE: lambda: encode(prompt)}
    shell = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "ipython_llmnumbers")
    for name, (magic, line, has_cell) in _MAGICS.items():
        work = _answer(shell, magic, line, prompt if has_cell else None)
        found[name] = work
        found[f"{name}, its display"] = _display(shell, work())
    found |= dict(_peers(prompt))
    found["limit: a copy of the text"] = lambda: bytes(lengths)
    found["limit: a look at each byte"] = lambda: lengths.count(b"\n")
    return found


def _answer(shell: Any, magic: str, line: str, cell: str | None) -> Work:
    if cell is None:
        return lambda: shell.run_line_magic(magic, line)
    return lambda: shell.run_cell_magic(magic, line, cell)


def _display(shell: Any, estimate: Any) -> Work:
    return lambda: shell.display_formatter.format(estimate)


def _tiktoken() -> Any:
    from references import by_tiktoken, openai_rank_file, read_ranks, wheel_pattern

    pattern = wheel_pattern("llama_models", "llama4/tokenizer.py", "O200K_PATTERN")  # Llama 4 splits as o200k
    return by_tiktoken(read_ranks(openai_rank_file("o200k_base")), pattern)


def _peers(prompt: str) -> Iterator[tuple[str, Work]]:
    import genai_prices
    from references import deepseek

    by_tokenizers = deepseek()
    yield "tokenizers, DeepSeek's", lambda: by_tokenizers(prompt)
    usage = genai_prices.Usage(input_tokens=500, output_tokens=300)
    yield "genai-prices, the price alone", lambda: genai_prices.calc_price(usage, "gpt-4o")
    with suppress(ImportError):
        import tokencost

        yield "tokencost", lambda: tokencost.calculate_prompt_cost(prompt, "gpt-4o")
    with suppress(ImportError):
        import litellm

        def by_litellm() -> object:
            n_tokens = litellm.token_counter("gpt-4o", text=prompt)
            return litellm.cost_per_token("gpt-4o", prompt_tokens=n_tokens, completion_tokens=300)

        yield "litellm", by_litellm
