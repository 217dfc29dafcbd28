"""What the tests of recorded cells share: a shell with functions that call the fake provider."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import fake_provider
from IPython.utils.capture import CapturedIO, capture_output

POST = """
import urllib.request, json
def post(path="/v1/chat/completions", **body):
    data = json.dumps({"model": "gpt-4o", **body}).encode()
    with urllib.request.urlopen(urllib.request.Request(url + path, data)) as response:
        response.read()
        return response.status
"""
# A client whose calls are found in a cell's source.
CLIENT = """
import types
def create(model, messages): return post(model=model, messages=messages)
client = types.SimpleNamespace(chat=types.SimpleNamespace(completions=types.SimpleNamespace(create=create)))
"""


@contextmanager
def asking_shell(shell: Any) -> Iterator[Any]:
    """A shell with both, and with the provider that they call as `provider`."""
    with fake_provider.fake_provider() as provider:
        shell.push({"url": provider.url, "provider": provider})
        assert shell.run_cell(POST + CLIENT).success
        yield shell


def run(shell: Any, cell: str) -> CapturedIO:
    """What a numbered cell prints and displays."""
    with capture_output() as captured:
        shell.run_cell(cell, store_history=True)
    return captured
