"""Every package says exactly which names are public, in order, and has each of them."""

import importlib
import inspect
import pkgutil

import pytest

import bankft
from bankft.errors import MissingExtra

NAMES = ["bankft"] + [
    found.name for found in pkgutil.walk_packages(bankft.__path__, "bankft.") if found.ispkg
]
# The rooms of the service extra are looked at when it is there.
ROOMS = ("bankft.engine", "bankft.service")
PACKAGES = [
    pytest.param(name, marks=pytest.mark.service) if name.startswith(ROOMS) else name
    for name in NAMES
]


def load(name):
    """Import a package, or skip where the extra that it belongs to is not installed."""
    try:
        return importlib.import_module(name)
    except (ImportError, MissingExtra) as error:
        missing = getattr(error, "name", None) or str(error)
        if missing.startswith("bankft") and not isinstance(error, MissingExtra):
            raise
        pytest.skip(f"{name} needs {missing}")


def get(package, name):
    try:
        return getattr(package, name)
    except (ImportError, MissingExtra) as error:
        if (getattr(error, "name", None) or "").startswith("bankft"):
            raise
        pytest.skip(f"{package.__name__}.{name}: {error}")


def test_the_packages_are_found():
    assert {"bankft", "bankft.data", "bankft.recording"} <= set(NAMES)


@pytest.mark.parametrize("name", PACKAGES)
def test_public_names_are_sorted_and_each_once(name):
    names = getattr(load(name), "__all__", [])  # a package without public names needs no list

    def order(public):  # as ruff sorts them: CONSTANTS, Classes, functions
        return (not public.isupper(), not public[0].isupper(), public)

    assert list(names) == sorted(set(names), key=order)


@pytest.mark.parametrize("name", PACKAGES)
def test_every_public_name_is_there(name):
    package = load(name)
    for public in getattr(package, "__all__", []):
        get(package, public)


@pytest.mark.parametrize("name", PACKAGES)
def test_nothing_of_ours_is_public_without_being_listed(name):
    package = load(name)
    unlisted = [
        public
        for public, value in vars(package).items()
        if not public.startswith("_")
        and public not in getattr(package, "__all__", [])
        and (inspect.isclass(value) or inspect.isfunction(value))
        and value.__module__.startswith("bankft")
        and not value.__module__.startswith("bankft.errors")  # raised here, public there
    ]
    assert unlisted == []
