"""One server for the tests that only look, more for those that break things."""

from contextlib import contextmanager

import pytest

from .server import Server, ended, supervised, upload


@contextmanager
def starting(folders):
    """Give a function that starts servers; they end here, whatever the tests do."""
    started = []

    def make(*options: str, name: str = "data", keys: str = "") -> Server:
        server = Server(folders.mktemp("service") / name, *options, keys=keys)
        started.append(server)
        return server.start()

    try:
        yield make
    finally:
        for server in started:
            if server.process is not None and server.process.poll() is None:
                server.process.kill()
                server.process.wait()


@pytest.fixture(scope="module")
def make_server(tmp_path_factory):
    """Start servers that end with the module: an idle one looks for work, and takes its share."""
    with starting(tmp_path_factory) as make:
        yield make


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """A server that most tests share: no keys, on loopback."""
    with starting(tmp_path_factory) as make:
        shared = make()
        yield shared
        assert shared.stop() == 0
        assert "Traceback" not in shared.log.read_text()


@pytest.fixture
def client(server):
    with server.client() as client:
        yield client


@pytest.fixture(scope="session")
def trained(server):
    """A job that the shared server trained once, for all tests that only look."""
    with server.client() as client:
        job = client.fine_tuning.jobs.create(
            model="bankft-nano",
            training_file=upload(client, 12),
            validation_file=upload(client, 3, "valid"),
            suffix="fundbot-v1",
            seed=7,
            metadata={"case": "fundbot", "version": "v1"},
            method=supervised(n_epochs=2, batch_size=2),
        )
        yield ended(client, job.id)
