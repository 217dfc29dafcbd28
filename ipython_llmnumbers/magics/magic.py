"""What every magic is made of: its options, the call that it answers, and its registration."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from ..errors import LaterError, UsageError, nearest, net
from ..messages import LANGUAGES, say, shorten, speaking, tell
from ..patterns import pattern
from ..records import dataclass
from .common_options import LANGUAGE
from .flags import as_flag
from .options import HELP, Option, Parsed, either, parse, parse_around, usage
from .shown import shown_once

if TYPE_CHECKING:
    from ..estimates.question import Question
    from ..figures import Estimate
    from .session import Session

_Q = TypeVar("_Q", bound="Question")

# What is wrong in a line is said in the language that the line asks for, before or behind the mistake.
_LANGUAGE_ASKED = pattern(rf"(?:^|\s)--lang(?:=|\s+)({'|'.join(LANGUAGES)})(?!\S)", re.IGNORECASE)


_VARIABLE = pattern(r"\{(?P<braces>[^\W\d]\w*)\}|\$(?P<dollar>[^\W\d]\w*)")

# What a rate is taken to be of where no currency is named.
_CURRENCIES = {"ja": "JPY"}


@dataclass(frozen=True, slots=True)
class Call:
    """One use of a magic: its options, its text, and the notebook that it was used in.

    `is_silenced` is true behind a semicolon at the end of a magic that takes no prompt.
    """

    magic: Magic
    options: Parsed
    cell: str | None
    session: Session
    is_silenced: bool = False

    @property
    def language(self) -> str:
        """The language of the answer: that of --lang, else the notebook's."""
        language: str = self.options.get("lang", self.session.settings.language)
        return language

    @property
    def model(self) -> str:
        """The model that counts: that of -m, else the notebook's."""
        model: str = self.options.get("model", self.session.settings.model)
        return model

    @property
    def currency(self) -> dict[str, Any]:
        """The currency to show beside dollars, and its rate: those of the options, else of the settings."""
        get, settings = self.options.get, self.session.settings
        rate, language = get("rate"), self.language
        if rate is None and settings.rate:
            # It was written for the notebook, whatever language this line asks for.
            rate, language = settings.rate, settings.language
        code = get("currency") or settings.currency
        if not code and rate is not None:
            code = _CURRENCIES.get(language)
        return {"currency": code or None, "rate": rate}

    def ask(self, question: type[_Q], **subject: Any) -> _Q:
        """The question with the options of this call, about that subject.

        Raises:
            UsageError: a value that a parameter does not take, or parameters that do not go together.
        """
        known = question.parameters()
        given = {name: value for name, value in self.options.values.items() if name in known}
        if "inputs" in given:
            given["inputs"] = dict(given["inputs"])
        if "model" in known and not known["model"].is_subject:
            given["model"] = self.model
        if "currency" in known:
            given |= self.currency
        return question.of(**{**given, **subject})

    def without(self, names: Collection[str]) -> Call:
        """The same call less the options of those names."""
        kept = {name: value for name, value in self.options.values.items() if name not in names}
        return replace(self, options=replace(self.options, values=kept))

    @property
    def variables(self) -> Mapping[str, Any]:
        """The notebook's variables.

        Raises:
            LaterError: the cell is read while it is typed, without its notebook.
        """
        return self.session.variables

    def subject(self) -> tuple[Any, str]:
        """What to look at, and what to call it: the cell, the variable of `-v`, or the rest of the line.

        Raises:
            UsageError: nothing, or more than one.
        """
        name, rest = self.options.get("var"), self.options.rest
        if self.cell is not None and (rest or name):
            words = f"-v {name}" if name else shorten(rest)
            raise UsageError(
                "{words} on the first line of a cell: the text stands in the lines below it", words=words
            )
        if name and rest:
            raise UsageError(
                "-v {variable} and a text {text}: give one of them", variable=name, text=shorten(rest)
            )
        if name:
            value = self.variable("-v", name)
            if isinstance(value, str):
                self.session.recent.text = value
            return value, name
        text = rest if self.cell is None else self.cell
        if not text:
            raise UsageError(
                "nothing to count: give {magic} a text, a cell below it, or -v NAME",
                magic=self.magic.spelling,
            )
        self.session.recent.text = text
        return text, say("the text")

    def rows(self, value: Any, label: str) -> Any:
        """One text or prompt as it is; the rows of a list, a table or its column, called by the label."""
        from ..probes.prompts.dataframes import is_prompt, rows_in, texts_in

        if is_prompt(value):
            return value
        texts_in(value, label)
        return rows_in(value, label)

    def variable(self, flag: str, path: str) -> Any:
        """A notebook variable, or an attribute or column of one: looked up, never evaluated."""
        from ..probes.prompts.dataframes import is_table

        name, *attributes = path.split(".")
        self.session.need(name)
        if name not in self.variables:
            shell = self.session.shell
            near = nearest(name, [each for each in self.variables if each not in shell.user_ns_hidden])
            if near:
                raise UsageError(
                    "{flag} {variable}: no variable of that name; nearest: {names}",
                    flag=flag,
                    variable=shorten(path),
                    names=", ".join(near),
                )
            raise UsageError(
                "{flag} {variable}: no variable of that name; run the cell that sets it first",
                flag=flag,
                variable=shorten(path),
            )
        value = self.variables[name]
        for attribute in attributes:
            try:
                is_column = is_table(value) and attribute in list(value.columns)
                value = value[attribute] if is_column else getattr(value, attribute)
            except Exception:
                raise UsageError(
                    "{flag} {variable}: {name} has no {attribute}",
                    flag=flag,
                    variable=shorten(path),
                    name=name,
                    attribute=shorten(attribute),
                ) from None
        return value


def _filler(session: Session) -> Callable[[str], str]:
    """What puts the notebook's variables in the place of `{name}` and `$name` of an option's value.

    A name is looked up, never evaluated; one that the notebook does not have stays as it is written, as
    in IPython's own magics.
    """

    def value_of(found: re.Match[str]) -> str:
        name = found["braces"] or found["dollar"]
        session.need(name)
        if name not in session.variables:
            return found[0]
        try:
            return str(session.variables[name])
        except LaterError:
            raise
        except Exception:  # the object's own text fails, or an int has thousands of digits
            raise UsageError("{variable}: its value cannot be written", variable=found[0]) from None

    return lambda word: _VARIABLE.sub(value_of, word)


@dataclass(frozen=True, slots=True)
class Magic:
    """A magic: `answer` takes the call and returns the estimate that displays itself.

    `example` is a line that shows it in help. `options` are made when they are first needed, not at load.
    `retired` names what to write in the place of a flag that is no more.
    """

    name: str
    kind: Literal["line", "line_cell"]
    positional: str
    options: Callable[[], Sequence[Option]]
    answer: Callable[[Call], Estimate | None]
    example: str
    known_words: Callable[[], list[str]] | None = None
    retired: Mapping[str, str] = field(default_factory=dict)

    @property
    def spelling(self) -> str:
        return f"%{self.name}"

    @property
    def all_options(self) -> tuple[Option, ...]:
        return (*self.options(), LANGUAGE, HELP)

    def help(self) -> str:
        """What `--help` prints and `?` shows: the answer's docstring, then the options."""
        about = tell(inspect.cleandoc(self.answer.__doc__ or ""))
        spelling = self.spelling if self.kind == "line" else either(f"%%{self.name}", self.spelling)
        return f"{about}\n\n{usage(spelling, self.all_options, self.positional, self.example)}"

    def call(self, line: str, cell: str | None, session: Session) -> Call:
        """The call that was typed."""
        # A line of a magic with words takes options behind them too: there is no prompt to keep.
        read = parse_around if self.kind == "line" else parse
        # IPython hands a cell over with one newline that the editor does not show.
        body = None if cell is None else cell.removesuffix("\n")
        is_silenced = self.kind == "line" and line.rstrip().endswith(";")
        line = line.rstrip().removesuffix(";") if is_silenced else line
        asked = _LANGUAGE_ASKED.search(line)
        with speaking(asked[1].lower() if asked else session.settings.language, as_flag):
            options = read(self.all_options, line, self.retired, _filler(session))
        return Call(self, options, body, session, is_silenced)

    def bind(self, session: Session) -> Callable[..., Estimate | None]:
        """The function that IPython calls, with the line and perhaps the cell."""

        def run(line: str, cell: str | None = None) -> Estimate | None:
            with net():
                call = self.call(line, cell, session)
            with speaking(call.language, as_flag, session.settings.display == "compact"), net():
                if call.options.get("help"):
                    print(self.help())
                    return None
                estimate = self.answer(call)
            if estimate is None or call.is_silenced:
                return None
            return shown_once(estimate)

        def documentation() -> str:
            with speaking(session.settings.language, as_flag):
                return self.help()

        run.__name__ = self.name
        # The options are made when `?` asks, and in the language of then: they would cost time at load.
        run.__doc__ = inspect.cleandoc(self.answer.__doc__ or "")
        run.getdoc = documentation  # type: ignore[attr-defined]
        return run
