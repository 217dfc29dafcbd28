"""The calls that send prompts: by their names and by what they are called on, over every known client."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Any

from ...catalog.api_clients import SendingCall, arguments, sending_calls
from ...messages import say
from ...patterns import pattern
from ..evaluate.texts import Text
from ..evaluate.values import CONFIGURED, Items, Made, State, Unknown, Value
from ..prompt import Prompt
from .beside import sent_beside
from .bodies import batched, is_post, posted, with_body
from .call_site import CallSite, finished, flattened
from .chains import (
    bound_to,
    chain_prompt,
    formatted_template,
    is_parsed,
    steps_that_add,
    template_messages,
)
from .draft import Draft
from .models import is_called_a_model, is_model
from .remembering import asked_of_strands, is_agent_of_strands, with_earlier_turns
from .teams import is_of_a_team, task_of_team

# Helpers that a notebook imports from a file beside it.
HELPER = pattern(
    r"(?:get|run|make|do)(?=_)(?=\w*?_(?:completion|response|answer|chat))\w*+|run_prompt|"
    r"(?:ask|query|call|prompt|chat_with|complete_with)_(?:gpt|llm|claude|gemini|openai|model|chatgpt)\w*|"
    r"(?:gpt|llm|claude|gemini|openai|chatgpt)_(?:call|chat|ask|query|response|completion|complete|generate)\w*|"
    r"ask|llm|get_completion\w*"
)
# What makes or names something of that kind: Flask's `make_response`, Click's `get_completion_class`.
_NO_HELPERS = (
    "make_response",
    "_class",
    "_script",
    "_items",
    "_template",
    "_format",
    "_schema",
    "_parser",
    "_type",
)
_ENGINE = pattern(r"(?:as_)?(?:query|chat)_engine$|(?:Query|Chat)Engine(?:\.from_\w+)?$")
# What a provider keeps, with its own instructions and files: `pc.assistant.Assistant(assistant_name=…)`.
_HOSTED_ASSISTANT = pattern(r"(?:^|[._])[Aa]ssistants?(?:\.|$)|Assistant$")
# OpenAI's Responses frame their input in their own way.
_RESPONSES = pattern(r"(?:^|\.)responses\.(?:create|parse|stream)$")
_BATCHES = ("batch", "abatch")
_INVOKES = ("invoke", "ainvoke")
_DSPY = ("Predict", "ChainOfThought", "ReAct", "ProgramOfThought", "MultiChainComparison")


def prompts_sent(call: CallSite, state: State) -> list[Prompt] | None:
    """The prompts of a call; None where it is none that sends any."""
    if is_post(call.name):
        return posted(call, state)
    if call.name.endswith("batches.create") and "requests" in call.keywords:
        return list(batched(call, state))
    if call.last_name in _BATCHES and call.args and state.items(call.args[0]):
        return _each_by_itself(call, state)
    for row in sending_calls(call.name):
        found = _by_row(call, row, state)
        if found is not None:
            return [replace(found, is_parsed=is_parsed(call.owner))]
    return _called_directly(call, state)


def _each_by_itself(call: CallSite, state: State) -> list[Prompt] | None:
    """`chain.batch([…])` invokes the chain with each."""
    items = state.items(call.args[0]) or Items()
    name = f"{call.name.rpartition('.')[0]}.invoke"
    calls = [replace(call, name=name, args=(each, *call.args[1:])) for each in items.values]
    found = [prompt for each in calls for prompt in prompts_sent(each, state) or ()]
    return [replace(each, how=call.name) for each in found] or None


def helper_prompt(call: CallSite, state: State) -> Prompt | None:
    """What a helper is given that is named as those are that ask a model; None of any other call."""
    name = call.name
    if "." in name or not HELPER.fullmatch(name) or name.endswith(_NO_HELPERS):
        return None
    places = (0, "prompt", "messages", "user_prompt", "query", "question", "text")
    argument = call.argument(places)
    if argument is None:
        return None
    draft = Draft(state)
    messages = draft.messages(argument)
    named = {key: call.keywords[key] for key in ("system", "system_prompt") if key in call.keywords}
    request = {**sent_beside(draft, named), "messages": messages}
    if call.more:
        draft.n_unknown += 1
    draft.lack(say("what {source} adds"), Unknown(call.node.func))
    return finished(draft, request, call, state, how=f"{call.last_name}()")


# -- by name ------------------------------------------------------------------------------


def _by_row(call: CallSite, row: SendingCall, state: State) -> Prompt | None:
    argument = call.argument(row.prompt)
    if argument is None and not call.more:
        return None
    if row.of is not None and not _is_of(call, row.of, argument, state):
        return None
    if row.of == "team":
        return task_of_team(call, argument, state)
    if row.form == "body":
        return with_body(argument, call, state, beside=call.keywords)
    if row.of == "model" and row.form == "chat":
        composed = chain_prompt(call.owner, argument, state)
        if composed is not None:
            draft, request = composed
            return finished(draft, request, call, state)
    if row.form == "text":
        return _plain_text(call, argument, state)
    formatted = formatted_template(argument, state)
    draft = formatted[1] if formatted else Draft(state)
    named = _all_named(call, row, state)
    request = sent_beside(draft, named)
    fields = _fields_of_chain(call, argument, row, state)
    if formatted:
        messages = template_messages(formatted[0], draft)
    else:
        messages = [draft.joined(fields)] if fields else _in_chat(call, row, argument, draft)
    request["messages"] = messages
    if not messages and not draft.n_unknown and not call.more:
        return None
    if row.form == "rendered" or fields or (row.of == "model" and not is_model(call.owner, state)):
        draft.lack(say("what {source} adds"), Unknown(call.node.func))
    if isinstance(call.owner, Made) and _HOSTED_ASSISTANT.search(call.owner.name):
        draft.lack(say("what {source} adds"), call.owner)
    for step in steps_that_add(call.owner) if row.of == "model" else ():
        draft.lack(say("what {source} adds"), step)
    draft.n_unknown += call.more
    if request.get("tools") and _RESPONSES.search(call.name):
        # retkowsky/Azure-OpenAI-demos, Responses API examples.ipynb, cell 18: 269 where a chat has 76.
        draft.lack(say("what {source} adds"), Unknown(ast.Name("tools")))
    found = finished(draft, request, call, state, named=named, asked=_asked(call, row, state))
    if not _RESPONSES.search(call.name):
        return found
    return replace(
        found, request={("input" if key == "messages" else key): each for key, each in request.items()}
    )


def _is_of(call: CallSite, what: str, argument: Value, state: State) -> bool:
    """Whether a method that others have too is called on what sends prompts."""
    owner = call.owner
    match what:
        case "chat":
            return isinstance(owner, Made) and owner.name.endswith(("start_chat", "chats.create"))
        case "agent":
            return isinstance(owner, Made) and owner.last_name.endswith(("Agent", "ClaudeSDKClient"))
        case "client":
            return isinstance(owner, Made) and owner.last_name.endswith("ChatCompletionClient")
        case "team":
            return is_of_a_team(owner)
        case "runner":
            return bool(call.args) or "starting_agent" in call.keywords
        case "engine":
            name = getattr(getattr(owner, "node", None), "id", "") if isinstance(owner, Unknown) else ""
            made = owner.name if isinstance(owner, Made) else name
            return bool(_ENGINE.search(made))
    if is_model(owner, state) or is_called_a_model(owner):
        return not (call.last_name == "create" and "messages" not in call.keywords)
    if call.last_name in _INVOKES and not isinstance(owner, Made):
        # LangChain's own verb, on what the notebook does not make itself.
        return isinstance(argument, Text) or _has_messages(argument, state)
    return call.last_name in _INVOKES and _has_messages(argument, state)


def _fields_of_chain(call: CallSite, argument: Value, row: SendingCall, state: State) -> list[Value]:
    """What a chain is given for the fields of a template that the source does not show."""
    fields = state.fields(argument) if row.of == "model" and is_model(call.owner, state) else None
    if fields is None or {"messages", "role", "content", "parts"} & fields.entries.keys():
        return []
    return list(fields.entries.values())


def _has_messages(argument: Value, state: State) -> bool:
    """Whether an argument is a mapping with messages, as graphs of LangGraph take it."""
    fields = state.fields(argument)
    return fields is not None and state.items(fields.entries.get("messages")) is not None


def _all_named(call: CallSite, row: SendingCall, state: State) -> dict[str, Value]:
    """The arguments by name, with those of the nested objects, of the agent and of the client's model."""
    asked = _asked(call, row, state)
    named = (
        {**_kept_by_the_provider(asked), **_made_with(asked), **bound_to(asked)}
        if isinstance(asked, Made)
        else {}
    )
    if row.model_first and call.args:
        named["model"] = call.args[0]
    all_named = {**flattened(named, state), **flattened(call.keywords, state)}
    return {name: value for name, value in all_named.items() if name not in row.prompt}


def _kept_by_the_provider(made: Made) -> dict[str, Value]:
    """What a model is made with that stands before each of its prompts: `cached_content=cache.name`."""
    return {key: made.keywords[key] for key in arguments("earlier") if key in made.keywords}


def _asked(call: CallSite, row: SendingCall, state: State) -> Value:
    """The agent that a runner is given, an engine's configured model; else what the method is called on."""
    if row.of == "engine" and not is_model(call.owner, state):
        return state.name(CONFIGURED["llm"])
    if row.of != "runner":
        return call.owner
    return call.args[0] if call.args else call.keywords.get("starting_agent")


def _made_with(made: Made) -> dict[str, Value]:
    """What a model, a chat or an agent was made with goes with each of its prompts."""
    if made.last_name.endswith("Generator"):  # Haystack's models
        return dict(made.keywords)
    if made.last_name not in ("GenerativeModel", "Agent", "create") and not made.name.endswith("start_chat"):
        return {}
    below = _made_with(made.owner) if isinstance(made.owner, Made) else {}
    return {**below, **made.keywords}


def _in_chat(call: CallSite, row: SendingCall, argument: Value, draft: Draft) -> list[dict[str, Any]]:
    """The messages of a call; those of a chat are its earlier turns too."""
    if row.of != "chat":
        return draft.messages(argument)
    return with_earlier_turns(call, argument, "history", draft)


def _plain_text(call: CallSite, argument: Value, state: State) -> Prompt | None:
    """A text without a frame, or several; of messages under a name for texts, a chat."""
    items = state.items(argument)
    draft = Draft(state)
    is_chat = isinstance(call.owner, Made) and call.owner.last_name.startswith("Chat")
    if items is not None and is_chat and len(items.values) == 1:
        # LangChain's `generate([…])` of a chat model: each element is a chat of its own.
        request: Any = {"messages": draft.messages(items.values[0])}
    elif items is not None and any(state.content(each) is not None for each in items.values):
        request = {
            **sent_beside(draft, flattened(call.keywords, state)),
            "messages": draft.messages(argument),
        }
    elif items is not None:
        draft.n_unknown += items.more
        request = [text for each in items.values if (text := draft.text(each))]
    else:
        request = draft.text(argument)
    return finished(draft, request, call, state)


# -- by a call of the object itself ------------------------------------------------------


def _called_directly(call: CallSite, state: State) -> list[Prompt] | None:
    """`llm("…")`, `chat([HumanMessage(…)])`, `dspy.Predict("question -> answer")(question="…")`."""
    made = call.owner
    if not isinstance(made, Made) or "." in call.name:
        return None
    if made.last_name in _DSPY and call.keywords:
        draft = Draft(state)
        texts = [*made.args[:1], *(value for key, value in call.keywords.items() if key != "lm")]
        request = {"messages": [draft.joined(texts)]}
        draft.lack(say("what {source} adds"), Unknown(ast.Name(made.name)))
        asked = state.name(CONFIGURED["lm"])
        return [finished(draft, request, call, state, how=f"{call.name}()", asked=asked)]
    if is_agent_of_strands(made) and call.args:
        return [asked_of_strands(call, made, state)]
    if call.args and is_model(made, state):
        draft = Draft(state)
        messages = draft.messages(call.args[0])
        request = {"messages": messages}
        return [finished(draft, request, call, state, how=f"{call.name}()")] if messages else None
    return None
