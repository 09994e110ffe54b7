"""A small real HTTP server that speaks as much of OpenAI's API as the command line needs.

What it answers depends on names alone: a file that holds ``refuse`` is refused, ``ftjob-good`` has
succeeded, ``ftjob-bad`` has failed, the model ``slow`` stops after its first word, ``broken``
breaks off there, ``short`` reaches its length limit, and no other model but ``bankft-nano`` exists.
"""

import json
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MODELS = ("bankft-nano", "slow", "broken", "short")
CSV = (
    "step,train_loss,train_mean_token_accuracy,valid_loss,valid_mean_token_accuracy\n"
    "1,2.5,0.25,,\n2,1.5,0.5,1.75,0.45\n"
)


def job(name, **more):
    status = {"ftjob-bad": "failed", "ftjob-new": "queued"}.get(name, "succeeded")
    done = status == "succeeded"
    return {
        "id": name,
        "object": "fine_tuning.job",
        "created_at": 1767225600,
        "model": "bankft-nano",
        "status": status,
        "fine_tuned_model": "ft:bankft-nano:bankft:v1:a1b2c3d4" if done else None,
        "training_file": "file-1",
        "validation_file": None,
        "organization_id": "bankft",
        "hyperparameters": {"n_epochs": 3},
        "result_files": ["file-results"] if done else [],
        "seed": 7,
        "trained_tokens": None,
        "finished_at": None,
        "error": {"code": "invalid_data", "message": "Line 3 has no answer.", "param": None}
        if status == "failed"
        else None,
        **more,
    }


def event(number, message, **more):
    return {
        "id": f"ftevent-{number}",
        "object": "fine_tuning.job.event",
        "created_at": 1767225600 + number,
        "level": "info",
        "message": message,
        "type": "message",
        **more,
    }


EVENTS = [
    event(3, "训练结束"),
    event(2, "Step 2/2", type="metrics", data={"step": 2, "total_steps": 2, "train_loss": 1.5}),
    event(1, "Step 1/2", type="metrics", data={"step": 1, "total_steps": 2, "train_loss": 2.5}),
]


def file_object(name="train.jsonl", size=120):
    return {
        "id": "file-1",
        "object": "file",
        "bytes": size,
        "created_at": 1767225600,
        "filename": name,
        "purpose": "fine-tune",
        "status": "processed",
    }


def chunk(content, finish=None):
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1767225600,
        "model": "bankft-nano",
        "choices": [{"index": 0, "delta": {"content": content}, "finish_reason": finish}],
    }


def whole(model):
    message = {"role": "assistant", "content": "0.75", "refusal": None}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1767225600,
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 3, "total_tokens": 13},
    }


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_GET(self):
        path = self.path.partition("?")[0].removeprefix("/v1")
        if path == "/files":
            self.answer(
                {"object": "list", "data": [file_object("训练集.jsonl")], "has_more": False}
            )
        elif path == "/files/file-results/content":
            self.answer(CSV, kind="text/csv")
        elif path == "/fine_tuning/jobs":
            jobs = [job("ftjob-good"), job("ftjob-bad")] if self.server.has_jobs else []
            self.answer({"object": "list", "data": jobs, "has_more": False})
        elif match := re.fullmatch(r"/fine_tuning/jobs/(ftjob-(?:good|bad|new))(/events)?", path):
            if match[2]:
                self.answer({"object": "list", "data": EVENTS, "has_more": False})
            else:
                # A job just created has succeeded by the next look.
                self.answer(job("ftjob-good" if match[1] == "ftjob-new" else match[1]))
        else:
            self.refuse(404, f"There is no {path}.", "not_found")

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        path = self.path.removeprefix("/v1")
        if path == "/files":
            self.server.requests.append((path, body))
            name = re.search(rb'filename="([^"]+)"', body)[1].decode()
            if b"refuse" in body:
                self.refuse(400, "Line 1 is not JSON.", "invalid_file")
            else:
                self.answer(file_object(name))
        elif path == "/fine_tuning/jobs":
            asked = json.loads(body)
            self.server.requests.append((path, asked))
            self.answer(job("ftjob-new", metadata=asked.get("metadata")))
        elif path.endswith("/cancel"):
            self.answer(job("ftjob-good", status="cancelled"))
        elif path == "/chat/completions":
            asked = json.loads(body)
            self.server.requests.append((path, asked))
            if asked.get("stream") or asked["model"] not in MODELS:
                self.chat(asked["model"])
            else:
                self.answer(whole(asked["model"]))
        else:
            self.refuse(404, f"There is no {path}.", "not_found")

    def chat(self, model):
        if model not in MODELS:
            self.refuse(404, f"The model {model} does not exist", "model_not_found")
            return
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        self.event(chunk("管理费"))
        if model == "slow":
            self.server.go_on.wait(60)
        if model in ("slow", "broken"):
            self.close_connection = True
            return
        self.event(chunk("0.30%", "length" if model == "short" else "stop"))
        self.wfile.write(b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n")

    def event(self, data):
        line = f"data: {json.dumps(data)}\n\n".encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
        self.wfile.flush()

    def answer(self, body, status=200, kind="application/json"):
        data = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        self.send_header("openai-poll-after-ms", "0")
        self.end_headers()
        self.wfile.write(data)

    def refuse(self, status, message, code):
        kind = "invalid_request_error"
        error = {"message": message, "type": kind, "param": None, "code": code}
        self.answer({"error": error}, status)


@contextmanager
def running():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.requests = []
        server.has_jobs = True
        server.go_on = threading.Event()
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.go_on.set()
            server.shutdown()
            thread.join()
