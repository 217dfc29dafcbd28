"""Encoders for embeddings and reranking, and Whisper. An encoder keeps no cache: it reads a text once."""

from __future__ import annotations

from .attention import Extras, Heads, add_attention, attention_cache
from .config import Config
from .feed_forward import add_mlp
from .matrices_and_caches import Cache, Plan

ENCODERS = {
    "bert",
    "roberta",
    "xlm-roberta",
    "mpnet",
    "distilbert",
    "nomic_bert",
    "modernbert",
    "jina_embeddings_v3",
}

_BIASED = Extras(qkv_bias=True, output_bias=True)


def add_encoder(plan: Plan, config: Config) -> None:
    """Everything of an encoder, with the pooler or the head that its `architectures` name."""
    if config.text("model_type") == "modernbert":
        _add_modernbert(plan, config)
    elif config.text("model_type") == "nomic_bert":
        _add_nomic(plan, config)
    else:
        _add_bert(plan, config)


def _add_bert(plan: Plan, config: Config) -> None:
    model_type = config.text("model_type")
    hidden, inner = config.whole("hidden_size", "dim"), config.whole("intermediate_size", "hidden_dim")
    n_heads = config.whole("num_attention_heads", "n_heads")
    plan.matrix("token_embd", config.whole("vocab_size"), hidden)
    # Biases of attention (ALiBi: JinaBERT, arXiv 2310.19923) and rotations need no table of positions.
    if (
        config.text("position_embedding_type") not in {"alibi", "rotary"}
        and model_type != "jina_embeddings_v3"
    ):
        plan.matrix("position_embd", config.whole("max_position_embeddings"), hidden)
    plan.matrix("token_types", config.whole("type_vocab_size", default=0), hidden)
    plan.vector("norm", hidden, times=2)
    dim = config.share(hidden, "hidden_size", "num_attention_heads", "n_heads")
    heads = Heads(n_heads, n_heads, dim, dim)
    gated = config.text("feed_forward_type").endswith("glu")
    for index in range(config.layers("num_hidden_layers", "n_layers")):
        plan.layer = index
        add_attention(plan, hidden, heads, _BIASED)
        add_mlp(plan, hidden, inner, gated=gated, bias=not gated)
        if gated:  # JinaBERT: a bias on the way down alone
            plan.vector("bias", hidden)
        plan.vector("norm", hidden, times=4)
    plan.layer = None
    if model_type == "mpnet":
        plan.matrix("attn_rel_b", config.whole("relative_attention_num_buckets", default=32), n_heads)
    _add_head(plan, config, hidden)


def _add_head(plan: Plan, config: Config, hidden: int) -> None:
    """The pooler of a bare model; the classifier of a reranker in its place."""
    names = " ".join(config.words("architectures") or [])
    if "SequenceClassification" in names:
        labels = config.whole("num_labels", default=_n_labels(config))
        plan.linear("cls", hidden, hidden, bias=True)
        plan.linear("cls.output", labels, hidden, bias=True)
    elif config.text("model_type") != "distilbert":
        plan.linear("cls", hidden, hidden, bias=True)


def _n_labels(config: Config) -> int:
    named = config.inner("id2label")
    return len(named.fields) if named and named.fields else 1


def _add_nomic(plan: Plan, config: Config) -> None:
    """nomic-embed-text: rotary positions, gated activation, no biases in the layers."""
    hidden, inner = config.whole("n_embd", "hidden_size"), config.whole("n_inner", "intermediate_size")
    n_heads = config.whole("n_head", "num_attention_heads")
    vocab = config.whole("vocab_size")
    multiple = config.whole("pad_vocab_size_multiple", default=1)
    plan.matrix("token_embd", -(-vocab // multiple) * multiple, hidden)
    plan.matrix("token_types", config.whole("type_vocab_size", default=0), hidden)
    plan.vector("norm", hidden, times=2)
    dim = config.share(hidden, "n_embd", "n_head", "num_attention_heads")
    heads = Heads(n_heads, n_heads, dim, dim)
    bias = config.flag("qkv_proj_bias")
    for index in range(config.layers("n_layer", "num_hidden_layers")):
        plan.layer = index
        add_attention(plan, hidden, heads, Extras(qkv_bias=bias, output_bias=bias, fused=True))
        add_mlp(plan, hidden, inner, gated=True, bias=config.flag("mlp_fc1_bias"))
        plan.vector("norm", hidden, times=4)
    plan.layer = None


def _add_modernbert(plan: Plan, config: Config) -> None:
    """ModernBERT (arXiv 2412.13663): rotary positions, gated activation, norms without bias."""
    hidden, inner = config.whole("hidden_size"), config.whole("intermediate_size")
    n_heads = config.whole("num_attention_heads")
    plan.matrix("token_embd", config.whole("vocab_size"), hidden)
    plan.vector("norm", hidden)
    dim = config.share(hidden, "hidden_size", "num_attention_heads")
    heads = Heads(n_heads, n_heads, dim, dim)
    for index in range(config.layers("num_hidden_layers")):
        plan.layer = index
        add_attention(plan, hidden, heads, Extras(fused=True))
        add_mlp(plan, hidden, inner, gated=True, bias=False)
        plan.vector("norm", hidden, times=2 if index else 1)  # the first layer's input is normed already
    plan.layer = None
    plan.vector("norm", hidden)


def add_whisper(plan: Plan, config: Config) -> None:
    """Whisper (arXiv 2212.04356): an encoder of sound, and a decoder that attends to it as well."""
    hidden, vocab = config.whole("d_model"), config.whole("vocab_size")
    sounds = config.whole("max_source_positions")
    plan.matrix("token_embd", vocab, hidden)
    plan.matrix("position_embd", config.whole("max_target_positions"), hidden)
    plan.matrix("position_embd", sounds, hidden)
    plan.linear("conv1d", hidden, 3 * config.whole("num_mel_bins"), bias=True)
    plan.linear("conv1d", hidden, 3 * hidden, bias=True)
    plan.vector("norm", hidden, times=4)
    for index in range(config.layers("encoder_layers")):
        plan.layer = index
        _add_whisper_attention(plan, hidden, config, "encoder_attention_heads")
        add_mlp(plan, hidden, config.whole("encoder_ffn_dim"), gated=False, bias=True)
        plan.vector("norm", hidden, times=4)
    for index in range(config.layers("decoder_layers")):
        plan.layer = index
        heads = _add_whisper_attention(plan, hidden, config, "decoder_attention_heads")
        plan.cache(attention_cache(heads, None))
        _add_whisper_attention(plan, hidden, config, "decoder_attention_heads")
        plan.cache(Cache("cross", 1, heads.n_kv_heads, heads.key_dim, heads.value_dim, tokens=sounds))
        add_mlp(plan, hidden, config.whole("decoder_ffn_dim"), gated=False, bias=True)
        plan.vector("norm", hidden, times=6)
    plan.layer = None


def _add_whisper_attention(plan: Plan, hidden: int, config: Config, name: str) -> Heads:
    """Queries, values and the output have a bias; keys have none."""
    n_heads, dim = config.whole(name), config.share(hidden, "d_model", name)
    heads = Heads(n_heads, n_heads, dim, dim)
    add_attention(plan, hidden, heads, Extras(output_bias=True))
    plan.vector("bias", hidden, times=2)
    return heads
