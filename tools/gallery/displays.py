"""What is shown: one estimate of each kind."""

from __future__ import annotations

from dataclasses import dataclass

PROMPT = "Summarise the following article in three bullet points for a busy reader."
CUT = "Tokenization isn't always intuitive: naïve 日本語"


@dataclass(frozen=True)
class Display:
    """One estimate: as a magic, and as the function that answers the same."""

    name: str
    title: str
    magic: str
    function: str


DISPLAYS = (
    Display(
        "cost",
        "What a prompt costs",
        f"%%llmcost -m gpt-5.4 --out 300 --calls 1000\n{PROMPT}",
        f"estimate_cost({PROMPT!r}, model='gpt-5.4', output_tokens=300, calls=1000)",
    ),
    Display(
        "comparison",
        "What it costs elsewhere",
        f"%%llmcost -m gpt-5.4,gpt-5.4-mini,grok-4.7,claude-opus-5-5 --out 300\n{PROMPT}",
        f"estimate_cost({PROMPT!r}, model=['gpt-5.4', 'gpt-5.4-mini', 'grok-4.7', 'claude-opus-5-5'],"
        " output_tokens=300)",
    ),
    Display(
        "tokens",
        "Where a text is cut",
        f"%%tokens -m gpt-5.4\n{CUT}",
        f"count_tokens({CUT!r}, 'gpt-5.4')",
    ),
    Display(
        "fits",
        "A model that fits",
        "%gpufit llama-3.1-8b --gpu RTX-4090",
        "gpu_fit('llama-3.1-8b', gpu='RTX-4090')",
    ),
    Display(
        "does-not-fit",
        "A model that does not",
        "%gpufit llama-3.1-70b --gpu T4",
        "gpu_fit('llama-3.1-70b', gpu='T4')",
    ),
    Display(
        "training",
        "Training",
        "%gpufit llama-3.1-8b --train qlora --gpu RTX-4090",
        "gpu_train('llama-3.1-8b', method='qlora', gpu='RTX-4090')",
    ),
    Display(
        "speed",
        "Speed",
        "%gpufit llama-3.1-8b --gpu H100 --speed",
        "gpu_speed('llama-3.1-8b', gpu='H100')",
    ),
    Display(
        "split",
        "A model over two GPUs that differ",
        "%gpufit llama-3.1-70b --quant q4_k_m --engine llamacpp --gpu RTX-4090,RTX-3060 --ram 64GB",
        "gpu_fit('llama-3.1-70b', quant='q4_k_m', engine='llamacpp', gpu='RTX-4090,RTX-3060', ram='64GB')",
    ),
    Display(
        "models",
        "What fits a GPU",
        "%gpufit --gpu RTX-3060",
        "models_that_fit(gpu='RTX-3060')",
    ),
    Display("numbers", "The numbers", "%llmnumbers", "numbers()"),
)
FUNCTIONS = sorted({each.function.partition("(")[0] for each in DISPLAYS})
