import pytest

from bankft.evals import make_test_set, run_eval

from . import host


@pytest.fixture
def server():
    with host.running() as it:
        yield it


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """Two finished runs on one test set: v1 promises, v2 does not and is right more often."""
    folder = tmp_path_factory.mktemp("runs")
    lines = host.rows(*["good"] * 20, *["first"] * 10, *["second"] * 2)
    found = []
    for name, answers in {
        "v1": {"first": host.ANSWERS["bad"]},
        "v2": {"second": host.ANSWERS["wrong"]},
    }.items():
        with host.running(**answers) as server, host.client(server) as client:
            found.append(
                run_eval(client, name, make_test_set(lines), folder / name, progress=False)
            )
    return found
