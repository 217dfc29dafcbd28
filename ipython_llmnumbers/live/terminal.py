"""The live line as the bottom toolbar of terminal IPython.

A keystroke only hands the text over; a thread has the latest one counted by a process of its own
and asks for a redraw. The bar is there while one of our magics is being written, and gone with it.
"""

from __future__ import annotations

import json
import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .told import Notebook, Told

if TYPE_CHECKING:
    from ..magics.settings import LLMNumbers
    from .child import Child

# `.cell` and `.child` are imported by whoever first types a magic: a terminal that starts needs neither.

_STYLES = {"warning": "bold", "error": "bold"}
_NOT_YET = [("", " … ")]
_MARKS = {"warning": "⚠ ", "error": "✖ "}


class Toolbar:
    """The bar of one terminal; prompt_toolkit calls it to draw."""

    def __init__(self, shell: Any, settings: LLMNumbers) -> None:
        self._session = shell.pt_app
        self._notebook = Notebook(shell, settings, self._tell)
        self._told = Told({}, {})
        self._seen = ""
        self._text: str | None = None
        self._has_new_text = threading.Condition()
        self._thread: threading.Thread | None = None
        self._child: Child | None = None
        self._surroundings: object = None
        self._is_closed = False
        self._drawn = _NOT_YET

    def __call__(self) -> list[tuple[str, str]]:
        """What prompt_toolkit draws: never more than what has been counted already."""
        return self._drawn

    def open(self) -> None:
        # Not the buffer's `on_text_changed`: Ctrl-C empties a buffer without it.
        self._session.app.before_render += self.before_render
        self._notebook.start()

    def close(self) -> None:
        self._notebook.stop()
        self._session.app.before_render -= self.before_render
        self._hide()
        with self._has_new_text:
            self._is_closed = True
            self._has_new_text.notify()
        if self._child is not None:
            self._child.close()

    def before_render(self, _app: Any) -> None:
        """Before each redraw: show the bar and hand the text over to be counted, or hide it."""
        text = self._session.default_buffer.text
        if "%" not in text or not self._is_live(text):
            self._hide()
            return
        if not self._is_free():
            return
        if text != self._seen:
            self._seen = text
            self._count(text)
        self._session.bottom_toolbar = self if self._drawn else None

    def _is_free(self) -> bool:
        """Whether the place of the bar is not another's."""
        return self._session.bottom_toolbar in (None, self)

    def _is_live(self, text: str) -> bool:
        from .cell import may_be_live

        return may_be_live(text)

    def _tell(self, told: Told) -> None:
        self._told = told

    def _hide(self) -> None:
        if self._is_free():
            self._session.bottom_toolbar = None
            self._seen, self._drawn = "", _NOT_YET

    def _count(self, text: str) -> None:
        with self._has_new_text:
            self._text = text
            self._has_new_text.notify()
        if self._thread is None:
            # Only now: the tokenizer and the prices take half a second to load.
            self._thread = threading.Thread(target=self._work, name="llmnumbers-toolbar", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while (cell := self._next_text()) is not None:
            self._drawn = self._counted(cell)
            self._session.app.invalidate()
        if self._child is not None:  # perhaps a newer one than `close` saw
            self._child.close()

    def _counted(self, cell: str) -> list[tuple[str, str]]:
        """What to draw for a cell: the process's answer, which takes two seconds at most."""
        from ..render.line import fitted_line

        # prompt_toolkit cuts a line that is too long in the middle of a word.
        width = self._session.app.output.get_size().columns - 1
        told = self._told
        request = json.dumps(told.request(cell)).encode()
        lines = self._child_here().ask(request, told.settings["language"])["lines"]
        drawn = []
        for line in lines:
            mark = f" {_MARKS.get(line['level'], '')}"
            text = fitted_line(line["parts"], width - len(mark))
            drawn.append((_STYLES.get(line["level"], ""), f"{mark}{text} "))
        return [each for line in drawn for each in (("", "\n"), line)][1:]

    def _child_here(self) -> Child:
        """The process; a new one if the session's folder or environment is no longer that of its start."""
        from .child import Child

        with suppress(OSError):  # the folder is gone
            surroundings = Path.cwd(), dict(os.environ)
            if self._child is not None and surroundings != self._surroundings:
                self._child.close()
                self._child = None
            self._surroundings = surroundings
        self._child = self._child or Child()
        return self._child

    def _next_text(self) -> str | None:
        """The latest text, once there is one that is not counted yet; None at the end."""
        with self._has_new_text:
            self._has_new_text.wait_for(lambda: self._is_closed or self._text is not None)
            text, self._text = self._text, None
            return None if self._is_closed else text


_TOOLBARS: dict[int, Toolbar] = {}


def load(shell: Any, settings: LLMNumbers) -> None:
    """Give a terminal its bar. A kernel has no prompt, nor has `--simple-prompt`."""
    if shell.pt_app is not None:
        _TOOLBARS[id(shell)] = Toolbar(shell, settings)
        _TOOLBARS[id(shell)].open()


def unload(shell: Any) -> None:
    """Take the bar away, and end its thread."""
    toolbar = _TOOLBARS.pop(id(shell), None)
    if toolbar is not None:
        toolbar.close()
