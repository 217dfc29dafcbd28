"""Build hook: the long description that a package index shows, made from README.md.

An index has no files next to the description, so a relative link is dead there and a relative
picture is broken. If `[project.urls]` names the repository, they become absolute links to the
release's tag. If it does not, a link keeps only its text, and a picture is left out.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

# Code blocks and comments come first: what looks like a link in them is text.
_PIECES = re.compile(
    r"""
    (?P<text>
        ^(?P<fence>`{3,}|~{3,})[^\n]*\n .*? ^(?P=fence)[`~]*[ \t]*$
        | <!-- .*? -->
    )
    | (?P<picture>!\[(?P<alt>[^\]]*)\]\((?P<image>[^()\s]+)\)(?:\n(?:\n|\Z))?)
    | \[(?P<label>(?:`[^`\n]*`|!\[[^\]]*\]\([^()\s]*\)|[^\[\]`])*)\]\((?P<target>[^()\s]+)\)
    | (?P<ticks>`+)(?!`) .+? (?<!`)(?P=ticks)(?!`)
    """,
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)
# `https:`, `mailto:`, or a heading of the same page: these work on an index, too.
_ABSOLUTE = re.compile(r"[a-z][a-z0-9+.-]*:|//|#", re.IGNORECASE)


def description(readme: str, repository: str | None, tag: str) -> str:
    """Return the README's text with no relative link or picture.

    >>> description("See [the docs](docs/tokens.md).", None, "v1.0")
    'See the docs.'
    >>> description("See [the docs](docs/tokens.md).", "https://forge.example/me/it", "v1.0")
    'See [the docs](https://forge.example/me/it/blob/v1.0/docs/tokens.md).'
    """

    def rewritten(piece: re.Match[str]) -> str:
        target = piece["image"] or piece["target"]
        if target is None:
            return piece[0]
        if piece["label"] is None:  # a picture
            if _ABSOLUTE.match(target):
                return piece[0]
            return piece[0].replace(f"({target})", f"({repository}/raw/{tag}/{target})") if repository else ""
        label = _PIECES.sub(rewritten, piece["label"])
        if _ABSOLUTE.match(target):
            return f"[{label}]({target})"
        return f"[{label}]({repository}/blob/{tag}/{target})" if repository else label

    return _PIECES.sub(rewritten, readme)


class DescriptionHook(MetadataHookInterface):
    """Set `readme`, which pyproject.toml declares as dynamic."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Called by hatchling; `metadata` is the `[project]` table."""
        repository = metadata.get("urls", {}).get("Repository", "").rstrip("/") or None
        readme = Path(self.root, "README.md").read_text(encoding="utf-8")
        text = description(readme, repository, f"v{metadata['version']}")
        metadata["readme"] = {"content-type": "text/markdown", "text": text}
