"""The supervisor: a worker that cannot even start must not leave jobs waiting for ever."""

import threading
from pathlib import Path

import pytest

from bankft.service.known import BaseModel
from bankft.service.supervisor import Supervisor

pytestmark = pytest.mark.service


def test_worker_that_cannot_start_is_reported(tmp_path):
    (tmp_path / "files").write_text("in the way of the data folder")
    told = threading.Event()
    supervisor = Supervisor(
        tmp_path, [BaseModel("bankft-nano", Path("base"), "sha256:0", 0)], 1, told.set
    )
    supervisor.start()
    try:
        assert told.wait(120)
    finally:
        supervisor.stop()
    assert not supervisor.alive
