"""`python -m ipython_llmnumbers line`: live lines for another process, one JSON object a line each way.

    {"id": 1, "text": "%%llmcost -m gpt-4o\\nhello world"}
    {"id": 1, "lines": [{"parts": ["2 tokens", "$0.000005 input", …], "level": "info"}]}

Beside `text` a request may hold any of `told.DEFAULTS`, and `variables`: those that the notebook has
told, each with its value as JSON or null. A cell without our magics has no lines. What is no request
gets `{"id": …, "error": …}`. The answers come in the order of the requests, and nothing else is on
stdout. The process ends with its input; or by itself if one request takes `OWN_CLOCK_S`, so that it
does not outlive a front end that was killed.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from traitlets import TraitError

from ..catalog.user_table import user_file
from ..errors import LLMNumbersError
from ..files.formats import FormatError, parse_json
from ..files.reading import reading_only_under
from ..files.writing import writing_nothing
from ..messages import LANGUAGES, shorten, speaking, tell
from ..probes.checkpoints.read import hub_cache_folder
from ..probes.tokenizers.engines import rank_file_folder
from ..processes import limit_memory, only_answers
from .child import MOST_REQUEST_BYTES
from .line import LiveLine, live_lines, settings_with
from .told import DEFAULTS, Variables

# A front end waits two seconds, see `child.LINE_S`; this is for one that is gone.
OWN_CLOCK_S = 10.0
# Above what everything together takes: every vocabulary, Claude's of ctok and a comparison of a megabyte
# reserve 1.08 GB of addresses (VmPeak, Python 3.12, splintr-rs 0.22, ctok 1.3, 2026-11-27).
MOST_MEMORY_BYTES = 3 << 30
# The tokenizers' library for threads starts one for each core, and each reserves some 9 MB: 128 of them
# another gigabyte. A guest needs no more than these.
_MOST_THREADS = 4
_MOST_ID_CHARS = 100


def answer_lines(root: str | None = None) -> None:
    """Answer each line of stdin on stdout until the input ends.

    Args:
        root: the only folder that a cell's paths are opened in, beside the caches; None allows all.
    """
    answers = only_answers()
    os.environ.setdefault("RAYON_NUM_THREADS", str(min(_MOST_THREADS, os.cpu_count() or 1)))
    limit_memory(MOST_MEMORY_BYTES)
    with contextlib.suppress(BrokenPipeError), _paths_under(root), writing_nothing():
        for line in _lines(sys.stdin.buffer):
            with _own_clock():
                answer = _answer(line)
            answers.write(json.dumps(answer).encode() + b"\n")


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """The lines, none longer than one byte above what a request may have; the rest of such a line is lost."""
    while line := stream.readline(MOST_REQUEST_BYTES + 1):
        rest = line
        while len(rest) > MOST_REQUEST_BYTES and not rest.endswith(b"\n"):
            rest = stream.readline(MOST_REQUEST_BYTES + 1)
        yield line


def _answer(line: bytes) -> dict[str, Any]:
    number: object = None
    try:
        request = _request(line)
        number = _number(request)
        lines = _lines_of(*_fields(request), _variables(request))
    except FormatError as error:
        return {"id": number, "error": error.problem}
    return {"id": number, "lines": [asdict(line) for line in lines]}


def _request(line: bytes) -> dict[str, Any]:
    """The object of a line; raises FormatError, never with the text."""
    if len(line.rstrip(b"\n")) > MOST_REQUEST_BYTES:
        raise FormatError(f"the cell is longer than the {MOST_REQUEST_BYTES:,} bytes counted while typing")
    try:
        request = parse_json(line.rstrip(b"\n"))
    except FormatError as error:
        raise FormatError(f'not JSON ({error.problem}); send {{"text": "the cell"}}') from None
    if not isinstance(request, dict):
        raise FormatError('no text; send {"text": "the cell"}')
    return request


def _number(request: dict[str, Any]) -> object:
    """What the answer is to be known by."""
    number = request.get("id")
    is_short = isinstance(number, str | int) and len(json.dumps(number)) <= _MOST_ID_CHARS
    if number is not None and not is_short:
        raise FormatError('"id" must be a number or a short string')
    return number


def _fields(request: dict[str, Any]) -> tuple[str, dict[str, str]]:
    """The cell and the defaults of a request; raises FormatError with what to send."""
    if not isinstance(request.get("text"), str):
        raise FormatError('no text; send {"text": "the cell"}')
    defaults = {name: request.get(name, "") for name in DEFAULTS}
    for name, word in defaults.items():
        if not isinstance(word, str):
            raise FormatError(f'"{name}" must be a string, not {type(word).__name__}')
    return request["text"], defaults


def _variables(request: dict[str, Any]) -> Variables | None:
    """What the notebook has told of its variables; raises FormatError with what to send."""
    variables = request.get("variables")
    if variables is None:
        return None
    if not isinstance(variables, dict):
        raise FormatError(f'"variables" must be an object or null, not {type(variables).__name__}')
    for name, text in variables.items():
        try:
            if text is not None:
                parse_json(text)
        except (FormatError, TypeError):
            raise FormatError(f'"variables" must hold JSON in a string, or null: {shorten(name)}') from None
    return variables


def _lines_of(text: str, defaults: dict[str, str], variables: Variables | None) -> tuple[LiveLine, ...]:
    try:
        settings = settings_with(**defaults)
    except TraitError as error:
        language = defaults["language"]
        with speaking(language if language in LANGUAGES else "en"):
            return (LiveLine((tell("the settings of the live line: {error}", error=error),), "error"),)
    return live_lines(text, settings, variables)


@contextlib.contextmanager
def _paths_under(root: str | None) -> Iterator[None]:
    """Open no path outside the root, but for the places that the environment names and no cell."""
    if root is None:
        yield
        return
    folders = [Path(root), rank_file_folder()]
    for place in (user_file, hub_cache_folder):
        with contextlib.suppress(LLMNumbersError):  # no file can have the name that the variable holds
            folders.append(place())
    with reading_only_under(folders):
        yield


@contextlib.contextmanager
def _own_clock() -> Iterator[None]:
    """End this process if what is done meanwhile takes too long. Windows has no such clock.

    One clock is for what waits and can be interrupted, such as for a tokenizer.json's own process. The
    other counts the processor's time and needs no Python: a library may hold the interpreter.
    """
    if not hasattr(signal, "setitimer"):
        yield
        return
    signal.signal(signal.SIGALRM, _give_up)
    for clock in (signal.ITIMER_REAL, signal.ITIMER_PROF):
        signal.setitimer(clock, OWN_CLOCK_S)
    try:
        yield
    finally:
        for clock in (signal.ITIMER_REAL, signal.ITIMER_PROF):
            signal.setitimer(clock, 0)


def _give_up(*_: object) -> None:
    raise SystemExit(f"a line took longer than {OWN_CLOCK_S:.0f} s")
