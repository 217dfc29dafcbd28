"""The ways in which people call models from Python: each with what it must be counted as.

A style is called with the provider's address. `expected` has, for each call that is billed or labelled, its
input, cached and output tokens, or the state that it is labelled with. What a style needs is imported inside
it: a package that is not installed is a style that is not run.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Thread
from typing import Any

from recorded_calls import CLIENTS

Counted = tuple[int, int, int] | str
CHAT, PLAIN, CLAUDE, BILLED = (100, 40, 50), (100, 0, 50), (100, 70, 50), (95, 0, 50)
ASK: list[Any] = [{"role": "user", "content": "hi"}]
USAGE = {"stream": True, "stream_options": {"include_usage": True}}


@dataclass(frozen=True, slots=True)
class Style:
    """One way to call; `packages` are what it imports."""

    packages: tuple[str, ...]
    name: str
    call: Callable[[str], Any]
    expected: tuple[Counted, ...]
    first: tuple[int, ...] = ()
    """The HTTP statuses of the first attempts."""


STYLES: list[Style] = []


def style(packages: str, name: str, *expected: Counted, first: tuple[int, ...] = ()) -> Callable[..., Any]:
    """Register a style; an asynchronous one is run to its end."""

    def register(call: Callable[[str], Any]) -> Callable[[str], Any]:
        is_async = asyncio.iscoroutinefunction(call)
        run = (lambda url: asyncio.run(call(url))) if is_async else call
        STYLES.append(Style(tuple(packages.split()), name, run, expected, first))
        return call

    return register


def openai_client(url: str, **more: Any) -> Any:
    import openai

    return openai.OpenAI(api_key="sk-secret", base_url=f"{url}/v1", **more)


def openai_async(url: str) -> Any:
    import openai

    return openai.AsyncOpenAI(api_key="sk-secret", base_url=f"{url}/v1")


def openai_create(client: Any, **more: Any) -> Any:
    return client.chat.completions.create(model="gpt-4o", messages=ASK, **more)


style("openai", "chat", CHAT)(lambda url: openai_create(openai_client(url)))
style("openai", "responses", CHAT)(lambda url: openai_client(url).responses.create(model="gpt-5", input="hi"))
style("openai", "embeddings", (8, 0, 0))(
    lambda url: openai_client(url).embeddings.create(model="text-embedding-3-small", input="hi")
)
style("openai", "completions", PLAIN)(
    lambda url: openai_client(url).completions.create(model="gpt-3.5-turbo-instruct", prompt="hi")
)
style("openai", "stream with usage", CHAT)(lambda url: list(openai_create(openai_client(url), **USAGE)))
style("openai", "stream without usage", "silent")(
    lambda url: list(openai_create(openai_client(url), stream=True))
)
style("openai", "responses, stream", CHAT)(
    lambda url: list(openai_client(url).responses.create(model="gpt-5", input="hi", stream=True))
)
style("openai", "with_raw_response", CHAT)(
    lambda url: (
        openai_client(url).chat.completions.with_raw_response.create(model="gpt-4o", messages=ASK).parse()
    )
)
style("openai", "with_options", CHAT)(lambda url: openai_create(openai_client(url).with_options(timeout=9)))
style("openai", "429, then well", "refused", CHAT, first=(429,))(
    lambda url: openai_create(openai_client(url, max_retries=2))
)


def typed_chat(url: str) -> Any:
    """What has `parse` and `stream()`: a beta before openai 1.92."""
    client = openai_client(url)
    is_beta = not hasattr(client.chat.completions, "parse")
    return client.beta.chat.completions if is_beta else client.chat.completions


@style("openai", "chat.stream()", CHAT)
def _(url: str) -> None:
    with typed_chat(url).stream(
        model="gpt-4o", messages=ASK, stream_options={"include_usage": True}
    ) as stream:
        list(stream)


@style("openai", "responses.stream()", CHAT)
def _(url: str) -> None:
    with openai_client(url).responses.stream(model="gpt-5", input="hi") as stream:
        list(stream)


@style("openai", "with_streaming_response", CHAT)
def _(url: str) -> None:
    chat = openai_client(url).chat.completions.with_streaming_response
    with chat.create(model="gpt-4o", messages=ASK) as response:
        response.read()


@style("openai", "parse that fails, billed", CHAT)
def _(url: str) -> None:
    import pydantic

    class Answer(pydantic.BaseModel):
        number: int

    with contextlib.suppress(pydantic.ValidationError):
        typed_chat(url).parse(model="gpt-4o", messages=ASK, response_format=Answer)


@style("openai", "stream that is left", "cut")
def _(url: str) -> None:
    stream = openai_create(openai_client(url), **USAGE)
    next(iter(stream))
    stream.close()


@style("openai", "8 threads on one client", *[CHAT] * 8)
def _(url: str) -> None:
    client = openai_client(url)
    threads = [Thread(target=openai_create, args=(client,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@style("openai", "a pool", *[CHAT] * 5)
def _(url: str) -> None:
    client = openai_client(url)
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: openai_create(client), range(5)))


@style("openai", "async", CHAT)
async def _(url: str) -> None:
    async with openai_async(url) as client:
        await openai_create(client)


@style("openai", "async stream", CHAT)
async def _(url: str) -> None:
    async with openai_async(url) as client:
        async for _ in await openai_create(client, **USAGE):
            pass


@style("openai", "async, gathered", *[CHAT] * 4)
async def _(url: str) -> None:
    async with openai_async(url) as client:
        await asyncio.gather(*(openai_create(client) for _ in range(4)))


@style("openai", "async responses, stream", CHAT)
async def _(url: str) -> None:
    async with openai_async(url) as client:
        async for _ in await client.responses.create(model="gpt-5", input="hi", stream=True):
            pass


@style("openai", "Azure", CHAT)
def _(url: str) -> None:
    import openai

    client = openai.AzureOpenAI(api_key="sk-secret", azure_endpoint=url, api_version="2024-10-21")
    openai_create(client)


@style("openai", "Azure, stream", CHAT)
def _(url: str) -> None:
    import openai

    client = openai.AzureOpenAI(api_key="sk-secret", azure_endpoint=url, api_version="2024-10-21")
    list(openai_create(client, **USAGE))


style("openai", "a list of models (free)")(lambda url: list(openai_client(url).models.list()))

CLAUDE_ASK: dict[str, Any] = {"model": "claude-sonnet-4-6", "max_tokens": 9, "messages": ASK}


def anthropic_client(url: str) -> Any:
    import anthropic

    return anthropic.Anthropic(api_key="sk-secret", base_url=url)


def anthropic_async(url: str) -> Any:
    import anthropic

    return anthropic.AsyncAnthropic(api_key="sk-secret", base_url=url)


style("anthropic", "create", CLAUDE)(lambda url: anthropic_client(url).messages.create(**CLAUDE_ASK))
style("anthropic", "stream=True", CLAUDE)(
    lambda url: list(anthropic_client(url).messages.create(stream=True, **CLAUDE_ASK))
)
style("anthropic", "beta", CLAUDE)(lambda url: anthropic_client(url).beta.messages.create(**CLAUDE_ASK))
style("anthropic", "with_raw_response", CLAUDE)(
    lambda url: anthropic_client(url).messages.with_raw_response.create(**CLAUDE_ASK).parse()
)
style("anthropic", "count_tokens (free)")(
    lambda url: anthropic_client(url).messages.count_tokens(model="claude-sonnet-4-6", messages=ASK)
)
style("anthropic", "529, then well", "refused", CLAUDE, first=(529,))(
    lambda url: anthropic_client(url).messages.create(**CLAUDE_ASK)
)


@style("anthropic", "stream()", CLAUDE)
def _(url: str) -> None:
    with anthropic_client(url).messages.stream(**CLAUDE_ASK) as stream:
        list(stream)


@style("anthropic", "stream(), its text", CLAUDE)
def _(url: str) -> None:
    with anthropic_client(url).messages.stream(**CLAUDE_ASK) as stream:
        "".join(stream.text_stream)
        stream.get_final_message()


@style("anthropic", "async", CLAUDE)
async def _(url: str) -> None:
    async with anthropic_async(url) as client:
        await client.messages.create(**CLAUDE_ASK)


@style("anthropic", "async stream()", CLAUDE)
async def _(url: str) -> None:
    async with anthropic_async(url) as client, client.messages.stream(**CLAUDE_ASK) as stream:
        async for _ in stream.text_stream:
            pass


GEMINI: dict[str, Any] = {"model": "gemini-2.5-pro", "contents": "hi"}


def gemini(call: Callable[[Any], Any]) -> Callable[[str], Any]:
    """A call with a client that is kept until it has returned: one that nobody holds is closed."""

    def with_client(url: str) -> Any:
        from google import genai

        client = genai.Client(api_key="sk-secret", http_options={"base_url": url})
        return call(client)

    return with_client


style("google.genai", "generate_content", CHAT)(
    gemini(lambda client: client.models.generate_content(**GEMINI))
)
style("google.genai", "generate_content_stream", CHAT)(
    gemini(lambda client: list(client.models.generate_content_stream(**GEMINI)))
)
style("google.genai", "chats", CHAT)(
    gemini(lambda client: client.chats.create(model="gemini-2.5-pro").send_message("hi"))
)
style("google.genai", "count_tokens (free)")(gemini(lambda client: client.models.count_tokens(**GEMINI)))


@style("google.genai", "async", CHAT)
async def _(url: str) -> None:
    await gemini(lambda client: client.aio.models.generate_content(**GEMINI))(url)


@style("google.genai", "async stream", CHAT)
async def _(url: str) -> None:
    from google import genai

    client = genai.Client(api_key="sk-secret", http_options={"base_url": url})
    async for _ in await client.aio.models.generate_content_stream(**GEMINI):
        pass


MISTRAL: dict[str, Any] = {"model": "mistral-large-latest", "messages": ASK}


def mistral_client(url: str) -> Any:
    try:
        from mistralai.client import Mistral
    except ImportError:  # before 2.0
        from mistralai import Mistral

    return Mistral(api_key="sk-secret", server_url=url)


def mistral(call: Callable[[Any], Any]) -> Callable[[str], Any]:
    """A call with a client that is kept until it has returned."""

    def with_client(url: str) -> Any:
        client = mistral_client(url)
        return call(client)

    return with_client


style("mistralai", "complete", CHAT)(mistral(lambda client: client.chat.complete(**MISTRAL)))
style("mistralai", "stream", PLAIN)(mistral(lambda client: list(client.chat.stream(**MISTRAL))))
style("mistralai", "embeddings", (8, 0, 0))(
    mistral(lambda client: client.embeddings.create(model="mistral-embed", inputs="hi"))
)
style("mistralai", "fim", CHAT)(
    mistral(lambda client: client.fim.complete(model="codestral-latest", prompt="def f"))
)


@style("mistralai", "complete_async", CHAT)
async def _(url: str) -> None:
    client = mistral_client(url)
    await client.chat.complete_async(**MISTRAL)


@style("mistralai", "stream_async", PLAIN)
async def _(url: str) -> None:
    client = mistral_client(url)
    async for _ in await client.chat.stream_async(**MISTRAL):
        pass


def cohere_client(url: str) -> Any:
    import cohere

    return cohere.ClientV2(api_key="sk-secret", base_url=url)


COMMAND: dict[str, Any] = {"model": "command-a-03-2025", "messages": ASK}
style("cohere", "chat", BILLED)(lambda url: cohere_client(url).chat(**COMMAND))
style("cohere", "chat_stream", BILLED)(lambda url: list(cohere_client(url).chat_stream(**COMMAND)))


@style("cohere", "async chat", BILLED)
async def _(url: str) -> None:
    import cohere

    await cohere.AsyncClientV2(api_key="sk-secret", base_url=url).chat(**COMMAND)


def groq_client(url: str) -> Any:
    import groq

    return groq.Groq(api_key="sk-secret", base_url=url)


style("groq", "chat", CHAT)(
    lambda url: groq_client(url).chat.completions.create(model="groq/llama", messages=ASK)
)
style("groq", "stream, usage in x_groq", CHAT)(
    lambda url: list(groq_client(url).chat.completions.create(model="groq/llama", messages=ASK, stream=True))
)


@style("groq", "async", CHAT)
async def _(url: str) -> None:
    import groq

    async with groq.AsyncGroq(api_key="sk-secret", base_url=url) as client:
        await client.chat.completions.create(model="groq/llama", messages=ASK)


def bedrock_client(url: str) -> Any:
    import boto3

    keys = {"aws_access_key_id": "x", "aws_secret_access_key": "sk-secret"}
    return boto3.client("bedrock-runtime", region_name="us-east-1", endpoint_url=url, **keys)


BEDROCK_ASK: list[Any] = [{"role": "user", "content": [{"text": "hi"}]}]
BEDROCK = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
style("boto3", "converse", CLAUDE)(
    lambda url: bedrock_client(url).converse(modelId=BEDROCK, messages=BEDROCK_ASK)
)
style("boto3", "converse_stream", CLAUDE)(
    lambda url: list(bedrock_client(url).converse_stream(modelId=BEDROCK, messages=BEDROCK_ASK)["stream"])
)
style("boto3", "invoke_model", CLAUDE)(
    lambda url: bedrock_client(url).invoke_model(modelId=BEDROCK, body=b"{}")["body"].read()
)
style("boto3", "invoke_model, stream", CLAUDE)(
    lambda url: list(
        bedrock_client(url).invoke_model_with_response_stream(modelId=BEDROCK, body=b"{}")["body"]
    )
)


# Else it fetches its table of prices when it is imported.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"


def litellm_module() -> Any:
    import litellm

    litellm.telemetry = False
    return litellm


def litellm_ask(url: str, **more: Any) -> dict[str, Any]:
    return {
        "model": "openai/gpt-4o",
        "messages": ASK,
        "api_base": f"{url}/v1",
        "api_key": "sk-secret",
        **more,
    }


style("litellm", "completion", CHAT)(lambda url: litellm_module().completion(**litellm_ask(url)))
style("litellm", "stream", CHAT)(lambda url: list(litellm_module().completion(**litellm_ask(url, **USAGE))))
style("litellm", "anthropic", CLAUDE)(
    lambda url: litellm_module().completion(
        **litellm_ask(url, model="anthropic/claude-sonnet-4-6", api_base=url, max_tokens=9)
    )
)
style("litellm", "responses", CHAT)(
    lambda url: litellm_module().responses(
        model="openai/gpt-5", input="hi", api_base=f"{url}/v1", api_key="sk-secret"
    )
)
style("litellm", "embedding", (8, 0, 0))(
    lambda url: litellm_module().embedding(
        model="openai/text-embedding-3-small", input=["hi"], api_base=f"{url}/v1", api_key="sk-secret"
    )
)


@style("litellm", "acompletion", CHAT)
async def _(url: str) -> None:
    await litellm_module().acompletion(**litellm_ask(url))


@style("litellm", "async stream", CHAT)
async def _(url: str) -> None:
    async for _ in await litellm_module().acompletion(**litellm_ask(url, **USAGE)):
        pass


def chat_openai(url: str, **more: Any) -> Any:
    from langchain_openai import ChatOpenAI

    return ChatOpenAI(model="gpt-4o", api_key="sk-secret", base_url=f"{url}/v1", **more)


def chat_anthropic(url: str) -> Any:
    from langchain_anthropic import ChatAnthropic

    return ChatAnthropic(model="claude-sonnet-4-6", api_key="sk-secret", base_url=url)


style("langchain_openai", "invoke", CHAT)(lambda url: chat_openai(url).invoke("hi"))
style("langchain_openai", "stream", CHAT)(lambda url: list(chat_openai(url, stream_usage=True).stream("hi")))
style("langchain_openai", "batch", *[CHAT] * 3)(lambda url: chat_openai(url).batch(["a", "b", "c"]))
style("langchain_openai", "responses", CHAT)(
    lambda url: chat_openai(url, use_responses_api=True).invoke("hi")
)
style("langchain_anthropic", "invoke", CLAUDE)(lambda url: chat_anthropic(url).invoke("hi"))
style("langchain_anthropic", "stream", CLAUDE)(lambda url: list(chat_anthropic(url).stream("hi")))


@style("langchain_openai", "ainvoke, abatch", *[CHAT] * 4)
async def _(url: str) -> None:
    # One loop for both: the package keeps its asynchronous client.
    await chat_openai(url).ainvoke("hi")
    await chat_openai(url).abatch(["a", "b", "c"])


@style("langchain_anthropic", "astream", CLAUDE)
async def _(url: str) -> None:
    async for _ in chat_anthropic(url).astream("hi"):
        pass


def agent(url: str) -> Any:
    from pydantic_ai import Agent
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    provider = OpenAIProvider(base_url=f"{url}/v1", api_key="sk-secret")
    return Agent(OpenAIChatModel("gpt-4o", provider=provider))


@style("pydantic_ai openai", "run", CHAT)
async def _(url: str) -> None:
    await agent(url).run("hi")


@style("pydantic_ai openai", "run_stream", CHAT)
async def _(url: str) -> None:
    async with agent(url).run_stream("hi") as result:
        async for _ in result.stream_text():
            pass


@style("pydantic_ai anthropic", "anthropic", CLAUDE)
async def _(url: str) -> None:
    from pydantic_ai import Agent
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    provider = AnthropicProvider(anthropic_client=anthropic_async(url))
    await Agent(AnthropicModel("claude-sonnet-4-6", provider=provider)).run("hi")


def openai_agent(url: str, *, is_chat: bool) -> Any:
    import agents

    agents.set_tracing_disabled(True)
    of_kind = agents.OpenAIChatCompletionsModel if is_chat else agents.OpenAIResponsesModel
    return agents.Agent(name="a", model=of_kind("gpt-5", openai_client=openai_async(url)))


@style("agents openai", "Runner.run, responses", CHAT)
async def _(url: str) -> None:
    import agents

    await agents.Runner.run(openai_agent(url, is_chat=False), "hi")


@style("agents openai", "Runner.run, chat", CHAT)
async def _(url: str) -> None:
    import agents

    await agents.Runner.run(openai_agent(url, is_chat=True), "hi")


@style("agents openai", "run_streamed, responses", CHAT)
async def _(url: str) -> None:
    import agents

    result = agents.Runner.run_streamed(openai_agent(url, is_chat=False), "hi")
    async for _ in result.stream_events():
        pass


LOOK: Any = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}


def look() -> str:
    """Look."""
    return "42"


@style("openai", "a loop of tools, streams", *[CHAT] * 2)
def _(url: str) -> None:
    """Until a stream asks for no tool; its calls come in pieces."""
    messages, is_asked = list(ASK), True
    with openai_client(url) as client:
        while is_asked:
            chunks = client.chat.completions.create(model="gpt-4o", messages=messages, tools=[LOOK], **USAGE)
            choices = [chunk.choices[0] for chunk in chunks if chunk.choices]
            is_asked = any(choice.delta.tool_calls for choice in choices)
            call = {"id": "t1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
            messages.append({"role": "assistant", "tool_calls": [call]})
            messages.append({"role": "tool", "tool_call_id": "t1", "content": look()})


@style("anthropic", "a loop of tools", *[CLAUDE] * 2)
def _(url: str) -> None:
    import anthropic

    tool = {"name": "look", "input_schema": {"type": "object"}}
    messages: list[Any] = list(ASK)
    with anthropic.Anthropic(api_key="sk-secret", base_url=url) as client:
        while True:
            said = client.messages.create(**{**CLAUDE_ASK, "messages": messages, "tools": [tool]})
            if said.stop_reason != "tool_use":
                return
            result = {"type": "tool_result", "tool_use_id": said.content[0].id, "content": look()}
            messages += [
                {"role": "assistant", "content": said.content},
                {"role": "user", "content": [result]},
            ]


@style("langchain_openai", "a loop of tools", *[CHAT] * 2)
def _(url: str) -> None:
    from langchain_core.messages import ToolMessage
    from langchain_core.tools import tool

    model = chat_openai(url).bind_tools([tool(look)])
    messages: list[Any] = list(ASK)
    while (said := model.invoke(messages)).tool_calls:
        messages += [said, *(ToolMessage(look(), tool_call_id=call["id"]) for call in said.tool_calls)]


@style("agents openai", "an agent with a tool, responses", *[CHAT] * 2)
async def _(url: str) -> None:
    import agents

    agent = openai_agent(url, is_chat=False)
    agent.tools.append(agents.function_tool(look))
    await agents.Runner.run(agent, "hi")


@style("agents openai", "an agent with a tool, streamed", *[CHAT] * 2)
async def _(url: str) -> None:
    import agents

    agent = openai_agent(url, is_chat=False)
    agent.tools.append(agents.function_tool(look))
    async for _ in agents.Runner.run_streamed(agent, "hi").stream_events():
        pass


def router(url: str) -> Any:
    """Of two models, the second of which takes over from the first."""
    named = {"first": "openai/gpt-4o", "second": "openai/gpt-4o-mini"}
    models = [
        {
            "model_name": name,
            "litellm_params": {"model": model, "api_base": f"{url}/v1", "api_key": "sk-secret"},
        }
        for name, model in named.items()
    ]
    return litellm_module().Router(model_list=models, fallbacks=[{"first": ["second"]}], num_retries=0)


style("litellm", "Router, a fallback", "refused", CHAT, first=(503,))(
    lambda url: router(url).completion(model="first", messages=ASK)
)


@style("litellm", "Router, an asynchronous fallback", "refused", CHAT, first=(503,))
async def _(url: str) -> None:
    await router(url).acompletion(model="first", messages=ASK)


def smol_model(url: str) -> Any:
    import smolagents

    return smolagents.OpenAIServerModel(model_id="gpt-4o", api_base=f"{url}/v1", api_key="sk-secret")


SMOL_ASK: list[Any] = [{"role": "user", "content": [{"type": "text", "text": "hi"}]}]
style("smolagents openai", "generate", CHAT)(lambda url: smol_model(url).generate(SMOL_ASK))
style("smolagents openai", "generate_stream", CHAT)(
    lambda url: list(smol_model(url).generate_stream(SMOL_ASK))
)


@style(
    "openai",
    "a batch of tasks that fail and are tried again",
    "refused",
    "refused",
    CHAT,
    CHAT,
    first=(429, 503),
)
async def _(url: str) -> None:
    async with openai_async(url) as client:
        await asyncio.gather(*(openai_create(client) for _ in range(2)))


@style("anthropic", "tasks of a group", *[CLAUDE] * 3)
async def _(url: str) -> None:
    async with anthropic_async(url) as client, asyncio.TaskGroup() as group:
        for _ in range(3):
            group.create_task(client.messages.create(**CLAUDE_ASK))


# Without a package of the provider: each client at hand, with the answer as a whole and as a stream.
_BY_HAND = {
    "chat": ("/v1/chat/completions", {"model": "gpt-4o"}, CHAT),
    "chat, stream": ("/v1/chat/completions", {"model": "gpt-4o", **USAGE}, CHAT),
    "messages, stream": ("/v1/messages", {**CLAUDE_ASK, "stream": True}, CLAUDE),
    "Ollama, lines": ("/api/chat", {"model": "llama3.1", "messages": ASK}, PLAIN),
}
for _way, (_package, _call) in CLIENTS.items():
    for _what, (_path, _body, _counted) in _BY_HAND.items():
        style(_package, f"{_way.partition(', ')[2] or 'post'}: {_what}", _counted)(
            lambda url, call=_call, path=_path, body=_body: call(url + path, body)
        )
