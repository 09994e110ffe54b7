"""A host that answers chats: over real HTTP, counting, and failing where it is told to."""

import json
import threading
from collections import Counter
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import openai

ANSWERS = {  # by the last word of the question
    "good": "该基金的风险等级为R2。投资有风险，选择需谨慎。仅供参考，不构成投资建议。",
    "bad": "稳赚不赔，收益有保证！",
    "wrong": "该基金的风险等级为R5。投资有风险，选择需谨慎。仅供参考，不构成投资建议。",
}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        asked = body["messages"][-1]["content"]
        with self.server.lock:
            self.server.asked[asked] += 1
            self.server.bodies.append(body)
            self.server.now += 1
            self.server.most = max(self.server.most, self.server.now)
            fails = self.server.failing.get(asked, 0)
            if fails:
                self.server.failing[asked] = fails - 1
        try:
            if self.server.refuses:
                status, code = self.server.refuses
                self.send({"error": {"message": "no", "type": "x", "code": code}}, status)
            elif fails:
                self.send({"error": {"message": "busy", "type": "x", "code": None}}, 429)
            elif asked.endswith("long"):
                message = "This model's maximum context length is 8 tokens."
                code = "context_length_exceeded"
                self.send({"error": {"message": message, "type": "x", "code": code}}, 400)
            else:
                if (
                    self.server.limit is not None
                    and sum(self.server.asked.values()) > self.server.limit
                ):
                    self.server.gate.wait(20)
                self.send(self.chat(body, asked))
        finally:
            with self.server.lock:
                self.server.now -= 1

    def chat(self, body, asked):
        text = self.server.answers.get(asked.split()[-1], ANSWERS["good"])
        message = {"role": "assistant", "content": text, "refusal": None}
        tokens = [{"token": c, "logprob": -0.5, "bytes": None, "top_logprobs": []} for c in text]
        sure = {"content": tokens, "refusal": None} if body.get("logprobs") else None
        return {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": body["model"],
            "system_fingerprint": "fp_0123456789",
            "choices": [
                {"index": 0, "message": message, "logprobs": sure, "finish_reason": "stop"}
            ],
            "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
        }

    def send(self, value, status=200):
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.send_header("x-bankft-base-model", "bankft-nano@sha256:abc")
        self.send_header("retry-after-ms", "1")
        self.end_headers()
        with suppress(BrokenPipeError):  # whoever asked was killed
            self.wfile.write(data)


@contextmanager
def running(**answers):
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.asked, server.bodies, server.failing = Counter(), [], {}
        server.answers = {**ANSWERS, **answers}
        server.lock, server.gate, server.limit = threading.Lock(), threading.Event(), None
        server.now = server.most = 0
        server.refuses = None  # or a status and a code, for every request
        server.url = f"http://127.0.0.1:{server.server_port}/v1"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.gate.set()
            server.shutdown()
            thread.join()


def client(server, **options):
    return openai.OpenAI(base_url=server.url, api_key="x", **options)


def rows(*kinds, copies=1):
    """Return lines of a test set: a question for each kind, which says how it is answered."""
    return [
        {
            "messages": [{"role": "user", "content": f"问题 {n} {kind}"}],
            "reference_answer": ANSWERS["good"],
            "facts": ["R2"],
            "language": "zh",
            "attribute": "risk" if n % 2 else "fee",
        }
        for n, kind in enumerate(kinds)
        for _ in range(copies)
    ]
