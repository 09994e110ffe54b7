"""What holds for every test."""

import os
from collections import Counter
from importlib.util import find_spec

import pytest

# These rooms import the service extra as they are read; without it they are not read at all.
ROOMS = ["engine", "service", "wire"]
MISSING = [name for name in ("torch", "trl", "fastapi", "sqlalchemy") if not find_spec(name)]

collect_ignore = ROOMS if MISSING else []


def pytest_configure(config):
    """Give each of several workers cores of its own: what it starts computes on these alone.

    A service takes as many threads as it sees cores. Several that all see the same ones wait for
    each other's threads most of the time.
    """
    worker = getattr(config, "workerinput", None)
    if worker is None or MISSING or not hasattr(os, "sched_setaffinity"):
        return
    cores = sorted(os.sched_getaffinity(0))
    first = int(worker["workerid"].removeprefix("gw")) % len(cores)
    os.sched_setaffinity(0, cores[first :: worker["workercount"]])


@pytest.hookimpl(trylast=True)  # of those alone that were chosen
def pytest_collection_modifyitems(items):
    """Put long files first, as their time limits say, then those of many tests.

    Workers take whole files in this order: a long one that comes last keeps a single worker busy.
    """
    many = Counter(item.path for item in items)
    limits = Counter()
    for item in items:
        if (limit := item.get_closest_marker("timeout")) is not None:
            limits[item.path] = max(limits[item.path], limit.args[0])
    items.sort(key=lambda item: (-limits[item.path], -many[item.path]))


def pytest_report_header():
    if MISSING:
        return f"without {', '.join(MISSING)}: tests/{{{','.join(ROOMS)}}} are left out"
    return None
