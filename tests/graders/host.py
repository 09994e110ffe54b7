"""A host of models on this machine: real HTTP, answers that the model's name decides."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ANSWERS = {
    "says-0.7": "0.7",
    "says-json": '{"steps": [{"description": "d", "conclusion": "c"}], "result": 0.25}',
    "says-fenced": '```json\n{"steps": [], "result": 1}\n```',
    "says-2": '{"result": 2.5}',
    "says-minus": '{"result": -1}',
    "says-words": "The answer is very good: 0.9 of 1.",
    "says-nan": "NaN",
    "says-true": '{"result": true}',
    "says-text-number": '{"result": "0.5"}',
    "says-nothing": "",
    "says-good": '{"steps": [], "result": "good"}',
    "says-bad": "bad",
    "says-Good": "Good",
}


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(asked)
        with self.server.lock:
            self.server.now += 1
            self.server.most = max(self.server.most, self.server.now)
        try:
            if self.path.endswith("/embeddings"):
                self.answer(200, embeddings(asked))
            elif asked["model"] == "missing":
                self.answer(404, refusal("The model `missing` does not exist.", "model"))
            elif asked["model"] == "strange":
                self.answer(200, {"hello": "there"})
            elif asked["model"] == "plain" and "response_format" in asked:
                said = "'response_format' is not supported."
                self.answer(400, refusal(said, "response_format"))
            else:
                self.server.gate.wait(5)
                self.answer(200, completion(asked))
        finally:
            with self.server.lock:
                self.server.now -= 1

    def answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


def refusal(message, param):
    kind = "invalid_request_error"
    return {"error": {"message": message, "type": kind, "param": param, "code": "refused"}}


def completion(asked):
    refused = asked["model"] == "refuses"
    text = ANSWERS.get(asked["model"], "0.5")
    message = {"role": "assistant", "content": None if refused else text}
    message["refusal"] = "I will not." if refused else None
    usage = {"prompt_tokens": 10, "completion_tokens": 3, "total_tokens": 13}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 0,
        "model": asked["model"],
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
        "usage": usage,
    }


def embeddings(asked):
    """Count letters: texts with the same letters point the same way."""
    data = [
        {"object": "embedding", "index": i, "embedding": [float(text.count(c)) for c in "abc"]}
        for i, text in enumerate(asked["input"])
    ]
    usage = {"prompt_tokens": 1, "total_tokens": 1}
    return {"object": "list", "model": asked["model"], "data": data, "usage": usage}


@contextmanager
def running():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.asked, server.now, server.most, server.lock = [], 0, 0, threading.Lock()
    server.gate = threading.Event()
    server.gate.set()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.gate.set()
        server.shutdown()
        server.server_close()
        thread.join()
