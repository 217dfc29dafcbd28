"""What a model's name looks like at each seller, and the parts it is taken into.

Every form is read by partitions and by patterns that are tried at one place: a name of any length is
read in linear time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from ..patterns import pattern
from ..records import dataclass
from .sellers import Form, bedrock_words, makers


@dataclass(frozen=True, slots=True)
class ModelName:
    """A name in its parts. All but `raw` are lower-case, and empty where the name does not say them.

    `host` is who sells it, where that is not its maker (`sellers.toml`), and `region` a geography or
    region there; `vendor` is who made it, as written. `base` is the model as its maker writes it, by which
    its tokenizer is found, and `sold_as` the id at the host or the maker, by which its price is. `variant`
    stands behind a colon: OpenRouter's variant, Ollama's tag. `size` is what the name says of its size.

    `is_chosen`: a user gave the name, to a deployment or to a model of their own account. `opaque` is the
    kind of an id that does not tell its model.
    """

    raw: str
    host: str = ""
    region: str = ""
    vendor: str = ""
    base: str = ""
    sold_as: str = ""
    variant: str = ""
    size: str = ""
    fine_tuned: bool = False
    is_chosen: bool = False
    opaque: str = ""

    def from_maker(self) -> ModelName:
        """The same model, as its maker sells it."""
        vendor = self.vendor if self.vendor in makers() else ""
        return replace(
            self, host="", region="", vendor=vendor, sold_as=self.base, variant="", is_chosen=False
        )


# `7b`, `8x7b`, `1.5b`, `e4b`, `235b-a22b`; then whatever the tag adds.
_SIZE_OF_TAG = pattern(r"(?:\d+x)?e?\d+(?:\.\d+)?[bmt](?![a-z0-9])")
_SIZE_IN_NAME = pattern(r"(?<=[-_:])(?:\d{1,3}x)?\d{1,4}(?:\.\d{1,2})?b(?![a-z0-9])")
_QUANT = pattern(r"(?:i?q\d|fp?\d|bf16|mxfp)")
_REGION = pattern(r"[a-z]{2,4}(?:-[a-z]{2,10}){1,3}-\d")
_COMMITMENT = pattern(r"\d-month-commitment")
# litellm's names for the ways to call Bedrock (https://docs.litellm.ai/docs/providers/bedrock).
_BEDROCK_ROUTES = {"", "converse", "converse_like", "invoke", "async_invoke", "mantle", "messages"}
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html; ids of the
# other kinds are numbers of an account's own.
_READABLE_ARNS = {"foundation-model", "inference-profile"}
# litellm's regions of Azure's prices, and its names for kinds of deployment.
_AZURE_REGIONS = {"apac", "eu", "us", "us-gov", "global", "global-standard"}


def is_tag(text: str) -> bool:
    """Whether this is a tag as Ollama writes it: a size, a quantisation, `latest`, `cloud`.

    >>> [is_tag(word) for word in ("8b", "7b-instruct-q4_K_M".lower(), "120b-cloud", "latest", "gpt-4o")]
    [True, True, True, True, False]
    """
    if text in ("latest", "cloud") or text.endswith("-cloud"):
        return True
    return bool(_SIZE_OF_TAG.match(text) or _QUANT.match(text))


def plain(name: ModelName, text: str) -> ModelName:
    """`vendor/model:variant`, whatever stands before the vendor."""
    if is_fine_tuned(text):
        return _tuned(name, text)
    path, _, last = text.rpartition("/")
    model, _, variant = last.partition(":")
    model, _, date = model.partition("@")
    # Vertex AI's `claude-3-5-haiku@20241022`; a name that moves on (catalog/aliases.toml) keeps its mark.
    base = {"": model, "default": model, "latest": f"{model}@latest"}.get(date, f"{model}-{date}")
    vendor = (path.rpartition("/")[2] or name.vendor).lstrip("~")
    if name.host and not vendor:  # Oracle's `oci/meta.llama-3.3-70b-instruct`
        _, vendor, base = _bedrock_id(base)
    return replace(name, vendor=vendor, base=base, sold_as=text, variant=variant, size=_size(base, variant))


def is_fine_tuned(text: str) -> bool:
    """Whether a name is one of a fine-tuned model."""
    return text.startswith("ft:") or ":ft-" in text or ".ft-" in text


def _tuned(name: ModelName, text: str) -> ModelName:
    """`ft:gpt-4o:org:suffix:id` (https://platform.openai.com/docs/guides/fine-tuning), and 2023's and Azure's
    `curie:ft-org-date`, `gpt-4o.ft-id`."""
    if text.startswith("ft:"):
        base = text[3:].partition(":")[0]
    else:
        base = text.partition(":ft-")[0].partition(".ft-")[0]
    vendor, _, base = base.rpartition("/")
    vendor = vendor.rpartition("/")[2] or name.vendor
    return replace(name, vendor=vendor, base=base, sold_as=text, fine_tuned=True, size=_size(base, ""))


def bedrock(name: ModelName, text: str) -> ModelName:
    """`[ROUTE/][REGION/][GEOGRAPHY.]vendor.model[-DATE][-vN][:M]`, or an ARN that holds one."""
    name, text = _bedrock_path(name, text)
    if text.startswith("arn:"):
        # arn:PARTITION:bedrock:REGION:ACCOUNT:KIND/ID
        fields = [*text.split(":", 5), *[""] * 5]
        kind, _, text = fields[5].partition("/")
        name = replace(name, region=name.region or fields[3])
        if kind not in _READABLE_ARNS:
            return replace(name, sold_as=text, opaque=kind or "arn")
    elif "arn:" in text:  # litellm's `bedrock/llama/arn:…` of a model that its user brought
        return replace(name, sold_as=text, opaque="imported-model")
    geography, vendor, model = _bedrock_id(text)
    if not vendor:
        return plain(name, text)
    base = _without_version(vendor, model)
    region = geography or name.region
    return replace(name, region=region, vendor=vendor, base=base, sold_as=text, size=_size(base, ""))


def _bedrock_path(name: ModelName, text: str) -> tuple[ModelName, str]:
    """The name with the region and the commitment that stand in the path, and what is left behind them."""
    parts = text.split("/")
    for place, part in enumerate(parts):
        if _REGION.fullmatch(part):
            name = replace(name, region=part)
        elif _COMMITMENT.fullmatch(part):
            name = replace(name, variant=part)
        elif part not in _BEDROCK_ROUTES:
            return name, "/".join(parts[place:])
    return name, ""


def looks_like_bedrock(text: str) -> bool:
    """Whether a name without a seller is an id of Bedrock."""
    return text.startswith("arn:") or ("/" not in text and bool(_bedrock_id(text)[1]))


def _bedrock_id(text: str) -> tuple[str, str, str]:
    """Geography, vendor and model; the vendor is empty where the id does not begin with one."""
    geographies, vendors = bedrock_words()
    head, dot, rest = text.partition(".")
    geography = ""
    if dot and head in geographies:
        geography = head
        head, dot, rest = rest.partition(".")
    return (geography, head, rest) if dot and head in vendors else ("", "", text)


def _without_version(vendor: str, model: str) -> str:
    """The maker's name of a model that Bedrock numbers: `-v1:0` and `-1:0` go, `-v0:2` is Mistral's own v0.2.

    A version behind a name without any number is the model's own: `claude-v2:1`, `titan-embed-text-v2:0`.
    """
    stem, colon, minor = model.partition(":")
    head, dash, last = stem.rpartition("-")
    digits = last.removeprefix("v")
    if dash and digits.isdigit() and (last[0] == "v" or colon):
        if last == "v0":
            stem = f"{stem}.{minor.partition(':')[0]}"
        elif any(char.isdigit() for char in head):
            stem = head
    # DeepSeek's ids on Bedrock leave the family out: `deepseek.r1-v1:0`, `deepseek.v3.2`.
    return f"deepseek-{stem}" if vendor == "deepseek" and not stem.startswith("deepseek") else stem


def azure(name: ModelName, text: str) -> ModelName:
    """`[REGION/]DEPLOYMENT`: the model, where its user called the deployment so."""
    region, slash, rest = text.partition("/")
    if slash and region in _AZURE_REGIONS:
        name, text = replace(name, region=region), rest
    return replace(plain(name, text), is_chosen=True)


def vertex(name: ModelName, text: str) -> ModelName:
    """`[vendor/]model[@DATE]`, with `-maas` behind the models of others; or the name of a resource.

    That is `[projects/PROJECT/locations/REGION/]publishers/VENDOR/models/MODEL`, and of an endpoint of
    one's own `…/endpoints/NUMBER`.
    """
    if text.startswith(("projects/", "publishers/")):
        parts = text.split("/")
        named = dict(zip(parts[::2], parts[1::2], strict=False))
        name = replace(name, region=named.get("locations", ""), vendor=named.get("publishers", ""))
        text = named.get("models", "")
        if not text or not name.vendor:
            return replace(name, sold_as=text, opaque=parts[-2] if len(parts) > 1 else "resource")
    found = plain(name, text)
    return replace(found, base=found.base.removesuffix("-maas"))


def fireworks(name: ModelName, text: str) -> ModelName:
    """`[accounts/ACCOUNT/models/]MODEL`; a deployment of one's own is billed by the hour."""
    text, _, deployment = text.partition("#")
    if not text.startswith("accounts/"):
        text = f"accounts/fireworks/models/{text}"
    account, kind, model = [*text.split("/", 3)[1:], "", "", ""][:3]
    if kind not in ("models", "routers"):
        return replace(name, sold_as=text, opaque=kind or "account")
    # `llama-v3p1-8b`: a point is written as p.
    base = re.sub(r"(?<=\d)p(?=\d)", ".", model)
    base = re.sub(r"^(llama|qwen)-v(?=\d)", r"\1-", base)
    own = account != "fireworks" or bool(deployment)
    variant = "deployment" if deployment else ""
    return replace(
        name, base=base, sold_as=text, variant=variant, size=_size(base, ""), is_chosen=own, vendor=""
    )


def cloudflare(name: ModelName, text: str) -> ModelName:
    """`@cf/vendor/model`."""
    found = plain(name, text)
    return replace(found, sold_as=f"@cf/{text.removeprefix('@cf/')}")


def databricks(name: ModelName, text: str) -> ModelName:
    """`databricks-MODEL`, `system.ai.MODEL`."""
    found = plain(name, text)
    return replace(found, base=found.base.removeprefix("databricks-").removeprefix("system.ai."))


def huggingface(name: ModelName, text: str) -> ModelName:
    """`[PROVIDER/]vendor/model`: Hugging Face passes the call to a provider."""
    provider, _, rest = text.partition("/")
    if "/" in rest:
        return plain(replace(name, host=f"huggingface_{provider}"), rest)
    return plain(name, text)


def ollama(name: ModelName, text: str) -> ModelName:
    """`[user/]model[:tag]`; a tag that ends in `cloud` runs at Ollama's."""
    path, _, last = text.rpartition("/")
    model, _, tag = last.partition(":")
    if tag == "cloud" or tag.endswith("-cloud"):
        name, tag = replace(name, host="ollama-cloud"), tag.removesuffix("cloud").removesuffix("-")
    sold_as = f"{model}:{tag}" if tag else model
    return replace(
        name,
        vendor=path.rpartition("/")[2],
        base=model,
        sold_as=sold_as,
        variant=tag or "latest",
        size=_size(model, tag),
    )


def _size(base: str, tag: str) -> str:
    found = _SIZE_OF_TAG.match(tag) or _SIZE_IN_NAME.search(base)
    return found[0] if found else ""


FORMS: Mapping[Form, Callable[[ModelName, str], ModelName]] = {
    "plain": plain,
    "bedrock": bedrock,
    "azure": azure,
    "vertex": vertex,
    "fireworks": fireworks,
    "cloudflare": cloudflare,
    "databricks": databricks,
    "huggingface": huggingface,
    "ollama": ollama,
}
