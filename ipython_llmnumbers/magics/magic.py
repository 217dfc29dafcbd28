"""What every magic is made of: its options, the call that it answers, and its registration."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from ..errors import UsageError, nearest, shorten
from .options import HELP, Option, Parsed, parse, parse_around, usage

if TYPE_CHECKING:
    from ..figures import Estimate
    from .settings import LLMNumbers


@dataclass(frozen=True, slots=True)
class Call:
    """One use of a magic: its options, its text, and the notebook that it was used in."""

    magic: Magic
    options: Parsed
    cell: str | None
    shell: Any
    settings: LLMNumbers

    def text(self) -> str:
        """The text to look at: the cell, the variable of `-v`, or what stands on the line.

        Raises:
            UsageError: no text, or more than one.
        """
        name, rest = self.options.get("var"), self.options.rest
        if self.cell is not None and (rest or name):
            extra = f"-v {name}" if name else shorten(rest)
            raise UsageError(f"{extra} on the first line of a cell: the text stands in the lines below it")
        if name and rest:
            raise UsageError(f"-v {name} and a text {shorten(rest)}: give one of them")
        if name:
            return self._variable(name)
        text = rest if self.cell is None else self.cell
        if not text:
            raise UsageError(
                f"nothing to count: give {self.magic.spelling} a text, a cell below it, or -v NAME"
            )
        return text

    def _variable(self, path: str) -> str:
        """A notebook variable, or an attribute of one: looked up, never evaluated."""
        if self.shell is None:
            raise UsageError(f"-v {shorten(path)}: a notebook's variables are read when the cell runs")
        name, *attributes = path.split(".")
        variables: Mapping[str, Any] = self.shell.user_ns
        if name not in variables:
            known = [each for each in variables if each not in self.shell.user_ns_hidden]
            near = nearest(name, known)
            hint = f"; nearest: {', '.join(near)}" if near else "; run the cell that sets it first"
            raise UsageError(f"-v {shorten(path)}: no variable of that name{hint}")
        value = variables[name]
        for attribute in attributes:
            try:
                value = getattr(value, attribute)
            except Exception:
                raise UsageError(f"-v {shorten(path)}: {name} has no {shorten(attribute)}") from None
        if not isinstance(value, str):
            raise UsageError(f"-v {path} is of type {type(value).__name__}, not text; give a str")
        return value


@dataclass(frozen=True, slots=True)
class Magic:
    """A magic: `answer` takes the call and returns the estimate that displays itself."""

    name: str
    kind: Literal["line", "line_cell"]
    positional: str
    options: Sequence[Option]
    answer: Callable[[Call], Estimate]
    known_words: Callable[[], list[str]] | None = None

    @property
    def spelling(self) -> str:
        return f"%{self.name}"

    @property
    def all_options(self) -> tuple[Option, ...]:
        return (*self.options, HELP)

    def help(self) -> str:
        """What `--help` prints and `?` shows: the answer's docstring, then the options."""
        about = inspect.cleandoc(self.answer.__doc__ or "")
        spelling = self.spelling if self.kind == "line" else f"%%{self.name} or {self.spelling}"
        return f"{about}\n\n{usage(spelling, self.all_options, self.positional)}"

    def call(self, line: str, cell: str | None, shell: Any, settings: LLMNumbers) -> Call:
        """The call that was typed. `shell` is None where the text is read without one: no variables then."""
        # A line of a magic with words takes options behind them too: there is no prompt to keep.
        read = parse_around if self.kind == "line" else parse
        # IPython hands a cell over with one newline that the editor does not show.
        body = None if cell is None else cell.removesuffix("\n")
        return Call(self, read(self.all_options, line), body, shell, settings)

    def bind(self, shell: Any, settings: LLMNumbers) -> Callable[..., Estimate | None]:
        """The function that IPython calls, with the line and perhaps the cell."""

        def run(line: str, cell: str | None = None) -> Estimate | None:
            call = self.call(line, cell, shell, settings)
            if call.options.get("help"):
                print(self.help())
                return None
            return self.answer(call)

        run.__name__ = self.name
        run.__doc__ = self.help()
        return run
