"""`%tokens` and `%%tokens`: how many tokens a text is, and where the cuts are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from ..errors import UsageError
from ..messages import option, say, shorten
from .common_options import KEEPING, VARIABLE
from .exports import export
from .magic import Call, Magic
from .options import Option, options_of, refuse

if TYPE_CHECKING:
    from ..figures import Estimate
    from ..probes.prompts.text_files import Piece


def answer_tokens(call: Call) -> Estimate:
    """Count a text's tokens as a model would, and show each of them.

    The text is the cell below the first line, the text on the line, a file, or a variable: a
    string, a list of strings, or a DataFrame column. With `--corpus` it is all files that a pattern
    matches, text or rows of texts and chats, counted over all cores, with what they cost.
    """
    from ..estimates.tokens.many_texts import estimate_file
    from ..estimates.tokens.question import Tokens

    if "paths" in call.options.values:
        return export(call, _corpus(call))
    _refuse_corpus_options(call)
    if "file" in call.options.values:
        text = call.cell or call.options.rest or call.options.get("var")
        question = call.ask(Tokens, text=text or None)
        return export(
            call, estimate_file(question, lambda pieces: _with_progress(pieces, str(question.file)))
        )
    text, label = call.subject()
    return export(call, call.ask(Tokens, text=call.rows(text, label), label=label).answer())


def _corpus(call: Call) -> Estimate:
    """The answer of `--corpus`."""
    from ..estimates.corpus.estimate import estimate_corpus
    from ..estimates.corpus.question import Corpus
    from ..estimates.tokens.question import Tokens

    if call.options.rest:
        raise UsageError(
            "{option:paths} takes one name or pattern, so not {words} too; of several write a pattern,"
            " such as {option:paths=data/*.jsonl}",
            words=shorten(call.options.rest),
        )
    if call.cell or call.options.get("var"):
        raise UsageError("{option:paths} and another text: give one of them")
    refuse(call.options, Tokens.parameters().keys() - Corpus.parameters().keys(), option("paths"))
    name = call.options.get("executor")
    workers = {"executor": call.variable("--executor", name)} if name and name != "ray" else {}
    with _bar() as show:
        return estimate_corpus(call.ask(Corpus, **workers), show)


def _refuse_corpus_options(call: Call) -> None:
    """Refuse what is of a corpus, where there is none."""
    from ..estimates.corpus.question import Corpus
    from ..estimates.tokens.question import Tokens

    if flag := call.options.flag_of(Corpus.parameters().keys() - Tokens.parameters().keys()):
        raise UsageError("{flag} needs {option:paths}, such as {option:paths=data/*.jsonl}", flag=flag)


@contextmanager
def _bar() -> Iterator[Callable[[int | None], Callable[[int], object]]]:
    """A bar of bytes, with the time left, that appears where counting takes longer than a second."""
    from tqdm import tqdm

    class Bar(tqdm):  # type: ignore[type-arg]
        monitor_interval = 0  # a thread of its own, which a browser has not

    bars: list[Bar] = []

    def show(n_bytes: int | None) -> Callable[[int], object]:
        bar = Bar(total=n_bytes, unit="B", unit_scale=True, delay=1, leave=False, smoothing=0.1)
        bars.append(bar)
        return bar.update

    try:
        yield show
    finally:
        for bar in bars:
            bar.close()


def _with_progress(pieces: Iterable[Piece], path: str) -> Iterator[Piece]:
    """The pieces, with a bar that appears where reading takes longer than a second."""
    from ..probes.prompts.text_files import text_file

    with _bar() as show:
        tell = show(text_file(path).size)
        for piece in pieces:
            yield piece
            tell(piece.n_bytes)


@cache
def _options() -> tuple[Option, ...]:
    from ..estimates.corpus.question import Corpus
    from ..estimates.tokens.question import Tokens

    options = options_of(Tokens, Corpus)
    alone = Corpus.parameters().keys() - Tokens.parameters().keys() - {"paths"}
    group = say("with {option:paths}")
    grouped = (replace(each, group=group) if each.parameter in alone else each for each in options)
    return (*grouped, VARIABLE, *KEEPING)


MAGIC = Magic("tokens", "line_cell", "[TEXT]", _options, answer_tokens, "%tokens -m gpt-4o hello")
