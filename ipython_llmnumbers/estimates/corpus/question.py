"""How many tokens is a corpus, and what does it cost?"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from ...catalog import limits
from ...errors import ParameterError, UsageError
from ...files.encodings import UTF8, encoding_named
from ...messages import option, say
from ...records import dataclass
from .. import parameters
from ..hosted_model import known_models
from ..kinds import Fraction, Kind, Name, Names, Switch, Whole, WholeRange
from ..money import Priced
from ..question import parameter
from ..subjects import InMemory
from .details import CorpusEstimate


class Paths(Kind):
    """Names of files, glob patterns, folders or addresses; or a table or column in memory."""

    json_schema: ClassVar[Mapping[str, Any]] = {
        "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}, {"type": "object"}]
    }

    def take(self, name: str, value: Any) -> Any:
        """Names as a tuple of texts; an object as it is, and of a request that there was one."""
        from ...corpus.objects import is_object

        if isinstance(value, dict) and list(value) == ["in_memory"]:
            return InMemory(str(value["in_memory"]))
        if isinstance(value, InMemory) or is_object(value):
            return value
        names = [value] if isinstance(value, str | os.PathLike) else value
        if not isinstance(names, Sequence) or not all(isinstance(each, str | os.PathLike) for each in names):
            raise ParameterError("{option} is neither a path, nor paths, nor a table of texts", name, value)
        paths = tuple(os.fspath(each) for each in names)
        if not paths or not all(paths):
            raise ParameterError("{option} names no file; write one such as data/*.jsonl", name, value)
        return paths

    def to_json(self, value: Any) -> Any:
        if isinstance(value, tuple):
            return value[0] if len(value) == 1 else list(value)
        return {"in_memory": value.name if isinstance(value, InMemory) else type(value).__name__}


class Encoding(Name):
    """A text encoding by any name that Python has for it."""

    def take(self, name: str, value: Any) -> str:
        found = encoding_named(Name.take(self, name, value))
        if not found:
            raise ParameterError(
                "{option} is no text encoding; write one such as cp932, utf-16 or cp1252", name, value
            )
        return found


class Workers(Kind):
    """A `concurrent.futures.Executor`, a client of Dask's or ipyparallel's, or `"ray"`."""

    json_schema: ClassVar[Mapping[str, Any]] = {"type": "string"}

    def to_json(self, value: Any) -> Any:
        return value if isinstance(value, str) else type(value).__name__


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus(Priced):
    """Count the tokens of a corpus, over all cores and in bounded memory, and what they cost.

    Text, JSON Lines, CSV, Parquet and Arrow, packed by gzip, bzip2, xz or zstd or not. A row is one document:
    a text, the texts of several fields, or a chat, with the frames that the model puts around its messages.
    What cannot be counted is reported: rows by what is wrong with them, files by a line each.

    Returns:
        An Estimate with `tokens`, `documents`, `text_bytes`, `tokens_mean`, `tokens_p50`, `tokens_p95`,
        `tokens_p99`, `tokens_max`, `bad_rows`, and the dollars to embed it (`embed_usd`), to send each
        document to the model (`process_usd`), to fine-tune with it (`tune_usd`) and to train on it
        (`train_usd`), once each. Of chats also `text_tokens` and `frame_tokens`; their lengths are those of
        the text alone. Of several models it has a part for each.

    Raises:
        LLMNumbersError: no file matches, none can be counted, or the field is not told.

    >>> import pathlib, tempfile
    >>> from ipython_llmnumbers import count_corpus
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = pathlib.Path(folder.name, "chats.jsonl")
    >>> _ = path.write_text('{"messages": [{"role": "user", "content": "Hello"}]}')
    >>> chats = count_corpus(path, model="gpt-4o")
    >>> chats["text_tokens"].value, chats["frame_tokens"].value
    (1, 7)
    >>> _ = path.write_text('{"prompt": "Hello", "completion": " world"}')
    >>> pairs = count_corpus(path, field="prompt,completion", model="gpt-4o")
    >>> pairs["tokens"].value, pairs["documents"].value
    (2, 1)
    >>> _ = pathlib.Path(folder.name, "cat.txt").write_bytes("吾輩は猫である".encode("cp932"))
    >>> count_corpus(f"{folder.name}/*.txt", encoding="cp932", model="gpt-4o")["text_bytes"].value
    21
    >>> folder.cleanup()
    """

    function = "count_corpus"

    paths: Any = parameter(
        Paths(),
        say(
            "files to count: a name, a glob pattern, a folder or an fsspec address; in Python also several,"
            " or a table"
        ),
        flag="corpus",
        metavar="GLOB",
        effect="instead",
    )
    model: tuple[str, ...] = parameters.hosted_models()
    field: tuple[str, ...] | None = parameter(
        Names(),
        say("the field of each row that holds its text or chat, or several with commas"),
        None,
        metavar="NAME[,NAME…]",
    )
    encoding: str = parameter(
        Encoding(),
        say("the encoding of text, JSON Lines and CSV, such as cp932; a byte order mark is always read"),
        UTF8,
        metavar="NAME",
    )
    sample: float | None = parameter(
        Fraction(1e-6),
        say("count a part drawn evenly from all files, such as 1%, and tell the whole with its interval"),
        None,
        metavar="SHARE",
    )
    output_tokens: int | tuple[int, int] | None = parameter(
        WholeRange(limits.OUTPUT_TOKENS, least=0),
        say("tokens of the answer to each document; without it only the input is priced"),
        None,
        flag="out",
        metavar="TOKENS",
        unit="tokens",
    )
    embed_model: str = parameter(
        Name(known_models),
        say("the model to embed with"),
        "text-embedding-3-small",
        flag="embed",
        metavar="MODEL",
    )
    tune_model: str = parameter(
        Name(), say("the open model to fine-tune and to train"), "llama-3.1-8b", flag="tune", metavar="MODEL"
    )
    workers: int | None = parameter(
        Whole(1_024), say("processes that count; default: one for each core"), None, metavar="N"
    )
    executor: Any = parameter(
        Workers(),
        say("count on your own workers: an Executor, a Dask or ipyparallel client, or `ray`"),
        None,
        metavar="NAME",
    )
    resume: bool = parameter(Switch(), say("go on where the same count was stopped"), False)

    def check(self) -> None:
        Priced.check(self)
        if self.sample is not None and self.resume:
            raise UsageError("{option:resume} goes on with a whole count; a sample is counted anew")
        if self.workers is not None and self.executor is not None:
            raise UsageError(
                "{option}: how many workers an executor has is its own to say",
                option=option("workers", self.workers),
            )

    def answer(self) -> CorpusEstimate:
        from .estimate import estimate_corpus

        return estimate_corpus(self)
