"""Who counts a corpus: processes that die, executors, an interrupt, a sample, engines."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import statistics
import subprocess
import sys
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

import psutil
import pytest
from corpora import DOCUMENTS, TEXTS, by_tiktoken, jsonl

from ipython_llmnumbers import count_corpus
from ipython_llmnumbers.corpus.count import Asked
from ipython_llmnumbers.corpus.count import count_corpus as count
from ipython_llmnumbers.corpus.parts import Job, Span, Task, request_of
from ipython_llmnumbers.corpus.sampling import draw, total_of
from ipython_llmnumbers.corpus.tally import Tally
from ipython_llmnumbers.errors import LLMNumbersError

pytestmark = pytest.mark.usefixtures("openai_files")
MODEL = "gpt-4o"
COPIES = 240


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A folder with one large file and some small ones: some 8 MB, for more than one process."""
    folder = tmp_path_factory.mktemp("large")
    (folder / "rows.jsonl").write_bytes(jsonl(DOCUMENTS * COPIES))
    for number, text in enumerate(DOCUMENTS[:9]):
        (folder / f"{number}.txt").write_text(text, "utf-8", newline="")
    return folder


@pytest.fixture(scope="module")
def truth(openai_files):  # noqa: ARG001
    counts = by_tiktoken(DOCUMENTS)
    return sum(counts) * COPIES + sum(counts[:9]), len(counts) * COPIES + 9


def asked(folder, **more):
    return Asked((str(folder),), ("o200k_base",), **more)


def told(result):
    (_, tokens, _) = result.totals["o200k_base"]
    return tokens, result.documents[1]


def workers():
    """The processes of the pool that this process has started."""
    found = psutil.Process().children(recursive=True)
    return [each for each in found if any("corpus.worker" in word for word in each.cmdline())]


# -- the local pool -------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("n", [1, 2, 3])
def test_any_number_of_processes_counts_the_same(large, truth, n):
    result = count(asked(large, n_workers=n))
    assert told(result) == truth
    assert result.tally.size == result.size == sum(path.stat().st_size for path in large.iterdir())
    assert workers() == []


# epam/ai-dial-rag#11: of a ProcessPoolExecutor, one process that dies takes all work with it.
# sambanova/generative_data_prep#34: of a multiprocessing pool, it hangs for ever.
def test_a_worker_that_is_killed_costs_one_task(large, truth):
    killed = []

    def watch(_total):
        def tell(_n_bytes):
            if len(killed) < 2 and (running := workers()):
                killed.append(running[0].pid)
                running[0].kill()

        return tell

    result = count(asked(large, n_workers=2), watch)
    assert len(killed) == 2
    assert told(result) == truth
    assert any("a worker was lost" in remark for remark in result.tally.remarks)
    assert not result.tally.problems


def test_what_kills_its_worker_twice_is_named_and_the_rest_goes_on(large, truth, monkeypatch):
    """A worker that dies of one text alone: it is told by its request."""
    from ipython_llmnumbers.corpus import pool

    ask = pool.exchange

    def exchange(process, request, *rest):
        if b"/4.txt" in request:
            process.kill()
        return ask(process, request, *rest)

    monkeypatch.setattr(pool, "exchange", exchange)
    result = count(asked(large, n_workers=2))
    problems = list(result.tally.problems.values())
    assert any("4.txt: bytes 0 to" in each and "its process died twice" in each for each in problems)
    assert told(result)[0] < truth[0]
    assert result.tally.n_documents > 0.5 * truth[1]
    assert not result.stopped


def test_the_users_program_is_not_run_again_in_the_processes(large, tmp_path, truth):
    """`multiprocessing` imports the main module in each process: a script without a guard fails."""
    script = tmp_path / "script.py"
    script.write_text(
        "import sys\nfrom ipython_llmnumbers import count_corpus\nprint('once', file=sys.stderr)\n"
        f"print(count_corpus({str(large)!r}, model={MODEL!r}, workers=2)['tokens'].value)\n"
    )
    ran = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert (ran.stdout.split(), ran.stderr.count("once")) == ([str(truth[0])], 1)


# -- an interrupt, and going on -------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _ctrl_c():
    """A job in the background of a shell begins with Ctrl-C ignored; a terminal's Python does not."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@contextmanager
def interrupted_after(n_tasks):
    """A `watch` that presses Ctrl-C, as the terminal does, once so many parts are done."""
    done = []

    def watch(_total):
        def tell(n_bytes):
            done.append(n_bytes)
            if len(done) == n_tasks + 1:  # the first is what was kept
                os.kill(os.getpid(), signal.SIGINT)

        return tell

    yield watch


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to oneself")
@pytest.mark.parametrize("n", [1, 2])
def test_an_interrupt_shows_what_was_counted_and_resume_goes_on(large, truth, n):
    with interrupted_after(3) as watch:
        part = count(asked(large, n_workers=n), watch)
    assert part.stopped == "stopped"
    assert 0 < part.tally.size < part.size
    assert 0 < told(part)[0] < truth[0]
    assert workers() == []
    seen = []
    whole = count(asked(large, n_workers=n, resume=True), lambda _: seen.append)
    assert told(whole) == truth
    assert whole.tally.size == whole.size == sum(seen)
    assert seen[0] == part.tally.size  # what was counted before is not counted again
    again = []
    count(asked(large, n_workers=n, resume=True), lambda _: again.append)
    assert again[0] == 0  # nothing is kept of a complete count


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to oneself")
def test_what_changed_is_counted_anew(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_bytes(jsonl(DOCUMENTS * 60))
    with interrupted_after(2) as watch:
        part = count(asked(path), watch)
    assert part.stopped
    state = path.stat()
    path.write_bytes(path.read_bytes().replace(b"the", b"THE"))
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns + 1))
    seen = []
    count(asked(path, resume=True), lambda _: seen.append)
    assert seen[0] == 0


@pytest.fixture
def no_cache(tmp_path, monkeypatch):
    """A cache that cannot be written, as where the home is read-only: a file stands in its place."""
    (tmp_path / "cache").write_text("")
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *_, **__: tmp_path / "cache" / "folder")
    monkeypatch.setattr("ipython_llmnumbers.corpus.run._KEEP_EVERY_S", 0)


@pytest.mark.usefixtures("no_cache")
def test_where_nothing_can_be_kept_the_count_goes_on(large, truth):
    result = count(asked(large, n_workers=1))
    assert (told(result), result.stopped) == (truth, "")
    ((remark, n),) = result.tally.remarks.items()
    assert remark.startswith("what is counted cannot be kept: ")
    assert n == 1


@pytest.mark.usefixtures("no_cache")
@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to oneself")
def test_what_is_not_kept_is_not_offered_to_go_on(large):
    with interrupted_after(2) as watch:
        part = count(asked(large, n_workers=1), watch)
    assert part.stopped == "stopped"
    assert not part.is_kept


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to oneself")
def test_an_interrupt_in_ipython_is_an_answer(large, shell, monkeypatch):
    """Ctrl-C in the magic: the part that was counted is shown, as one."""
    from ipython_llmnumbers.corpus.run import Run

    add = Run._add
    n_added = []

    def then_interrupt(self, task, tally):
        add(self, task, tally)
        n_added.append(task)
        if len(n_added) == 2:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(Run, "_add", then_interrupt)
    corpus = shell.run_line_magic("tokens", f"--corpus {large} -m {MODEL} --workers 1")
    assert not corpus.details.is_complete
    assert "bytes: the numbers are of that part; --resume goes on" in str(corpus)
    whole = shell.run_line_magic("tokens", f"--corpus {large} -m {MODEL} --workers 1 --resume")
    assert whole.details.is_complete


# -- executors ------------------------------------------------------------------------------------


class Late(ThreadPoolExecutor):
    """An executor of the user's whose workers fail now and then."""

    def __init__(self, fails):
        super().__init__(2)
        self.left = fails

    def submit(self, function, *arguments):
        if self.left:
            self.left -= 1
            future = Future()
            future.set_exception(ConnectionError("lost"))
            return future
        return super().submit(function, *arguments)


@pytest.fixture
def _spawnable(monkeypatch):
    """A shell of another test may stand in as `__main__`, which spawned processes look at."""
    monkeypatch.setattr(sys.modules["__main__"], "__spec__", None, raising=False)


@pytest.mark.usefixtures("_spawnable")
@pytest.mark.parametrize(
    "executor",
    [
        lambda: ThreadPoolExecutor(2),
        lambda: ProcessPoolExecutor(2, mp_context=get_context("spawn")),
        lambda: Late(1),
    ],
    ids=["threads", "processes", "failing"],
)
def test_any_executor_counts_the_same(large, truth, executor):
    with executor() as workers:
        corpus = count_corpus(str(large), model=MODEL, executor=workers)
    assert (corpus["tokens"].value, corpus["documents"].value) == truth
    assert corpus.request["executor"] == type(workers).__name__


def test_an_executor_that_cannot_count_is_one_line(large):
    with (
        Late(10**6) as workers,
        pytest.raises(LLMNumbersError, match=r"cannot count \(ConnectionError: lost\)"),
    ):
        count_corpus(str(large), executor=workers)


@pytest.mark.usefixtures("_spawnable")
def test_an_executor_whose_workers_are_lost_shows_what_was_counted(large, truth):
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:

        def watch(_total):
            def tell(n_bytes):
                if n_bytes:
                    for process in pool._processes.values():
                        process.kill()

            return tell

        result = count(asked(large, executor=pool), watch)
    assert result.stopped == "the executor has lost its workers"
    assert 0 < told(result)[0] < truth[0]
    assert told(count(asked(large, resume=True))) == truth


def test_ray_without_its_package_is_one_line(large, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(LLMNumbersError, match=r"ipython-llmnumbers\[ray\]"):
        count_corpus(str(large), executor="ray")


@pytest.fixture
def dask_client(_spawnable):
    """Two workers of Dask on this machine, each a process of its own."""
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@pytest.fixture
def ipyparallel_client(tmp_path, monkeypatch):
    """Two engines of ipyparallel on this machine."""
    ipyparallel = pytest.importorskip("ipyparallel")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    with ipyparallel.Cluster(n=2, controller_ip="127.0.0.1") as client:
        yield client


@pytest.mark.slow
@pytest.mark.cluster
@pytest.mark.filterwarnings("ignore")  # the clusters' own
def test_dask_counts_the_same_though_a_worker_is_killed(large, truth, dask_client):
    pids = list(dask_client.run(os.getpid).values())
    result = count(asked(large, executor=dask_client), killing(pids))
    assert told(result) == truth
    assert pids == []
    assert not result.tally.problems


@pytest.mark.slow
@pytest.mark.cluster
@pytest.mark.filterwarnings("ignore")
def test_ipyparallel_counts_the_same_though_a_worker_is_killed(large, truth, ipyparallel_client):
    pids = ipyparallel_client[:].apply_sync(os.getpid)
    result = count(asked(large, executor=ipyparallel_client), killing(pids))
    assert told(result) == truth
    assert pids == []


@pytest.mark.slow
@pytest.mark.cluster
@pytest.mark.filterwarnings("ignore")
def test_ray_counts_the_same_though_a_worker_is_killed(large, truth, monkeypatch):
    # As on Windows and macOS, Ray's processes meet at 127.0.0.1: tests reach no other address.
    monkeypatch.setenv("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
    ray = pytest.importorskip("ray")
    ray.init(num_cpus=2, include_dashboard=False)
    try:
        pids = list(set(ray.get([ray.remote(lambda: os.getpid()).remote() for _ in range(4)])))
        assert told(count(asked(large, executor="ray"), killing(pids))) == truth
        assert pids == []
    finally:
        ray.shutdown()


def killing(pids):
    """A `watch` that kills one of the workers with -9 once the first part is done."""

    def watch(_total):
        def tell(n_bytes):
            if n_bytes and pids:
                os.kill(pids[0], signal.SIGKILL)
                pids.clear()

        return tell

    return watch


# -- a sample -------------------------------------------------------------------------------------

# One language in each file is the case that breaks an interval which takes the parts for alike; a corpus that
# changes along its way, and one of alternating kinds, are others. Tokens of a part of 1,000 bytes by kind:
KINDS = {"English": 230, "Japanese": 420, "JSON": 350, "code": 300}


def ordered(chance, n):
    return [chance.gauss(mean, 40) for mean in KINDS.values() for _ in range(n // len(KINDS))]


def drifting(chance, n):
    return [chance.gauss(200 + 300 * at / n, 60) for at in range(n)]


def mixed(chance, n):
    return [chance.gauss(chance.choice(list(KINDS.values())), 40) for _ in range(n)]


def heavy(chance, n):
    """A part in twenty is of very long rows, of which most parts hold none at all."""
    return [chance.choice([0] * 19 + [5_000]) + chance.gauss(200, 50) for _ in range(n)]


@pytest.mark.parametrize("corpus", [ordered, drifting, mixed, heavy])
@pytest.mark.parametrize("share", [0.05, 0.2])
def test_the_interval_of_a_sample_holds_the_truth_as_often_as_it_says(corpus, share):
    """A seeded simulation of 200 samples at 95 %: 190 are expected, and chance moves that by 3.1.

    Each is of 200 parts, as `sampled_span_bytes` plans it.
    """
    import random

    parts = [max(0, round(each)) for each in corpus(random.Random(1), round(200 / share))]
    spans = [Span("a", "jsonl", at, at + 1, 1_000) for at in range(len(parts))]
    total = sum(parts)
    held, widths = 0, []
    for seed in range(200):
        strata = draw(spans, share, seed)
        low, likely, high = total_of(strata, spans, [parts[each.index] for each in strata])
        held += low <= total <= high
        widths.append((high - low) / total)
        assert low <= likely <= high
    assert held >= 180
    assert statistics.median(widths) < (0.8 if corpus is heavy else 0.08)


def test_a_sample_is_spread_over_all_files():
    spans = [Span(f"file {at // 100}", "text", 0, 1, 1_000) for at in range(5_000)]
    strata = draw(spans, 0.05, 7)
    assert len({spans[each.index].place for each in strata}) == 50
    assert sum(each.size for each in strata) == 5_000_000
    assert draw(spans, 0.05, 7) == strata != draw(spans, 0.05, 8)


def test_a_sample_of_real_texts_holds_the_truth(tmp_path):
    """One language in each file; the draw that everybody gets, which is the same each time."""
    whole = 0
    for name, text in TEXTS["languages"].items():
        rows = [f"{number} {text}" for number in range(60)]
        (tmp_path / f"{name}.jsonl").write_bytes(jsonl(rows))
        whole += sum(by_tiktoken(rows))
    corpus = count_corpus(str(tmp_path), model=MODEL, sample=0.1)
    tokens, documents = corpus["tokens"], corpus["documents"]
    assert tokens.low <= whole <= tokens.high
    assert documents.low <= 60 * len(TEXTS["languages"]) <= documents.high
    assert tokens.high - tokens.low < 0.3 * whole
    assert corpus.details.counted_bytes < 0.2 * corpus.details.total_bytes
    assert "95 % interval of a sample" in tokens.note
    assert count_corpus(str(tmp_path), model=MODEL, sample=0.1)["tokens"].value == tokens.value


def test_every_count_of_a_sample_is_of_the_whole_or_says_that_it_is_of_the_sample(tmp_path):
    rows = [f"{number} {text}" for number in range(60) for text in DOCUMENTS]
    lines = jsonl(rows).splitlines(keepends=True)
    lines = [line if number % 9 else line + b"{broken\n" for number, line in enumerate(lines)]
    (tmp_path / "rows.jsonl").write_bytes(b"".join(lines))
    whole, part = (count_corpus(str(tmp_path), model=MODEL, sample=share) for share in (None, 0.2))
    for name in ("tokens", "documents", "text_bytes", "bad_rows"):
        assert part[name].low < part[name].high, name
        assert part[name].low <= whole[name].value <= part[name].high, name
        assert "of a sample" in part[name].note
    assert "exact (o200k_base), in the sample" in part["tokens"].note
    assert part["tokens_max"].is_at_least
    assert part["tokens_max"].low <= whole["tokens_max"].value
    for name in ("tokens_p50", "tokens_p95", "tokens_max"):
        assert "documents of the sample" in part[name].note
    assert "How many documents of the sample are how long" in " ".join(str(part).split())
    assert "rows of the sample not counted" in str(part)
    assert "of the sample" not in str(whole)


def test_a_packed_file_beside_plain_ones_is_no_part_like_others(tmp_path):
    """A byte of it holds several times the text: its tokens are not told by those of its neighbours."""
    import gzip

    rows = [f"{number} {text}" for number in range(12) for text in DOCUMENTS]
    (tmp_path / "large.jsonl").write_bytes(jsonl(rows))
    (tmp_path / "packed.jsonl.gz").write_bytes(gzip.compress(jsonl(rows * 4)))
    whole = 5 * sum(by_tiktoken(rows))
    tokens = count_corpus(str(tmp_path), model=MODEL, sample=0.2)["tokens"]
    assert tokens.low <= whole <= tokens.high
    assert tokens.high - tokens.low < 0.2 * whole


def test_a_sample_of_little_is_all_of_it(tmp_path):
    (tmp_path / "a.txt").write_text("hello world")
    corpus = count_corpus(str(tmp_path), model=MODEL, sample=0.01)
    assert (corpus["tokens"].value, corpus["tokens_max"].high) == (2, 2)
    assert not corpus.details.is_sample


# -- engines --------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["toktok", "fastokens"])
@pytest.mark.parametrize("vocabulary", ["o200k_base", "cl100k_base", "gpt-oss"])
def test_an_engine_counts_as_tiktoken_on_every_kind_of_text(engine, vocabulary):
    from ipython_llmnumbers.catalog.tokenization.counting_engines import faster_engines
    from ipython_llmnumbers.probes.tokenizers.counters import counter

    pytest.importorskip(engine)
    found = counter(vocabulary, engine)
    assert (found is not None) == (engine in faster_engines(vocabulary))
    if found is None:
        return
    texts = [text for kind in ("languages", "code", "data", "nasty") for text in TEXTS[kind].values()]
    texts = [text.encode("utf-8", "replace").decode() for text in texts]
    texts += ["", " ", "\n\n\n", "a" * 10_000, "<|endoftext|>", "\u200d👩‍👩‍👧‍👦", "\r\n" * 99, " " * 2_000]
    reference = {"gpt-oss": "o200k_harmony"}.get(vocabulary, vocabulary)
    assert found.count(texts) == by_tiktoken(texts, reference)


@pytest.mark.parametrize("vocabulary", ["o200k_base", "cl100k_base"])
def test_a_text_in_short_pieces_has_the_tokens_of_the_whole(vocabulary):
    """What fastokens is given of a long text: cut behind a letter, before what no word goes on with."""
    from ipython_llmnumbers.probes.tokenizers.counters import pieces

    kinds = ("languages", "code", "data", "nasty")
    text = (
        "\n".join(text for kind in kinds for text in TEXTS[kind].values()).encode("utf-8", "replace").decode()
    )
    text += "I'LL don't a_b ﬁn½, x²:y e\u0301, ก็、日本語。中文，「引用」 \u3000A.B.C  d\r\ne"
    whole = by_tiktoken([text], vocabulary)
    for n_chars in (0, 1, 7, 100, 10_000):
        cut = list(pieces(text, n_chars))
        assert len(cut) > len(text) // (4 * n_chars + 100)
        assert "".join(cut) == text
        assert sum(by_tiktoken(cut, vocabulary)) == whole[0]


@pytest.mark.parametrize("vocabulary", ["o200k_base", "cl100k_base", "gpt-oss"])
def test_a_special_token_that_is_written_out_is_text_in_a_corpus(vocabulary):
    """splintr counts without ids by what matches special tokens: all of them begin with `<|`."""
    import splintr

    from ipython_llmnumbers.probes.tokenizers.counters import counter

    tokenizer = splintr.Tokenizer.from_pretrained(vocabulary)
    base = {"cl100k_base": 100_256, "gpt-oss": 199_998, "o200k_base": 199_998}[vocabulary]
    special = []
    for number in range(base, tokenizer.vocab_size):
        with contextlib.suppress(ValueError):  # a number that no token has
            special.append(tokenizer.decode_with_special([number]))
    assert len(special) > 50
    assert all(text.startswith("<|") for text in special)
    texts = [f"a {text} b" for text in special]
    assert counter(vocabulary).count(texts) == [len(tokenizer.encode_ordinary(text)) for text in texts]
    ordinary = (tokenizer.decode_token_bytes(number) for number in range(base))
    words = [
        text.decode()
        for text in ordinary
        if b"<" not in text and text.decode("utf-8", "ignore").encode() == text
    ]
    assert [len(tokenizer.encode(word)) for word in words] == counter(vocabulary).count(words)


def test_an_engine_that_counts_otherwise_is_not_used(tmp_path, monkeypatch):
    from ipython_llmnumbers.corpus import counting
    from ipython_llmnumbers.probes.tokenizers.counters import Counter

    real = counting.counter

    def counter(vocabulary, engine=""):
        return Counter("wrong 1.0", lambda texts: [7] * len(texts)) if engine else real(vocabulary)

    monkeypatch.setattr(counting, "counter", counter)
    monkeypatch.setattr(counting, "_counters", {})
    (tmp_path / "a.txt").write_text("hello world")
    span = Span(str(tmp_path / "a.txt"), "text", 0, 11, 11, source_bytes=11)
    request = json.loads(request_of(Job(("o200k_base",), {"o200k_base": "wrong"}), Task(0, (span,))))
    tally = Tally.from_json(counting.count_request(request))
    assert tally.of("o200k_base").tokens == 2
    assert tally.engines["o200k_base"].startswith("splintr")
    assert list(tally.remarks) == ["wrong 1.0 counts this text otherwise than splintr: not used"]


def test_an_engine_that_a_worker_lacks_is_said(monkeypatch):
    from ipython_llmnumbers.corpus import counting

    monkeypatch.setattr(counting, "_counters", {})
    monkeypatch.setitem(sys.modules, "toktok", None)
    from ipython_llmnumbers.probes.tokenizers import counters

    counters._toktok.cache_clear()
    span = Span("the table", "texts", 0, 1, 11, values=("hello world",))
    request = json.loads(request_of(Job(("o200k_base",), {"o200k_base": "toktok"}), Task(0, (span,))))
    tally = Tally.from_json(counting.count_request(request))
    counters._toktok.cache_clear()
    assert tally.of("o200k_base").tokens == 2
    assert list(tally.remarks) == ["toktok is not on a worker: splintr counted there"]


def test_a_text_that_an_engine_fails_on_is_told_and_the_others_are_counted(monkeypatch):
    from ipython_llmnumbers.corpus import counting
    from ipython_llmnumbers.probes.tokenizers.counters import Counter

    class Panic(BaseException):
        """What a Rust extension panics with."""

    def count_all(texts):
        if "bad" in texts:
            raise Panic
        return [2] * len(texts)

    monkeypatch.setattr(counting, "_counters", {("o200k_base", ""): Counter("fragile", count_all)})
    span = Span("the table", "texts", 0, 3, 11, values=("good", "bad", "good"))
    request = json.loads(request_of(Job(("o200k_base",)), Task(0, (span,))))
    tally = Tally.from_json(counting.count_request(request))
    assert (tally.of("o200k_base").tokens, tally.bad_rows) == (4, {"refused": 1})


# -- the magic ------------------------------------------------------------------------------------


def test_the_magic_counts_a_corpus(large, truth, shell):
    corpus = shell.run_line_magic(
        "tokens", f"--corpus '{large}/*' -m {MODEL} --out 200 --json {large.parent}/c.json"
    )
    assert corpus["tokens"].value == truth[0]
    kept = json.loads((large.parent / "c.json").read_text("utf-8"))
    assert kept["figures"]["documents"]["value"] == truth[1]
    assert kept["request"]["paths"] == f"{large}/*"
    drawn = str(corpus)
    assert f"{truth[0]:,} tokens" in drawn.splitlines()[0]
    assert max(map(len, drawn.splitlines())) <= 110


def test_the_magic_takes_an_executor_by_its_name(large, truth, shell):
    with ThreadPoolExecutor(2) as pool:
        shell.user_ns["pool"] = pool
        corpus = shell.run_line_magic("tokens", f"--corpus {large} -m {MODEL} --executor pool")
    assert corpus["tokens"].value == truth[0]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("--corpus nowhere/*.jsonl", "no such file, and no file matches"),
        ("--corpus . hello", "--corpus takes one name or pattern, so not 'hello' too"),
        ("--corpus a.jsonl b.jsonl", "of several write a pattern, such as --corpus data/*.jsonl"),
        ("--corpus . --ids", "--ids has no part in --corpus"),
        ("--corpus . --compare", "--compare has no part in --corpus"),
        ("--sample 1% hello", "--sample needs --corpus"),
        ("--resume hello", "--resume needs --corpus"),
        ("--corpus . --executor nobody", "no variable of that name"),
        ("--corpus . --sample 0", "--sample '0' is not a share; write one such as 0.9 or 90%"),
        ("--corpus . --sample 150%", "--sample '150%' is not a share"),
        ("--corpus . --sample 0.0000001", "is not a share from 0.000001 to 1"),
    ],
)
def test_a_wrong_line_is_one_line(shell, line, words):
    with pytest.raises(LLMNumbersError) as caught:
        shell.run_line_magic("tokens", line)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_small_corpus_starts_no_process(tmp_path, monkeypatch):
    from ipython_llmnumbers.corpus import pool

    monkeypatch.setattr(pool, "start", lambda *_, **__: pytest.fail("a process was started"))
    (tmp_path / "a.txt").write_text("hello world")
    assert count_corpus(str(tmp_path), model=MODEL)["tokens"].value == 2


@pytest.mark.slow
def test_memory_does_not_grow_with_the_corpus(tmp_path, monkeypatch):
    """The peak of a run over 8 MB and over 64 MB, of which every line is another: a ratio, no megabytes."""
    for name in ("COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START"):
        monkeypatch.delenv(name, raising=False)  # it takes twice as long, and keeps what it has seen
    peaks = []
    for n_mb in (8, 64):
        path = tmp_path / f"{n_mb}.jsonl"
        with path.open("wb") as file:
            for number in range(n_mb * 40):
                file.write(jsonl([f"{number} {DOCUMENTS[number % len(DOCUMENTS)]}"] * 1)[:-1] + b"\n")
                file.write(jsonl([f"{number * 7919 + at} words and more of them" for at in range(400)]))
        code = (
            "import resource, sys\nfrom ipython_llmnumbers import count_corpus\n"
            f"count_corpus({str(path)!r}, model='gpt-4o', workers=1)\n"
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
        )
        ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        peaks.append(int(ran.stdout))
    assert peaks[1] < 1.5 * peaks[0]
