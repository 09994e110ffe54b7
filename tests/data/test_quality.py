"""Quality with a real model's answers, replayed from what the embedded service said.

To record them again: start ``bankft serve --deterministic 7`` and run this file with
``BANKFT_MODE=record OPENAI_BASE_URL=http://127.0.0.1:8765/v1 OPENAI_API_KEY=any``.
"""

import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bankft
from bankft import data
from bankft.cases import fundbot
from bankft.data.side import digest
from bankft.errors import BankftError, DataError, UsageError

EXAMPLES = fundbot.conversations("train", 4, language="zh")
ONE_BY_ONE = {"model": "bankft-nano", "concurrency": 1, "progress": False, "max_tokens": 40}


@pytest.fixture(scope="module")
def client():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BANKFT_RECORDINGS", str(Path(__file__).parent / "recordings"))
        patch.setenv("BANKFT_LANG", "zh")
        with bankft.connect("quality") as replayed:
            yield replayed


@pytest.fixture(scope="module")
def back(client):
    return data.back_annotate(EXAMPLES, client, **ONE_BY_ONE)


@pytest.fixture(scope="module")
def unsure(client):
    return data.ask_least_sure(EXAMPLES, client, samples=3, **ONE_BY_ONE)


@pytest.fixture(scope="module")
def paraphrased(client):
    records = [{"product": f"p{i}", "risk_grade": "R2", "reviewer": "B007"} for i in range(4)]
    return data.paraphrase(EXAMPLES, client, n=2, records=records, **ONE_BY_ONE)


@pytest.fixture(scope="module")
def expanded(client):
    return data.expand_context(EXAMPLES, client, n=2, **ONE_BY_ONE)


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        ("管理费是多少？", "管理费是多少", 1, 1),  # signs do not count
        ("管理费是多少？", "管理费多少？", 0.6, 0.7),  # 2·3 / (5+4), by hand
        ("What is the fee?", "what's the FEE", 0.6, 0.95),
        ("管理费是多少？", "谁是基金经理？", 0, 0),
        ("费率是 0.50% 吗", "费率是 0.80% 吗", 0, 0),  # another number
        ("买 5 份和 10 份", "买 10 份和 5 份", 0.3, 1),  # the same numbers elsewhere
        ("费", "费", 1, 1),
        ("费", "率", 0, 0),
        ("", "费", 0, 0),
        ("", "", 1, 1),
    ],
)
def test_similarity(one, other, low, high):
    assert low <= data.similarity(one, other) <= high
    assert data.similarity(one, other) == data.similarity(other, one)


@given(st.text(), st.text())
def test_similarity_is_a_share_of_any_two_texts(one, other):
    assert 0 <= data.similarity(one, other) <= 1
    assert data.similarity(one, one) == 1


def test_back_annotation_looks_at_every_pair_the_least_alike_first(back):
    assert sorted(row.line for row in back.rows) == [1, 2, 3, 4]
    similarities = [row.similarity for row in back.rows]
    assert similarities == sorted(similarities)
    for row in back.rows:
        assert row.question == EXAMPLES[row.line - 1]["messages"][1]["content"]
        assert row.similarity == data.similarity(row.question, row.regenerated)
    assert back.agreement == sum(s >= 0.5 for s in similarities) / 4
    assert back.interval[0] <= back.agreement <= back.interval[1]
    assert back.model == "bankft-nano"


def test_the_model_sees_the_answer_alone(back, client):
    recording = Path(__file__).parent / "recordings" / "quality.zh.jsonl"
    lines = [json.loads(line) for line in recording.read_text(encoding="utf-8").splitlines()]
    sent = json.dumps(lines[1]["request"], ensure_ascii=False)
    assert EXAMPLES[0]["messages"][-1]["content"] in sent
    assert EXAMPLES[0]["messages"][1]["content"] not in sent
    assert '"stream": true' in sent


def test_the_least_sure_come_first(unsure):
    assert sorted(one.line for one in unsure) == [1, 2, 3, 4]
    degrees = [one.disagreement for one in unsure]
    assert degrees == sorted(degrees, reverse=True)
    for one in unsure:
        assert len(one.answers) == 3
        assert one.disagreement == data.disagreement(one.answers)


@pytest.mark.parametrize("fixture", ["paraphrased", "expanded"])
def test_only_the_question_is_new_and_its_origin_is_marked(fixture, request):
    made = request.getfixturevalue(fixture)
    assert len(made.examples) + sum(made.refused.values()) == 8
    assert len(made.examples) == len(made.records) == len(made.origins)
    for example, record, line in zip(made.examples, made.records, made.origins, strict=True):
        origin = EXAMPLES[line - 1]
        assert example.keys() == {"messages"}  # nothing that the API does not know
        assert example["messages"][0] == origin["messages"][0]
        assert example["messages"][-1] == origin["messages"][-1]
        assert example["messages"][1]["content"] != origin["messages"][1]["content"]
        assert record["generated_by"] == "bankft-nano"
        assert record["made_from"] == digest(origin)
        assert "reviewer" not in record  # no person has looked at it
    assert fundbot.conversations("train", 4, language="zh") == EXAMPLES  # as they were


def test_records_pass_on_what_is_about_the_answer(paraphrased):
    for record, line in zip(paraphrased.records, paraphrased.origins, strict=True):
        assert record["product"] == f"p{line - 1}"
        assert record["risk_grade"] == "R2"
        assert record["method"] == "paraphrase"


def test_generated_files_stand_side_by_side_and_split_with_their_origins(paraphrased, tmp_path):
    assert paraphrased.examples
    path = data.write_generated(paraphrased, tmp_path / "more.jsonl")
    side = data.read_jsonl(tmp_path / "more.compliance.jsonl")
    assert data.read_jsonl(path) == list(paraphrased.examples)
    assert side == list(paraphrased.records)


def test_a_model_that_is_not_there_is_one_sentence(client):
    with pytest.raises(BankftError, match=r"^Call 1 of 4 to gpt-9 failed: The model `gpt-9` does"):
        data.back_annotate(EXAMPLES, client, model="gpt-9", concurrency=1, progress=False)


def test_pairs_turned_round_teach_a_model_to_ask(client):
    turned = data.to_ask_back(EXAMPLES, language="zh")
    for example, origin in zip(turned, EXAMPLES, strict=True):
        asked, told = (message["content"] for message in example["messages"])
        assert told == origin["messages"][1]["content"]
        assert origin["messages"][-1]["content"] in asked
    with pytest.raises(UsageError, match=r"lacks \{answer\}"):
        data.to_ask_back(EXAMPLES, instruction="?")


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (["yes", "yes", "yes"], 0),
        (["yes", "no"], 1),
        (["yes", "yes", "no", "no"], 4 / 6),  # four of six pairs differ
        (["费率是 0.50%。", "费率是 0.80%。"], 1),  # nearly the same words, another number
    ],
)
def test_disagreement(answers, expected):
    assert data.disagreement(answers) == pytest.approx(expected)
    random.Random(1).shuffle(answers)
    assert data.disagreement(answers) == pytest.approx(expected)


def test_least_sure_by_probabilities():
    rows = [[1, 0, 0], [0.4, 0.3, 0.3], [0.5, 0.5, 0], [1 / 3] * 3, [0.5, 0.5, 0]]
    assert data.least_sure(rows) == [3, 1, 2, 4, 0]  # equals keep their order
    assert data.least_sure([]) == []


@pytest.mark.parametrize("row", [[], [0.5], [1.5, -0.5], [float("nan")]])
def test_no_distribution(row):
    with pytest.raises(UsageError, match="Row 2 is no distribution"):
        data.least_sure([[1.0], row])


ask = {"messages": [{"role": "user", "content": "费率？"}]}
answered = {"messages": [*ask["messages"], {"role": "assistant", "content": "0.30%"}]}


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda c: data.back_annotate([], c, model="m"), DataError, "no example"),
        (
            lambda c: data.back_annotate([answered, ask], c, model="m"),
            DataError,
            "Example 2 has no",
        ),
        (lambda c: data.back_annotate([{}], c, model="m"), DataError, "Example 1 asks nothing"),
        (
            lambda c: data.back_annotate([answered], c, model="m", instruction="?"),
            UsageError,
            "lacks {answer}",
        ),
        (
            lambda c: data.back_annotate([answered], c, model="m", language="fr"),
            UsageError,
            "no language 'fr'",
        ),
        (
            lambda c: data.back_annotate([answered], c, model="m", concurrency=0),
            UsageError,
            "concurrency is 0",
        ),
        (lambda c: data.ask_least_sure([ask], c, model="m", samples=1), UsageError, "two answers"),
        (lambda c: data.paraphrase([answered], c, model="m", n=0), UsageError, "n is 0"),
        (lambda c: data.paraphrase([answered], c, model="m", records=[]), UsageError, "0 record"),
        (lambda c: data.disagreement(["a"]), UsageError, "two answers"),
    ],
)
def test_refusals_before_any_call(call, error, said):
    with pytest.raises(error, match=said):
        call(None)


def test_no_service_is_one_sentence():
    import socket

    import openai

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    nobody = openai.OpenAI(base_url=f"http://127.0.0.1:{port}/v1", api_key="x", max_retries=0)
    with nobody, pytest.raises(BankftError, match=r"^Call \d of 2 to m failed: "):
        data.back_annotate([answered] * 2, nobody, model="m", progress=False)
