"""Count one task: the same function in this process, in one of the pool's, and on a cluster's worker."""

from __future__ import annotations

import json
import lzma
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..errors import LLMNumbersError
from ..files.formats import parse_json
from ..files.places import shown_place
from ..messages import say, shorten, speaking
from ..probes.prompts.text_kinds import kinds
from ..probes.tokenizers.counters import Counter, counter, differs
from ..probes.tokenizers.engines import TOKENS_AT_A_CUT
from . import tally as reasons
from .parts import Job, Span, read_request
from .reading.documents import Batch, batches_of
from .tally import OpenText, Probed, Tally

# Of the first texts that a worker counts in a run, in which a faster engine must agree with splintr.
_CHECKED_CHARS = 64_000
# To tell the kinds of a text takes as long as to count it: they are told once in so many bytes.
_KINDS_BYTES = 1 << 20
# After so much text an engine forgets the words that it has seen.
_FORGET_BYTES = 64 << 20

# The counters of this process by vocabulary and engine; one that disagreed is splintr's.
_counters: dict[tuple[str, str], Counter] = {}


def count_task(request: str) -> str:
    """Count what a request of `request_of` names: the tally as JSON.

    A module's function with a text as its argument: any executor can send it to any worker.
    """
    return json.dumps(count_request(parse_json(request)))


def count_request(request: Mapping[str, Any]) -> dict[str, Any]:
    """The tally of a request, in JSON's types."""
    job, spans = read_request(request)
    with speaking(job.language):
        return _Counting(job).count(spans).to_json()


class _Counting:
    """One task under way."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.tally = Tally()
        self._has_cheap_cuts = not any(each in TOKENS_AT_A_CUT for each in job.vocabularies)
        self._since_forgotten = 0
        self._is_probed = False
        # The kinds of the text that is counted, told anew after so many bytes.
        self._kinds: dict[str, float] = {}
        self._kinds_hold_for = 0

    def count(self, spans: Sequence[Span]) -> Tally:
        for span in spans:
            try:
                self._count_span(span)
            except LLMNumbersError as error:
                self.tally.problems[shown_place(span.place)] = str(error)
            except (EOFError, OSError, ValueError, lzma.LZMAError, zlib.error) as error:
                # A packed file or a table that ends too early, or is damaged; pyarrow's are ValueErrors.
                reason = shorten((str(error).splitlines() or [type(error).__name__])[0])
                self.tally.problems[shown_place(span.place)] = say(
                    "{path}: broken, counted up to there ({reason})",
                    path=shown_place(span.place),
                    reason=reason,
                )
            self.tally.size += span.size
        return self.tally

    def _count_span(self, span: Span) -> None:
        in_text: dict[str, int] = {}
        self._kinds_hold_for = 0
        is_text = span.form == "text"
        n_pieces = 0 if span.start == 0 else 1
        try:
            for batch in batches_of(span, self.tally, has_cheap_cuts=self._has_cheap_cuts):
                counts = {each: self._counts(each, batch, span) for each in self.job.vocabularies}
                self._note_text(batch)
                self._probe(batch, span)
                for vocabulary, each in counts.items():
                    counted = self.tally.of(vocabulary)
                    counted.tokens += sum(each)
                    if batch.is_pieces:
                        in_text[vocabulary] = in_text.get(vocabulary, 0) + sum(each)
                        counted.joints += batch.n_cuts + bool(n_pieces) * TOKENS_AT_A_CUT.get(vocabulary, 0)
                    else:
                        counted.lengths.add(batch.lengths(each))
                n_pieces += 1
                self.tally.n_documents += batch.n_documents
        finally:
            if is_text and in_text:
                self._end_text(span, in_text)

    def _end_text(self, span: Span, tokens: dict[str, int]) -> None:
        """A whole text is a document; of a part the others are counted elsewhere."""
        if span.is_whole:
            self.tally.close_text(tokens)
        else:
            part = OpenText(span.end - span.start, span.source_bytes, tokens)
            other = self.tally.open_texts.get(span.place)
            if other is None:
                self.tally.open_texts[span.place] = part
            else:
                whole = Tally(open_texts={span.place: part})
                self.tally.merge(whole)

    def _note_text(self, batch: Batch) -> None:
        tally = self.tally
        tally.text_bytes += batch.n_bytes
        tally.n_chars += sum(map(len, batch.texts))
        if self.job.tells_kinds and batch.texts:
            self._note_kinds(batch)
        self._since_forgotten += batch.n_bytes
        if self._since_forgotten > _FORGET_BYTES:
            self._since_forgotten = 0
            for each in _counters.values():
                each.forget()

    def _note_kinds(self, batch: Batch) -> None:
        if self._kinds_hold_for <= 0:
            self._kinds, self._kinds_hold_for = kinds(batch.texts[0]), _KINDS_BYTES
        self._kinds_hold_for -= batch.n_bytes
        for kind, share in self._kinds.items():
            self.tally.kinds[kind] = self.tally.kinds.get(kind, 0.0) + share * batch.n_bytes

    def _probe(self, batch: Batch, span: Span) -> None:
        """Compare the vocabularies that are only probed with the first one, once a task."""
        if self._is_probed or not self.job.probed:
            return
        texts = list(_beginning(batch.texts))
        if not any(texts):
            return
        self._is_probed = True
        probed = replace(batch, texts=texts)
        first = sum(self._counts(self.job.vocabularies[0], probed, span))
        for vocabulary in self.job.probed:
            tokens = sum(self._counts(vocabulary, probed, span))
            if first:
                self.tally.probe(vocabulary, Probed(tokens, first, tokens / first, tokens / first))

    def _counts(self, vocabulary: str, batch: Batch, span: Span) -> list[int]:
        """The tokens of each text; 0, and told, for one that the engine fails on."""
        if not batch.texts:  # chats of pictures alone
            return []
        chosen = self._counter(vocabulary, batch.texts)
        try:
            return chosen.count(batch.texts)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException:  # a Rust extension panics with one that is no Exception
            return [self._count_one(chosen, text, span) for text in batch.texts]

    def _count_one(self, chosen: Counter, text: str, span: Span) -> int:
        try:
            return chosen.count([text])[0]
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException:
            self.tally.refuse(reasons.REFUSED, shown_place(span.place))
            return 0

    def _counter(self, vocabulary: str, texts: Sequence[str]) -> Counter:
        """The engine that the job names, if this worker has it and it agrees with splintr; else splintr."""
        engine = self.job.engines.get(vocabulary, "")
        known = _counters.get((vocabulary, engine))
        if known is None:
            known = _counters[vocabulary, engine] = self._checked(vocabulary, engine, texts)
        self.tally.engines[vocabulary] = known.name
        return known

    def _checked(self, vocabulary: str, engine: str, texts: Sequence[str]) -> Counter:
        plain = counter(vocabulary)
        if plain is None:
            raise LLMNumbersError(
                "{vocabulary} is not on a worker; install it there as here", vocabulary=vocabulary
            )
        if not engine:
            return plain
        faster = counter(vocabulary, engine)
        if faster is None:
            self.tally.remark(say("{engine} is not on a worker: splintr counted there", engine=engine))
            return plain
        if differs(plain, faster, list(_beginning(texts))):
            remark = say("{engine} counts this text otherwise than splintr: not used", engine=faster.name)
            self.tally.remark(remark)
            return plain
        return faster


def _beginning(texts: Sequence[str]) -> Sequence[str]:
    """The first texts, of so many characters in all."""
    left, found = _CHECKED_CHARS, []
    for text in texts:
        found.append(text[:left])
        left -= len(text)
        if left <= 0:
            break
    return found
