"""Ids, times and seeds: from the world, or repeatable."""

import re

import pytest

pytestmark = pytest.mark.service

from bankft.service.clock import EPOCH, Clock, LogicalClock, stable  # noqa: E402


def test_stable_ids_depend_on_every_part_and_on_nothing_else():
    assert stable("file-", "a", 1) == stable("file-", "a", 1)
    ids = {
        stable("file-", *parts) for parts in [("a", 1), ("a", 2), ("b", 1), ("a1",), ("a", "1", "")]
    }
    assert len(ids) == 5
    assert all(re.fullmatch(r"file-[A-Za-z0-9]{24}", one) for one in ids)
    assert len(stable("", "x", length=8)) == 8


def test_wall_clock_gives_everything_anew():
    stamp = Clock().stamp("page.zh", "request")
    assert len({stamp.id("file-") for _ in range(100)}) == 100
    assert abs(stamp.now() - __import__("time").time()) < 2
    assert len({stamp.seed() for _ in range(20)}) > 1
    assert all(0 <= stamp.seed() < 2**31 for _ in range(20))
    assert stamp.sampling_seed() is None  # left to chance
    assert stamp.recording is None


def given(clock, recording, request):
    stamp = clock.stamp(recording, request)
    return [stamp.id("a-"), stamp.id("a-"), stamp.id("b-"), stamp.seed(), stamp.sampling_seed()]


def test_logical_clock_repeats_itself_request_by_request():
    one, other = LogicalClock(7), LogicalClock(7)
    # The other clock meets another page's requests in between, and these in another order.
    first, second = given(one, "a.zh", "x"), given(one, "a.zh", "y")
    given(other, "b.zh", "x")
    assert given(other, "a.zh", "y") == second
    given(other, "b.zh", "y")
    assert given(other, "a.zh", "x") == first
    # The same request again is another call.
    again = given(one, "a.zh", "x")
    assert set(map(str, again)).isdisjoint(map(str, first))
    assert given(other, "a.zh", "x") == again


def test_seed_and_recording_make_a_difference():
    assert given(LogicalClock(7), "a.zh", "x") != given(LogicalClock(8), "a.zh", "x")
    assert given(LogicalClock(7), "a.zh", "x") != given(LogicalClock(7), "a.en", "x")


def test_logical_time_moves_only_when_something_happens():
    clock = LogicalClock(7)
    stamp = clock.stamp("a.zh", "x")
    assert [stamp.now(), stamp.now(), stamp.tick(), stamp.now()] == [
        EPOCH,
        EPOCH,
        EPOCH + 1,
        EPOCH + 1,
    ]
    clock.reach("a.zh", EPOCH + 50)
    clock.reach("a.zh", EPOCH + 20)  # never back
    assert clock.stamp("a.zh", "y").now() == EPOCH + 50
    assert clock.stamp("b.zh", "y").now() == EPOCH  # each page has its own
