"""What all requests are made from."""

from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticCustomError


class Body(BaseModel):
    """Base of all requests: nothing is converted, nothing unknown is let in."""

    model_config = ConfigDict(extra="forbid", strict=True)


def refuse(code: str, message: str, param: str) -> PydanticCustomError:
    """Return an error of our own about one field."""
    return PydanticCustomError(
        "bankft", "{message}", {"message": message, "code": code, "param": param}
    )
