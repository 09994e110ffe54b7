"""What a key may do: one table of every route and the scope that it needs."""

from collections.abc import Iterable

from starlette.routing import compile_path

SCOPES = ("read", "train", "infer", "approve")

_JOBS, _EVALS = "/v1/fine_tuning/jobs", "/v1/evals"
_RUNS, _RELEASES = "/v1/evals/{eval_id}/runs", "/v1/bankft/releases"

# None: open to everybody. A route that does not stand here keeps the service from starting.
NEEDED: dict[tuple[str, str], str | None] = {
    ("GET", "/healthz"): None,
    ("GET", "/metrics"): "read",
    ("POST", "/v1/chat/completions"): "infer",
    ("GET", "/v1/models"): "read",
    ("GET", "/v1/models/{name:path}"): "read",
    ("DELETE", "/v1/models/{name:path}"): "train",
    ("GET", "/v1/files"): "read",
    ("POST", "/v1/files"): "train",
    ("GET", "/v1/files/{file_id}"): "read",
    ("GET", "/v1/files/{file_id}/content"): "read",
    ("DELETE", "/v1/files/{file_id}"): "train",
    ("GET", _JOBS): "read",
    ("POST", _JOBS): "train",
    ("GET", f"{_JOBS}/{{job_id}}"): "read",
    ("GET", f"{_JOBS}/{{job_id}}/events"): "read",
    ("GET", f"{_JOBS}/{{job_id}}/checkpoints"): "read",
    ("POST", f"{_JOBS}/{{job_id}}/cancel"): "train",
    ("POST", f"{_JOBS}/{{job_id}}/pause"): "train",
    ("POST", f"{_JOBS}/{{job_id}}/resume"): "train",
    ("POST", "/v1/fine_tuning/alpha/graders/run"): "train",
    ("POST", "/v1/fine_tuning/alpha/graders/validate"): "train",
    ("GET", _EVALS): "read",
    ("POST", _EVALS): "train",
    ("GET", f"{_EVALS}/{{eval_id}}"): "read",
    ("POST", f"{_EVALS}/{{eval_id}}"): "train",
    ("DELETE", f"{_EVALS}/{{eval_id}}"): "train",
    ("GET", _RUNS): "read",
    ("POST", _RUNS): "train",
    ("GET", f"{_RUNS}/{{run_id}}"): "read",
    ("POST", f"{_RUNS}/{{run_id}}"): "train",
    ("POST", f"{_RUNS}/{{run_id}}/cancel"): "train",
    ("DELETE", f"{_RUNS}/{{run_id}}"): "train",
    ("GET", f"{_RUNS}/{{run_id}}/output_items"): "read",
    ("GET", f"{_RUNS}/{{run_id}}/output_items/{{item_id}}"): "read",
    ("GET", _RELEASES): "read",
    ("POST", _RELEASES): "train",
    ("GET", f"{_RELEASES}/status"): "read",
    ("GET", f"{_RELEASES}/changes"): "read",
    ("POST", f"{_RELEASES}/propose"): "train",
    ("POST", f"{_RELEASES}/approve"): "approve",
    ("POST", f"{_RELEASES}/canary"): "approve",
    ("POST", f"{_RELEASES}/promote"): "approve",
    ("POST", f"{_RELEASES}/rollback"): "approve",
    ("POST", f"{_RELEASES}/stop"): "approve",
    ("POST", f"{_RELEASES}/start"): "approve",
    ("POST", f"{_RELEASES}/guard"): "approve",
}
# Longer paths first: a parameter that takes slashes would else take a longer path's end.
_PATHS = [
    (method, compile_path(path)[0], scope)
    for (method, path), scope in sorted(NEEDED.items(), key=lambda one: -len(one[0][1]))
]


def needed(method: str, path: str) -> str | None:
    """Return the scope that a request needs; None where it needs none, or there is no such route.

    >>> needed("POST", "/v1/chat/completions"), needed("GET", "/v1/files/file-1/content")
    ('infer', 'read')
    """
    asked = "GET" if method == "HEAD" else method
    return next(
        (scope for known, pattern, scope in _PATHS if known == asked and pattern.match(path)), None
    )


def require_known(routes: Iterable[tuple[str, str]]) -> None:
    """Make sure that every route has its scope: one without would be open to every key.

    Raises:
        RuntimeError: a route does not stand in the table.

    """
    for method, path in routes:
        if method != "HEAD" and (method, path) not in NEEDED:
            raise RuntimeError(f"{method} {path} has no scope: add it to bankft/service/scopes.py.")
