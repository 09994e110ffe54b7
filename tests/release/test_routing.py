"""Who is in the canary: a stated share, always the same people, and nobody falls out."""

from bankft.release import Route, arm_of

USERS = [f"customer-{number}" for number in range(100_000)]


def chosen(**route):
    route = Route("fund-bot", "v1", "v2", **route)
    return {user for user in USERS if arm_of(route, user) == "canary"}


def test_ten_percent_is_ten_percent():
    assert 9_700 <= len(chosen(percent=10, salt="s")) <= 10_300


def test_who_was_in_stays_in():
    ten, twenty = (chosen(percent=percent, salt="s") for percent in (10, 20))
    assert ten < twenty


def test_another_salt_chooses_others():
    one, two = (chosen(percent=10, salt=salt) for salt in ("a", "b"))
    assert len(one & two) < 1_500  # a tenth of a tenth, by chance


def test_testers_are_always_in():
    route = Route("fund-bot", "v1", "v2", percent=0, allow=("customer-7",), salt="s")
    assert arm_of(route, "customer-7") == "canary"
    assert arm_of(route, "customer-8") == "production"


def test_a_shadow_answers_nobody():
    assert not chosen(percent=100, salt="s", shadow=True)


def test_nobody_in_particular_is_production_s():
    assert arm_of(Route("fund-bot", "v1", "v2", percent=99, salt="s"), "") == "production"


def test_all_of_them():
    assert len(chosen(percent=100, salt="s")) == len(USERS)
