"""A real terminal of 80 columns, and its screen as a page that a browser draws."""

from __future__ import annotations

import os
import sys
import time
from html import escape
from pathlib import Path

import pexpect
import pyte

from .displays import Display

COLUMNS, LINES = 80, 150
PATIENCE_S = 120


def screen_of(folder: Path, display: Display) -> pyte.Screen:
    """What a terminal shows once IPython has answered."""
    command = ["-m", "IPython", "--no-banner", "--no-confirm-exit", "--ext=ipython_llmnumbers"]
    environment = {**os.environ, "TERM": "xterm-256color", "PYTHONUTF8": "1"}
    child = pexpect.spawn(
        sys.executable, command, env=environment, cwd=folder, dimensions=(LINES, COLUMNS), encoding="utf-8"
    )
    screen = pyte.Screen(COLUMNS, LINES)
    screen.write_process_input = child.send  # it is asked where its cursor is
    stream = pyte.Stream(screen)

    def wait_for(text: str) -> None:
        end = time.monotonic() + PATIENCE_S
        while text not in "\n".join(screen.display):
            if time.monotonic() > end:
                raise TimeoutError(f"no {text!r} in the terminal:\n" + "\n".join(screen.display).rstrip())
            try:
                stream.feed(child.read_nonblocking(65_536, timeout=0.1))
            except pexpect.TIMEOUT:
                continue

    try:
        wait_for("In [1]:")
        # A terminal's cell magic would need a blank line to end it.
        child.send(display.magic.replace("%%", "%").replace("\n", " ") + "\r")
        wait_for("In [2]:")
    finally:
        child.close(force=True)
    return screen


# The colours of a dark terminal, by pyte's names.
_COLOURS = {
    "black": "#3b4252",
    "red": "#f07178",
    "green": "#a3d977",
    "brown": "#ffcb6b",
    "blue": "#82aaff",
    "magenta": "#d4a5ff",
    "cyan": "#7fdbca",
    "white": "#eceff4",
}


def page_of(screen: pyte.Screen) -> str:
    """The screen as a page, without the prompt that waits at its end."""
    n_lines = max(row for row, line in enumerate(screen.display) if "In [2]:" in line)
    lines = "\n".join(_line_html(screen, row) for row in range(n_lines)).rstrip()
    style = (
        "display:inline-block;margin:0;padding:12px;background:#1e222a;color:#d8dee9;"
        "font:14px/1.35 'DejaVu Sans Mono','Noto Sans Mono CJK JP','Noto Color Emoji',monospace"
    )
    return f'<meta charset="utf-8"><body style="margin:0"><pre style="{style}">{lines}</pre>'


def _line_html(screen: pyte.Screen, row: int) -> str:
    line = screen.buffer[row]
    return "".join(_character_html(line[column]) for column in range(COLUMNS)).rstrip()


def _character_html(character: pyte.screens.Char) -> str:
    styles = []
    if character.fg != "default":
        colour = character.fg.removeprefix("bright")
        styles.append(f"color:{_COLOURS.get(colour, f'#{colour}')}")
    if character.bold:
        styles.append("font-weight:bold")
    if character.underscore:
        styles.append("text-decoration:underline")
    text = escape(character.data)
    return f'<span style="{";".join(styles)}">{text}</span>' if styles else text
