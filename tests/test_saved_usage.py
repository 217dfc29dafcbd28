"""What the API itself counted stands beside what is counted here, where a notebook's outputs show it.

The cells are written here; their numbers are those that the named notebooks have saved.
Where these notebooks are, at the commits at which they were found on 2026-11-28:

https://github.com/anthropics/courses/blob/d2a7a9130c1b54e2eea1e8dbc13ffaec6234b3a8/anthropic_api_fundamentals/02_messages_format.ipynb
https://github.com/anthropics/courses/blob/2c18b3abcd9e299b0ae4a811bc57def3a9cba005/tool_use/02_your_first_simple_tool.ipynb
https://github.com/anthropics/courses/blob/2c18b3abcd9e299b0ae4a811bc57def3a9cba005/tool_use/05_tool_choice.ipynb
https://github.com/mistralai/cookbook/blob/d672979b7b0dcaf7f9e6ca8ee538667789fc6a3c/mistral/function_calling/function_calling.ipynb
https://github.com/google-gemini/cookbook/blob/62e13c4cf91a1a42416fb3c317917c446a4a6560/examples/Google_IO2025_Live_Coding.ipynb
https://github.com/google-gemini/cookbook/blob/79f0dd7604b199788a05538aa6c4957da7b2d1be/quickstarts/rest/Prompting_REST.ipynb
https://github.com/openai/openai-cookbook/blob/5a085e3401a1d4422404217fa547f64c5201dc5c/examples/How_to_format_inputs_to_ChatGPT_models.ipynb
https://github.com/dair-ai/Prompt-Engineering-Guide/blob/e793f8b687822c6ebb7de3f396ddd971ed682a56/notebooks/pe-litellm-intro.ipynb
https://github.com/ed-donner/llm_engineering/blob/c8d4c9d308a22df5a2b2d80024a7bda7aed4f654/week1/community-contributions/NaheemQuadri/week1%20EXERCISE.ipynb
"""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
import yaml
from nbformat.v4 import new_code_cell, new_notebook, new_output

from ipython_llmnumbers.notebooks.ipython_syntax import annotate
from ipython_llmnumbers.notebooks.saved_usage import Usage, saved_usage


def shown(text):
    """An output that shows a value."""
    return new_output("execute_result", data={"text/plain": text})


@pytest.mark.parametrize(
    ("text", "usages"),
    [
        # anthropics/courses, anthropic_api_fundamentals/02_messages_format.ipynb, cell 5.
        ("Message(id='m', usage=Usage(input_tokens=18, output_tokens=225))", [Usage(18, 225)]),
        # What a cache held is input too; Anthropic's input_tokens leave it out (Claude docs, prompt caching).
        (
            "usage=Usage(cache_creation_input_tokens=100, cache_read_input_tokens=2000, input_tokens=4, "
            "output_tokens=5, server_tool_use=None)",
            [Usage(2104, 5)],
        ),
        # mistralai/cookbook, function_calling.ipynb, cell 12.
        (
            "ChatCompletionResponse(usage=Usage(prompt_tokens=94, completion_tokens=30, total_tokens=124))",
            [Usage(94, 30)],
        ),
        # SciPhi-AI/R2R, local_rag.mdx; OpenAI's details inside, whose names end alike.
        (
            "usage=CompletionUsage(completion_tokens=11, prompt_tokens=145, total_tokens=156, "
            "prompt_tokens_details=PromptTokensDetails(audio_tokens=0, cached_tokens=0))",
            [Usage(145, 11)],
        ),
        (
            "ResponseUsage(input_tokens=725, input_tokens_details=InputTokensDetails(cached_tokens=0), "
            "output_tokens=19, output_tokens_details=OutputTokensDetails(reasoning_tokens=0))",
            [Usage(725, 19)],
        ),
        # google-gemini/cookbook, examples/Google_IO2025_Live_Coding.ipynb, cell 68: by the alphabet.
        (
            "GenerateContentResponseUsageMetadata(candidates_token_count=22, prompt_token_count=13, "
            "prompt_tokens_details=[ModalityTokenCount(token_count=13)], total_token_count=410)",
            [Usage(13, 22)],
        ),
        # The same over HTTP, quickstarts/rest/Prompting_REST.ipynb, cell 8.
        (
            '"usageMetadata": {\n "promptTokenCount": 9,\n "candidatesTokenCount": 87}',
            [Usage(9, 87)],
        ),
        ("{'usage': {'inputTokens': 30, 'outputTokens': 628, 'totalTokens': 658}}", [Usage(30, 628)]),
        # LangChain says it twice: mistralai/cookbook, adaptive_rag_mistral.ipynb, cell 13.
        (
            "metadata={'token_usage': {'prompt_tokens': 2876, 'completion_tokens': 54}}"
            " usage_metadata={'input_tokens': 2876, 'output_tokens': 54, 'total_tokens': 2930}",
            [Usage(2876, 54)],
        ),
        ("Usage(input_tokens=1, output_tokens=2)\nUsage(input_tokens=1, output_tokens=2)", [Usage(1, 2)] * 2),
        # What counts without a call, and what a notebook adds up or says in words.
        ("MessageTokensCount(input_tokens=14)", []),
        ("total_tokens=13 cached_content_token_count=None", []),
        ("Input tokens: 1,234", []),
        ("max_input_tokens=200000, max_output_tokens=8192", []),
        ("my_prompt_tokens = 7", []),
        ("", []),
    ],
)  # fmt: skip
def test_the_usage_of_every_provider_is_read(text, usages):
    assert saved_usage([shown(text)]) == usages
    assert (
        saved_usage([{"output_type": "stream", "name": "stdout", "text": text.splitlines(keepends=True)}])
        == usages
    )


def test_what_is_no_output_of_text_holds_no_usage():
    text = "Usage(input_tokens=18, output_tokens=225)"
    assert saved_usage([new_output("error", ename="E", evalue=text, traceback=[text])]) == []
    for outputs in (None, "text", {"text": text}, [None, 3, "text"]):
        assert saved_usage(outputs) == []
    assert len(saved_usage([shown(text * 100_000)])) == 1_000
    assert saved_usage([{}, {"data": None}, {"data": {"text/plain": None}}, {"output_type": "stream"}]) == []


def annotated(tmp_path, *cells):
    nbformat.write(new_notebook(cells=list(cells)), tmp_path / "a.ipynb")
    return annotate(str(tmp_path / "a.ipynb"), str(tmp_path / "b.ipynb"), "gpt-4o")


DR_PEPPER = (
    "response = client.messages.create(model='claude-3-haiku-20240307', max_tokens=1000,\n"
    "    messages=[{'role': 'user', 'content': 'What flavors are used in Dr. Pepper?'}])"
)
USAGE = "Message(id='m', usage=Usage(input_tokens=18, output_tokens=225))"


def test_the_saved_answer_stands_beside_the_count(tmp_path):
    # anthropics/courses, anthropic_api_fundamentals/02_messages_format.ipynb, cell 5: 18 tokens.
    summary = annotated(tmp_path, new_code_cell(f"{DR_PEPPER}\nprint(response)", outputs=[shown(USAGE)]))
    (part,) = summary.parts[0].parts
    assert (part["saved_input_tokens"].value, part["saved_output_tokens"].value) == (18, 225)
    assert part.holds_what_was_saved
    assert part["difference_percent"].value == 100 * (part["input_tokens"].value - 18) / 18
    written = nbformat.read(tmp_path / "b.ipynb", as_version=4).cells[1].source
    assert "| Input, saved answer |" in written
    assert "| 18 (" in written
    assert "1 of 1 saved answers say what is counted here" in str(summary)


def test_an_answer_that_a_later_cell_shows_belongs_to_the_call(tmp_path):
    # anthropics/courses, tool_use/02_your_first_simple_tool.ipynb, cells 20 to 22.
    for show in ("response", "print(response)", "response.usage", "print(response.usage)"):
        summary = annotated(
            tmp_path,
            new_code_cell(DR_PEPPER),
            new_code_cell("x = 1", outputs=[]),
            new_code_cell(show, outputs=[shown(USAGE)]),
        )
        (cell,) = summary.parts
        assert (cell.details.cell, cell.parts[0]["saved_input_tokens"].value) == (1, 18), show
        assert "saved in cell 3" in cell.parts[0]["saved_input_tokens"].source.name


SYSTEM = {"role": "system", "content": "You are a helpful assistant."}


@pytest.mark.parametrize(
    ("model", "messages", "saved"),
    [
        # openai-cookbook, How_to_format_inputs_to_ChatGPT_models.ipynb.
        (
            "gpt-3.5-turbo",
            [
                SYSTEM,
                {"role": "user", "content": "Knock knock."},
                {"role": "assistant", "content": "Who's there?"},
                {"role": "user", "content": "Orange."},
            ],
            35,
        ),
        # OpenAI's API reference, chat completions: the default example.
        ("gpt-4.1", [SYSTEM, {"role": "user", "content": "Hello!"}], 19),
        # anthropics/courses, anthropic_api_fundamentals/02_messages_format.ipynb, cell 12.
        (
            "claude-3-haiku-20240307",
            [{"role": "user", "content": "Translate hello to French. Respond with a single word"}],
            19,
        ),
        # groq-api-cookbook, groq_opentelemetry_tracing_evals.ipynb, cell 7.
        (
            "groq/llama3-8b-8192",
            [{"role": "user", "content": "Explain the importance LLM and Agent Observability"}],
            20,
        ),
        # mistralai/cookbook, cookbook_maxim_mistral_integration.ipynb, cell 9.
        (
            "mistral-medium-latest",
            [{"role": "user", "content": "Who is the best French painter? Answer in one short sentence."}],
            16,
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_the_count_holds_what_the_api_counted(tmp_path, model, messages, saved):
    call = f"response = client.chat.completions.create(model={model!r}, messages={messages!r})"
    show = "print(json.dumps(json.loads(response.model_dump_json()), indent=4))"
    usage = f'"usage": {{"completion_tokens": 3, "prompt_tokens": {saved}, "total_tokens": {saved + 3}}}'
    summary = annotated(tmp_path, new_code_cell(call), new_code_cell(show, outputs=[shown(usage)]))
    (part,) = summary.parts[0].parts
    assert part["saved_input_tokens"].value == saved
    assert part.holds_what_was_saved
    assert part["input_tokens"].high <= 2 * part["input_tokens"].low


def test_a_helper_that_prints_its_answer_shows_it_where_it_is_called(tmp_path):
    # anthropics/courses, tool_use/05_tool_choice.ipynb, cells 24 to 28.
    helper = (
        "def ask(q):\n"
        "    messages = [{'role': 'user', 'content': q}]\n"
        "    print(client.messages.create(model='claude-3-sonnet-20240229', messages=messages))"
    )
    summary = annotated(
        tmp_path,
        new_code_cell(helper),
        new_code_cell("ask('One?')", outputs=[shown("Usage(input_tokens=11, output_tokens=1)")]),
        new_code_cell("ask('Two?')", outputs=[shown("Usage(input_tokens=12, output_tokens=1)")]),
    )
    assert [cell.parts[0]["saved_input_tokens"].value for cell in summary.parts] == [11, 12]


def test_usages_of_which_nobody_can_tell_the_call_stand_beside_none(tmp_path):
    three = "\n".join("Usage(input_tokens=1, output_tokens=2)" for _ in range(3))
    summary = annotated(
        tmp_path, new_code_cell(f"for i in things():\n    {DR_PEPPER}", outputs=[shown(three)])
    )
    (part,) = summary.parts[0].parts
    assert "saved_input_tokens" not in part
    assert not part.holds_what_was_saved


def test_an_answer_outside_the_range_is_counted_as_one(tmp_path):
    wrong = "Message(usage=Usage(input_tokens=500, output_tokens=2))"
    summary = annotated(tmp_path, new_code_cell(f"{DR_PEPPER}\nresponse", outputs=[shown(wrong)]))
    assert not summary.parts[0].parts[0].holds_what_was_saved
    assert "0 of 1 saved answers" in str(summary)
    with_hole = DR_PEPPER.replace("'What flavors", "f'{x} What flavors")
    least = annotated(tmp_path, new_code_cell(f"{with_hole}\nresponse", outputs=[shown(wrong)]))
    assert least.parts[0].parts[0].holds_what_was_saved  # at least, and it is more


SAVED_ANSWERS = yaml.safe_load((Path(__file__).parent / "data" / "saved_answers.yaml").read_text("utf-8"))


def test_the_page_on_tokens_says_how_many_they_are():
    paired = [each for each in SAVED_ANSWERS if not each.get("not_paired")]
    n_least = sum(each.get("least", False) for each in paired)
    n_narrow = sum(each.get("widest", 9) <= 1.5 for each in paired)
    page = " ".join((Path(__file__).parents[1] / "docs" / "tokens.md").read_text("utf-8").split())
    for said in (
        f"{len(SAVED_ANSWERS)} cells",
        f"In {len(SAVED_ANSWERS) - len(paired)} it cannot be told",
        f'holds the other {len(paired)}: {n_least} are "at least"',
        f"and of {n_narrow} the ends of the range are at most 1.5 times apart",
    ):
        assert said in page


@pytest.mark.parametrize("case", SAVED_ANSWERS, ids=lambda case: case["like"])
def test_what_public_notebooks_have_saved(tmp_path, case):
    usage = f"{{'prompt_tokens': {case['tokens']}, 'completion_tokens': {case.get('output', 3)}}}"
    answer = shown(" ".join([case.get("answer", ""), *[f"'usage': {usage}"] * case.get("times", 1)]))
    *before, last = case["cells"]
    cells = [new_code_cell(each) for each in before] + [new_code_cell(last, outputs=[answer])]
    prompt = annotated(tmp_path, *cells).parts[-1].parts[-1]
    if case.get("not_paired"):
        assert "saved_input_tokens" not in prompt
        return
    tokens = prompt["input_tokens"]
    assert prompt["saved_input_tokens"].value == case["tokens"]
    assert prompt.holds_what_was_saved
    assert tokens.is_at_least == case.get("least", False)
    assert case.get("not_counted", "") in " ".join(prompt.details.not_counted)
    if "widest" in case:
        assert tokens.high <= case["widest"] * tokens.low
    if "model" in case:
        assert (prompt.subject, prompt.details.is_default_model) == (case["model"], False)


# pinecone-io/examples, rag-for-hybrid-search.ipynb, cells 121 to 124: the prompt, put together, is printed.
@pytest.mark.parametrize(
    ("show", "output", "is_known"),
    [
        ("print(prompt)", new_output("stream", text="Two dogs\n---\nWhat is it?\n"), True),
        ("prompt", shown(repr("Two dogs\n---\nWhat is it?")), True),
        # No text, not all of it, another text than the source says, or more than one printed.
        ("prompt", shown("Prompt(...)"), False),
        ("print(prompt[:10])", new_output("stream", text="Two dogs\n-"), False),
        ("print(prompt)", new_output("stream", text="An older question\n"), False),
        ("print(1)\nprint(prompt)", new_output("stream", text="1\nTwo dogs\n---\nWhat is it?\n"), False),
        ("print(prompt)", new_output("error", ename="E", evalue="e", traceback=["What is it?"]), False),
        ("print(prompt)", None, False),
    ],
)
def test_a_text_that_the_notebook_shows_is_known_to_the_calls_below(tmp_path, show, output, is_known):
    summary = annotated(
        tmp_path,
        new_code_cell("prompt = '\\n'.join(search(query)) + '\\n---\\nWhat is it?'"),
        new_code_cell(show, outputs=[output] if output else []),
        new_code_cell(
            "openai.ChatCompletion.create(model='gpt-4', messages=[{'role': 'user', 'content': prompt}])"
        ),
    )
    (part,) = summary.parts[0].parts
    assert (part.details.n_unknown == 0) == is_known
    assert part["input_tokens"].is_at_least != is_known
    assert ("Two dogs" in part.details.text) == is_known


def test_an_answer_of_a_model_with_another_vocabulary_is_of_an_older_cell(tmp_path):
    # The saved answers of a notebook name the model that wrote them: only the vocabulary tells them apart,
    # since "gpt-4o" answers as "gpt-4o-2024-08-06".
    call = "client.chat.completions.create(model='gpt-4o', messages=[{'role': 'user', 'content': 'Hi'}])"
    for answered, is_paired in (
        ("gpt-4o-2024-08-06", True),
        ("gpt-4o-mini", True),
        ("a-deployment", True),
        ("gpt-3.5-turbo-0125", False),
        ("Qwen/Qwen3-32B", False),
    ):
        usage = (
            f"model='{answered}', usage=CompletionUsage(completion_tokens=1, prompt_tokens=8, total_tokens=9)"
        )
        (cell,) = annotated(tmp_path, new_code_cell(call, outputs=[shown(usage)])).parts
        assert ("saved_input_tokens" in cell.parts[0]) == is_paired, answered


def test_a_gateway_that_has_no_count_says_nothing_of_the_call():
    # NVIDIA/GenerativeAIExamples, Parallel_Rails_Tutorial.ipynb, cell 24: a prompt that was refused.
    usage = "'usage': {'prompt_tokens': 0, 'total_tokens': 0, 'completion_tokens': 0}"
    assert saved_usage([shown(usage)]) == []


def test_the_first_usage_of_several_is_that_of_the_first_call_of_a_run(tmp_path):
    # microsoft/autogen, agentchat-user-guide/tutorial/teams.ipynb, cell 5: 28, 154, 347 and 542.
    team = (
        "client = OpenAIChatCompletionClient(model='gpt-4o-2024-08-06')\n"
        "said = 'You are a helpful AI assistant.'\n"
        "one = AssistantAgent('primary', model_client=client, system_message=said)\n"
        "two = AssistantAgent('critic', model_client=client, system_message='Provide feedback.')\n"
        "team = RoundRobinGroupChat([one, two])"
    )
    run = "print(await team.run(task='Write a short poem about the fall season.'))"
    usages = [f"models_usage=RequestUsage(prompt_tokens={n}, completion_tokens=9)" for n in (28, 154, 347)]
    later = [f"models_usage=RequestUsage(prompt_tokens={n}, completion_tokens=9)" for n in (700, 794)]
    summary = annotated(
        tmp_path,
        new_code_cell(team),
        new_code_cell(run, outputs=[shown("\n".join(usages))]),
        new_code_cell(run, outputs=[shown("\n".join(later))]),
        new_code_cell(f"await team.reset()\n{run}", outputs=[shown("\n".join(usages))]),
    )
    first, second, third = (cell.parts[0] for cell in summary.parts)
    assert (first["saved_input_tokens"].value, first["input_tokens"].value) == (28, 28)
    assert not first["input_tokens"].is_at_least
    assert second["input_tokens"].is_at_least
    assert "saved_input_tokens" not in second  # the agents have heard: nobody can tell which is whose
    assert (third["saved_input_tokens"].value, third["input_tokens"].is_at_least) == (28, False)


def test_a_saved_count_outside_the_range_is_told(tmp_path):
    # ed-donner/llm_engineering, NaheemQuadri/week1 EXERCISE.ipynb, cell 8: the question was another one.
    wrong = shown("Message(usage=Usage(input_tokens=500, output_tokens=2))")
    (cell,) = annotated(tmp_path, new_code_cell(f"{DR_PEPPER}\nresponse", outputs=[wrong])).parts
    assert any("500 tokens in the saved answer" in str(note.text) for note in cell.notes)
    (cell,) = annotated(tmp_path, new_code_cell(f"{DR_PEPPER}\nresponse", outputs=[shown(USAGE)])).parts
    assert not any("in the saved answer" in str(note.text) for note in cell.notes)


@pytest.mark.parametrize(
    ("model", "seconds", "is_compared"),
    [
        # mistralai/cookbook, function_calling.ipynb, cell 13: an answer of July 2024; the name moved in
        # December 2025.
        ("mistral-large-latest", 1_721_600_000, False),
        ("mistral-large-latest", 1_780_000_000, True),
        ("mistral-large-2512", 1_721_600_000, True),
        # LiteLLM counts itself: dair-ai/Prompt-Engineering-Guide, pe-litellm-intro.ipynb, cell 13.
        ("replicate/llama-2-70b-chat", 1_691_880_930, False),
    ],
)
def test_an_answer_of_what_a_name_meant_before_is_not_compared(tmp_path, model, seconds, is_compared):
    call = f"completion(model={model!r}, messages=[{{'role': 'user', 'content': 'Hello there'}}])"
    usage = (
        f"'created': {seconds}, 'usage': {{'prompt_tokens': 6, 'completion_tokens': 4, 'total_tokens': 10}}"
    )
    (cell,) = annotated(tmp_path, new_code_cell(call, outputs=[shown(usage)])).parts
    assert ("saved_input_tokens" in cell.parts[0]) == is_compared


NODES = (
    "llm = ChatOpenAI(model='gpt-4o')\n"
    "def draft(state):\n    return {'messages': [llm.invoke(state['messages'])]}\n"
    "def judge(state):\n    return {'messages': [llm.invoke([HumanMessage('Judge it.')])], 'grade': 1}\n"
)
EDGES = (
    "g = StateGraph(State)\ng.add_node(draft)\ng.add_node('judge', judge)\n"
    "g.add_edge(START, 'draft')\ng.add_edge('draft', 'judge')\ng.add_edge('judge', END)\napp = g.compile()"
)


def test_a_graph_is_read_along_its_edges(tmp_path):
    # LangGraph, Graph API overview: https://docs.langchain.com/oss/python/langgraph/graph-api
    run = "result = app.invoke({'messages': [('user', 'Write a haiku.')]})\nresult['messages'][-1]"
    usage = "AIMessage(usage_metadata={'input_tokens': 10, 'output_tokens': 1, 'total_tokens': 11})"
    state = "class State(MessagesState):\n    grade: int\n"
    summary = annotated(
        tmp_path,
        new_code_cell(state + NODES + EDGES),
        new_code_cell(run, outputs=[shown(usage)]),
    )
    first, second = summary.parts[0].parts
    assert (first.details.text, second.details.text) == ("Write a haiku.", "Judge it.")
    assert first.details.how == "app.invoke"
    assert not first["input_tokens"].is_at_least
    assert "saved_input_tokens" not in first
    assert second["saved_input_tokens"].value == 10  # the last message is the judge's


@pytest.mark.parametrize(
    ("state", "texts"),
    [
        ("class State(TypedDict):\n    messages: Annotated[list, add_messages]\n", "Hi\nGo on."),
        ("class State(TypedDict):\n    messages: list\n", "Go on."),
        ("class Base(MessagesState):\n    pass\nclass State(Base):\n    pass\n", "Hi\nGo on."),
        ("State = MessagesState\n", "Hi\nGo on."),
    ],
)
def test_messages_are_added_or_replaced_as_the_state_says(tmp_path, state, texts):
    nodes = (
        "llm = ChatOpenAI(model='gpt-4o')\n"
        "def first(state):\n    return {'messages': [HumanMessage('Go on.')]}\n"
        "def second(state):\n    return {'messages': llm.invoke(state['messages'])}\n"
        "g = StateGraph(State)\ng.add_node(first)\ng.add_node(second)\n"
        "g.add_edge(START, 'first')\ng.add_edge('first', 'second')\napp = g.compile()\n"
        "app.invoke({'messages': HumanMessage('Hi')})"
    )
    (cell,) = annotated(tmp_path, new_code_cell(state + nodes)).parts
    assert cell.parts[0].details.text == texts


def test_a_graph_of_which_too_little_is_known_is_read_as_before(tmp_path):
    run = "app.invoke({'messages': [('user', 'Write a haiku.')]})"
    for change in (
        EDGES.replace("g.add_edge(START, 'draft')\n", ""),
        f"{EDGES}\ng.add_edge(START, 'judge')",
        EDGES.replace("add_edge(START, 'draft')", "set_conditional_entry_point(route)"),
    ):
        summary = annotated(tmp_path, new_code_cell(NODES + change), new_code_cell(run))
        prompt = next(cell for cell in summary.parts if cell.details.cell == 2).parts[0]
        assert prompt["input_tokens"].is_at_least, change
