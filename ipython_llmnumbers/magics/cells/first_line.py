"""Turn the first line of a cell, `%%llmcost --run`, into a statement that starts the recording.

A cell magic that ran its cell itself could not await at the top level, nor keep line numbers, nor show the
last value. So what stands below the line stays the cell.
"""

from __future__ import annotations

import tokenize
from contextlib import suppress

from ...patterns import pattern

_FIRST_LINE = pattern(r"%(?P<line>%llmcost\s(?:.*\s)?--run(?:\s.*)?)$")
# What no statement is made of.
_BETWEEN = {tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT}


def start_in_first_line(lines: list[str]) -> list[str]:
    """Turn `%%llmcost --run` into a statement that starts the recording, on the same line.

    One of IPython's line transforms, before the one that makes a call of a cell magic. Below it may stand
    another cell magic, and `from __future__`, before which no statement may.
    """
    found = _FIRST_LINE.match(lines[0].rstrip()) if lines else None
    if found is None:
        return lines
    start = f"get_ipython().run_line_magic('llmcost', {found['line'].removeprefix('%llmcost').strip()!r})\n"
    below = lines[1:]
    begins = next((at for at, line in enumerate(below) if line.strip()), 0)
    if below and below[begins].startswith("%%"):
        from IPython.core.inputtransformer2 import cell_magic

        return [start, *cell_magic(below[begins:])]
    at = _end_of_future_imports(below)
    if at == 0:
        return [start, *below]
    # On the line of the last of them, so that a traceback names the lines that the user sees.
    last = below[at - 1].partition("#")[0].rstrip().removesuffix(";")
    return ["\n", *below[: at - 1], f"{last}; {start}", *below[at:]]


def _end_of_future_imports(lines: list[str]) -> int:
    """The number of lines down to the last `from __future__`, before which only a docstring may stand.

    >>> _end_of_future_imports(["# why\\n", "from __future__ import (\\n", "  annotations)\\n", "x = 1\\n"])
    3
    """
    end = 0
    statement: list[tokenize.TokenInfo] = []
    with suppress(tokenize.TokenError, SyntaxError):  # what is no Python begins there
        for token in tokenize.generate_tokens(iter(lines).__next__):
            if token.type in _BETWEEN:
                continue
            statement.append(token)
            if token.type != tokenize.NEWLINE:
                continue
            if [each.string for each in statement[:2]] == ["from", "__future__"]:
                end = token.start[0]
            elif any(each.type != tokenize.STRING for each in statement[:-1]):
                break
            statement.clear()
    return end


def below_first_line(source: str) -> str:
    """A cell without its first line, where that records it.

    >>> below_first_line("%%llmcost --run\\npost()"), below_first_line("post()")
    ('post()', 'post()')
    """
    first, _, below = source.partition("\n")
    return below if _FIRST_LINE.match(first.rstrip()) else source
