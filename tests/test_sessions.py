"""Users' sessions in a real shell with the makers' packages, beside what the provider bills for each answer.

Every answer has a usage of its own, so that one which is counted twice, for another or not at all shows.
The packages are those of requirements/sdks.txt; one that is not there is skipped.
"""

from __future__ import annotations

import gc
from importlib.util import find_spec

import fake_provider
import pytest
from fake_provider import Behaviour
from IPython.core import async_helpers
from recorded_cells import run

from ipython_llmnumbers.usage.recording import recorder

# Theirs: loops and sockets that they leave to the collector.
pytestmark = pytest.mark.filterwarnings("ignore")

SETUP = """
import asyncio, openai, anthropic
client = openai.OpenAI(api_key="sk-secret", base_url=url + "/v1", max_retries=3)
later = openai.AsyncOpenAI(api_key="sk-secret", base_url=url + "/v1")
claude = anthropic.Anthropic(api_key="sk-secret", base_url=url)
ask = [{"role": "user", "content": "hi"}]
stream = {"stream": True, "stream_options": {"include_usage": True}}
def look() -> str:
    "Look."
    return "42"
"""
LANGCHAIN = """
from langchain_openai import ChatOpenAI
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import tool
model = ChatOpenAI(model="gpt-4o", api_key="sk-secret", base_url=url + "/v1").bind_tools([tool(look)])
messages = [HumanMessage("hi")]
while (said := model.invoke(messages)).tool_calls:
    messages += [said, *(ToolMessage(look(), tool_call_id=call["id"]) for call in said.tool_calls)]
"""
AGENT = """
import agents
agents.set_tracing_disabled(True)
model = agents.OpenAIResponsesModel("gpt-5", openai_client=later)
agent = agents.Agent(name="a", tools=[agents.function_tool(look)], model=model)
await agents.Runner.run(agent, "hi")
"""
ROUTER = """
import litellm
models = [
    {"model_name": name, "litellm_params": {"model": model, "api_base": url + "/v1", "api_key": "sk-secret"}}
    for name, model in (("a", "openai/gpt-4o"), ("b", "openai/gpt-4o-mini"))
]
router = litellm.Router(model_list=models, fallbacks=[{"a": ["b"]}], num_retries=0)
router.completion(model="a", messages=ask)
"""
OPEN = 'chunks = iter(client.chat.completions.create(model="gpt-4o", messages=ask, **stream))\nnext(chunks)'
TASK = """
async def wait():
    await asyncio.sleep(0.1)
    return await later.chat.completions.create(model="gpt-4o", messages=ask)
task = asyncio.create_task(wait())
await asyncio.sleep(0)
"""
ONE = 'client.chat.completions.create(model="gpt-4o", messages=ask)'
GATHER = f"await asyncio.gather(*({ONE.replace('client', 'later', 1)} for _ in range(5)))"
# Each: the protocol, the statuses before the answers, the cells, and the calls that are counted.
SESSIONS = {
    "retries": ("chat", (429, 503), [ONE], 1),
    "gather": ("chat", (), [GATHER, ONE], 6),
    "a stream that a later cell reads": ("chat", (), [OPEN, f"{ONE}\nlist(chunks)"], 2),
    "a task that a later cell awaits": ("chat", (), [TASK, ONE, "await task"], 2),
    "a LangChain agent": ("chat", (), [LANGCHAIN], 2),
    "an agent of OpenAI's": ("responses", (), [AGENT, AGENT], 4),
    "a router's fallback": ("chat", (503,), [ROUTER], 1),
}


def behaviours(protocol):
    """Answers with a usage of their own each."""
    for n in range(12):
        given, cached, written = 100 + 7 * n, 10 + n, 50 + 3 * n
        usages = {
            "chat": {
                "prompt_tokens": given,
                "completion_tokens": written,
                "total_tokens": given + written,
                "prompt_tokens_details": {"cached_tokens": cached},
            },
            "responses": {
                "input_tokens": given,
                "input_tokens_details": {"cached_tokens": cached},
                "output_tokens": written,
                "output_tokens_details": {"reasoning_tokens": 1},
                "total_tokens": given + written,
            },
            "messages": {
                "input_tokens": given - cached,
                "cache_read_input_tokens": cached,
                "cache_creation_input_tokens": 0,
                "output_tokens": written,
            },
        }
        yield Behaviour(usage=usages[protocol])


@pytest.fixture
def session(shell, monkeypatch):
    """A shell with the clients, and the provider."""
    for package in ("openai", "anthropic", "agents", "langchain_openai", "litellm"):
        if find_spec(package) is None:
            pytest.skip(f"{package} is not installed")
    monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # else it asks the network at its import
    with fake_provider.fake_provider() as provider:
        shell.push({"url": provider.url})
        assert shell.run_cell(SETUP).success
        yield shell, provider
        shell.run_cell("%reset -f")
        gc.collect()
    loop, async_helpers._asyncio_event_loop = async_helpers._asyncio_event_loop, None
    if loop is not None:
        loop.close()


def booked(shell):
    """The lines of the ledger of calls that were answered, by the cell that they are of."""
    ledger = shell.run_line_magic("llmcost", "--ledger")
    return [entry for entry in ledger.details.entries if entry.kind == "call" and entry.how != "free"]


@pytest.mark.parametrize(("protocol", "statuses", "cells", "n"), SESSIONS.values(), ids=SESSIONS)
def test_what_a_session_cost_is_what_the_provider_bills(session, protocol, statuses, cells, n):
    shell, provider = session
    answers = list(behaviours(protocol))
    provider.first = [*(Behaviour(status=status) for status in statuses), *answers]
    for cell in cells:
        run(shell, f"%%llmcost --run\n{cell}")
    billed = [each.usage for each in answers[: len(answers) - len(provider.first)]]
    names = (
        ("prompt_tokens", "completion_tokens") if protocol == "chat" else ("input_tokens", "output_tokens")
    )
    right = [tuple(usage[name] for name in names) for usage in billed]
    assert len(right) == n
    assert sorted((entry.input_tokens, entry.output_tokens) for entry in booked(shell)) == right
    assert recorder.active() is None


@pytest.mark.parametrize(
    ("cell", "protocol", "known"),
    [
        (f"for chunk in {ONE[:-1]}, **stream):\n    1 / 0", "chat", None),
        (
            'with claude.messages.stream(model="claude-sonnet-4-5", max_tokens=9, messages=ask) as found:\n'
            "    for text in found.text_stream:\n        raise KeyboardInterrupt",
            "messages",
            100,
        ),
    ],
    ids=["an error", "an interrupt"],
)
def test_a_stream_that_is_left_in_the_middle_costs_at_least_what_it_said(session, cell, protocol, known):
    """It is of its own cell, and the next call's usage is not taken for it; a traceback may hold it open."""
    shell, provider = session
    provider.first = list(behaviours(protocol))
    run(shell, f"%%llmcost --run\n{cell}")
    run(shell, f"%%llmcost --run\n{ONE}")
    left, _ = booked(shell)
    assert left.state in ("cut", "open")
    assert left.input_tokens == known
    assert left.usd_high is None
