"""What a GPU keeps of a step's tokens for the way back: activations and logits."""

from __future__ import annotations

from ...catalog.training_methods import step_fact
from ...figures import Figure, assumed, derive
from ...formulas import training_memory as memory
from ...messages import say
from .grpo import generated_tokens
from .plan import Plan, on_cpu
from .shape import activation_facts, is_gated


def _per_token(plan: Plan, seq: Figure) -> Figure:
    """Bytes of all layers' activations for one token."""
    # Models with gated networks have RMSNorm, which their code computes in 32 bits; LayerNorm is one kernel.
    if plan.precision.activation_bytes == 4 or plan.compiled or not is_gated(plan.spec):
        norms = assumed("norm_bytes", 0, "bytes", say("no copies of another type are kept"))
    else:
        norms = step_fact("norm_bytes").figure()
    facts = activation_facts(plan.spec)
    if plan.eager_attention:
        pairs = step_fact("attention_bytes").figure()
    else:
        pairs = assumed("attention_bytes", 0, "bytes", say("a fused kernel (FlashAttention) keeps no scores"))
    return derive(
        "activation_bytes_per_token",
        "bytes/token",
        memory.activation_bytes_per_token,
        activation_numbers=derive("activation_numbers", "", memory.activation_numbers, note="", **facts),
        bytes_per_element=plan.precision.figure("activation_bytes"),
        normed=facts["normed"],
        norm_bytes=norms,
        attention_scores=derive(
            "attention_scores",
            "",
            memory.attention_scores,
            n_layers=plan.spec.figure("n_layers"),
            n_heads=plan.spec.figure("n_heads"),
            seq_tokens=seq,
        ),
        attention_bytes=pairs,
    )


def activations(plan: Plan, seq: Figure, batch: Figure) -> tuple[Figure, Figure]:
    """`activations_bytes`, which wait for the way back, and `recomputed_bytes`, computed again on it."""
    per_token = _per_token(plan, seq)
    if plan.checkpointing != "full":
        kept = derive(
            "activations_bytes",
            "bytes",
            memory.kept_activations_bytes,
            activation_bytes_per_token=per_token,
            seq_tokens=seq,
            micro_batch=batch,
        )
        return kept, assumed("recomputed_bytes", 0, "bytes", say("nothing is computed again"))
    again = derive(
        "recomputed_bytes",
        "bytes",
        memory.recomputed_layer_bytes,
        activation_bytes_per_token=per_token,
        n_layers=plan.spec.figure("n_layers"),
        seq_tokens=seq,
        micro_batch=batch,
    )
    if plan.offload == "activations":
        return assumed("activations_bytes", 0, "bytes", on_cpu(plan)), again
    kept = derive(
        "activations_bytes",
        "bytes",
        memory.checkpoints_bytes,
        n_layers=plan.spec.figure("n_layers"),
        hidden_size=plan.spec.figure("hidden_size"),
        bytes_per_element=plan.precision.figure("activation_bytes"),
        seq_tokens=seq,
        micro_batch=batch,
    )
    return kept, again


def logits(plan: Plan, seq: Figure, batch: Figure) -> Figure:
    """Of every token of a step; with GRPO of those that were generated."""
    vocab = plan.spec.figure("vocab_size")
    if plan.grpo is not None:
        per_logit = step_fact("grpo_bytes_per_logit").figure()
        if plan.chunked_loss:
            batch = step_fact("sequences_of_a_chunk").figure()
            per_logit = step_fact("chunked_bytes_per_logit").figure()
        return derive(
            "logits_bytes",
            "bytes",
            memory.completion_logits_bytes,
            output_tokens=generated_tokens(plan, plan.grpo),
            micro_batch=batch,
            vocab_size=vocab,
            bytes_per_logit=per_logit,
        )
    chunks = step_fact("chunks").figure()
    if not plan.chunked_loss:
        note = say("a plain cross entropy; a chunked one takes less")
        chunks = assumed("chunks", 1, "", note, high=chunks.value)
    return derive(
        "logits_bytes",
        "bytes",
        memory.logits_bytes,
        seq_tokens=seq,
        micro_batch=batch,
        vocab_size=vocab,
        bytes_per_logit=plan.precision.figure("activation_bytes"),
        chunks=chunks,
    )
