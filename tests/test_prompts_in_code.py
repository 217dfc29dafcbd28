"""Prompts in source: a literal is followed from where it stands to the call that sends it.

The cells are written here, in the shapes of public notebooks that are named beside them.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from IPython.core.inputtransformer2 import TransformerManager

from ipython_llmnumbers import estimate_cost
from ipython_llmnumbers.notebooks.cell import cell_prompts
from ipython_llmnumbers.prompts_in_code.find_prompts import find_prompts

DATA = Path(__file__).parent / "data"
CALLS, LOOKALIKES, LITERALS = (
    yaml.safe_load((DATA / f"{name}.yaml").read_text(encoding="utf-8"))
    for name in ("client_calls", "no_prompts", "followed_literals")
)
WEATHER = {
    "name": "get_weather",
    "description": "Gets the weather of a city",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}},
}
HELLO = "messages=[{'role': 'user', 'content': 'Hi'}]"
ASK = [{"role": "user", "content": "What is the weather in Kyoto?"}]


def prompts_in(*cells):
    """The prompts of a notebook with these cells, in order."""
    found = find_prompts([("code", cell) for cell in cells], TransformerManager().transform_cell)
    assert not [each.problem for each in found if each.problem]
    return [prompt for cell in found for prompt in cell.prompts]


def one_prompt(*cells):
    (prompt,) = [each for each in prompts_in(*cells) if each.text]
    return prompt


def texts_of(*cells):
    return [each.text for each in prompts_in(*cells) if each.text]


# -- from the literal to the call -----------------------------------------------------------


@pytest.mark.parametrize("case", LITERALS, ids=lambda case: case["text"])
def test_a_literal_is_followed_to_its_call(case):
    prompt = one_prompt(*case["cells"])
    assert (prompt.text, prompt.n_unknown) == (case["text"], 0)


def test_a_loop_over_literals_sends_each():
    asked = texts_of("for q in ['One?', 'Two?', 'Three?']:\n    client.responses.create(input=q)")
    assert asked == ["One?", "Two?", "Three?"]
    by_key = "for kind, text in {'a': 'One', 'b': 'Two'}.items():\n"
    assert texts_of(by_key + "    client.responses.create(input=f'{kind} {text}')") == ["a One", "b Two"]
    assert texts_of("[client.responses.create(input=q) for n, q in enumerate(['One', 'Two'])]") == [
        "One",
        "Two",
    ]


@pytest.mark.parametrize(
    "code",
    [
        "list(map(ask, ['One', 'Two']))",
        "with ThreadPoolExecutor() as pool:\n    answers = list(pool.map(ask, ['One', 'Two']))",
        "with ThreadPoolExecutor() as pool:\n    answers = [pool.submit(ask, q) for q in ('One', 'Two')]",
        "await asyncio.gather(*[asyncio.to_thread(ask, q) for q in ['One', 'Two']])",
        "await asyncio.gather(*(ask(q) for q in ['One', 'Two']))",
        "ChatOpenAI(model='gpt-4o').batch(['One', 'Two'])",
    ],
)
def test_a_function_that_is_passed_on_sends_for_each_element(code):
    ask = "def ask(q):\n    return client.responses.create(model='gpt-4o', input=q)"
    assert [(each.text, each.model) for each in prompts_in(ask, code) if each.text] == [
        ("One", "gpt-4o"),
        ("Two", "gpt-4o"),
    ]


def test_a_function_that_is_applied_to_data_keeps_its_fixed_text():
    cells = ("def ask(q):\n    return client.responses.create(input=f'Sum up {q}')", "df['x'].apply(ask)")
    (prompt,) = prompts_in(*cells)
    assert (prompt.text, prompt.n_unknown, prompt.how) == ("Sum up ", 1, "ask()")


def test_what_a_run_fills_in_makes_it_the_least():
    for code in (
        "p = f'Summarise {load()}'",
        "p = 'Summarise ' + open('x').read()",
        "p = 'Summarise '\nfor d in load():\n    p += d",
        "p = 'Summarise '\nif flag():\n    p += 'and translate it'",
        "p = 'Summarise ' if flag() else 'Summarise and translate '",
        "parts = ['Summarise ']\nparts += load()\np = ''.join(parts)",
    ):
        prompt = one_prompt(code, "client.responses.create(input=p)")
        assert prompt.text == "Summarise ", code
        assert prompt.is_least, code


def test_a_branch_is_taken_where_it_is_known_and_else_what_both_have_in_common():
    choose = "def ask(short):\n    text = 'Be brief.' if short else 'Tell me all.'\n"
    ask = choose + "    client.responses.create(input=text)"
    assert texts_of(ask, "ask(True)", "ask(False)") == ["Be brief.", "Tell me all."]
    code = (
        "m = [{'role': 'user', 'content': 'Always'}]\n"
        "if maybe():\n    m.append({'role': 'user', 'content': 'Perhaps'})\n"
        "client.messages.create(messages=m)"
    )
    prompt = one_prompt(code)
    assert prompt.text == "Always"
    assert prompt.is_least
    perhaps = "if maybe():\n    m = [{'role': 'user', 'content': 'Perhaps'}]\n"
    inside = perhaps + "    client.messages.create(messages=m)"
    assert (one_prompt(inside).text, one_prompt(inside).is_least) == ("Perhaps", False)


def test_a_branch_that_ends_leaves_the_other_way():
    code = (
        "def f(x):\n    if odd(x):\n        return None\n    text = 'Go on'\n"
        "    return client.responses.create(input=text)"
    )
    prompt = one_prompt(code, "f(1)")
    assert (prompt.text, prompt.is_least) == ("Go on", False)


def test_an_answer_in_the_messages_is_a_turn_whose_text_only_a_run_knows():
    # anthropics/courses tool_use/06_chatbot_with_multiple_tools, cells 37 to 44.
    first = "m = [{'role': 'user', 'content': 'Look up my orders.'}]\nr = client.messages.create(messages=m)"
    second = (
        "m.append({'role': 'assistant', 'content': r.content})\n"
        "result = {'type': 'tool_result', 'tool_use_id': r.content[-1].id, 'content': str(run())}\n"
        "m.append({'role': 'user', 'content': [result]})\n"
        "client.messages.create(messages=m)"
    )
    one, two = prompts_in(first, second)
    assert not one.is_least
    assert two.is_least
    assert [each["role"] for each in two.request["messages"]] == ["user", "assistant", "user"]


def test_old_turns_that_are_dropped_when_a_chat_is_too_long_are_still_there():
    # Azure-Samples/openai, Basic_Samples/Chat/chatGPT_managing_conversation.ipynb, cell 18.
    code = (
        "m = [{'role': 'system', 'content': 'Help.'}, {'role': 'user', 'content': 'Why?'}]\n"
        "while count(m) > 4096:\n    m.pop(0)\n"
        "client.chat.completions.create(messages=m)"
    )
    prompt = one_prompt(code)
    assert prompt.text == "Help.\nWhy?"
    assert prompt.is_least


def test_names_that_another_notebook_stored_are_known_where_it_was_read_before():
    # anthropics/prompt-eng-interactive-tutorial: the model stands in 00, and 01 to 09 fetch it.
    transform = TransformerManager().transform_cell
    stored = {}
    find_prompts([("code", "MODEL_NAME = 'claude-3-haiku-20240307'\n%store MODEL_NAME")], transform, stored)
    use = f"%store -r MODEL_NAME\nclient.messages.create(model=MODEL_NAME, {HELLO})"
    (cell,) = find_prompts([("code", use)], transform, stored)
    assert cell.prompts[0].model == "claude-3-haiku-20240307"
    (alone,) = find_prompts([("code", use)], transform)
    assert alone.prompts[0].model is None


@pytest.mark.parametrize(
    "code",
    [
        "def f(n):\n    return f(n - 1) + f(n - 2)\nf(30)",
        "a = []\na.append(a)\nclient.messages.create(messages=a)\nclient.responses.create(input=str(a))",
        "d = {}\nd['d'] = d\nclient.messages.create(messages=[d], tools=[d])",
        "a = [{'role': 'user', 'content': 'x'}]\n"
        + "a = [a, a]\n" * 40
        + "client.messages.create(messages=a)",
        "a = ['x']\n" + "a = [a, a]\n" * 40 + "client.messages.create(messages=a, tools=a)\np = str(a)",
        "a = PromptTemplate.from_template('x')\n" + "a = a | a\n" * 40 + "a.invoke('x')",
        "a = ChatOpenAI\n" + "a = [a, a]\n" * 40 + "f(a).invoke('x')",
        "x = [0] * 10**9\ny = 'a' * 10**9\nz = 10**9 ** 9",
        "for i in range(10**9):\n    client.responses.create(input='x')",
        "\n".join(f"if a{i}():\n    b{i} = '{i}'" for i in range(2_000)),
    ],
    ids=[
        *("recursion", "list in itself", "mapping in itself", "messages many times", "a list many times"),
        *("a chain many times", "models many times", "sizes", "a long loop", "many branches"),
    ],
)
def test_code_without_an_end_is_read_to_an_end(code):
    assert len(prompts_in(code)) <= 100


def test_more_code_than_is_followed_is_said():
    deep = "for a in range(50):\n for b in range(50):\n  for c in range(50):\n   x = a + b + c"
    (cell,) = find_prompts([("code", f"client.responses.create(input='Hi')\n{deep}")], str)
    assert cell.problem == "more code than is followed"
    assert [each.text for each in cell.prompts] == ["Hi"]


# -- what goes beside the text --------------------------------------------------------------


def test_a_request_is_counted_as_estimate_cost_counts_it():
    call = f"client.messages.create(model='claude-3-haiku-20240307', tools=[{WEATHER!r}], messages={ASK!r})"
    (part,) = cell_prompts(call, "gpt-4o", str).parts
    whole = estimate_cost({"messages": ASK, "tools": [WEATHER]}, "claude-3-haiku-20240307")
    assert part["input_tokens"] == whole["input_tokens"]
    assert part["tool_tokens"].value > 0
    assert not part["input_tokens"].is_at_least


def test_a_chat_has_its_frame_and_a_text_has_none():
    chat = "client.chat.completions.create(model='gpt-4o', messages=[{'role': 'user', 'content': 'Hi'}])"
    (part,) = cell_prompts(chat, "gpt-4o", str).parts
    # OpenAI's cookbook, How_to_count_tokens_with_tiktoken: 3 a message, 3 for the reply, 1 for its role.
    assert part["input_tokens"].value == estimate_cost("user: Hi", "gpt-4o")["input_tokens"].value == 8
    embed = "client.embeddings.create(model='text-embedding-3-small', input='Hi')"
    (embedded,) = cell_prompts(embed, "gpt-4o", str).parts
    assert embedded["input_tokens"].value == 1


def test_several_texts_of_one_call_are_counted_each_by_itself():
    call = "client.embeddings.create(model='text-embedding-3-small', input=['Hi', 'Ho', 'Hi'])"
    (part,) = cell_prompts(call, "gpt-4o", str).parts
    assert part["input_tokens"].value == 3


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            '[{"type": "text", "text": "What is this?"}, {"type": "file", "file": {"file_id": upload.id}}]',
            "file upload.id",
        ),
        (
            '[{"type": "input_audio", "input_audio": {"data": sound, "format": "wav"}},'
            ' {"type": "text", "text": "What is this?"}]',
            "audio sound",
        ),
    ],
)  # fmt: skip
def test_a_part_that_only_a_run_fills_in_is_named_and_makes_it_the_least(content, said):
    messages = f"[{{'role': 'user', 'content': {content}}}]"
    call = f"client.messages.create(model='claude-sonnet-4-5', messages={messages})"
    estimate = cell_prompts(call, "gpt-4o", str)
    (part,) = estimate.parts
    assert part["input_tokens"].is_at_least
    assert part["input_usd"].is_at_least
    assert part.details.text == "What is this?"
    assert part.details.not_counted == (said,)
    assert "at least" in str(estimate)
    assert f"not counted: {said}" in str(estimate).replace("\n", " ")


@pytest.mark.parametrize(
    "picture",
    [
        # anthropic-cookbook multimodal/getting_started_with_vision.ipynb: a helper reads the picture.
        '{"type": "image", "source": {"type": "base64", "data": b64("page.jpeg")}}',
        '{"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{picture}"}}',
    ],
)
def test_a_picture_that_only_a_run_reads_costs_from_the_least_to_the_most(picture):
    # GoogleCloudPlatform/generative-ai, claude_multimodal_function_calling, cell 32: 1,587 on Sonnet 3.5.
    content = f'[{picture}, {{"type": "text", "text": "What is the region where this animal lives?"}}]'
    call = (
        f"client.messages.create(model='claude-3-5-sonnet-v2@20241022',"
        f" messages=[{{'role': 'user', 'content': {content}}}])"
    )
    (part,) = cell_prompts(call, "gpt-4o", str).parts
    tokens = part["input_tokens"]
    assert not tokens.is_at_least
    assert tokens.low < 100 < 1_587 < tokens.high < 1_700
    assert part.details.text == "What is the region where this animal lives?"


def test_a_picture_that_stands_in_the_source_is_in_the_request():
    url = "https://example.org/a.png"
    part = {"type": "image_url", "image_url": {"url": url}}
    messages = [{"role": "user", "content": [part, {"type": "text", "text": "What?"}]}]
    call = f"client.chat.completions.create(model='gpt-4o', messages={messages!r})"
    prompt = one_prompt(call)
    assert prompt.request["messages"][0]["content"][0] == part
    assert not prompt.is_least


@pytest.mark.parametrize(
    ("beside", "said"),
    [
        ("tools=load_tools()", "tools load_tools()"),
        ("tools=[get_weather]", "tools get_weather"),
        ("response_format=Answer", "the schema of the answer, response_format"),
        ("previous_response_id=r.id", "what previous_response_id adds"),
    ],
)
def test_what_goes_beside_and_is_not_counted_is_named(beside, said):
    prompt = one_prompt(f"client.responses.create(model='gpt-4o', input='Hi', {beside})")
    assert prompt.is_least
    assert [each for each in prompt.not_counted if each.startswith(said)]


@pytest.mark.parametrize(
    ("beside", "said"),
    [
        ("tools=[{'type': 'web_search_20250305', 'name': 'web_search'}]", "the tool web_search_20250305"),
        ("system=[{'type': 'document', 'source': {'type': 'url', 'url': 'https://x.org/a.pdf'}}]", "a PDF"),
    ],
)
def test_a_literal_that_no_rule_counts_is_named_as_estimate_cost_names_it(beside, said):
    estimate = cell_prompts(f"client.messages.create(model='claude-sonnet-4-5', {beside}, {HELLO})", "x", str)
    (part,) = estimate.parts
    assert part["input_tokens"].is_at_least
    assert any(said in each for each in part.details.not_counted)
    assert said in str(estimate).replace("\n", " ")


def test_a_schema_of_the_answer_that_is_written_out_is_counted():
    schema = {"type": "object", "properties": {"city": {"type": "string"}}}
    form = {"type": "json_schema", "json_schema": {"name": "place", "schema": schema}}
    call = f"client.chat.completions.create(model='gpt-4o', response_format={form!r}, messages={ASK!r})"
    (part,) = cell_prompts(call, "gpt-4o", str).parts
    whole = estimate_cost({"messages": ASK, "response_format": form}, "gpt-4o")
    assert part["input_tokens"] == whole["input_tokens"]
    assert part["answer_format_tokens"].value > 0


def test_what_adds_nothing_is_not_named():
    beside = "tools=None, response_format={'type': 'json_object'}, text={'format': {'type': 'text'}}"
    assert not one_prompt(f"client.responses.create(model='gpt-4o', input='Hi', {beside})").is_least


def test_tools_in_a_variable_and_with_a_choice_go_along():
    # anthropics/courses tool_use/05_tool_choice.ipynb, cells 20 to 35: the answers say 429 and 527 tokens.
    cells = (
        f"tools = [{WEATHER!r}]",
        "def analyze(query):\n"
        "    response = client.messages.create(model='claude-3-sonnet-20240229', max_tokens=4096,\n"
        "        tools=tools, tool_choice={'type': 'tool', 'name': 'get_weather'},\n"
        "        messages=[{'role': 'user', 'content': query}])\n    print(response)",
        "analyze('What is the weather in Kyoto?')",
    )
    prompt = one_prompt(*cells)
    assert prompt.request == {
        "tools": [WEATHER],
        "tool_choice": {"type": "tool", "name": "get_weather"},
        "messages": ASK,
    }
    assert prompt.max_output_tokens == 4096


@pytest.mark.parametrize(
    ("call", "most"),
    [
        (f"client.messages.create(max_tokens=2 * 1024, {HELLO})", 2048),
        (f"client.chat.completions.create(max_completion_tokens=50, n=3, {HELLO})", 150),
        ("client.responses.create(max_output_tokens=500, input='Hi')", 500),
        ("client.models.generate_content(contents='Hi', config={'max_output_tokens': 7})", 7),
        ("m.generate_content('Hi', generation_config=genai.GenerationConfig(max_output_tokens=7))", 7),
        (f"c.converse(modelId='m', {HELLO}, inferenceConfig={{'maxTokens': 9}})", 9),
        (f"client.messages.create(max_tokens=limit(), {HELLO})", None),
        (f"client.chat.completions.create(max_tokens=5, n=how_many(), {HELLO})", None),
        ("client.responses.create(input='Hi')", None),
    ],
)
def test_the_call_bounds_the_output(call, most):
    assert one_prompt(call).max_output_tokens == most


def test_the_bound_of_the_output_is_priced():
    call = f"client.messages.create(model='claude-3-haiku-20240307', max_tokens=1000, messages={ASK!r})"
    (part,) = cell_prompts(call, "gpt-4o", str).parts
    whole = estimate_cost({"messages": ASK}, "claude-3-haiku-20240307", output_tokens=1000)
    assert part["max_output_usd"].value == whole["output_usd"].value
    assert part["total_usd"].value == part["input_usd"].value


# -- over every client ----------------------------------------------------------------------


@pytest.mark.parametrize("case", CALLS, ids=lambda case: case["model"])
def test_a_client_names_the_model_and_who_sells_it(case):
    prompt = one_prompt(*case["cells"])
    assert (prompt.text, prompt.model) == (case["text"], case["model"])


def test_what_only_the_shell_knows_is_not_counted():
    # google-gemini/cookbook, quickstarts/rest/Audio_REST.ipynb, cell 30.
    audio = '{"inline_data": {"mime_type": "audio/mp3", "data": "\'"$DATA"\'"}}'
    body = f'{{"contents": [{{"parts": [{{"text": "Summarise $NAME."}}, {audio}]}}]}}'
    url = "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent"
    prompt = one_prompt(f"%%bash\ncurl {url} -d '{body}'")
    assert (prompt.text, prompt.model) == ("Summarise .", "gemini-2.5-flash")
    assert [each.partition(" ")[0] for each in prompt.not_counted] == ["audio"]
    (whole_file,) = prompts_in(f"%%bash\ncurl {url} -d @request.json")
    assert (whole_file.text, whole_file.is_least) == ("", True)


def test_a_chat_sends_its_earlier_turns_again():
    chat = "chat = model.start_chat(history=[])\nchat.send_message('One')\nchat.send_message('Two')"
    first, second = prompts_in("model = genai.GenerativeModel('gemini-2.5-flash')", chat)
    assert (first.text, first.is_least) == ("One", False)
    assert (second.text, second.is_least) == ("One\nTwo", True)


def test_a_line_of_a_batch_file_is_priced_as_a_batch():
    # openai-cookbook, batch_processing.ipynb.
    body = "{'model': 'gpt-4o-mini', 'messages': [{'role': 'user', 'content': 'Hi'}]}"
    line = f"{{'custom_id': 'a', 'method': 'POST', 'url': '/v1/chat/completions', 'body': {body}}}"
    prompt = one_prompt(f"tasks = []\nfor row in rows():\n    tasks.append({line})")
    assert (prompt.text, prompt.model, prompt.processing) == ("Hi", "gpt-4o-mini", "batch")
    (part,) = cell_prompts(f"task = {line}", "gpt-4o", str).parts
    whole = estimate_cost("user: Hi", "gpt-4o-mini", processing="batch")
    assert part["input_usd"].value == whole["input_usd"].value


def test_a_batch_of_requests_is_priced_as_one():
    # anthropic-cookbook, misc/batch_processing.ipynb.
    params = f"dict(model='claude-3-haiku-20240307', {HELLO})"
    requests = f"[{{'custom_id': 'a', 'params': {params}}}]"
    prompt = one_prompt(f"client.messages.batches.create(requests={requests})")
    assert (prompt.text, prompt.model, prompt.processing) == ("Hi", "claude-3-haiku-20240307", "batch")


def test_what_a_framework_writes_around_a_prompt_is_said():
    for cells, said in (
        (["engine = index.as_query_engine()\nengine.query('Hi')"], "what engine.query adds"),
        (
            ["qa = dspy.ChainOfThought('question -> answer')\nqa(question='Hi')"],
            "what dspy.ChainOfThought adds",
        ),
        (["get_completion('Hi')"], "what get_completion adds"),
        (
            ["graph = workflow.compile()\ngraph.invoke({'messages': [('user', 'Hi')]})"],
            "what graph.invoke adds",
        ),
        (["from chains import chain\nchain.invoke('Hi')"], "what chain.invoke adds"),
    ):
        prompt = one_prompt(*cells)
        assert prompt.is_least
        assert said in prompt.not_counted


@pytest.mark.parametrize("code", LOOKALIKES)
def test_what_only_looks_like_a_prompt_is_not_priced(code):
    assert texts_of(code) == []


@pytest.mark.parametrize(
    "source",
    [
        "class A(BaseModel):\n    " + "\n    ".join(f"x{n}: A" for n in range(30)) + "\nt = A",
        "class A:\n    x: int\nt = A",
        "class A(BaseModel):\n    x: Decimal\nt = A",
        "def t(x=b'bytes'): pass",
        "def t(x={1, 2}): pass",
        "def t(x: datetime): pass",
        "def t(**rest): pass",
        "def tool(name):\n    return lambda f: register(f)\n@tool('a')\ndef t(x: int): pass",
        "@retry\ndef t(x: int): pass",
        "t = lambda x: x",
        "t = Tool(name='a', func=lambda x: x)",
        "t = ExaSearchResults()",
    ],
)
def test_a_tool_that_is_not_all_known_is_named_and_not_counted(source):
    prompt = one_prompt(source, f"client.chat.completions.create(model='gpt-4o', {HELLO}, tools=[t])")
    assert prompt.is_least
    assert any("tools" in each for each in prompt.not_counted)
    assert prompt.request["tools"] == []


def test_a_class_is_written_out_with_the_classes_in_it():
    source = (
        "class Kind(str, Enum):\n    CAT = 'cat'\n    DOG = 'dog'\n"
        "class Named(BaseModel):\n    name: str = Field(..., description='Its name')\n"
        "class Pet(Named):\n    '''A pet.'''\n    kind: Kind\n    toys: list[Named] = []\n"
        "    age: Optional[int] = Field(default=1)\n"
    )
    prompt = one_prompt(source, f"client.chat.completions.create(model='gpt-4o', {HELLO}, tools=[Pet])")
    (tool,) = prompt.request["tools"]
    # As langchain-core 1.8.3 writes it, `convert_to_openai_tool(Pet)`, run on 2026-11-28.
    named = {"type": "string", "description": "Its name"}
    assert tool == {
        "name": "Pet",
        "description": "A pet.",
        "parameters": {
            "type": "object",
            "properties": {
                "name": named,
                "kind": {"type": "string", "enum": ["cat", "dog"]},
                "toys": {
                    "type": "array",
                    "items": {"type": "object", "properties": {"name": named}, "required": ["name"]},
                    "default": [],
                },
                "age": {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": 1},
            },
            "required": ["name", "kind"],
        },
    }


def test_an_import_takes_the_place_of_a_function_of_that_name():
    # aws-samples/amazon-bedrock-samples, return_of_control.ipynb, cells 8 and 65.
    own = "def tool(name):\n    return lambda f: register(f)"
    imported = "from langchain.tools import tool\n@tool('a')\ndef t(x: int):\n    'Adds.'"
    prompt = one_prompt(own, imported, f"client.chat.completions.create(model='gpt-4o', {HELLO}, tools=[t])")
    assert not prompt.is_least
    assert prompt.request["tools"][0]["name"] == "a"
