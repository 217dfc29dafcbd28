"""What is said of a count: where it stopped, which rows and files are not in it, what would be faster."""

from __future__ import annotations

from collections.abc import Iterator

from ...catalog.tokenization.counting_engines import faster_engines
from ...catalog.tokenization.vocabularies import TokenizerChoice
from ...corpus.count import Result
from ...corpus.tally import BAD_ROWS
from ...figures import Note
from ...files.encodings import UTF8
from ...files.installed import is_installed
from ...messages import say
from ..tokens.one_text import replaced_note
from .chats import has_chats, uncounted_words

# From so many bytes on it is worth a word that another engine is faster.
_LARGE_BYTES = 100_000_000


def count_notes(result: Result, choice: TokenizerChoice, encoding: str) -> Iterator[Note]:
    """The notes of a count of files in an encoding."""
    tally = result.tally
    if result.stopped:
        where = {"why": result.stopped, "done": tally.size, "total": result.size}
        if result.is_kept:
            text = say(
                "{why} at {done:,} of {total:,} bytes: the numbers are of that part; {option:resume} goes on",
                **where,
            )
        else:
            text = say("{why} at {done:,} of {total:,} bytes: the numbers are of that part", **where)
        yield Note(text, "warning")
    for reason, n in sorted(tally.bad_rows.items(), key=lambda each: -each[1]):
        places = "; ".join(tally.samples.get(reason, ()))
        what = {"n": n, "reason": BAD_ROWS[reason], "places": places}
        if result.sampled_size is None:
            text = say("rows not counted, {reason}: {n:,} ({places})", **what)
        else:
            text = say("rows of the sample not counted, {reason}: {n:,} ({places})", **what)
        yield Note(text, "warning")
    if uncounted := uncounted_words(result):
        yield Note(
            say("not counted: {parts}; the total is at least what is shown", parts=uncounted), "warning"
        )
    if has_chats(result):
        yield Note(say("Lengths of documents are those of their text, without the frames of messages."))
    for name, n in tally.lacking.items():
        what = {"field": name, "n": n}
        if result.sampled_size is None:
            text = say("rows counted without the field {field}, which they lack: {n:,}", **what)
        else:
            text = say("rows of the sample counted without the field {field}, which they lack: {n:,}", **what)
        yield Note(text)
    problems = list(tally.problems.values())
    yield from (Note(problem, "warning") for problem in problems[:5])
    if len(problems) > 5:
        yield Note(
            say("more files not counted, or not to their end: {n:,}", n=len(problems) - 5),
            "warning",
        )
    if tally.n_replaced:
        yield _replaced_note(tally.n_replaced, encoding)
    for remark, n in tally.remarks.items():
        yield Note(remark if n == 1 else say("{remark} ({n} times)", remark=remark, n=n))
    better = faster_engines(choice.vocabulary or "")
    if result.size > _LARGE_BYTES and better and not any(map(is_installed, better)):
        yield Note(say("pip install 'ipython-llmnumbers[corpus]' counts this vocabulary faster"))


def _replaced_note(n: int, encoding: str) -> Note:
    if encoding == UTF8:
        return replaced_note(n)
    return Note(say("bytes that are no character of their encoding, counted as U+FFFD: {n:,}", n=n))
