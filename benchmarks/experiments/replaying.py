"""Ask 500 logged answers again: are they the same, whatever else was in the batch?

A real service answers questions of the fund bot under an alias, 16 at a time, whole and as
streams, at temperature 0; every fifth has a seed and temperature 1. Then ``bankft audit replay``
asks each entry of its log again, alone.

Run: ``python benchmarks/experiments/replaying.py [N]``
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import openai
from click.testing import CliRunner

from bankft.audit import read_entries
from bankft.cases import fundbot
from bankft.cli import main as command

ALIAS = "fund-bot"


def ask(address: str, number: int, messages: list[dict[str, str]]) -> None:
    """Ask one question under the alias."""
    with openai.OpenAI(base_url=address, api_key="app") as client:
        answer = client.chat.completions.create(
            model=ALIAS,
            messages=messages,  # type: ignore[arg-type]
            temperature=0 if number % 5 else 1,
            seed=number,
            max_tokens=16 + number % 48,
            user=f"user-{number}",
            stream=bool(number % 2),
        )
        if isinstance(answer, openai.Stream):
            for _ in answer:
                pass


def release(address: str) -> None:
    """Let the base answer under the alias; one key proposes, another approves."""
    steps = (
        ("engineer", "", {"model": "bankft-nano"}),
        ("engineer", "/propose", {"model": "bankft-nano"}),
        ("officer", "/approve", {"model": "bankft-nano"}),
        ("officer", "/canary", {"alias": ALIAS, "model": "bankft-nano", "percent": 0}),
        ("officer", "/promote", {"alias": ALIAS}),
    )
    for key, path, body in steps:
        with openai.OpenAI(base_url=address, api_key=key) as client:
            client.post(f"/bankft/releases{path}", body=body, cast_to=dict)


def replay(log: Path, number: int, address: str) -> bool:
    """Ask an entry again; say whether its answer is the same."""
    done = CliRunner().invoke(
        command,
        ["audit", "replay", str(log), "--entry", str(number), "--json"],
        env={"OPENAI_BASE_URL": address, "OPENAI_API_KEY": "auditor"},
    )
    told = json.loads(done.stdout)
    assert told["then"]["verdict"] == told["logged"]
    return bool(told["same"])


def main(n: int) -> None:
    """Ask, ask again, count."""
    questions = [one["messages"][:-1] for one in fundbot.conversations("train", n)]
    with tempfile.TemporaryDirectory() as folder:
        serve = [sys.executable, "-m", "bankft", "serve", "--port", "0", "--data-dir", folder]
        kept = {**os.environ, "BANKFT_AUDIT_CONTENT": "full", "BANKFT_API_KEYS": ""}
        with subprocess.Popen(
            serve, env=kept, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as service:
            assert service.stdout is not None
            address = next(line for line in service.stdout if "/v1" in line).split()[-1]
            try:
                release(address)
                with ThreadPoolExecutor(16) as pool:
                    list(pool.map(lambda one: ask(address, *one), enumerate(questions)))
                log, found = Path(folder, "audit"), list[int]()
                while len(found) < n:
                    time.sleep(0.5)
                    found = [one.n for one in read_entries(log) if one.kind == "answer"]
                same = sum(replay(log, number, address) for number in found)
            finally:
                service.terminate()
    print(json.dumps({"logged": len(found), "same": same}, indent=2))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
