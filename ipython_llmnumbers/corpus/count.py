"""Count a corpus from end to end: plan it, choose who counts, and say what of it was counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, field, replace
from typing import Any

from ..catalog.tokenization.counting_engines import fastest_engine
from ..errors import FileError, LLMNumbersError, UsageError
from ..files.encodings import UTF8
from ..files.installed import is_installed
from ..records import dataclass
from .executors import Workers, given_executor, in_this_process, local_pool
from .objects import spans_of_object
from .parts import Job, Span, Task
from .planning.plan import Plan, Wanted, plan_files, tasks_of
from .pool import n_cores
from .run import Outcome, Run, Watch
from .sampling import Stratum, draw, sampled_span_bytes, total_of
from .state import State
from .tally import BAD_ROWS, Tally

# So many bytes are counted before the first process of a pool has started.
_HERE_BYTES = 4 << 20
_LEAST_TASK_BYTES, _MOST_TASK_BYTES = 1 << 18, 16 << 20
# Each process gets so many tasks at least, so that none waits long for the last one.
_TASKS_PER_WORKER = 8
_SEED = 0

Ends = tuple[int, int, int]
"""The least, the likely and the most."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What to count, and how: `sources` are names of files, or one object that holds texts.

    `also` are vocabularies that need not be exact: counted wholly where the corpus is small, else probed.
    """

    sources: tuple[str, ...] | Any
    vocabularies: tuple[str, ...]
    also: tuple[str, ...] = ()
    wanted: Wanted = field(default_factory=Wanted)
    sample: float | None = None
    executor: Any = None
    n_workers: int | None = None
    resume: bool = False
    tells_kinds: bool = False
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Result:
    """What was counted; `totals` are the least, the likely and the most of the whole by vocabulary.

    `size` is the bytes of all files, of which `tally.size` were counted. `documents`, `text_bytes`,
    `bad_rows`, and `chats` by the name in `Chats`, are of the whole too, and ranges where only a sample was
    counted; `tally` is of the sample.
    """

    tally: Tally
    totals: dict[str, Ends]
    documents: Ends
    text_bytes: Ends
    bad_rows: Ends
    chats: dict[str, Ends]
    size: int
    n_files: int
    stopped: str = ""
    is_kept: bool = False
    sampled_size: int | None = None
    workers: str = ""
    n_workers: int = 1


@dataclass(slots=True)
class _Units:
    """What each drawn span counted, by the number of its task."""

    tallies: dict[int, Tally] = field(default_factory=dict)

    def note(self, task: Task, tally: Tally) -> None:
        self.tallies[task.number] = tally


def count_corpus(asked: Asked, watch: Callable[[int | None], Watch] = lambda _: lambda _: None) -> Result:
    """Count what is asked for.

    Args:
        asked: what.
        watch: told how many bytes there are in all (None where nobody knows), it returns what is told of each
            part that is done.

    Raises:
        LLMNumbersError: there is nothing to count, or nobody to count it.
    """
    if not isinstance(asked.sources, tuple):
        result = _count_object(asked, watch)
    elif asked.sample is not None:
        result = _count_sample(asked, asked.sample, watch)
    else:
        result = _count_files(asked, watch)
    if not (result.stopped or result.tally.n_documents or result.tally.text_bytes):
        raise _nothing_counted(result.tally)
    return result


def _nothing_counted(tally: Tally) -> LLMNumbersError:
    """Why there is no text: 0 tokens would be no count."""
    for problem in tally.problems.values():
        return FileError("{problem}", problem=problem)
    for reason, places in tally.samples.items():
        return FileError(
            "{path}: {reason}, and no row could be counted", path=places[0], reason=BAD_ROWS[reason]
        )
    return UsageError("{option:paths}: there is no row in it")


def _count_files(asked: Asked, watch: Callable[[int | None], Watch]) -> Result:
    n_workers = asked.n_workers or n_cores()
    plan = plan_files(asked.sources, asked.wanted, _MOST_TASK_BYTES)
    task_bytes = plan.size // (n_workers * _TASKS_PER_WORKER)
    task_bytes = min(_MOST_TASK_BYTES, max(_LEAST_TASK_BYTES, task_bytes))
    if task_bytes < _MOST_TASK_BYTES:
        plan = plan_files(asked.sources, asked.wanted, task_bytes)
    job = _job(asked, plan.size, n_workers)
    state = State(job, plan.spans)
    kept = state.read() if asked.resume else None
    outcome = Outcome(done=kept[0], tally=kept[1]) if kept else Outcome()
    plan.tell(outcome.tally)
    tell = watch(plan.size)
    tell(outcome.tally.size)
    with _workers(asked, plan.size, n_workers) as workers:
        run = Run(job, workers, outcome, watch=tell, state=state)
        outcome = run.count(tasks_of(plan.spans, task_bytes))
    return _result(outcome, plan, workers)


def _result(outcome: Outcome, plan: Plan, workers: Workers) -> Result:
    tally = outcome.tally
    totals = {
        name: (each.tokens - each.joints, each.tokens, each.tokens) for name, each in tally.counted.items()
    }
    n_files = len({span.place for span in plan.spans})
    return Result(
        tally,
        totals,
        (tally.n_documents,) * 3,
        (tally.text_bytes,) * 3,
        (tally.n_bad_rows,) * 3,
        {name: (n,) * 3 for name, n in asdict(tally.chats).items()},
        plan.size,
        n_files,
        outcome.stopped,
        outcome.is_kept,
        workers=workers.name,
        n_workers=workers.n_workers,
    )


def _count_sample(asked: Asked, share: float, watch: Callable[[int | None], Watch]) -> Result:
    n_workers = asked.n_workers or n_cores()
    whole = plan_files(asked.sources, asked.wanted, _MOST_TASK_BYTES)
    plan = plan_files(asked.sources, asked.wanted, sampled_span_bytes(whole.size, share))
    strata = draw(plan.spans, share, _SEED)
    drawn = [plan.spans[each.index] for each in strata]
    size = sum(span.size for span in drawn)
    job = _job(asked, size, n_workers)
    units, outcome = _Units(), Outcome()
    plan.tell(outcome.tally)
    with _workers(asked, size, n_workers) as workers:
        tasks = (Task(number, (span,)) for number, span in enumerate(drawn))
        run = Run(job, workers, outcome, watch=watch(size), note=units.note)
        outcome = run.count(tasks)
    result = _result(outcome, plan, workers)
    if outcome.stopped or len(drawn) == len(plan.spans):
        return result
    return _scaled(result, plan, strata, units, size)


def _scaled(result: Result, plan: Plan, strata: Sequence[Stratum], units: _Units, size: int) -> Result:
    """The result of a sample, for the whole."""
    tallies = [units.tallies[number] for number in range(len(strata))]

    def whole(counts: Sequence[int]) -> Ends:
        return total_of(strata, plan.spans, counts)

    totals = {
        vocabulary: whole([each.of(vocabulary).tokens for each in tallies]) for vocabulary in result.totals
    }
    texts = {span.place for span in plan.spans if span.form == "text"}
    n_rows = [
        each.n_documents if plan.spans[at.index].form != "text" else 0
        for at, each in zip(strata, tallies, strict=True)
    ]
    low, likely, high = whole(n_rows)
    return replace(
        result,
        totals=totals,
        documents=(low + len(texts), likely + len(texts), high + len(texts)),
        text_bytes=whole([each.text_bytes for each in tallies]),
        bad_rows=whole([each.n_bad_rows for each in tallies]),
        chats={name: whole([getattr(each.chats, name) for each in tallies]) for name in result.chats},
        sampled_size=size,
    )


def _count_object(asked: Asked, watch: Callable[[int | None], Watch]) -> Result:
    if asked.resume or asked.sample is not None:
        raise UsageError("{option:sample} and {option:resume} are of files; of a table in memory take rows")
    if asked.wanted.encoding != UTF8:
        raise UsageError("{option:encoding} applies to files; a table in memory holds text")
    # Sending the rows of a small table costs more than counting them here.
    spans = spans_of_object(asked.sources, asked.wanted.fields)
    first: list[Span] = []
    size = 0
    for span in spans:
        first.append(span)
        size += span.size
        if size > _HERE_BYTES:
            break
    n_workers = asked.n_workers or n_cores()
    job = _job(asked, size, n_workers)
    with _workers(asked, size, n_workers) as workers:
        tasks = (Task(number, (span,)) for number, span in enumerate(_chained(first, spans)))
        outcome = Run(job, workers, Outcome(), watch=watch(None)).count(tasks)
    return replace(_result(outcome, Plan(), workers), size=outcome.tally.size)


def _chained(first: Iterable[Span], rest: Iterable[Span]) -> Iterable[Span]:
    yield from first
    yield from rest


def _job(asked: Asked, size: int, n_workers: int) -> Job:
    """What each task is told: of a small corpus, everything is counted exactly."""
    is_small = size <= _HERE_BYTES
    vocabularies = tuple(dict.fromkeys((*asked.vocabularies, *(asked.also if is_small else ()))))
    probed = tuple(each for each in asked.also if each not in vocabularies)
    mb_per_process = size / 1e6 / n_workers
    engines = {each: fastest_engine(each, mb_per_process, is_installed) for each in vocabularies}
    return Job(
        vocabularies,
        {name: engine for name, engine in engines.items() if engine},
        probed,
        asked.tells_kinds,
        asked.language,
    )


def _workers(asked: Asked, size: int, n_workers: int) -> AbstractContextManager[Workers]:
    if asked.executor is not None:
        return given_executor(asked.executor)
    if n_workers == 1 or size <= _HERE_BYTES:
        return in_this_process()
    return local_pool(n_workers)
