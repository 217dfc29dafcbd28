"""Who counts the tasks: this process, processes of its own, or workers that the user's executor reaches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

from ..errors import UsageError
from ..files.formats import parse_json
from ..records import dataclass
from .counting import count_request, count_task
from .pool import LocalPool

# How often Dask, ipyparallel and Ray begin a task again whose worker has died.
_RETRIES = 3
# Tasks that a cluster of unknown size holds at once: some megabytes each, or rows of one.
_WINDOW = 64

Submit = Callable[[str, int], "Future[Any]"]


@dataclass(frozen=True, slots=True)
class Workers:
    """Who counts: `submit` takes a request and its size; `window` requests are under way at once."""

    submit: Submit
    window: int
    name: str
    n_workers: int = 1


@contextmanager
def in_this_process() -> Iterator[Workers]:
    """Count here, one task after the other: no process is started for a few megabytes."""

    def submit(request: str, _size: int) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(count_request(parse_json(request)))
        return future

    yield Workers(submit, 1, "")


@contextmanager
def local_pool(n_workers: int) -> Iterator[Workers]:
    """Processes of this machine, that end with the block."""
    pool = LocalPool(n_workers)
    try:
        yield Workers(pool.submit, n_workers + 2, "", n_workers)
    finally:
        pool.close()


@contextmanager
def given_executor(executor: Any) -> Iterator[Workers]:
    """The user's own workers, which stay as they are.

    Args:
        executor: any `concurrent.futures.Executor`, a client of Dask's or ipyparallel's, or `"ray"`.

    Raises:
        UsageError: it is none of these.
    """
    submit, name = _submitter(executor)

    def count(request: str, _size: int) -> Future[Any]:
        future: Future[Any] = submit(count_task, request)
        return future

    yield Workers(count, _WINDOW, name)


def read_answer(answer: Any) -> dict[str, Any]:
    """A worker's tally, which an executor hands over as text."""
    return dict(parse_json(answer)) if isinstance(answer, str) else answer


def _submitter(executor: Any) -> tuple[Callable[..., Any], str]:
    name = f"{type(executor).__module__.partition('.')[0]} {type(executor).__name__}"
    if executor == "ray":
        return _ray(), "Ray"
    if hasattr(executor, "get_executor"):  # distributed.Client
        return executor.get_executor(pure=False, retries=_RETRIES).submit, name
    if hasattr(executor, "load_balanced_view"):  # ipyparallel.Client
        executor = executor.load_balanced_view()
    if hasattr(executor, "retries") and hasattr(executor, "executor"):  # its view
        executor.retries = _RETRIES
        return executor.executor.submit, name
    if callable(getattr(executor, "submit", None)):
        return executor.submit, name
    raise UsageError(
        "{option:executor}: {kind} is no executor; give one of concurrent.futures, a Dask or ipyparallel"
        " client, or 'ray'",
        kind=type(executor).__name__,
    )


def _ray() -> Callable[..., Any]:
    try:
        import ray
    except ImportError:
        raise UsageError("{option:executor=ray} needs Ray: pip install 'ipython-llmnumbers[ray]'") from None
    remote = ray.remote(max_retries=_RETRIES)(count_task)
    return lambda _function, request: remote.remote(request).future()
