"""What holds for every test."""

from importlib.util import find_spec

# These rooms import the service extra as they are read; without it they are not read at all.
ROOMS = ["engine", "service", "wire"]
MISSING = [name for name in ("torch", "trl", "fastapi", "sqlalchemy") if not find_spec(name)]

collect_ignore = ROOMS if MISSING else []


def pytest_report_header():
    if MISSING:
        return f"without {', '.join(MISSING)}: tests/{{{','.join(ROOMS)}}} are left out"
    return None
