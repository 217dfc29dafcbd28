"""What lies in the place of a model's weights when a download went wrong, told by how it begins."""

from __future__ import annotations

from pathlib import Path

from ...errors import CatalogError
from ...messages import joined, say

_OLD_GGML = say("a GGML file of 2023, which no engine reads any more; take the model as GGUF")
# By how the file begins, in this order; letters are compared in lower case.
_TEXTS = (
    # https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
    (b"version https://git-lfs", say("a Git LFS pointer, not the file itself; run git lfs pull")),
    # https://huggingface.co/docs/hub/xet: what a clone without git-xet holds.
    (b"# xet version", say("a pointer of git-xet, not the file itself; clone with git-xet installed")),
    (b"<", say("a web page, not the file itself; log in, or take the address with /resolve/ for /blob/")),
    (b"{", say("a JSON text, not the file itself; what the server answered may stand in it")),
)
_BINARIES = (
    (b"gguf", say("a GGUF file; name it .gguf")),
    # The magic numbers ggjt, ggml and ggmf of 2023, as they stand in the file.
    (b"tjgg", _OLD_GGML),
    (b"lmgg", _OLD_GGML),
    (b"fmgg", _OLD_GGML),
    (b"pk\x03\x04", say("a ZIP or PyTorch file, which is not read; convert it to safetensors")),
    (b"\x80\x02", say("a pickle of PyTorch's, which is not read; convert it to safetensors")),
    (b"\0" * 16, say("it begins with zeros, as a download that was not finished does; download it again")),
)


def not_the_weights(path: Path, beginning: bytes, kind: str) -> CatalogError:
    """The error of a file that is not of its kind; `beginning` are its first bytes."""
    if not beginning:
        return CatalogError("{path}: an empty file; download it again", path=path)
    start = beginning.removeprefix(b"\xef\xbb\xbf").lstrip().lower() or beginning
    # The length of a safetensors header may begin with the byte of "<" or "{", but has zeros behind it.
    kinds = _BINARIES if b"\0" in beginning else (*_TEXTS, *_BINARIES)
    for mark, words in kinds:
        if start.startswith(mark):
            return CatalogError(joined(": ", str(path), words))
    return CatalogError("{path}: not a {kind} file, or cut short; download it again", path=path, kind=kind)
