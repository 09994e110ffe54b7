"""Evals, runs and output items as the SDK's own types show them."""

from typing import Any

from openai.types import EvalCreateResponse
from openai.types.evals import RunRetrieveResponse
from openai.types.evals.runs import OutputItemRetrieveResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from bankft.service.eval_runs import labels, totals_of
from bankft.service.eval_tables import Eval, EvalRun, OutputItem

_NO_ERROR = {"code": "", "message": ""}
_SAMPLE = {  # what templates can read of a model's answer, as OpenAI describes it
    "type": "object",
    "properties": {
        "model": {"type": "string"},
        "choices": {"type": "array", "items": {"type": "object"}},
        "output_text": {"type": "string"},
        "output_json": {"type": "object"},
        "output_tools": {"type": "array", "items": {"type": "object"}},
    },
    "required": ["model", "choices"],
}


def evaluation(row: Eval) -> dict[str, Any]:
    """Return an eval."""
    asked = row.data_source
    properties: dict[str, Any] = {"item": asked["item_schema"]}
    if asked["include_sample_schema"]:
        properties["sample"] = _SAMPLE
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    shown = EvalCreateResponse.model_validate(
        {
            "object": "eval",
            "id": row.id,
            "created_at": row.created_at,
            "name": row.name,
            "metadata": row.meta or {},
            "data_source_config": {"type": "custom", "schema": schema},
            "testing_criteria": row.criteria,
        }
    ).model_dump(mode="json", by_alias=True, exclude_unset=True)
    # As it came: the union of the SDK's types may read one grader as another.
    return shown | {"testing_criteria": row.criteria}


def run(session: Session, row: EvalRun, base: str) -> dict[str, Any]:
    """Return a run with what its shown items add up to.

    Args:
        session: that the run was read in.
        row: the run.
        base: the service's address, for ``report_url``.

    """
    criteria = session.scalar(select(Eval.criteria).where(Eval.id == row.eval_id)) or []
    totals = totals_of(session, row)
    status, passed, failed = (totals.get(key, {}) for key in ("status", "passed", "failed"))
    error = row.error if row.status == "failed" else None
    shown = RunRetrieveResponse.model_validate(
        {
            "object": "eval.run",
            "id": row.id,
            "eval_id": row.eval_id,
            "report_url": f"{base}/evals/{row.eval_id}/runs/{row.id}/output_items",
            "status": row.status,
            "model": row.model,
            "name": row.name,
            "created_at": row.created_at,
            "result_counts": {
                "total": sum(status.values()),
                "errored": status.get("error", 0),
                "failed": status.get("fail", 0),
                "passed": status.get("pass", 0),
            },
            "per_model_usage": [
                {"model_name": model, **{key: tokens.get(key, 0) for key in _USAGE}}
                for model, tokens in sorted(totals.get("usage", {}).items())
            ],
            "per_testing_criteria_results": [
                {
                    "testing_criteria": label,
                    "passed": passed.get(label, 0),
                    "failed": failed.get(label, 0),
                }
                for label in labels(criteria)
            ],
            "data_source": row.data_source,
            "metadata": row.meta or {},
            "error": error or _NO_ERROR,
        }
    ).model_dump(mode="json", by_alias=True, exclude_unset=True)
    return shown | {"data_source": row.data_source, "error": error}


def output_item(of: EvalRun, row: OutputItem) -> dict[str, Any]:
    """Return an item of a run."""
    shown = OutputItemRetrieveResponse.model_validate(
        {
            "object": "eval.run.output_item",
            "id": row.id,
            "created_at": row.created_at,
            "run_id": of.id,
            "eval_id": of.eval_id,
            "status": row.status,
            "datasource_item_id": row.number,
            "datasource_item": row.item,
            "results": row.results,
            "sample": {**row.sample, "error": row.sample["error"] or _NO_ERROR},
        }
    ).model_dump(mode="json", by_alias=True, exclude_unset=True)
    shown["sample"]["error"] = row.sample["error"]
    return shown


_USAGE = (
    "invocation_count",
    "prompt_tokens",
    "completion_tokens",
    "total_tokens",
    "cached_tokens",
)
