"""Lists in pages, with OpenAI's cursors."""

from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

from bankft.service.envelope import ApiError


class Row(Protocol):
    """Anything with an id."""

    @property
    def id(self) -> Any: ...  # noqa: D102


R = TypeVar("R", bound=Row)


def limit(query: dict[str, str], default: int) -> int:
    """Return how many items a page may have: 1 to 10000.

    Raises:
        ApiError: 400 when the query says something else.

    """
    text = query.get("limit", str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= 10_000):
        raise ApiError(
            400,
            "Invalid 'limit': it must be an integer from 1 to 10000.",
            param="limit",
            code="invalid_value",
        )
    return int(text)


def page(rows: Sequence[R], query: dict[str, str], default: int) -> tuple[list[R], bool]:
    """Return one page of rows that are already in order, and whether more follow.

    Raises:
        ApiError: 400 when ``after`` names none of the rows.

    """
    count, start = limit(query, default), 0
    if "after" in query:
        places = [place for place, row in enumerate(rows) if row.id == query["after"]]
        if not places:
            raise ApiError(
                400,
                "Invalid 'after': it must be the id of an item of this list.",
                param="after",
                code="invalid_value",
            )
        start = places[0] + 1
    return list(rows[start : start + count]), len(rows) > start + count


def listing(data: Sequence[Any], more: bool, *, ends: bool = False) -> dict[str, Any]:
    """Return a page on the wire; ``ends`` adds the ids of its first and last item."""
    items = [
        item if isinstance(item, dict) else item.model_dump(mode="json", exclude_unset=True)
        for item in data
    ]
    answer: dict[str, Any] = {"object": "list", "data": items, "has_more": more}
    if ends:
        answer["first_id"] = items[0]["id"] if items else None
        answer["last_id"] = items[-1]["id"] if items else None
    return answer
