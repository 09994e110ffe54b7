"""Runs of `bankft.evals` against the real service: what a stub host cannot show."""

import json
import math
import signal
import subprocess
import sys
import time

import openai
import pytest
import torch

from bankft.cases import fundbot
from bankft.engine import Sampler, nano_path
from bankft.evals import Sampling, make_test_set, read_test_set, run_eval

from .releasing import KEYS, OFFICER, done, released
from .server import Server

pytestmark = pytest.mark.service


@pytest.fixture(scope="module")
def desk(make_server):
    return make_server(f"--base=m1={nano_path()}", name="eval-desk", keys=KEYS)


@pytest.fixture(scope="module")
def client(desk):
    with openai.OpenAI(base_url=f"{desk.url}/v1", api_key=OFFICER) as it:
        yield it


def lines(n):
    return [
        {"messages": [{"role": "user", "content": one.text}], "reference_answer": one.answer}
        for one in fundbot.questions("test", n, language="zh")
    ]


def summary_of(folder):
    return json.loads((folder / "summary.json").read_text("utf-8"))


def test_perplexity_and_calibration_are_those_of_the_weights(client, tmp_path):
    """Held against the model's own forward pass over what it wrote."""
    how = Sampling(temperature=0, max_tokens=12, logprobs=True)
    run = run_eval(client, "m1", make_test_set(lines(6)), tmp_path / "r", sampling=how)
    sampler = Sampler(nano_path())
    wanted = []
    for question in run.questions.values():
        prompt = sampler.request(question.messages).prompt
        ids = list(sampler.tokens(question.messages, max_tokens=12, temperature=0))
        with torch.inference_mode():
            logits = sampler.model(torch.tensor([[*prompt, *ids]])).logits[0].float()
        sure = torch.log_softmax(logits, -1)[len(prompt) - 1 : -1]
        each = sure.gather(-1, torch.tensor(ids)[:, None]).squeeze(-1).tolist()
        answer = run.answers[f"q{question.number}.s1"]
        ended = answer.finish_reason == "stop"  # the end token is no part of the answer's text
        wanted.append(each[: len(each) - ended])
        assert answer.completion_tokens == len(wanted[-1])
        assert answer.logprobs == pytest.approx(wanted[-1], abs=1e-3)
    told = summary_of(tmp_path / "r")
    everything = [value for each in wanted for value in each]
    mean = math.fsum(everything) / len(everything)
    assert told["perplexity"] == pytest.approx(math.exp(-mean), rel=1e-3)
    means = [math.fsum(each) / len(each) for each in wanted]
    right = [run.grades[f"q{n}.s1"].values["exact_match"] for n in range(1, 7)]
    squares = [(math.exp(m) - r) ** 2 for m, r in zip(means, right, strict=True)]
    assert told["calibration"]["brier"] == pytest.approx(math.fsum(squares) / 6, abs=1e-3)
    assert sum(one["answers"] for one in told["calibration"]["bins"]) == 6


def test_killed_in_the_middle_it_ends_as_it_would_have_ended(desk, client, tmp_path):
    count = 48
    data = tmp_path / "test.jsonl"
    data.write_text("".join(json.dumps(one) + "\n" for one in lines(count)), "utf-8")
    how = Sampling(temperature=1, max_tokens=24, seed=11)
    whole = run_eval(client, "m1", read_test_set(data), tmp_path / "whole", sampling=how)
    command = [sys.executable, "-m", "bankft", "eval", "run", "--model", "m1", "--data", str(data)]
    command += ["--max-tokens", "24", "--seed", "11", "--limit", "2", "-o", str(tmp_path / "r")]
    there = {**desk.environment, "OPENAI_BASE_URL": f"{desk.url}/v1", "OPENAI_API_KEY": OFFICER}
    answers = tmp_path / "r" / "answers.jsonl"
    with subprocess.Popen(command, env=there, stderr=subprocess.DEVNULL) as process:
        while not answers.exists() or answers.read_bytes().count(b"\n") < 5:
            assert process.poll() is None
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
    kept = answers.read_bytes()
    assert 5 <= kept.count(b"\n") < count
    chats = b"POST /v1/chat/completions"

    def asked():
        return desk.log.read_bytes().count(chats)

    before = Server.wait(lambda: (n := asked(), time.sleep(1)) and n == asked() and n, "busy")
    again = run_eval(client, "m1", read_test_set(data), tmp_path / "r", sampling=how)
    # What was answered before the end was not asked for again, all else exactly once.
    assert asked() - before == count - kept.count(b"\n")
    assert answers.read_bytes().startswith(kept[: kept.rindex(b"\n") + 1])
    assert again.answers.keys() == whole.answers.keys()
    for name, answer in whole.answers.items():
        other = again.answers[name]
        assert (other.text, other.seed) == (answer.text, answer.seed)
    assert again.grades == whole.grades
    told = [summary_of(tmp_path / name) for name in ("whole", "r")]
    for one in told:
        del one["latency"]  # the one thing that depends on the day
    assert told[0] == told[1]


def test_an_alias_is_asked_like_a_model(desk, client, tmp_path):
    released(desk, "fund-bot", "m1")
    how = Sampling(temperature=0, max_tokens=8)
    run = run_eval(client, "fund-bot", make_test_set(lines(3)), tmp_path / "r", sampling=how)
    assert {one.answered_by for one in run.answers.values()} == {"m1"}
    assert summary_of(tmp_path / "r")["answered_by"] == {"m1": 3}

    done(desk, "/guard", OFFICER, alias="fund-bot", guard="append")
    exact = {
        "type": "string_check",
        "name": "notice",
        "input": "{{ sample.output_text }}",
        "reference": fundbot.DISCLAIMER["zh"],
        "operation": "like",
    }
    config = {"type": "custom", "item_schema": {"type": "object"}, "include_sample_schema": True}
    one = client.evals.create(data_source_config=config, testing_criteria=[exact])
    asking = {
        "type": "completions",
        "model": "fund-bot",
        "input_messages": {
            "type": "template",
            "template": [{"role": "user", "content": "{{ item.messages[0].content }}"}],
        },
        "sampling_params": {"temperature": 0, "max_completion_tokens": 8},
        "source": {"type": "file_content", "content": [{"item": line} for line in lines(3)]},
    }
    begun = client.evals.runs.create(one.id, data_source=asking)

    def look():
        found = client.evals.runs.retrieve(begun.id, eval_id=one.id)
        return found.status in ("completed", "failed") and found

    ended = Server.wait(look, "the run did not end")
    assert (ended.status, ended.model) == ("completed", "fund-bot")
    assert ended.result_counts.passed == 3  # with what the guard adds to each answer
    assert [used.run_model_name for used in ended.per_model_usage] == ["m1"]
