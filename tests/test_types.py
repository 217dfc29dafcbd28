"""The types reach a user's editor: what a type checker says of a script that uses every function."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

# Each line with an error ends in what is wrong with it.
SCRIPT = """
from decimal import Decimal

import ipython_llmnumbers as llm

from ipython_llmnumbers.estimates.tokens.details import ManyTextsEstimate

tokens: llm.Estimate = llm.count_tokens("hello", model="gpt-4o")
llm.count_tokens("hello", modell="gpt-4o")  # modell
cost = llm.estimate_cost(["hello"], output_tokens=3, calls=10)
llm.estimate_cost("hello", output_token=3)  # output_token
figure: llm.Figure = cost.figure("total_usd")
print(figure.value, figure.low, figure.high, figure.unit, figure.origin, figure.formula, figure.source)
print(figure.valeu)  # valeu
print(cost.figure("total_usd").to_dict(), cost.explain("total_usd"), cost.verdict)
print(cost.parts[0].figuress)  # figuress
tokenizer: str = cost.details.tokenizer
print(cost.details.tokeniser)  # tokeniser
provider: str = cost.part("gpt-4o").details.provider or "no price"
print(cost.part("gpt-4o").details.priced)  # priced
print(cost.details.price_date.year)  # year
texts = llm.count_tokens(["one", "two words"])
print(texts.details.histogram)  # histogram
if isinstance(texts, ManyTextsEstimate):
    low, high, n = texts.details.histogram[0]
print(tokens.details)  # details
fit = llm.gpu_fit("13B", quant="int8", context_tokens=8192, gpu="L4", engine="vllm", utilization=0.9)
llm.gpu_fit("13B", contexts=8192)  # contexts
bandwidth: int | None = fit.details.gpu.bandwidth_bytes_per_s if fit.details.gpu else None
print(fit.details.gpus)  # gpus
train = llm.gpu_train("13B", method="lora", n_gpus=2, train_tokens=10**9, usd_per_gpu_hour=Decimal(2))
llm.gpu_train("13B", n_gpu=2)  # n_gpu
sequences: int = train.details.micro_batch
print(train.details.micro_batches)  # micro_batches
speed = llm.gpu_speed("13B", gpu="H100", batch_size=8, output_tokens=512)
llm.gpu_speed("13B", batch="8")  # batch
context_tokens: int = speed.details.context_tokens
print(speed.details.context)  # context
method: str = llm.training_cost("13B", train_tokens=10**12).details.method
title: str = llm.numbers("tokens_per_word").details.title + llm.numbers().parts[0].details.headline
print(llm.numbers("tokens_per_word").details.tilte)  # tilte
numbers: llm.Estimate = llm.numbers().part("tokens_per_word")
print(numbers.figure("published").source, llm.numbers("tokens_per_word", words=1200).notes)
with llm.speaking("ja"):
    print(fit, train, speed)
"""


@pytest.mark.slow
def test_a_type_checker_finds_what_is_misspelt_and_nothing_else(tmp_path):
    pytest.importorskip("mypy", reason="needs mypy (make setup)")
    (tmp_path / "script.py").write_text(SCRIPT, encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", "script.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
    )
    wrong = {
        number: line.rpartition("# ")[2]
        for number, line in enumerate(SCRIPT.splitlines(), start=1)
        if "  # " in line
    }
    assert len(re.findall(r": error: ", run.stdout)) == len(wrong), run.stdout
    for number, word in wrong.items():
        assert re.search(rf'^script\.py:{number}: error: .*"{word}"', run.stdout, re.MULTILINE), run.stdout
