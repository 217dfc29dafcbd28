"""The numbers every LLM developer should know, live under the code being written.

`%load_ext ipython_llmnumbers` adds the magics; the functions below answer the same
questions without IPython. Everything heavy is imported on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import LLMNumbersError
from .messages import say, speaking

if TYPE_CHECKING:
    from decimal import Decimal

    from IPython.core.interactiveshell import InteractiveShell

    from .figures import Estimate, Figure, Source

__version__ = "0.1.0"
__all__ = [
    "Estimate",
    "Figure",
    "LLMNumbersError",
    "Source",
    "count_tokens",
    "estimate_cost",
    "gpu_fit",
    "gpu_speed",
    "gpu_train",
    "load_ipython_extension",
    "numbers",
    "speaking",
    "unload_ipython_extension",
]


def __getattr__(name: str) -> Any:
    """The classes of a figure and an estimate, on first use: `%load_ext` needs neither."""
    if name in ("Estimate", "Figure", "Source"):
        from . import figures

        return getattr(figures, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def count_tokens(text: str, model: str = "gpt-4o") -> Estimate:
    """Count the tokens of `text` as `model` would.

    Args:
        text: taken as it is; special-token spellings such as `<|endoftext|>` are text.
        model: a model's name as people write it, or a vocabulary's (`o200k_base`).

    Returns:
        An Estimate with the figure `tokens`, and `tokens_per_word` and
        `tokens_per_char`.

    Raises:
        LLMNumbersError: no tokenizer and no estimate is known for `model`.

    >>> count_tokens("hello world", model="gpt-4o")["tokens"].value
    2
    """
    from .estimates.tokens.one_text import estimate_tokens

    return estimate_tokens(text, model)


def estimate_cost(
    prompt: Any, model: str = "gpt-4o", output_tokens: int | None = None, calls: int = 1
) -> Estimate:
    """What one call with `prompt` costs on `model`, and `calls` of them.

    Args:
        prompt: a text, chat messages in a provider's shape, a list of prompts, or a
            DataFrame column (one call for each row); it never leaves the machine.
        model: one name, or several with commas between: then a comparison.
        output_tokens: the tokens that the model will answer with; without it the
            output is not counted, and the estimate says so.
        calls: how often the prompt is sent.

    Returns:
        An Estimate with `input_tokens`, `output_tokens`, `input_usd`, `output_usd`,
        `total_usd` (one call) and `all_calls_usd`. An unknown price is None, not 0.

    Raises:
        LLMNumbersError: an unknown model, a count below zero, or nothing that is a prompt.

    >>> cost = estimate_cost("hello world", model="gpt-4o", output_tokens=10)
    >>> cost["input_tokens"].value, cost["output_tokens"].value
    (2, 10)
    """
    from .catalog.names import as_name
    from .estimates.cost.estimate import compare_costs
    from .estimates.cost.question import CostRequest
    from .probes.prompts.dataframes import prompts_in

    prompts = prompts_in(prompt, say("the prompt")).prompts
    names = as_name(say("model"), model).split(",")
    return compare_costs(prompts, names, CostRequest(output_tokens=output_tokens, calls=calls))


def gpu_fit(
    model: Any,
    quant: str | None = None,
    context_tokens: int | None = None,
    batch_size: int = 1,
    gpu: str | None = None,
    engine: str | None = None,
    kv: str | None = None,
    tp: int = 1,
    utilization: float | None = None,
    draft_layers: int = 0,
    hub: bool = False,
) -> Estimate:
    """Whether `model` fits the local GPU, or the named one.

    Args:
        model: a bundled model's name, a size such as `13B`, or a path to a model's folder,
            `config.json`, `.gguf` or `.safetensors` file; or a torch module, a transformers
            model, or a config.
        quant: a data type or quantisation (`bf16`, `int8`, `q4_k_m`, …).
        context_tokens: tokens kept per sequence, prompt and answer together.
        batch_size: sequences held at once.
        gpu: a GPU's name; None asks the local driver, then this machine's RAM.
        engine: `vllm`, `llama.cpp` or `transformers`; None takes the range of all three.
        kv: the data type of the cache (`fp16`, `fp8`, `q8_0`, …).
        tp: GPUs that share the model (tensor parallel); the figures are of one of them.
        utilization: the share of the GPU that vLLM takes.
        draft_layers: layers of a speculative draft, which keep tokens too.
        hub: fetch the config.json of a repository from the Hugging Face Hub.

    Returns:
        An Estimate with a `verdict` and `weights_bytes`, `kv_cache_bytes`,
        `overhead_bytes`, `free_bytes`, `max_context_tokens`, `max_batch_size`.

    Raises:
        LLMNumbersError: an unknown model, quantisation, engine or GPU, or a number that
            none of them takes.

    >>> gpu_fit("13B", gpu="A100-80GB")["weights_bytes"].value
    26000000000
    """
    from .estimates.memory.estimate import estimate_fit

    return estimate_fit(
        model,
        quant=quant,
        context_tokens=context_tokens,
        batch_size=batch_size,
        gpu=gpu,
        engine=engine,
        kv=kv,
        tp=tp,
        utilization=utilization,
        draft_layers=draft_layers,
        hub=hub,
    )


def gpu_train(
    model: Any,
    *,
    method: str = "full",
    optimizer: str = "adamw",
    precision: str | None = None,
    checkpointing: str | None = None,
    seq_tokens: int = 2048,
    micro_batch: int = 1,
    zero_stage: int | None = None,
    n_gpus: int = 1,
    gpu: str | None = None,
    lora_rank: int = 16,
    quant: str = "nf4-dq",
    offload: str = "none",
    attention: str = "flash",
    compiled: bool = False,
    chunked_loss: bool = False,
    step_in_backward: bool = False,
    tokens: int | None = None,
    usd_per_gpu_hour: Decimal | None = None,
) -> Estimate:
    """What training `model` needs on each GPU, and with `tokens=` what it costs.

    Args:
        model: as for `gpu_fit`.
        method: `full`, `lora` (frozen weights and adapters of `lora_rank`) or `qlora` (frozen weights
            in `quant`).
        optimizer: `adamw`, `sgd` and others; an unknown name lists them.
        precision: `bf16`, `mixed`, `mixed-fp32-grads` or `fp32`; `mixed` for all weights and `bf16`
            for adapters unless given.
        checkpointing: `none`, `selective` (attention is computed again) or `full` (every layer is);
            `full` unless given.
        seq_tokens: tokens of a sequence.
        micro_batch: sequences that a GPU reads at once.
        zero_stage: 0 to 3, what the GPUs divide among them; 3 (FSDP) on several unless given.
        n_gpus: GPUs that train together.
        gpu: a GPU's name; None asks the local driver.
        offload: what goes to the CPU's memory: `none`, `optimizer`, `activations` or `all`.
        attention: `flash` or `eager`, which keeps every score.
        compiled: torch.compile is used.
        chunked_loss: the loss is computed in chunks.
        step_in_backward: the optimizer steps within the backward pass.
        tokens: tokens to train on: adds operations, GPU-hours and dollars.
        usd_per_gpu_hour: the rent of a GPU, if it is not the table's.

    Returns:
        An Estimate with a `verdict` and `weights_bytes`, `gradients_bytes`, `optimizer_bytes`,
        `activations_bytes`, `logits_bytes`, `peak_bytes`, `total_bytes`.

    Raises:
        LLMNumbersError: a value that an option does not take.

    >>> gpu_train("llama-3.1-8b", method="qlora", gpu="RTX 4090").verdict
    'fits'
    """
    from .estimates.training.estimate import estimate_training

    return estimate_training(
        model,
        method=method,
        optimizer=optimizer,
        precision=precision,
        checkpointing=checkpointing,
        seq_tokens=seq_tokens,
        micro_batch=micro_batch,
        zero_stage=zero_stage,
        n_gpus=n_gpus,
        gpu=gpu,
        lora_rank=lora_rank,
        quant=quant,
        offload=offload,
        attention=attention,
        compiled=compiled,
        chunked_loss=chunked_loss,
        step_in_backward=step_in_backward,
        tokens=tokens,
        usd_per_gpu_hour=usd_per_gpu_hour,
    )


def gpu_speed(
    model: Any,
    *,
    quant: str | None = None,
    gpu: str | None = None,
    context_tokens: int = 2048,
    output_tokens: int | None = None,
    batch_size: int = 1,
    tp: int = 1,
    engine: str = "vllm",
    kv: str | None = None,
) -> Estimate:
    """How many tokens per second `model` makes on a GPU, and what a million of them costs.

    Args:
        model: as for `gpu_fit`.
        quant: a data type or quantisation (`bf16`, `int8`, `q4_k_m`, …).
        gpu: a GPU's name; None asks the local driver.
        context_tokens: tokens that a sequence holds, prompt and answer together.
        output_tokens: of these, the answer's; then new prompts keep the batch full while others
            decode, as in a server. Without it only decoding is counted.
        batch_size: sequences at once.
        tp: GPUs that share the model (tensor parallel).
        engine: `vllm` (any engine with CUDA graphs), `llama.cpp` or `transformers`.
        kv: the data type of the cache (`fp16`, `fp8`, `q8_0`, …).

    Returns:
        An Estimate with `tokens_per_s`, `step_s`, `prefill_tokens_per_s`, `own_usd_per_mtok`,
        `api_usd_per_mtok`, and a part for each batch size that fits.

    Raises:
        LLMNumbersError: a value that an option does not take.

    >>> gpu_speed("llama-3.1-8b", gpu="H100").parts[0]["batching_speedup"].unit
    '×'
    """
    from .estimates.speed.estimate import estimate_speed

    return estimate_speed(
        model,
        quant=quant,
        gpu=gpu,
        context_tokens=context_tokens,
        output_tokens=output_tokens,
        batch_size=batch_size,
        tp=tp,
        engine=engine,
        kv=kv,
    )


def numbers(name: str | None = None, **inputs: float) -> Estimate:
    """The numbers every LLM developer should know, or one of them with your own inputs.

    Args:
        name: a number's name, such as `tokens_per_word`; None gives them all.
        inputs: what to put in its formula in the place of the defaults, by the formula's names.

    Returns:
        An Estimate with a part per number, `numbers()["tokens_per_word"]["published"]`; of one number,
        its figures `published`, `recomputed`, `today`, and `worked`, which takes the inputs.

    Raises:
        LLMNumbersError: no such number, or an input that its formula does not have.

    >>> numbers()["kv_memory_per_token_13b"]["recomputed"].value
    819200
    >>> numbers("tokens_per_word", words=1200)["worked"].value
    1560
    """
    from .errors import UsageError
    from .estimates.numbers.estimate import estimate_number, estimate_numbers

    if name is not None:
        return estimate_number(name, inputs)
    if inputs:
        raise UsageError(
            "{inputs} of which number? give its name first: numbers(name, …)", inputs=", ".join(inputs)
        )
    return estimate_numbers()


def load_ipython_extension(ip: InteractiveShell) -> None:
    """Called by `%load_ext ipython_llmnumbers`."""
    from .magics import load

    settings = load(ip)
    # A kernel has no prompt: only a terminal shows the live line by itself.
    if getattr(ip, "pt_app", None) is not None:
        from .live import terminal

        terminal.load(ip, settings)


def unload_ipython_extension(ip: InteractiveShell) -> None:
    """Called by `%unload_ext ipython_llmnumbers`; leaves nothing behind."""
    from .live import terminal
    from .magics import unload

    terminal.unload(ip)
    unload(ip)


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    """Asked by the Jupyter server, which then loads the live line's handler."""
    return [{"module": "ipython_llmnumbers.live.server"}]
