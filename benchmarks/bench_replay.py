"""Replay a streamed chat: bankft against vcrpy, in one run, as JSON.

Both record the same 400-token answer of a host on this machine, then replay it through the same
``openai`` client. ``first`` is the time until the page has the first token, which vcrpy gives
only with the whole body; ``whole`` is the time for all of them. ``load`` is opening the file.
Ratios above 1 say how many times longer vcrpy takes.

Run: ``nox -s bench -- benchmarks/bench_replay.py``
"""

import json
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx2
import openai
import vcr

from bankft.recording import RecordTransport, ReplayTransport

TOKENS = 400
ROUNDS = 15


class Chat(BaseHTTPRequestHandler):
    """Answers every call with a streamed chat of 400 tokens."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        """Stream the answer."""
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("x-bankft-base-model", "bench@sha256:0")
        self.end_headers()
        for number in range(TOKENS):
            choice = {"index": 0, "delta": {"content": f"词{number}"}, "finish_reason": None}
            chunk = {
                "id": "chatcmpl-bench",
                "object": "chat.completion.chunk",
                "created": 1,
                "model": "bench",
                "choices": [choice],
            }
            self.wfile.write(f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")


@contextmanager
def host() -> Iterator[str]:
    """Serve the chat, and give its base URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Chat)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def client(url: str, **options: object) -> openai.OpenAI:
    """Return the client that both are measured through."""
    return openai.OpenAI(
        base_url=url, api_key="bench", max_retries=0, http_client=httpx2.Client(**options)
    )


def ask(asked: openai.OpenAI) -> tuple[float, float]:
    """Stream the answer; return seconds to the first token, and to the last."""
    began = time.perf_counter()
    stream = asked.chat.completions.create(
        model="bench", messages=[{"role": "user", "content": "管理费？"}], stream=True
    )
    next(stream)
    first = time.perf_counter() - began
    assert sum(1 for _ in stream) == TOKENS - 1
    return first, time.perf_counter() - began


def ours(url: str, path: Path) -> Callable[[], tuple[float, float, float]]:
    """Record with bankft; return what measures one replay."""
    with httpx2.Client() as live:
        ask(client(url, transport=RecordTransport(path, base_url=url, client=live)))

    def replay() -> tuple[float, float, float]:
        began = time.perf_counter()
        transport = ReplayTransport(path, base_url=url)
        loaded = time.perf_counter() - began
        with client(url, transport=transport) as replaying:
            return loaded, *ask(replaying)

    return replay


def theirs(url: str, path: Path) -> Callable[[], tuple[float, float, float]]:
    """Record with vcrpy; return what measures one replay."""
    options = {"match_on": ["method", "path", "body"]}
    with vcr.use_cassette(str(path), record_mode="once", **options), client(url) as live:
        ask(live)

    def replay() -> tuple[float, float, float]:
        began = time.perf_counter()
        with vcr.use_cassette(str(path), record_mode="none", **options):
            loaded = time.perf_counter() - began
            with client(url) as replaying:
                return loaded, *ask(replaying)

    return replay


def main() -> None:
    """Measure both in turn, so that a busy moment meets both, and print JSON."""
    with tempfile.TemporaryDirectory() as folder, host() as url:
        files = {"bankft": Path(folder, "chat.jsonl"), "vcrpy": Path(folder, "chat.yaml")}
        replays = {"bankft": ours(url, files["bankft"]), "vcrpy": theirs(url, files["vcrpy"])}
        runs: dict[str, list[tuple[float, float, float]]] = {name: [] for name in replays}
        for _ in range(ROUNDS):
            for name, replay in replays.items():
                runs[name].append(replay())
        size = {name: path.stat().st_size for name, path in files.items()}
    median = {
        name: dict(
            zip(
                ("load", "first", "whole"),
                map(statistics.median, zip(*taken, strict=True)),
                strict=True,
            )
        )
        for name, taken in runs.items()
    }
    print(
        json.dumps(
            {
                "what": f"replay of a streamed chat of {TOKENS} tokens, median of {ROUNDS}",
                "peer": f"vcrpy {vcr.__version__}",
                "milliseconds": {
                    name: {part: round(1000 * s, 3) for part, s in times.items()}
                    for name, times in median.items()
                },
                "bytes": size,
                "vcrpy_over_bankft": {
                    part: round(median["vcrpy"][part] / median["bankft"][part], 2)
                    for part in ("load", "first", "whole")
                }
                | {"bytes": round(size["vcrpy"] / size["bankft"], 2)},
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
