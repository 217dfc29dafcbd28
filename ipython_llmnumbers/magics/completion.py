"""TAB behind a magic: its options, and what each option takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ..patterns import pattern
from .magic import Magic

_MAGIC_LINE = pattern(r"(?:^|=)\s*%{1,2}(?P<name>\w+)(?P<line>\s.*)$")


def make_matcher(magics: Sequence[Magic]) -> Callable[[Any], dict[str, Any]]:
    """A matcher for `ip.Completer.custom_matchers`."""
    from IPython.core.completer import SimpleCompletion, context_matcher

    by_name = {magic.name: magic for magic in magics}

    @context_matcher(identifier="LLMNumbers.matcher")  # type: ignore[untyped-decorator]
    def matcher(context: Any) -> dict[str, Any]:
        line = _MAGIC_LINE.search(context.text_until_cursor)
        magic = by_name.get(line["name"]) if line else None
        if line is None or magic is None:
            return {"completions": []}
        fragment, kind, pool = complete(magic, line["line"])
        found = [SimpleCompletion(each, type=kind) for each in pool]
        return {"completions": found, "matched_fragment": fragment, "suppress": bool(found), "ordered": True}

    return matcher  # type: ignore[no-any-return]


def complete(magic: Magic, line: str) -> tuple[str, str, list[str]]:
    """What may stand at the end of `line`: the fragment it replaces, its kind, the candidates."""
    before, _, word = line.rpartition(" ")
    words = before.split()
    by_flag = {flag: option for option in magic.all_options for flag in option.flags}
    option = by_flag.get(words[-1]) if words else None
    flag, equals, value = word.partition("=")
    if equals and flag in by_flag:
        option, word = by_flag[flag], value
    if option is not None and option.metavar:
        fragment = word.rpartition(",")[2] if "," in option.metavar else word
        return fragment, "param", _starting(option.known() if option.known else (), fragment)
    if word.startswith("-"):
        return word, "option", _starting(by_flag, word)
    if magic.known_words is not None:
        return word, "param", _starting(magic.known_words(), word)
    return word, "param", []


def _starting(pool: Iterable[str], fragment: str) -> list[str]:
    return [each for each in dict.fromkeys(pool) if each.casefold().startswith(fragment.casefold())]
