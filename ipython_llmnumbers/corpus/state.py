"""What an interrupted count keeps, so that it can go on: a file of counts in the user's cache, no text."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from ..errors import FileError
from ..files.formats import FormatError, parse_json
from ..files.places import modified_ns
from ..files.reading import read_bytes
from ..files.writing import make_folder, write_text
from .parts import Job, Span, Task, request_of
from .tally import Tally

_BEGINNING = b'{"llmnumbers_corpus": 1,'
_MOST_BYTES = 1_000_000_000


class State:
    """The counts of one plan: which of its tasks are done, and their tally.

    It is known again by what was asked, and by the files' names, sizes and times.
    """

    def __init__(self, job: Job, spans: Sequence[Span]) -> None:
        import platformdirs

        key = hashlib.sha256(request_of(job, Task(0, tuple(spans))).encode())
        for place in dict.fromkeys(span.place for span in spans):
            key.update(str(modified_ns(place)).encode())
        folder = platformdirs.user_cache_path("ipython-llmnumbers", appauthor=False)
        self.path = Path(folder) / "corpus" / f"{key.hexdigest()[:24]}.json"

    def read(self) -> tuple[set[int], Tally] | None:
        """The tasks that are done, and what they counted; None where nothing is kept."""
        try:
            kept = parse_json(read_bytes(self.path, _MOST_BYTES))
            return set(kept["done"]), Tally.from_json(kept["tally"])
        except (FileError, FormatError, KeyError, TypeError, AssertionError):
            return None

    def keep(self, done: set[int], tally: Tally) -> None:
        """Keep what is counted so far.

        Raises:
            FileError: the folder cannot be written.
        """
        make_folder(self.path.parent)
        text = json.dumps({"llmnumbers_corpus": 1, "done": sorted(done), "tally": tally.to_json()})
        write_text(self.path, text, is_ours=lambda old: old.startswith(_BEGINNING))

    def drop(self) -> None:
        """Nothing is kept of a count that is complete."""
        with suppress(OSError):  # what stays is right for as long as the files are the same
            self.path.unlink()
