"""The questions as functions; written by `tools/questions.py` from `estimates/*/question.py`.

Everything heavy is imported when a question is first asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from decimal import Decimal

    from .estimates.choices.details import FittingGpusEstimate, FittingModelsEstimate
    from .estimates.corpus.details import CorpusEstimate
    from .estimates.cost.details import CostEstimate
    from .estimates.loaded.details import CorrectionsEstimate, LoadedEstimate
    from .estimates.memory.details import FitEstimate
    from .estimates.numbers.details import NumberEstimate
    from .estimates.speed.details import SpeedEstimate
    from .estimates.tokens.details import TokensEstimate
    from .estimates.training.details import TrainingCostEstimate, TrainingEstimate


def count_tokens(
    text: Any = None,
    model: str | Sequence[str] = "gpt-5.4",
    *,
    file: str | None = None,
    compare: bool = False,
    ids: bool = False,
    label: str | None = None,
) -> TokensEstimate:
    """Count the tokens of `text` as `model` would.

    Special-token spellings such as `<|endoftext|>` in it are text.

    Args:
        text: a text, a list of texts, or a DataFrame column of text.
        model: the model, or several with commas for a comparison.
        file: count a text file of any size.
        compare: count under many tokenizers, with the ratio to the first.
        ids: show the ids of the tokens.
        label: what to call many texts; default: text.

    Returns:
        An Estimate with the figure `tokens`; of one text also `words`, `chars`, `tokens_per_word` and
        `tokens_per_char`; of many `texts` and how long they are; of several models a part for each. It is a
        `OneTextEstimate`, a `ManyTextsEstimate` or a `TokensComparison`.

    Raises:
        LLMNumbersError: no tokenizer and no estimate is known for `model`, or nothing that is a text.

    >>> from ipython_llmnumbers import count_tokens
    >>> count_tokens("hello world", model="gpt-4o")["tokens"].value
    2
    """
    from .estimates.tokens.question import Tokens

    return Tokens.of(text=text, model=model, file=file, compare=compare, ids=ids, label=label).answer()


def count_corpus(
    paths: Any,
    model: str | Sequence[str] = "gpt-5.4",
    *,
    field: str | Sequence[str] | None = None,
    encoding: str = "utf-8",
    sample: float | None = None,
    output_tokens: int | tuple[int, int] | None = None,
    embed_model: str = "text-embedding-3-small",
    tune_model: str = "llama-3.1-8b",
    workers: int | None = None,
    executor: Any = None,
    resume: bool = False,
    currency: str | None = None,
    rate: str | None = None,
) -> CorpusEstimate:
    """Count the tokens of a corpus, over all cores and in bounded memory, and what they cost.

    Text, JSON Lines, CSV, Parquet and Arrow, packed by gzip, bzip2, xz or zstd or not. A row is one document:
    a text, the texts of several fields, or a chat, with the frames that the model puts around its messages.
    What cannot be counted is reported: rows by what is wrong with them, files by a line each.

    Args:
        paths: files to count: a name, a glob pattern, a folder or an fsspec address; in Python
            also several, or a table.
        model: the model, or several with commas for a comparison.
        field: the field of each row that holds its text or chat, or several with commas.
        encoding: the encoding of text, JSON Lines and CSV, such as cp932; a byte order mark is
            always read.
        sample: count a part drawn evenly from all files, such as 1%, and tell the whole with
            its interval.
        output_tokens: tokens of the answer to each document; without it only the input is
            priced.
        embed_model: the model to embed with.
        tune_model: the open model to fine-tune and to train.
        workers: processes that count; default: one for each core.
        executor: count on your own workers: an Executor, a Dask or ipyparallel client, or
            `ray`.
        resume: go on where the same count was stopped.
        currency: amounts in another currency too, with rate.
        rate: your rate for one dollar and its day.

    Returns:
        An Estimate with `tokens`, `documents`, `text_bytes`, `tokens_mean`, `tokens_p50`, `tokens_p95`,
        `tokens_p99`, `tokens_max`, `bad_rows`, and the dollars to embed it (`embed_usd`), to send each
        document to the model (`process_usd`), to fine-tune with it (`tune_usd`) and to train on it
        (`train_usd`), once each. Of chats also `text_tokens` and `frame_tokens`; their lengths are those of
        the text alone. Of several models it has a part for each.

    Raises:
        LLMNumbersError: no file matches, none can be counted, or the field is not told.

    >>> import pathlib, tempfile
    >>> from ipython_llmnumbers import count_corpus
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = pathlib.Path(folder.name, "chats.jsonl")
    >>> _ = path.write_text('{"messages": [{"role": "user", "content": "Hello"}]}')
    >>> chats = count_corpus(path, model="gpt-4o")
    >>> chats["text_tokens"].value, chats["frame_tokens"].value
    (1, 7)
    >>> _ = path.write_text('{"prompt": "Hello", "completion": " world"}')
    >>> pairs = count_corpus(path, field="prompt,completion", model="gpt-4o")
    >>> pairs["tokens"].value, pairs["documents"].value
    (2, 1)
    >>> _ = pathlib.Path(folder.name, "cat.txt").write_bytes("吾輩は猫である".encode("cp932"))
    >>> count_corpus(f"{folder.name}/*.txt", encoding="cp932", model="gpt-4o")["text_bytes"].value
    21
    >>> folder.cleanup()
    """
    from .estimates.corpus.question import Corpus

    return Corpus.of(
        paths=paths,
        model=model,
        field=field,
        encoding=encoding,
        sample=sample,
        output_tokens=output_tokens,
        embed_model=embed_model,
        tune_model=tune_model,
        workers=workers,
        executor=executor,
        resume=resume,
        currency=currency,
        rate=rate,
    ).answer()


def estimate_cost(
    prompt: Any,
    model: str | Sequence[str] = "gpt-5.4",
    *,
    output_tokens: int | tuple[int, int] | None = None,
    calls: int = 1,
    turns: int | None = None,
    added_tokens: int | None = None,
    system: str | None = None,
    as_text: bool = False,
    cached: int | str | None = None,
    cache_write: int | str | None = None,
    cache_ttl: str = "5m",
    processing: str | None = None,
    concise: bool = False,
    on: date | str | None = None,
    versus: str | None = None,
    budget_usd: Decimal | float | str | None = None,
    ask_provider: bool = False,
    currency: str | None = None,
    rate: str | None = None,
) -> CostEstimate:
    """What one call with `prompt` costs on `model`, and `calls` of them.

    Args:
        prompt: a text, chat messages in a provider's shape, a list of prompts, or a DataFrame
            column (one call for each row); it never leaves the machine unless ask_provider says
            so.
        model: the model, or several with commas for a comparison.
        output_tokens: tokens of the answer, or a range LOW..HIGH; without it only the input is
            priced.
        calls: how often each prompt is sent; default: 1 (calls).
        turns: a conversation of so many turns, each sent with all that was said before; needs
            output_tokens.
        added_tokens: tokens that each further turn adds beside the answer; default: those of
            the last message.
        system: a system prompt before each prompt.
        as_text: take the prompt as plain text, even where it looks like messages.
        cached: input read from the provider's cache, in each call (tokens).
        cache_write: input written to the provider's cache (tokens).
        cache_ttl: how long the cache keeps what is written, where the provider has two prices;
            default: 5m.
        processing: at the price of batch processing, or of a service tier.
        concise: show what asking for brevity saves of the output (40–90%).
        on: at the prices of a day.
        versus: the ratio to another model.
        budget_usd: warn where all calls cost more (USD).
        ask_provider: send the prompt to its provider to be counted, with your key.
        currency: amounts in another currency too, with rate.
        rate: your rate for one dollar and its day.

    Returns:
        An Estimate with `input_tokens`, `output_tokens`, `input_usd`, `output_usd`,
        `total_usd` (one call) and `all_calls_usd`. An unknown price is None, not 0. Of several
        models it is a `CostComparison`: each of its parts has these figures, and `details`.

    Raises:
        LLMNumbersError: an unknown model, a count below zero, or nothing that is a prompt.

    >>> from ipython_llmnumbers import estimate_cost
    >>> cost = estimate_cost("hello world", model="gpt-4o", output_tokens=10)
    >>> cost["input_tokens"].value, cost["output_tokens"].value
    (2, 10)
    """
    from .estimates.cost.question import Cost

    return Cost.of(
        prompt=prompt,
        model=model,
        output_tokens=output_tokens,
        calls=calls,
        turns=turns,
        added_tokens=added_tokens,
        system=system,
        as_text=as_text,
        cached=cached,
        cache_write=cache_write,
        cache_ttl=cache_ttl,
        processing=processing,
        concise=concise,
        on=on,
        versus=versus,
        budget_usd=budget_usd,
        ask_provider=ask_provider,
        currency=currency,
        rate=rate,
    ).answer()


def gpu_fit(
    model: Any,
    *,
    quant: str | None = None,
    context_tokens: int | None = None,
    batch_size: int = 1,
    gpu: str | None = None,
    engine: str | None = None,
    kv: str | None = None,
    tp: int = 1,
    pp: int = 1,
    utilization: float | None = None,
    max_num_batched_tokens: int | None = None,
    max_loras: int | None = None,
    max_lora_rank: int | None = None,
    draft: str | None = None,
    draft_layers: int = 0,
    ngl: int | None = None,
    n_cpu_moe: int | None = None,
    ram: str | None = None,
    cpu_offload_gb: int | None = None,
    text_only: bool = False,
    hub: bool = False,
    currency: str | None = None,
    rate: str | None = None,
) -> FitEstimate:
    """Whether `model` fits the local GPU, or the named one.

    Args:
        model: a bundled model's name, a size such as `13B`, or a path to a model's folder,
            `config.json`, `.gguf` or `.safetensors` file; or a torch module, a transformers
            model, or a config.
        quant: data type or quantisation of the weights; default: the model's own.
        context_tokens: tokens kept per sequence, prompt and answer together; default: 8192, or
            what the model takes.
        batch_size: sequences held at once; default: 1.
        gpu: not the local GPU: a name, `2xH100` for two, a cloud's machine, or a size such as
            `24GiB`.
        engine: what serves it; without it the range of all engines, and the speed with CUDA
            graphs.
        kv: data type of the KV cache; default: 16 bits.
        tp: GPUs that share it (tensor parallel); default: 1.
        pp: stages that hold its layers one behind the other (pipeline parallel); default: 1
            (GPUs).
        utilization: share of the GPU that an engine takes at start; default: its own.
        max_num_batched_tokens: tokens of prompts that an engine reads at once, its chunk or
            micro-batch; default: its own.
        max_loras: LoRA adapters that an engine keeps room for on the GPU; default: its own, if
            a rank is given.
        max_lora_rank: the greatest rank of these adapters; default: the engine's, if their
            number is given.
        draft: a smaller model that drafts for speculative decoding.
        draft_layers: layers of a speculative draft that keep tokens too.
        ngl: layers on the GPUs, the head counted as one more; the others stay in RAM; default:
            all that fit.
        n_cpu_moe: of a mixture, the first layers whose experts stay in RAM; default: as few as
            fit.
        ram: RAM beside the GPUs, for what they do not hold: `64GB`, or with its speed `64GB
            DDR5-5600`.
        cpu_offload_gb: GiB of weights that each GPU keeps in RAM and reads from there; default:
            none.
        text_only: leave out the tower that sees pictures; engines have a switch for it.
        hub: fetch the config.json of a repository from the Hugging Face Hub.
        currency: amounts in another currency too, with rate.
        rate: your rate for one dollar and its day.

    Returns:
        An Estimate with a `verdict` and `weights_bytes`, `kv_cache_bytes`,
        `overhead_bytes`, `free_bytes`, `max_context_tokens`, `max_batch_size`.

    Raises:
        LLMNumbersError: an unknown model, quantisation, engine or GPU, or a number that
            none of them takes.

    >>> from ipython_llmnumbers import gpu_fit
    >>> gpu_fit("13B", gpu="A100-80GB")["weights_bytes"].value
    26000000000
    """
    from .estimates.memory.question import Fit

    return Fit.of(
        model=model,
        quant=quant,
        context_tokens=context_tokens,
        batch_size=batch_size,
        gpu=gpu,
        engine=engine,
        kv=kv,
        tp=tp,
        pp=pp,
        utilization=utilization,
        max_num_batched_tokens=max_num_batched_tokens,
        max_loras=max_loras,
        max_lora_rank=max_lora_rank,
        draft=draft,
        draft_layers=draft_layers,
        ngl=ngl,
        n_cpu_moe=n_cpu_moe,
        ram=ram,
        cpu_offload_gb=cpu_offload_gb,
        text_only=text_only,
        hub=hub,
        currency=currency,
        rate=rate,
    ).answer()


def gpu_train(
    model: Any,
    *,
    method: str = "full",
    optimizer: str = "adamw",
    precision: str | None = None,
    checkpointing: str = "full",
    seq_tokens: int = 2048,
    micro_batch: int | None = None,
    zero_stage: int | None = None,
    n_gpus: int = 1,
    gpu: str | None = None,
    lora_rank: int = 16,
    text_only: bool = False,
    quant: str = "nf4-dq",
    offload: str = "none",
    attention: str = "flash",
    compiled: bool = False,
    chunked_loss: bool = False,
    step_in_backward: bool = False,
    generator: str | None = None,
    output_tokens: int | None = None,
    generations: int | None = None,
    reference_model: bool = False,
    utilization: float | None = None,
    tp: int = 1,
    train_tokens: int | None = None,
    usd_per_gpu_hour: Decimal | float | str | None = None,
    currency: str | None = None,
    rate: str | None = None,
) -> TrainingEstimate:
    """What training `model` needs on each GPU, and with `train_tokens` what it costs.

    Args:
        model: a bundled model's name, a size such as `13B`, or a path to a model's folder,
            `config.json`, `.gguf` or `.safetensors` file; or a torch module, a transformers
            model, or a config.
        method: judge training instead: full, lora or qlora; grpo, grpo-lora or grpo-qlora.
        optimizer: the optimizer; default: adamw.
        precision: the precision; default: mixed for full, bf16 for adapters.
        checkpointing: activations that are computed again: none, selective or full; default:
            full.
        seq_tokens: tokens of a sequence; default: 2048.
        micro_batch: sequences of a step on each GPU; default: 1, with grpo a group.
        zero_stage: what the GPUs divide: 1 optimizer, 2 gradients too, 3 weights too (FSDP).
        n_gpus: GPUs that train together; default: as many as gpu names.
        gpu: not the local GPU: a name, `2xH100` for two, a cloud's machine, or a size such as
            `24GiB`.
        lora_rank: rank of the adapters; default: 16.
        text_only: leave out the tower that sees pictures; engines have a switch for it.
        quant: what qlora's frozen weights are stored in; default: nf4-dq.
        offload: what goes to the CPU's memory: optimizer, activations or all.
        attention: how attention is computed: flash, or eager, which keeps every score; default:
            flash.
        compiled: torch.compile.
        chunked_loss: a cross entropy in chunks.
        step_in_backward: an optimizer that steps within the backward pass.
        generator: with grpo, what makes the completions: policy, colocate, sleep or server;
            default: policy.
        output_tokens: of a sequence, the tokens that are generated; the rest is its prompt.
        generations: with grpo, completions of a prompt, a group; default: 8 (sequences).
        reference_model: with grpo, a frozen copy of the model beside it, for a KL penalty (beta
            above 0).
        utilization: share of the GPU that an engine takes at start; default: its own.
        tp: GPUs that share it (tensor parallel); default: 1.
        train_tokens: tokens to train on: GPU-hours and dollars; alone, of making the model.
        usd_per_gpu_hour: what an hour of one GPU costs; default: the tables (USD/h).
        currency: amounts in another currency too, with rate.
        rate: your rate for one dollar and its day.

    Returns:
        An Estimate with a `verdict` and `weights_bytes`, `gradients_bytes`, `optimizer_bytes`,
        `activations_bytes`, `logits_bytes`, `peak_bytes`, `total_bytes`; with GRPO `reference_bytes`
        and `generation_bytes`.

    Raises:
        LLMNumbersError: a value that a parameter does not take.

    >>> from ipython_llmnumbers import gpu_train
    >>> gpu_train("llama-3.1-8b", method="qlora", gpu="RTX 4090").verdict
    'fits'
    """
    from .estimates.training.question import Train

    return Train.of(
        model=model,
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
        text_only=text_only,
        quant=quant,
        offload=offload,
        attention=attention,
        compiled=compiled,
        chunked_loss=chunked_loss,
        step_in_backward=step_in_backward,
        generator=generator,
        output_tokens=output_tokens,
        generations=generations,
        reference_model=reference_model,
        utilization=utilization,
        tp=tp,
        train_tokens=train_tokens,
        usd_per_gpu_hour=usd_per_gpu_hour,
        currency=currency,
        rate=rate,
    ).answer()


def training_cost(
    model: Any,
    *,
    train_tokens: int,
    method: str = "full",
    n_gpus: int = 1,
    gpu: str | None = None,
    text_only: bool = False,
    usd_per_gpu_hour: Decimal | float | str | None = None,
    currency: str | None = None,
    rate: str | None = None,
) -> TrainingCostEstimate:
    """GPU-hours, days and dollars to train `model` on so many tokens, wherever it fits.

    Args:
        model: a bundled model's name, a size such as `13B`, or a path to a model's folder,
            `config.json`, `.gguf` or `.safetensors` file; or a torch module, a transformers
            model, or a config.
        train_tokens: tokens to train on: GPU-hours and dollars; alone, of making the model.
        method: what is trained: full, lora or qlora.
        n_gpus: GPUs that train together; default: as many as gpu names.
        gpu: not the local GPU: a name, `2xH100` for two, a cloud's machine, or a size such as
            `24GiB`.
        text_only: leave out the tower that sees pictures; engines have a switch for it.
        usd_per_gpu_hour: what an hour of one GPU costs; default: the tables (USD/h).
        currency: amounts in another currency too, with rate.
        rate: your rate for one dollar and its day.

    Returns:
        An Estimate with `flops`, `gpu_hours`, `training_usd`, `days` and `share_of_pretraining`, and where
        a run of that size was published, `scaled_gpu_hours`, `scaled_days` and `scaled_usd`.

    Raises:
        LLMNumbersError: an unknown model or GPU, or no number of tokens.

    >>> from ipython_llmnumbers import training_cost
    >>> cost = training_cost("13B", train_tokens=1_400_000_000_000, usd_per_gpu_hour=5)
    >>> low, high = (round(float(each), -4) for each in (cost["training_usd"].low, cost["training_usd"].high))
    >>> low, high  # the document's "$1 million" is within
    (970000.0, 1940000.0)
    """
    from .estimates.training.question import TrainingCost

    return TrainingCost.of(
        model=model,
        train_tokens=train_tokens,
        method=method,
        n_gpus=n_gpus,
        gpu=gpu,
        text_only=text_only,
        usd_per_gpu_hour=usd_per_gpu_hour,
        currency=currency,
        rate=rate,
    ).answer()


def gpu_speed(
    model: Any,
    *,
    quant: str | None = None,
    gpu: str | None = None,
    context_tokens: int | None = None,
    output_tokens: int | None = None,
    batch_size: int = 1,
    tp: int = 1,
    pp: int = 1,
    engine: str | None = None,
    kv: str | None = None,
    ngl: int | None = None,
    n_cpu_moe: int | None = None,
    ram: str | None = None,
    cpu_offload_gb: int | None = None,
    text_only: bool = False,
    currency: str | None = None,
    rate: str | None = None,
) -> SpeedEstimate:
    """How many tokens per second `model` makes on a GPU, and what a million of them costs.

    Args:
        model: a bundled model's name, a size such as `13B`, or a path to a model's folder,
            `config.json`, `.gguf` or `.safetensors` file; or a torch module, a transformers
            model, or a config.
        quant: data type or quantisation of the weights; default: the model's own.
        gpu: not the local GPU: a name, `2xH100` for two, a cloud's machine, or a size such as
            `24GiB`.
        context_tokens: tokens kept per sequence, prompt and answer together; default: 8192, or
            what the model takes.
        output_tokens: of a sequence, the tokens that are generated; the rest is its prompt.
        batch_size: sequences held at once; default: 1.
        tp: GPUs that share it (tensor parallel); default: 1.
        pp: stages that hold its layers one behind the other (pipeline parallel); default: 1
            (GPUs).
        engine: what serves it; without it the range of all engines, and the speed with CUDA
            graphs.
        kv: data type of the KV cache; default: 16 bits.
        ngl: layers on the GPUs, the head counted as one more; the others stay in RAM; default:
            all that fit.
        n_cpu_moe: of a mixture, the first layers whose experts stay in RAM; default: as few as
            fit.
        ram: RAM beside the GPUs, for what they do not hold: `64GB`, or with its speed `64GB
            DDR5-5600`.
        cpu_offload_gb: GiB of weights that each GPU keeps in RAM and reads from there; default:
            none.
        text_only: leave out the tower that sees pictures; engines have a switch for it.
        currency: amounts in another currency too, with rate.
        rate: your rate for one dollar and its day.

    Returns:
        An Estimate with `tokens_per_s` (of all sequences), `sequence_tokens_per_s`, `step_s`,
        `prefill_tokens_per_s`, `own_usd_per_mtok`, `api_usd_per_mtok`; its parts are the same
        at other batch sizes that fit, with `batching_speedup` against one sequence.

    Raises:
        LLMNumbersError: a value that a parameter does not take.

    >>> from ipython_llmnumbers import gpu_speed
    >>> speed = gpu_speed("llama-3.1-8b", gpu="H100", batch_size=8)
    >>> speed["tokens_per_s"].low < 900 < speed["tokens_per_s"].high
    True
    """
    from .estimates.speed.question import Speed

    return Speed.of(
        model=model,
        quant=quant,
        gpu=gpu,
        context_tokens=context_tokens,
        output_tokens=output_tokens,
        batch_size=batch_size,
        tp=tp,
        pp=pp,
        engine=engine,
        kv=kv,
        ngl=ngl,
        n_cpu_moe=n_cpu_moe,
        ram=ram,
        cpu_offload_gb=cpu_offload_gb,
        text_only=text_only,
        currency=currency,
        rate=rate,
    ).answer()


def models_that_fit(
    *,
    gpu: str | None = None,
    vram: str | None = None,
    ram: str | None = None,
    quant: str | None = None,
    context_tokens: int | None = None,
    batch_size: int = 1,
    engine: str | None = None,
    kv: str | None = None,
    most: int = 20,
) -> FittingModelsEstimate:
    """The models of the tables that fit a machine, each in the most bits that do.

    Args:
        gpu: not the local GPU: a name, `2xH100` for two, a cloud's machine, or a size such as
            `24GiB`.
        vram: memory of the GPU, such as 8GB, where its name does not matter.
        ram: memory of the machine beside the GPU, such as 32GB.
        quant: data type or quantisation of the weights; default: the model's own.
        context_tokens: tokens kept per sequence, prompt and answer together; default: 8192, or
            what the model takes.
        batch_size: sequences held at once; default: 1.
        engine: what serves it; without it the range of all engines, and the speed with CUDA
            graphs.
        kv: data type of the KV cache; default: 16 bits.
        most: rows of a list of what fits; default: 20.

    Returns:
        An Estimate with a part for each model: `params`, `total_bytes`, `max_context_tokens` and
        `tokens_per_s` of one sequence.

    Raises:
        LLMNumbersError: an unknown GPU, quantisation or engine, or no size of a memory.
    """
    from .estimates.choices.question import FittingModels

    return FittingModels.of(
        gpu=gpu,
        vram=vram,
        ram=ram,
        quant=quant,
        context_tokens=context_tokens,
        batch_size=batch_size,
        engine=engine,
        kv=kv,
        most=most,
    ).answer()


def gpus_that_fit(
    model: Any,
    *,
    quant: str | None = None,
    context_tokens: int | None = None,
    batch_size: int = 1,
    engine: str | None = None,
    kv: str | None = None,
    utilization: float | None = None,
    text_only: bool = False,
    most: int = 20,
) -> FittingGpusEstimate:
    """The GPUs and the clouds' machines that `model` fits, the cheapest first.

    After as many of known rent come as many of unknown rent, the smallest first.

    Args:
        model: a bundled model's name, a size such as `13B`, or a path to a model's folder,
            `config.json`, `.gguf` or `.safetensors` file; or a torch module, a transformers
            model, or a config.
        quant: data type or quantisation of the weights; default: the model's own.
        context_tokens: tokens kept per sequence, prompt and answer together; default: 8192, or
            what the model takes.
        batch_size: sequences held at once; default: 1.
        engine: what serves it; without it the range of all engines, and the speed with CUDA
            graphs.
        kv: data type of the KV cache; default: 16 bits.
        utilization: share of the GPU that an engine takes at start; default: its own.
        text_only: leave out the tower that sees pictures; engines have a switch for it.
        most: rows of a list of what fits; default: 20.

    Returns:
        An Estimate with a part for each: `usd_per_hour` of all its GPUs, `free_bytes`, `total_bytes` and
        `max_context_tokens`; a rent that no table has is unknown.

    Raises:
        LLMNumbersError: an unknown model, quantisation or engine.

    >>> from ipython_llmnumbers import gpus_that_fit
    >>> gpus_that_fit("llama-3.1-8b", engine="vllm").parts[0].details.instance
    'g6.xlarge'
    """
    from .estimates.choices.question import FittingGpus

    return FittingGpus.of(
        model=model,
        quant=quant,
        context_tokens=context_tokens,
        batch_size=batch_size,
        engine=engine,
        kv=kv,
        utilization=utilization,
        text_only=text_only,
        most=most,
    ).answer()


def compare_log(
    model: Any = None,
    *,
    log: str,
    keep: bool = False,
    gpu: str | None = None,
    quant: str | None = None,
    engine: str | None = None,
    tp: int = 1,
    utilization: float | None = None,
    text_only: bool = False,
) -> LoadedEstimate:
    """What an engine's start-up log says that it took, beside what is estimated.

    The log says how the engine was started; what is given besides takes the place of that.

    Args:
        model: the model that was loaded; default: the one that the log names.
        log: compare with the log that an engine wrote when it started.
        keep: keep the difference as a correction, for this engine, version and machine.
        gpu: not the local GPU: a name, `2xH100` for two, a cloud's machine, or a size such as
            `24GiB`.
        quant: data type or quantisation of the weights; default: the model's own.
        engine: what serves it; without it the range of all engines, and the speed with CUDA
            graphs.
        tp: GPUs that share it (tensor parallel); default: 1.
        utilization: share of the GPU that an engine takes at start; default: its own.
        text_only: leave out the tower that sees pictures; engines have a switch for it.

    Returns:
        An Estimate with a part for each size in the log: `measured`, `estimated` and `difference`.

    Raises:
        LLMNumbersError: a log of another program or of another model, or one that ends too early.
    """
    from .estimates.loaded.question import Loaded

    return Loaded.of(
        model=model,
        log=log,
        keep=keep,
        gpu=gpu,
        quant=quant,
        engine=engine,
        tp=tp,
        utilization=utilization,
        text_only=text_only,
    ).answer()


def corrections(*, drop: str | None = None) -> CorrectionsEstimate:
    """The corrections that were kept of engines' logs.

    Args:
        drop: drop a kept correction by its number, several with commas, or all.

    Returns:
        An Estimate with a part for each, by its number; of what was dropped where `drop` says so.

    Raises:
        LLMNumbersError: a file that is not as it was written, or no such number.
    """
    from .estimates.loaded.question import Corrections

    return Corrections.of(drop=drop).answer()


def numbers(
    name: str | None = None,
    model: str | None = None,
    *,
    gpu: str | None = None,
    more: bool = False,
    since: date | str | None = None,
    currency: str | None = None,
    rate: str | None = None,
    **inputs: float,
) -> NumberEstimate:
    """The numbers every LLM developer should know, or one of them with your own inputs.

    Args:
        name: a number's name, such as `tokens_per_word`; without it all are shown.
        inputs: put a number of your own in the formula; may be repeated.
        model: the model that the numbers are told for beside today's.
        gpu: the GPU that they are told for; without it the local one.
        more: show the numbers of late 2026 too.
        since: which numbers moved since that day, by how much and why.
        currency: amounts in another currency too, with rate.
        rate: your rate for one dollar and its day.

    Returns:
        An Estimate with a part per number, `numbers()["tokens_per_word"]["published"]`; of one number,
        its figures `published`, `recomputed`, `today`, and `worked`, which takes the inputs, and `details`.

    Raises:
        LLMNumbersError: no such number, or an input that its formula does not have.

    >>> from ipython_llmnumbers import numbers
    >>> numbers()["kv_memory_per_token_13b"]["recomputed"].value
    819200
    >>> numbers("tokens_per_word", words=1200)["worked"].value
    1560
    """
    from .estimates.numbers.question import Numbers

    return Numbers.of(
        name=name, model=model, gpu=gpu, more=more, since=since, currency=currency, rate=rate, inputs=inputs
    ).answer()
