"""The vision towers of models that also see. One that is not here is said to be uncounted."""

from __future__ import annotations

from .attention import Extras, Heads, add_attention
from .config import Config
from .feed_forward import add_mlp
from .matrices_and_caches import Plan


def add_vision(plan: Plan, config: Config, vision: Config, text_hidden: int) -> bool:
    """Add the tower and its projector; false where the kind is not known."""
    kind = config.text("model_type")
    if kind == "gemma3":
        _add_siglip(plan, vision, text_hidden)
    elif kind == "mistral3":
        _add_pixtral(plan, config, vision, text_hidden)
    elif kind in {"qwen3_vl", "qwen3_vl_moe", "qwen3_5", "qwen3_5_moe"}:
        _add_qwen3(plan, vision)
    elif kind in {"qwen2_5_vl"}:
        _add_qwen25(plan, vision)
    elif kind == "llama4" and vision.fields.get("hidden_size"):
        _add_llama4(plan, vision, text_hidden)
    elif kind == "gemma4":
        _add_gemma4(plan, vision, text_hidden)
    else:
        return False
    plan.layer = None
    return True


def _blocks(
    plan: Plan, vision: Config, hidden: int, inner: int, *, bias: bool, gated: bool, norms: int
) -> None:
    n_heads = vision.whole("num_attention_heads", "num_heads")
    dim = vision.whole("head_dim", default=0, least=1)
    dim = dim or vision.share(hidden, "hidden_size", "num_attention_heads", "num_heads")
    heads = Heads(n_heads, n_heads, dim, dim)
    before = dict(plan.matrices)
    plan.matrices = {}
    for index in range(vision.layers("num_hidden_layers", "depth")):
        plan.layer = index
        add_attention(plan, hidden, heads, Extras(qkv_bias=bias, output_bias=bias))
        add_mlp(plan, hidden, inner, gated=gated, bias=bias)
        plan.vector("norm", hidden, times=norms)
    blocks, plan.matrices = plan.matrices, before
    for key, layers in blocks.items():
        plan.matrices.setdefault((f"v.{key[0]}", *key[1:]), []).extend(layers)
    plan.layer = None


def _add_siglip(plan: Plan, vision: Config, text_hidden: int) -> None:
    hidden, patch = vision.whole("hidden_size"), vision.whole("patch_size")
    plan.linear("v.patch_embd", hidden, 3 * patch * patch, bias=True)
    plan.matrix("v.position_embd", (vision.whole("image_size") // patch) ** 2, hidden)
    _blocks(plan, vision, hidden, vision.whole("intermediate_size"), bias=True, gated=False, norms=4)
    plan.vector("v.norm", hidden, times=3)  # the last norm has a bias, the projector's has none
    if vision.flag("vision_use_head", True):
        inner = vision.whole("intermediate_size")
        plan.vector("v.probe", hidden)
        plan.linear("v.pool", 3 * hidden, hidden, bias=True)
        plan.linear("v.pool", hidden, hidden, bias=True)
        add_mlp(plan, hidden, inner, gated=False, bias=True, suffix="_pool")
        plan.vector("v.norm", hidden, times=2)
    plan.matrix("v.projector", text_hidden, hidden)


def _add_pixtral(plan: Plan, config: Config, vision: Config, text_hidden: int) -> None:
    hidden, patch = vision.whole("hidden_size"), vision.whole("patch_size")
    merged = config.whole("spatial_merge_size", default=2) ** 2
    bias = config.flag("multimodal_projector_bias")
    plan.matrix("v.patch_embd", hidden, 3 * patch * patch)
    plan.vector("v.norm", hidden, times=2)
    _blocks(plan, vision, hidden, vision.whole("intermediate_size"), bias=False, gated=True, norms=2)
    plan.matrix("v.merger", hidden, hidden * merged)
    plan.linear("v.projector", text_hidden, hidden, bias=bias)
    plan.linear("v.projector", text_hidden, text_hidden, bias=bias)


def _add_qwen3(plan: Plan, vision: Config) -> None:
    hidden, patch, out = (vision.whole(name) for name in ("hidden_size", "patch_size", "out_hidden_size"))
    merged = hidden * vision.whole("spatial_merge_size", default=2) ** 2
    frames = vision.whole("temporal_patch_size", default=2)
    plan.linear(
        "v.patch_embd", hidden, vision.whole("in_channels", default=3) * frames * patch * patch, bias=True
    )
    plan.matrix("v.position_embd", vision.whole("num_position_embeddings"), hidden)
    _blocks(plan, vision, hidden, vision.whole("intermediate_size"), bias=True, gated=False, norms=4)
    deep = len(vision.wholes("deepstack_visual_indexes") or [])
    for index in range(1 + deep):
        plan.vector("v.norm", merged if index else hidden, times=2)
        plan.linear("v.merger", merged, merged, bias=True)
        plan.linear("v.projector", out, merged, bias=True)


def _add_qwen25(plan: Plan, vision: Config) -> None:
    hidden, patch = vision.whole("hidden_size"), vision.whole("patch_size", "spatial_patch_size", default=14)
    merged = hidden * vision.whole("spatial_merge_size", default=2) ** 2
    plan.matrix("v.patch_embd", hidden, 3 * vision.whole("temporal_patch_size", default=2) * patch * patch)
    _blocks(plan, vision, hidden, vision.whole("intermediate_size"), bias=True, gated=True, norms=2)
    plan.vector("v.norm", hidden)
    plan.linear("v.merger", merged, merged, bias=True)
    plan.linear("v.projector", vision.whole("out_hidden_size"), merged, bias=True)


def _add_llama4(plan: Plan, vision: Config, text_hidden: int) -> None:
    hidden, patch = vision.whole("hidden_size"), vision.whole("patch_size")
    patches = (vision.whole("image_size") // patch) ** 2
    plan.matrix("v.patch_embd", hidden, 3 * patch * patch)
    plan.vector("v.class_embd", hidden)
    plan.matrix("v.position_embd", patches + 1, hidden)
    plan.vector("v.norm", hidden, times=4)
    _blocks(plan, vision, hidden, vision.whole("intermediate_size"), bias=True, gated=False, norms=4)
    plan.matrix("v.merger", vision.whole("projector_input_dim"), vision.whole("intermediate_size"))
    plan.matrix("v.merger", vision.whole("projector_output_dim"), vision.whole("projector_input_dim"))
    plan.matrix("v.projector", text_hidden, vision.whole("vision_output_dim"))


def _add_gemma4(plan: Plan, vision: Config, text_hidden: int) -> None:
    hidden, patch = vision.whole("hidden_size"), vision.whole("patch_size")
    plan.matrix("v.patch_embd", hidden, 3 * patch * patch)
    plan.matrix("v.position_embd", 2 * vision.whole("position_embedding_size"), hidden)
    dim = vision.whole("head_dim")
    _blocks(plan, vision, hidden, vision.whole("intermediate_size"), bias=False, gated=True, norms=4)
    plan.vector("v.norm", dim, times=2 * vision.layers("num_hidden_layers"))
    if vision.flag("standardize"):
        plan.vector("v.norm", hidden, times=2)
    plan.matrix("v.projector", text_hidden, hidden)
