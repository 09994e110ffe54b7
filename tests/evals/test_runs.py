"""Runs against a host over HTTP: what is kept, what is asked again, what never is."""

import asyncio
import json

import openai
import pytest

from bankft.errors import DataError, UsageError
from bankft.evals import (
    Sampling,
    arun_eval,
    make_test_set,
    read_run,
    read_test_set,
    run_eval,
)

from . import host

EXACT = {
    "type": "string_check",
    "name": "exact",
    "input": "{{ sample.output_text }}",
    "reference": "{{ item.reference_answer }}",
    "operation": "eq",
}


def go(server, out, lines, **how):
    with host.client(server) as client:
        how = {"progress": False, **how}
        return run_eval(client, "m", make_test_set(lines), out, **how)


def test_everything_is_kept(server, tmp_path):
    sampling = Sampling(temperature=0.7, top_p=0.9, max_tokens=50, seed=3)
    run = go(
        server, tmp_path / "r", host.rows("good", "bad"), graders=[EXACT], samples=2,
        sampling=sampling,
    )  # fmt: skip
    assert len(run.answers) == 4
    assert sum(server.asked.values()) == 4
    body = server.bodies[0]
    assert (body["temperature"], body["top_p"], body["max_completion_tokens"]) == (0.7, 0.9, 50)
    assert len({b["seed"] for b in server.bodies}) == 4  # each request its own
    about = json.loads((tmp_path / "r" / "run.json").read_text("utf-8"))
    assert about["sampling"]["temperature"] == 0.7
    assert about["host"]["base_model"] == "bankft-nano@sha256:abc"
    assert run.answers["q1.s1"].system_fingerprint == "fp_0123456789"
    summary = json.loads((tmp_path / "r" / "summary.json").read_text("utf-8"))
    assert summary["violations"]["hits"] == 2
    assert summary["violations"]["questions"] == 2
    assert summary["violations"]["questions_hit"] == 1
    assert summary["metrics"]["exact"]["hits"] == 2
    assert summary["fingerprints"] == ["fp_0123456789"]
    assert read_run(tmp_path / "r") == run
    assert run.grades["q2.s1"].verdict == "violation"
    assert run.grades["q2.s1"].findings[0]["title"]["zh"]


def test_a_finished_run_asks_nothing_again(server, tmp_path):
    first = go(server, tmp_path / "r", host.rows("good", "bad"))
    assert go(server, tmp_path / "r", host.rows("good", "bad")) == first
    assert set(server.asked.values()) == {1}


def test_what_is_busy_is_asked_again_and_what_is_wrong_is_not(server, tmp_path):
    lines = host.rows("good", "long", "bad")
    server.failing["问题 0 good"] = 2
    run = go(server, tmp_path / "r", lines)
    assert server.asked["问题 0 good"] == 3
    assert run.answers["q1.s1"].retries == 2
    assert server.asked["问题 1 long"] == 1
    assert "context length" in run.answers["q2.s1"].error
    summary = json.loads((tmp_path / "r" / "summary.json").read_text("utf-8"))
    assert (summary["answers"], summary["errors"]) == (2, 1)


def test_an_interrupted_run_goes_on(server, tmp_path):
    lines = host.rows(*["good"] * 8)
    server.failing["问题 5 good"] = 99
    with pytest.raises(openai.RateLimitError):
        go(server, tmp_path / "r", lines, retries=0, limit=1)
    with pytest.raises(DataError, match="not finished"):
        read_run(tmp_path / "r")
    kept = (tmp_path / "r" / "answers.jsonl").read_bytes()
    assert kept.count(b"\n") == 5
    # A line that the end of the process tore, as a full disk or a power cut leaves it.
    (tmp_path / "r" / "answers.jsonl").write_bytes(kept + b'{"id":"q6.s1","tex')
    server.failing.clear()
    run = go(server, tmp_path / "r", lines, limit=1)
    assert len(run.answers) == 8
    assert all(server.asked[f"问题 {n} good"] == 1 for n in (0, 1, 2, 3, 4, 6, 7))


def test_the_limit_is_kept(server, tmp_path):
    go(server, tmp_path / "r", host.rows(*["good"] * 30), limit=3)
    assert server.most <= 3


def test_an_async_client_and_logprobs(server, tmp_path):
    async def main():
        async with openai.AsyncOpenAI(base_url=server.url, api_key="x") as client:
            return await arun_eval(
                client,
                "m",
                make_test_set(host.rows("good", "wrong")),
                tmp_path / "r",
                sampling=Sampling(logprobs=True),
                progress=False,
            )

    run = asyncio.run(main())
    assert run.answers["q1.s1"].logprobs[0] == -0.5
    summary = json.loads((tmp_path / "r" / "summary.json").read_text("utf-8"))
    assert summary["perplexity"] == pytest.approx(1.6487, abs=1e-4)
    assert summary["calibration"]["ece"] == pytest.approx(abs(0.6065 - 0.5), abs=1e-3)


def test_another_run_is_not_overwritten(server, tmp_path):
    go(server, tmp_path / "r", host.rows("good"))
    with pytest.raises(UsageError, match=r"another run \(other: sampling\)"):
        go(server, tmp_path / "r", host.rows("good"), sampling=Sampling(temperature=0))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("x")
    with pytest.raises(UsageError, match="something else"):
        go(server, tmp_path / "mine", host.rows("good"))
    with pytest.raises(UsageError, match="a name of its own"):
        go(server, tmp_path / "s", host.rows("good"), graders=[EXACT, EXACT])


def test_copies_of_a_question_are_one_question(server, tmp_path):
    run = go(server, tmp_path / "r", host.rows("good", "good", copies=10))
    summary = json.loads((tmp_path / "r" / "summary.json").read_text("utf-8"))
    assert (len(run.answers), summary["violations"]["questions"]) == (20, 2)


def test_questions_can_be_grouped_by_a_key(tmp_path):
    path = tmp_path / "t.jsonl"
    lines = [{"question": f"q{n}", "template": f"t{n % 2}"} for n in range(4)]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    assert [q.cluster for q in read_test_set(path, cluster="template")] == ["t0", "t1"] * 2
    with pytest.raises(DataError, match="no field 'fund'"):
        read_test_set(path, cluster="fund")


@pytest.mark.parametrize(
    ("line", "asked", "reference"),
    [
        # supervised fine-tuning: the last answer is the reference
        (
            {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]},
            "a",
            "b",
        ),
        # reinforcement fine-tuning
        ({"messages": [{"role": "user", "content": "a"}], "reference_answer": "b"}, "a", "b"),
        ({"item": {"input": "a", "expected": "b"}}, "a", "b"),  # an evals file
        ({"question": "a", "answer": "b"}, "a", "b"),
        ({"prompt": "a"}, "a", None),
    ],
)
def test_lines_of_a_test_set(line, asked, reference):
    (question,) = make_test_set([line])
    assert (question.messages[-1]["content"], question.reference) == (asked, reference)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"text": "a"}, "example 1: no question"),
        ({"messages": []}, "example 1, messages"),
        ({"messages": [{"role": "assistant", "content": "b"}]}, "nobody asks"),
        ({"messages": "a"}, "role and content"),
    ],
)
def test_lines_that_hold_no_question(line, said):
    with pytest.raises(DataError, match=said):
        make_test_set([line])
