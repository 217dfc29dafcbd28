"""What every magic is made of: its options, the call that it answers, and its registration."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from ..errors import UsageError, nearest, shorten
from ..messages import speaking
from .options import HELP, Option, Parsed, parse, parse_around, usage
from .shared import LANGUAGE

if TYPE_CHECKING:
    from ..figures import Estimate
    from .session import Session


@dataclass(frozen=True, slots=True)
class Call:
    """One use of a magic: its options, its text, and the notebook that it was used in."""

    magic: Magic
    options: Parsed
    cell: str | None
    session: Session

    @property
    def language(self) -> str:
        """The language of the answer: that of --lang, else the notebook's."""
        language: str = self.options.get("lang", self.session.settings.language)
        return language

    @property
    def variables(self) -> Mapping[str, Any]:
        """The notebook's variables.

        Raises:
            UsageError: the cell is read while it is typed, without its notebook.
        """
        if self.session.shell is None:
            raise UsageError("a notebook's variables are read when the cell runs")
        variables: Mapping[str, Any] = self.session.shell.user_ns
        return variables

    def subject(self) -> tuple[Any, str]:
        """What to look at, and what to call it: the cell, the variable of `-v`, or the rest of the line.

        Raises:
            UsageError: nothing, or more than one.
        """
        name, rest = self.options.get("var"), self.options.rest
        if self.cell is not None and (rest or name):
            extra = f"-v {name}" if name else shorten(rest)
            raise UsageError(f"{extra} on the first line of a cell: the text stands in the lines below it")
        if name and rest:
            raise UsageError(f"-v {name} and a text {shorten(rest)}: give one of them")
        if name:
            value = self.variable("-v", name)
            if isinstance(value, str):
                self.session.recent.text = value
            return value, name
        text = rest if self.cell is None else self.cell
        if not text:
            spelling = self.magic.spelling
            raise UsageError(f"nothing to count: give {spelling} a text, a cell below it, or -v NAME")
        self.session.recent.text = text
        return text, "the text"

    def variable(self, flag: str, path: str) -> Any:
        """A notebook variable, or an attribute or column of one: looked up, never evaluated."""
        from ..probes.tables import is_table

        name, *attributes = path.split(".")
        if name not in self.variables:
            shell = self.session.shell
            near = nearest(name, [each for each in self.variables if each not in shell.user_ns_hidden])
            hint = f"; nearest: {', '.join(near)}" if near else "; run the cell that sets it first"
            raise UsageError(f"{flag} {shorten(path)}: no variable of that name{hint}")
        value = self.variables[name]
        for attribute in attributes:
            try:
                is_column = is_table(value) and attribute in list(value.columns)
                value = value[attribute] if is_column else getattr(value, attribute)
            except Exception:
                raise UsageError(f"{flag} {shorten(path)}: {name} has no {shorten(attribute)}") from None
        return value


@dataclass(frozen=True, slots=True)
class Magic:
    """A magic: `answer` takes the call and returns the estimate that displays itself."""

    name: str
    kind: Literal["line", "line_cell"]
    positional: str
    options: Sequence[Option]
    answer: Callable[[Call], Estimate | None]
    known_words: Callable[[], list[str]] | None = None

    @property
    def spelling(self) -> str:
        return f"%{self.name}"

    @property
    def all_options(self) -> tuple[Option, ...]:
        return (*self.options, LANGUAGE, HELP)

    def help(self) -> str:
        """What `--help` prints and `?` shows: the answer's docstring, then the options."""
        about = inspect.cleandoc(self.answer.__doc__ or "")
        spelling = self.spelling if self.kind == "line" else f"%%{self.name} or {self.spelling}"
        return f"{about}\n\n{usage(spelling, self.all_options, self.positional)}"

    def call(self, line: str, cell: str | None, session: Session) -> Call:
        """The call that was typed."""
        # A line of a magic with words takes options behind them too: there is no prompt to keep.
        read = parse_around if self.kind == "line" else parse
        # IPython hands a cell over with one newline that the editor does not show.
        body = None if cell is None else cell.removesuffix("\n")
        return Call(self, read(self.all_options, line), body, session)

    def bind(self, session: Session) -> Callable[..., Estimate | None]:
        """The function that IPython calls, with the line and perhaps the cell."""

        def run(line: str, cell: str | None = None) -> Estimate | None:
            with speaking(session.settings.language):
                call = self.call(line, cell, session)
                with speaking(call.language):
                    if call.options.get("help"):
                        print(self.help())
                        return None
                    return self.answer(call)

        run.__name__ = self.name
        run.__doc__ = self.help()
        return run
