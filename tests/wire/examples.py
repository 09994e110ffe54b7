"""Small files for every method, and the calls that make jobs of them."""

import random

import openai

from bankft.cases import fundbot

from .server import lines

PYTHON = {
    "type": "python",
    "name": "short",
    "source": "def grade(sample, item):\n    return 1 / (1 + len(sample['output_text']))",
}
ALIKE = {
    "type": "text_similarity",
    "name": "alike",
    "input": "{{ sample.output_text }}",
    "reference": "{{ item.answer }}",
    "evaluation_metric": "rouge_l",
}
MULTI = {
    "type": "multi",
    "name": "both",
    "graders": {"short": PYTHON, "alike": ALIKE},
    "calculate_output": "0.5 * short + 0.5 * alike",
}
EXACT = {
    "type": "string_check",
    "name": "exact",
    "input": "{{ sample.output_text }}",
    "reference": "{{ item.answer }}",
    "operation": "eq",
}


def scored_by(model: str, **more) -> dict:
    """A grader that asks a model, as a reward model is asked: with the whole conversation."""
    talk = [
        {"role": "user", "content": "{{ item.question }}"},
        {"role": "assistant", "content": "{{ sample.output_text }}"},
    ]
    return {"type": "score_model", "name": "judge", "model": model, "input": talk, **more}


def items(n: int, part: str = "train") -> list[dict]:
    """Questions with what a grader compares the answer with."""
    return [
        {
            "messages": [
                {"role": "system", "content": fundbot.system_prompt("zh")},
                {"role": "user", "content": one.text},
            ],
            "question": one.text,
            "answer": one.answer,
        }
        for one in fundbot.questions(part, n, language="zh")
    ]


def pairs(n: int, part: str = "train") -> list[dict]:
    """The compliant answer, and one as an unchecked log has it."""
    found, rng = [], random.Random(0)
    for one in fundbot.questions(part, n, language="zh"):
        asked = [{"role": "user", "content": one.text}]
        better, worse = (
            [{"role": "assistant", "content": text}]
            for text in (one.answer, fundbot.sloppy(one, rng))
        )
        found.append(
            {
                "input": {"messages": asked},
                "preferred_output": better,
                "non_preferred_output": worse,
            }
        )
    return found


def put(client: openai.OpenAI, examples: list[dict], name: str = "data") -> str:
    """Upload examples and return the file's id."""
    return client.files.create(file=(f"{name}.jsonl", lines(examples)), purpose="fine-tune").id


def reinforcement(grader: dict, response_format: dict | None = None, **hyperparameters) -> dict:
    small = {"n_epochs": 1, "batch_size": 5, "compute_multiplier": 0.25, "eval_interval": 1}
    settings = {"grader": grader, "hyperparameters": {**small, **hyperparameters}}
    if response_format is not None:
        settings["response_format"] = response_format
    return {"type": "reinforcement", "reinforcement": settings}


def preference(**hyperparameters) -> dict:
    small = {"n_epochs": 1, "batch_size": 5}
    return {"type": "dpo", "dpo": {"hyperparameters": {**small, **hyperparameters}}}


def ours(**options) -> dict:
    """What OpenAI has no word for, as the SDK sends it."""
    return {"bankft": options}


SHORT = {"max_tokens": 16}  # so that a job takes seconds
