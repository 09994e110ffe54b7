"""A small host that speaks OpenAI's wire on a real port: what recordings are made from here.

It is deterministic: a fresh host gives the same answers to the same calls.
"""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

ANSWER = ["管理费", "每年", "1.20%", "。", "仅供参考，", "不构成投资建议。"]
CSV = "step,train_loss,train_mean_token_accuracy,valid_loss\n1,5.25,0.25,\n2,4.5,0.5,4.75\n"
EVENTS = 30
EVENTS_A_LOOK = 7
ERRORS = {"bad": 400, "locked": 401, "nobody": 404, "busy": 429, "broken": 500}


class Host:
    """Serve until closed; ``url`` is the base URL, ``seen`` the requests in order."""

    def __init__(self, *, embedded=True):
        self.embedded = embedded
        self.seen = []
        self.files = {}
        self.jobs = {}
        self.last_status = "succeeded"
        self.next_event = threading.Event()  # a stream waits for it before its second event
        self.next_event.set()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("H", (_Handler,), {"host": self}))
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.next_event.set()
        self.server.shutdown()
        self._thread.join()
        self.server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    host: Host

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.answer(b"")

    def do_POST(self):
        self.answer(self.rfile.read(int(self.headers.get("content-length", 0))))

    def answer(self, body):
        url = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(url.query).items()}
        path = url.path.removeprefix("/v1")
        self.host.seen.append((self.command, path, query, dict(self.headers), body))
        match path.strip("/").split("/"):
            case ["models"]:
                data = [{"id": "bankft-nano", "object": "model", "created": 0, "owned_by": "b"}]
                self.json({"object": "list", "data": data})
            case ["chat", "completions"]:
                self.chat(json.loads(body))
            case ["files"]:
                self.upload(body)
            case ["files", "file-binary", "content"]:
                self.send(200, "application/octet-stream", b"\x00\xff\xfe")
            case ["files", _, "content"]:
                self.send(200, "application/octet-stream", CSV.encode())
            case ["evals", eval_id, "runs", run_id]:
                self.json(self.run(eval_id, run_id), headers={"openai-poll-after-ms": "2"})
            case ["fine_tuning", "jobs"] if self.command == "POST":
                job_id = f"ftjob-{len(self.host.jobs) + 1}"
                metadata = json.loads(body).get("metadata")
                self.host.jobs[job_id] = {"shown": 0, "metadata": metadata}
                self.json(self.job(job_id))
            case ["fine_tuning", "jobs"]:
                data = [self.job(job_id) for job_id in reversed(self.host.jobs)]
                self.json({"object": "list", "data": data, "has_more": False})
            case ["fine_tuning", "jobs", job_id]:
                self.host.jobs[job_id]["shown"] += EVENTS_A_LOOK
                self.json(self.job(job_id), headers={"openai-poll-after-ms": "1"})
            case ["fine_tuning", "jobs", job_id, "events"]:
                self.events(job_id, query)
            case _:
                self.fail(404)

    def send(self, status, media_type, body, headers=None):
        self.send_response(status)
        self.send_header("content-type", media_type)
        self.send_header("content-length", str(len(body)))
        self.about()
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def about(self):
        self.send_header("x-request-id", f"req-{len(self.host.seen)}")
        self.send_header("set-cookie", "session=1; Path=/")
        if self.host.embedded:
            self.send_header("x-bankft-base-model", "bankft-nano@sha256:0123")
            self.send_header("x-bankft-version", "0.1.0")
            self.send_header("x-bankft-machine", "x86-64, 2 threads")

    def json(self, value, status=200, headers=None):
        body = json.dumps(value, ensure_ascii=False).encode()
        self.send(status, "application/json", body, headers)

    def fail(self, status):
        error = {"message": f"no: {status}", "type": "t", "param": None, "code": f"c{status}"}
        headers = {"retry-after": "30"} if status == 429 else {}
        self.json({"error": error}, status, headers)

    def chat(self, asked):
        if status := ERRORS.get(asked["model"]):
            self.fail(status)
            return
        n = sum(path == "/chat/completions" for _, path, *_ in self.host.seen)
        same = {"id": f"chatcmpl-{n}", "created": n, "model": asked["model"]}
        if not asked.get("stream"):
            message = {"role": "assistant", "content": "".join(ANSWER)}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            self.json(same | {"object": "chat.completion", "choices": [choice]})
            return
        self.send_response(200)
        self.send_header("content-type", "text/event-stream; charset=utf-8")
        self.send_header("connection", "close")
        self.about()
        self.end_headers()
        self.wfile.write(b": keep-alive comment\n\n")
        for number, piece in enumerate(ANSWER):
            if number == 1:
                self.host.next_event.wait(10)
            choice = {"index": 0, "delta": {"content": piece}, "finish_reason": None}
            self.event(same | {"object": "chat.completion.chunk", "choices": [choice]})
        usage = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
        self.event(same | {"object": "chat.completion.chunk", "choices": [], "usage": usage})
        self.wfile.write(b"data: [DONE]\n\n")

    def event(self, value):
        self.wfile.write(f"data: {json.dumps(value, ensure_ascii=False)}\n\n".encode())
        self.wfile.flush()

    def upload(self, body):
        name = re.search(rb'filename="([^"]*)"', body)[1].decode()
        file_id = f"file-{len(self.host.files) + 1}"
        self.host.files[file_id] = name
        self.json(
            {
                "id": file_id,
                "object": "file",
                "bytes": len(body),
                "created_at": 1,
                "filename": name,
                "purpose": "fine-tune",
                "status": "processed",
            }
        )

    def run(self, eval_id, run_id):
        """An eval's run, which judges two more of its four answers a look."""
        looks = sum(path.endswith(run_id) for _, path, *_ in self.host.seen)
        judged = min(4, 2 * looks)
        ended = {"succeeded": "completed", "cancelled": "canceled"}.get(
            self.host.last_status, self.host.last_status
        )
        counts = {"total": judged, "passed": judged, "failed": 0, "errored": 0}
        return {
            "id": run_id,
            "object": "eval.run",
            "eval_id": eval_id,
            "created_at": 1,
            "name": "v1",
            "model": "bankft-nano",
            "status": ended if judged == 4 else "in_progress",
            "report_url": "http://127.0.0.1/",
            "result_counts": counts,
            "per_model_usage": [],
            "per_testing_criteria_results": [],
            "data_source": {"type": "jsonl", "source": {"type": "file_id", "id": "file-1"}},
            "metadata": {},
            "error": {"code": "c", "message": "the disk is full"} if ended == "failed" else None,
        }

    def job(self, job_id):
        job = self.host.jobs[job_id]
        ended = job["shown"] >= EVENTS
        succeeded = ended and self.host.last_status == "succeeded"
        failed = ended and self.host.last_status == "failed"
        running = "paused" if 10 < job["shown"] < 20 else "running"
        return {
            "id": job_id,
            "object": "fine_tuning.job",
            "created_at": 1,
            "status": self.host.last_status if ended else running,
            "model": "bankft-nano",
            "fine_tuned_model": f"ft:bankft-nano:bankft:{job_id}" if succeeded else None,
            "organization_id": "bankft",
            "result_files": ["file-result"] if succeeded else [],
            "training_file": "file-1",
            "hyperparameters": {"n_epochs": 1},
            "seed": 1,
            "error": {"code": "c", "message": "the disk is full", "param": None} if failed else {},
            "metadata": job["metadata"],
        }

    def events(self, job_id, query):
        shown = min(self.host.jobs[job_id]["shown"], EVENTS)
        numbers = list(range(shown, 0, -1))  # newest first
        if "after" in query:
            numbers = [n for n in numbers if n < int(query["after"].removeprefix("ftevent-"))]
        page = numbers[: int(query.get("limit", 5))]
        data = [
            {
                "id": f"ftevent-{n}",
                "object": "fine_tuning.job.event",
                "created_at": n // 3,  # several in the same second
                "level": "info",
                "message": f"Step {n}/{EVENTS}",
                "type": "metrics",
                "data": {"step": n, "total_steps": EVENTS, "train_loss": 1 / n},
            }
            for n in page
        ]
        self.json({"object": "list", "data": data, "has_more": len(numbers) > len(page)})
