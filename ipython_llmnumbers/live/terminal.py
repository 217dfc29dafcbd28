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

from ..messages import speaking, tell

if TYPE_CHECKING:
    from ..magics.settings import LLMNumbers
    from .child import Child

# `.line` and `.child` are imported by whoever first types a magic: a terminal that starts needs neither.

_STYLES = {"info": "", "warning": "bold", "error": "bold"}
_NOT_YET = [("", " … ")]
_MARKS = {"info": "", "warning": "⚠ ", "error": "✖ "}


class Toolbar:
    """The bar of one terminal; prompt_toolkit calls it to draw."""

    def __init__(self, session: Any, settings: LLMNumbers) -> None:
        self._session, self._settings = session, settings
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

    def close(self) -> None:
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
        if not text.startswith("%") or not self._is_live(text):
            self._hide()
            return
        if self._session.bottom_toolbar is None:
            self._session.bottom_toolbar = self
        if self._session.bottom_toolbar is self and text != self._seen:  # else it is another's bar
            self._seen = text
            self._count(text)

    def _is_live(self, text: str) -> bool:
        from .line import starts_live

        return starts_live(text)

    def _hide(self) -> None:
        if self._session.bottom_toolbar is self:
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
        from ..render.line import text_line
        from .child import DEFAULTS

        defaults = {name: getattr(self._settings, name) for name in DEFAULTS}
        request = json.dumps({"text": cell, **defaults}).encode()
        line = self._child_here().ask(request, self._settings.language)["line"]
        if line is None:
            with speaking(self._settings.language):
                text = tell("shown when the cell runs")
            return [("", f" {text} ")]
        return [(_STYLES[line["level"]], f" {_MARKS[line['level']]}{text_line(line['parts'])} ")]

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
    session = getattr(shell, "pt_app", None)
    if session is not None:
        _TOOLBARS[id(shell)] = Toolbar(session, settings)
        _TOOLBARS[id(shell)].open()


def unload(shell: Any) -> None:
    """Take the bar away, and end its thread."""
    toolbar = _TOOLBARS.pop(id(shell), None)
    if toolbar is not None:
        toolbar.close()
