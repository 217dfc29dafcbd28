"""Fetch a model's config.json from the Hugging Face Hub."""

from __future__ import annotations

from pathlib import Path

from ...errors import CatalogError, UsageError
from ...messages import say, shorten
from ..checkpoints.read import Checkpoint, is_repository, read_config
from .fetch import FetchError, within

_SECONDS, _MOST_BYTES = 10, 10_000_000

# By name: from version to version these classes are exported from another module.
_REASONS = {
    "GatedRepoError": say("it is gated; accept its terms on the Hub, and log in"),
    "RepositoryNotFoundError": say("no such repository, or a private one"),
    "EntryNotFoundError": say("it has no config.json"),
    "OfflineModeIsEnabled": say("HF_HUB_OFFLINE is set"),
}


def hub_checkpoint(name: str) -> Checkpoint:
    """The config.json of a repository, as the Hub has it.

    Raises:
        UsageError: not the name of a repository.
        CatalogError: the Hub does not answer, or has no such file for this user.
    """
    if not is_repository(name):
        raise UsageError(
            "{option:hub} needs a repository such as Qwen/Qwen3-8B, not {word}", word=shorten(name)
        )
    try:
        path = within(_SECONDS, lambda: _download(name))
    except FetchError as error:
        raise _unanswered(name, error.reason) from None
    except Exception as error:  # huggingface_hub raises those of its HTTP client as well
        raise _unanswered(name, _reason(error)) from None
    return Checkpoint(name, say("{model} on the Hugging Face Hub", model=name), read_config(path))


def _download(name: str) -> Path:
    from huggingface_hub import get_hf_file_metadata, hf_hub_download, hf_hub_url

    # Asked once and soon: the download would try again for half a minute.
    found = get_hf_file_metadata(hf_hub_url(name, "config.json"), timeout=_SECONDS)
    if found.size is not None and found.size > _MOST_BYTES:
        raise FetchError(say("more than the {n:,} bytes that are read", n=_MOST_BYTES))
    return Path(hf_hub_download(name, "config.json"))


def _reason(error: Exception) -> str:
    """What went wrong, by the error's class: its text may hold the address, and a password within."""
    known = (_REASONS[kind.__name__] for kind in type(error).__mro__ if kind.__name__ in _REASONS)
    return next(known, type(error).__name__)


def _unanswered(name: str, reason: str) -> CatalogError:
    return CatalogError(
        "{option:hub} {model}: {reason}; a path to its config.json works too", model=name, reason=reason
    )
