"""Which of a family's models are the newest: the number that its makers count them by stands in the name."""

from __future__ import annotations

from ...patterns import pattern

# Letters that count a maker's versions: DeepSeek-V3, Kimi-K2, MiniMax-M2.5.
_FAMILY = pattern(r"(?P<family>[A-Za-z]+(?:-oss|-Small|-Large|-Nemo|-H)?)(?P<rest>.*)")
_VERSION = pattern(r"(?:^|-)[VKMv]?(?P<version>\d{1,2}(?:\.\d{1,2})?)(?:-|$)")


def generation(name: str) -> tuple[str, float]:
    """The family of a model and the number of its generation; 0 where the name has none.

    >>> generation("Qwen3.5-27B"), generation("Qwen3-VL-8B"), generation("DeepSeek-V3.2")
    (('qwen', 3.5), ('qwen', 3.0), ('deepseek', 3.2))
    >>> generation("Llama-3.1-405B"), generation("Mistral-7B-v0.3"), generation("gpt-oss-20b")
    (('llama', 3.1), ('mistral', 0.3), ('gpt-oss', 0.0))
    >>> generation("Mistral-Small-3.1-24B"), generation("Mistral-Small-24B"), generation("GLM-4-9B-0414")
    (('mistral-small', 3.1), ('mistral-small', 0.0), ('glm', 4.0))
    """
    found = _FAMILY.fullmatch(name)
    if found is None:
        return name.casefold(), 0.0
    version = _VERSION.search(found["rest"])
    return found["family"].casefold(), float(version["version"]) if version else 0.0


def newest_generations(names: list[str]) -> dict[str, float]:
    """The greatest number of each family.

    >>> newest_generations(["Qwen2.5-7B", "Qwen3-8B", "Phi-4"])
    {'qwen': 3.0, 'phi': 4.0}
    """
    newest: dict[str, float] = {}
    for family, number in map(generation, names):
        newest[family] = max(number, newest.get(family, 0.0))
    return newest
