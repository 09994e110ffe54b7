"""A real server process on a real port, and the real SDK in front of it."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import openai

from bankft.cases import fundbot


class Server:
    """`bankft serve` in a process of its own."""

    def __init__(self, folder: Path, *options: str, keys: str = "") -> None:
        self.folder, self.options = folder, options
        self.environment = {**os.environ, "BANKFT_API_KEYS": keys, "BANKFT_LANG": "en"}
        self.log = folder.with_suffix(".log")
        self.key = keys.partition(",")[0] or "any"
        self.process: subprocess.Popen | None = None

    def start(self, port: int = 0) -> "Server":
        command = [sys.executable, "-m", "bankft", "serve", "--port", str(port)]
        command += ["--data-dir", str(self.folder), *self.options]
        out = self.log.open("ab")
        begin = self.log.stat().st_size
        self.process = subprocess.Popen(command, env=self.environment, stdout=out, stderr=out)
        out.close()
        for _ in range(2400):
            said = self.log.read_bytes()[begin:].decode()
            if self.process.poll() is not None:
                raise AssertionError(f"the service ended at its start: {said}")
            if "/v1\n" in said:
                self.port = int(said.partition("/v1\n")[0].rpartition(":")[2])
                break
            time.sleep(0.05)
        self.wait(lambda: self.get("/healthz")[0] == 200, "the service is not ready")
        return self

    def stop(self, number: int = signal.SIGTERM) -> int:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(60)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, **options) -> openai.OpenAI:
        options = {"max_retries": 0, "timeout": 60, **options}
        return openai.OpenAI(base_url=f"{self.url}/v1", api_key=self.key, **options)

    def get(self, path: str) -> tuple[int, bytes]:
        return self.send("GET", path)

    def send(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, bytes]:
        """Send a raw request; a header given as None is left out."""
        given = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        kept = {name: value for name, value in given.items() if value is not None}
        request = urllib.request.Request(self.url + path, body, kept, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.read()

    def workers(self) -> list[int]:
        """Process ids of the worker, as the operating system knows them."""
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        found = []
        for thread in children.parent.parent.glob("*/children"):
            found += [int(pid) for pid in thread.read_text().split()]
        return found

    @staticmethod
    def wait(ready, why: str, seconds: float = 600):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if found := ready():
                    return found
            except OSError:
                pass
            time.sleep(0.1)
        raise AssertionError(why)


def lines(examples: list[dict]) -> bytes:
    return b"".join(json.dumps(e, ensure_ascii=False).encode() + b"\n" for e in examples)


def upload(client: openai.OpenAI, n: int = 12, part: str = "train") -> str:
    """Upload n conversations of the fund bot and return the file's id."""
    content = lines(fundbot.conversations(part, n, language="zh"))
    return client.files.create(file=(f"{part}.jsonl", content), purpose="fine-tune").id


def supervised(**hyperparameters) -> dict:
    return {"type": "supervised", "supervised": {"hyperparameters": hyperparameters}}


ENDED = ("succeeded", "failed", "cancelled")


def ended(client: openai.OpenAI, job_id: str, seconds: float = 600):
    """Wait until a job has ended and return it."""
    return Server.wait(
        lambda: (job := client.fine_tuning.jobs.retrieve(job_id)).status in ENDED and job,
        f"job {job_id} did not end",
        seconds,
    )


def messages(client: openai.OpenAI, job_id: str) -> list[str]:
    """Return the messages of a job's events, oldest first."""
    return [e.message for e in client.fine_tuning.jobs.list_events(job_id, limit=100)][::-1]
