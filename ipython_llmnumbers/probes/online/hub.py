"""Fetch a model's config.json from the Hugging Face Hub."""

from __future__ import annotations

from pathlib import Path

from ...errors import CatalogError, UsageError
from ...messages import say, shorten
from ..checkpoints.read import Checkpoint, is_repository, read_json

_TIMEOUT_S = 10


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
    from huggingface_hub import get_hf_file_metadata, hf_hub_download, hf_hub_url

    try:
        # Asked once and soon: the download would try again for half a minute.
        get_hf_file_metadata(hf_hub_url(name, "config.json"), timeout=_TIMEOUT_S)
        path = Path(hf_hub_download(name, "config.json"))
    except Exception as error:  # huggingface_hub raises those of its HTTP client as well
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise CatalogError(
            "{option:hub} {model}: {reason}; a path to its config.json works too",
            model=name,
            reason=shorten(reason[0], 150),
        ) from None
    return Checkpoint(name, say("{model} on the Hugging Face Hub", model=name), read_json(path))
