"""What the service remembers of keys: their digests, never the keys."""

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from bankft.service.tables import Table, _Key


class ApiKey(Table):
    """A key that was made; ``digest`` is the SHA-256 of its 256 random bits, in hex."""

    __tablename__ = "api_keys"

    n: Mapped[int] = mapped_column(_Key, primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    digest: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[int]
    revoked_at: Mapped[int | None]
