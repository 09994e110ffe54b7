"""The way of a model: proposed, approved by another, tried, promoted or taken back."""

import threading
from datetime import date

import pytest

pytest.importorskip("sqlalchemy")
pytestmark = pytest.mark.service

from bankft.errors import UsageError  # noqa: E402
from bankft.release import Limits, Registry, arm_of  # noqa: E402


@pytest.fixture
def registry(tmp_path):
    opened = Registry(f"sqlite:///{tmp_path / 'releases.db'}")
    yield opened
    opened.close()


def approved(registry, model):
    registry.add(model, {"digest": f"sha256:{model}"}, by="engineer")
    registry.propose(model, by="engineer", gate={"passed": True})
    registry.approve(model, by="officer")


def statuses(registry):
    return {model.id: model.status for model in registry.models()}


def test_the_whole_way(registry):
    approved(registry, "v1")
    registry.canary("fund-bot", "v1", by="officer", percent=10)
    registry.promote("fund-bot", by="officer")
    approved(registry, "v2")
    registry.canary("fund-bot", "v2", by="officer", percent=10, limits=Limits(seconds=60))
    registry.canary("fund-bot", by="officer", percent=20)
    route = registry.routes()["fund-bot"]
    assert (route.production, route.canary, route.percent) == ("v1", "v2", 20)
    assert route.limits.seconds == 60  # kept when the percentage rises
    registry.promote("fund-bot", by="officer")
    assert statuses(registry) == {"v1": "retired", "v2": "production"}
    assert [change["action"] for change in registry.changes()] == [
        *("add", "propose", "approve", "canary", "promote"),
        *("add", "propose", "approve", "canary", "canary", "promote"),
    ]
    assert registry.changes()[-1]["model"] == "v2"


def test_four_eyes(registry):
    registry.add("v1", {}, by="engineer")
    registry.propose("v1", by="engineer")
    with pytest.raises(UsageError, match="another person must"):
        registry.approve("v1", by="engineer")
    with pytest.raises(UsageError, match="was not approved"):
        registry.canary("fund-bot", "v1", by="officer", percent=5)
    assert statuses(registry) == {"v1": "candidate"}
    assert registry.routes() == {}


def test_a_model_that_failed_its_gate_is_no_candidate(registry):
    registry.add("v1", {}, by="engineer")
    with pytest.raises(UsageError, match="failed its regression gate"):
        registry.propose("v1", by="engineer", gate={"passed": False})
    assert statuses(registry) == {"v1": "draft"}


def test_a_canary_is_taken_back_and_must_be_approved_anew(registry):
    approved(registry, "v1")
    registry.canary("fund-bot", "v1", by="officer", percent=100)
    registry.promote("fund-bot", by="officer")
    approved(registry, "v2")
    registry.canary("fund-bot", "v2", by="officer", percent=10)
    assert registry.rollback("fund-bot", by="watch", reason="errors", only_canary="v2") == "v2"
    assert registry.rollback("fund-bot", by="watch", reason="errors", only_canary="v2") is None
    assert statuses(registry) == {"v1": "production", "v2": "draft"}
    assert registry.changes()[-1]["reason"] == "errors"
    with pytest.raises(UsageError, match="is draft"):
        registry.canary("fund-bot", "v2", by="officer", percent=10)


def test_production_goes_back_to_what_was_before(registry):
    for model in ("v1", "v2"):
        approved(registry, model)
        registry.canary("fund-bot", model, by="officer", percent=10)
        registry.promote("fund-bot", by="officer")
    assert registry.rollback("fund-bot", by="officer", reason="complaints") == "v2"
    assert registry.routes()["fund-bot"].production == "v1"
    with pytest.raises(UsageError, match="nothing to be rolled back to"):
        registry.rollback("fund-bot", by="officer", reason="again")


def test_the_kill_switch(registry):
    approved(registry, "v1")
    registry.canary("fund-bot", "v1", by="officer", percent=0)
    registry.stop("fund-bot", by="officer", reason="incident")
    assert registry.routes()["fund-bot"].stopped
    registry.stop("fund-bot", by="officer", reason="over", stopped=False)
    assert not registry.routes()["fund-bot"].stopped


def test_proposed_anew_it_needs_another_approval(registry):
    approved(registry, "v1")
    registry.propose("v1", by="officer")
    with pytest.raises(UsageError, match="was not approved"):
        registry.canary("fund-bot", "v1", by="officer", percent=10)
    with pytest.raises(UsageError, match="another person must"):
        registry.approve("v1", by="officer")
    registry.approve("v1", by="engineer")
    registry.canary("fund-bot", "v1", by="officer", percent=10)


def test_a_base_that_is_shut_down(registry):
    registry.add("v1", {"shutdown_date": "2026-01-01"}, by="engineer")
    registry.propose("v1", by="engineer")
    registry.approve("v1", by="officer")
    registry.canary("fund-bot", "v1", by="officer", percent=1)
    with pytest.raises(UsageError, match="shut down"):
        registry.promote("fund-bot", by="officer")
    (model,) = registry.models()
    assert not model.shut_down(date(2025, 12, 31))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda r: r.add("v1", {}, by=""), "whose key"),
        (lambda r: r.add("v1", {"shutdown_date": "2027-02-30"}, by="a"), "no day"),
        (lambda r: r.propose("none", by="a"), "is not in the registry"),
        (lambda r: r.canary("fund-bot", "v1", by="a", percent=101), "0 to 100"),
        (lambda r: r.canary("fund-bot", by="a", percent=1), "name the model"),
        (lambda r: r.promote("fund-bot", by="a"), "There is no alias fund-bot"),
        (lambda r: r.stop("fund-bt", by="a", reason="x"), "There is no alias fund-bt"),
        (lambda r: r.canary("a/b", "v1", by="a", percent=1), "no alias"),
        (lambda r: r.guard("fund-bot", "maybe", by="a"), "no guard"),
        (lambda r: r.guard("fund-bot", "block", by="a"), "There is no alias"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(registry, call, said):
    with pytest.raises(UsageError, match=said):
        call(registry)
    assert registry.changes() == []
    assert registry.routes() == {}


def test_another_registry_on_the_same_database_sees_the_change(registry, tmp_path):
    approved(registry, "v1")
    other = Registry(f"sqlite:///{tmp_path / 'releases.db'}")
    registry.canary("fund-bot", "v1", by="officer", percent=50, allow=("tester",))
    route = other.routes()["fund-bot"]
    assert arm_of(route, "tester") == "canary"
    other.close()


def test_changes_at_the_same_time_are_all_kept(registry, tmp_path):
    approved(registry, "v1")
    registry.canary("fund-bot", "v1", by="officer", percent=1)

    def raise_it():
        mine = Registry(f"sqlite:///{tmp_path / 'releases.db'}")
        for _ in range(5):
            mine.canary("fund-bot", by="officer", percent=2)
        mine.close()

    threads = [threading.Thread(target=raise_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert registry.routes()["fund-bot"].version == 21
