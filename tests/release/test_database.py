"""One registry in a database that several processes write, SQLite and a real PostgreSQL."""

import threading

import pytest

pytest.importorskip("sqlalchemy")
pytestmark = pytest.mark.service

from postgresql import running  # noqa: E402

from bankft.errors import MissingExtra, UsageError  # noqa: E402
from bankft.release import Limits, Registry  # noqa: E402


@pytest.fixture(scope="module")
def postgresql():
    with running() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'releases.db'}"
    return request.getfixturevalue("postgresql")


def test_the_whole_way(url):
    registry = Registry(url)
    for model in ("v1", "v2"):
        registry.add(model, {"metrics": {"accuracy": [0.91, 0.88, 0.94]}}, by="engineer")
        registry.propose(model, by="engineer", gate={"passed": True})
        registry.approve(model, by="officer")
        registry.canary("way", model, by="officer", percent=10, limits=Limits(seconds=60))
        registry.promote("way", by="officer")
    assert registry.rollback("way", by="watch", reason="错误", only_canary="v2") is None
    assert registry.rollback("way", by="officer", reason="投诉") == "v2"
    again = Registry(url)  # as another process finds it
    assert again.routes()["way"] == registry.routes()["way"]
    assert again.routes()["way"].production == "v1"
    assert {one.id: one.status for one in again.models()} == {"v1": "production", "v2": "draft"}
    assert (again.changes()[-1]["reason"], len(again.changes())) == ("投诉", 11)
    assert again.models()[0].card["metrics"] == {"accuracy": [0.91, 0.88, 0.94]}
    registry.close()
    again.close()


def test_changes_at_the_same_time_are_all_kept(url):
    registry = Registry(url)
    registry.add("v", {}, by="engineer")
    registry.propose("v", by="engineer")
    registry.approve("v", by="officer")
    registry.canary("busy", "v", by="officer", percent=1)

    def raise_it():
        mine = Registry(url)
        for _ in range(5):
            mine.canary("busy", by="officer", percent=2)
        mine.close()

    threads = [threading.Thread(target=raise_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert registry.routes()["busy"].version == 21
    registry.close()


@pytest.mark.parametrize(
    ("address", "error", "said"),
    [
        ("releases.db", UsageError, "no address of a database"),
        ("mysql://bank:secret@host/db", UsageError, "no address of a database"),
        ("postgresql+nodriver://bank:secret@host/db", UsageError, "no address of a database"),
        ("postgresql+asyncpg://bank:secret@host/db", MissingExtra, "asyncpg"),
    ],
)
def test_what_is_no_database(address, error, said):
    with pytest.raises(error, match=said) as problem:
        Registry(address)
    assert "secret" not in str(problem.value)
