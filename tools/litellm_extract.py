"""Write the second table of prices: what litellm knows of the models that our first table prices.

pip download litellm==1.110.2 --no-deps
python tools/litellm_extract.py litellm-1.110.2-*.whl 2026-11-20   # the day of its upload to PyPI

litellm itself is 200 MB and is no dependency. Of its 4,878 names those stay that the snapshot of
genai-prices sells under the same host; of its fields those that `catalog/prices/litellm_table.py` reads.
"""

from __future__ import annotations

import json
import re
import sys
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from ipython_llmnumbers.catalog.prices.genai_prices import load_snapshot

FOLDER = Path(__file__).resolve().parent.parent / "ipython_llmnumbers" / "catalog" / "prices"
TABLE = FOLDER / "litellm.json"
LICENCE = FOLDER / "litellm_LICENSE.txt"

# litellm's `litellm_provider`, and the provider of genai-prices that is the same host. Vertex AI sells
# Google's models for dates of its own.
HOSTS = {
    **dict.fromkeys(("openai", "text-completion-openai"), "openai"),
    "anthropic": "anthropic",
    "gemini": "google",
    **dict.fromkeys(("vertex_ai-language-models", "vertex_ai-anthropic_models"), "vertex_ai"),
    **dict.fromkeys(("bedrock", "bedrock_converse"), "aws"),
    "deepseek": "deepseek",
    **dict.fromkeys(("mistral", "codestral"), "mistral"),
    "xai": "x-ai",
    **dict.fromkeys(("cohere", "cohere_chat"), "cohere"),
    "perplexity": "perplexity",
    "moonshot": "moonshotai",
    "minimax": "minimax",
    "zai": "zai",
    "voyage": "voyageai",
    **dict.fromkeys(("meta", "meta_llama"), "meta"),
    "azure": "azure",
    "groq": "groq",
    "together_ai": "together",
    "fireworks_ai": "fireworks",
    "cerebras": "cerebras",
}
PRICED_AS = {"vertex_ai": "google"}
MODES = {"chat", "completion", "embedding", "responses", "realtime"}
RATES = {
    "input_cost_per_token": "input_usd_per_mtok",
    "output_cost_per_token": "output_usd_per_mtok",
    "cache_read_input_token_cost": "cached_input_usd_per_mtok",
    "cache_creation_input_token_cost": "cache_write_usd_per_mtok",
    "cache_creation_input_token_cost_above_1hr": "cache_write_1h_usd_per_mtok",
}
COUNTS = {
    "max_input_tokens": "max_input_tokens",
    "max_output_tokens": "max_output_tokens",
    "prompt_cache_min_tokens": "cache_least_tokens",
}
TEXTS = {"deprecation_date": "ends", "deprecation_source": "ends_source", "successor_model": "heir"}


def main(wheel: Path, day: str) -> None:
    """Write the table and litellm's licence from a wheel that was uploaded on `day`."""
    with zipfile.ZipFile(wheel) as archive:
        table = json.loads(
            archive.read("litellm/model_prices_and_context_window_backup.json"), parse_float=Decimal
        )
        (licence,) = (name for name in archive.namelist() if name.endswith(".dist-info/licenses/LICENSE"))
        LICENCE.write_bytes(archive.read(licence))
    version = wheel.name.split("-")[1]
    head = {
        "name": f"litellm {version}, model_prices_and_context_window.json",
        "url": f"https://pypi.org/project/litellm/{version}/",
        "day": date.fromisoformat(day).isoformat(),
        "licence": "MIT, Copyright (c) 2023 Berri AI; see litellm_LICENSE.txt",
    }
    hosts: dict[str, dict[str, Any]] = {host: {} for host in dict.fromkeys(HOSTS.values())}
    for host, name, row in _rows(table):
        hosts[host].setdefault(name, row)
    TABLE.write_text(_as_json(head, hosts), encoding="utf-8")
    print(f"{sum(map(len, hosts.values())):,} models, {TABLE.stat().st_size:,} bytes")


def _rows(table: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    providers = {provider.id: provider for provider in load_snapshot().providers}
    # The shorter key first: `perplexity/sonar` is the model, `perplexity/perplexity/sonar` an agent's.
    for key, entry in sorted(table.items(), key=lambda item: (item[0].count("/"), item[0])):
        host = HOSTS.get(entry.get("litellm_provider"))
        if host is None or entry.get("mode") not in MODES:
            continue
        host_prefix, slash, rest = key.partition("/")
        name = rest if slash and host_prefix in (*HOSTS, "vertex_ai") else key
        if host == "aws" and "/" in name:
            continue  # one region's price, or a commitment's
        if providers[PRICED_AS.get(host, host)].find_model(name) is not None:
            yield host, name.rpartition("/")[2].casefold(), _row(entry)


def _row(entry: Mapping[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = _rates(entry)
    row |= {ours: int(entry[theirs]) for theirs, ours in COUNTS.items() if entry.get(theirs)}
    row |= {ours: entry[theirs] for theirs, ours in TEXTS.items() if entry.get(theirs)}
    if "heir" in row:
        row["heir"] = row["heir"].rpartition("/")[2]
    if entry["litellm_provider"] == "perplexity" and "search_context_cost_per_query" in entry:
        # A search is part of each of its requests.
        row["usd_per_request_least"] = f"{min(entry['search_context_cost_per_query'].values()):f}"
    if entry.get("supports_reasoning"):
        row["reasons"] = True
    if "off_peak_pricing" in entry:
        off_peak = entry["off_peak_pricing"]
        row["off_peak"] = {**_rates(off_peak), "windows": off_peak["windows"]}
    return row


def _rates(entry: Mapping[str, Any]) -> dict[str, str]:
    rates = {ours: entry[theirs] for theirs, ours in RATES.items() if entry.get(theirs) is not None}
    return {name: _usd_per_mtok(rate) for name, rate in rates.items()}


def _usd_per_mtok(usd_per_token: Any) -> str:
    """Some of litellm's rates are products of floats, 1.5000020000000002e-05: to a billionth of a dollar."""
    rate = round(Decimal(str(usd_per_token)) * 1_000_000, 9)
    return f"{rate.normalize():f}"


def _as_json(head: Mapping[str, str], hosts: Mapping[str, Mapping[str, Any]]) -> str:
    """One line for each model, so that a new release shows as the lines that changed."""
    blocks = []
    for host, models in hosts.items():
        lines = [f"   {json.dumps(name)}: {json.dumps(row)}" for name, row in sorted(models.items())]
        blocks.append(f"  {json.dumps(host)}: {{\n" + ",\n".join(lines) + "\n  }")
    source = re.sub(r"^", " ", json.dumps(head, indent=1), flags=re.MULTILINE).strip()
    return '{\n "source": ' + source + ',\n "hosts": {\n' + ",\n".join(blocks) + "\n }\n}\n"


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
