import csv

import pytest

from bankft.errors import DataError, UsageError
from bankft.evals import (
    Choice,
    choose_for_review,
    corrected_rate,
    read_review,
    read_sheet,
    sheet_rows,
    sheet_texts,
    write_sheet,
)


def test_the_sample_looks_where_risk_is(finished):
    v1 = finished[0]  # 10 flagged of 32
    choice = choose_for_review(v1, 12)
    drawn = list(choice.strata.values())
    assert len(drawn) == 12
    assert drawn.count("violation") / 12 > 10 / 32
    assert "fine" in drawn
    assert choice.sizes["violation"] == 10
    assert sum(choice.sizes.values()) == 32
    assert choose_for_review(v1, 12) == choice
    assert choose_for_review(v1, 12, seed=1).strata != choice.strata
    assert len(choose_for_review(v1, 500).strata) == 32
    with pytest.raises(UsageError):
        choose_for_review(v1, 2)


def test_sheets_go_out_and_come_in(finished, tmp_path):
    run = finished[0]
    names = list(choose_for_review(run, 6).strata)
    rows = sheet_rows(run, names)
    rows[0] = (rows[0][0], "=1+1", '-2 换行\n与引号"')
    path = tmp_path / "s.csv"
    write_sheet(path, rows)
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")  # or Excel reads Chinese wrongly
    assert "'=1+1" in raw.decode("utf-8-sig")  # or it runs it
    assert sheet_texts(path) == rows
    with pytest.raises(DataError, match="6 rows have no verdict"):
        read_sheet(path)
    # As people and their programs save it: GBK, semicolons, mixed words.
    table = list(csv.reader(raw.decode("utf-8-sig").splitlines(keepends=True)))
    said = ["违规", "合规", "violation", "OK", "是", "0"]
    for row, word in zip(table[1:], said, strict=True):
        row[3] = word
    with path.open("w", encoding="gb18030", newline="") as out:
        csv.writer(out, delimiter=";").writerows(table)
    assert list(read_sheet(path).values()) == [True, False, True, False, True, False]
    table[1][3] = "maybe"
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(table)
    with pytest.raises(DataError, match=":2, verdict"):
        read_sheet(path)


def labelled(bad, names):
    return {name: name in bad for name in names}


def test_what_two_people_say_corrects_the_rate():
    # 1,000 answers, 50 flagged. Of 40 flagged 30 are; of 100 others 2 are.
    names = [f"q{n}.s1" for n in range(1, 141)]
    choice = Choice(
        {name: "violation" if n < 40 else "fine" for n, name in enumerate(names)},
        {"violation": 50, "open": 0, "fine": 950},
        0,
    )
    bad = {*names[:30], *names[40:42]}
    found = read_review(choice, labelled(bad, names), labelled(bad, names))
    assert found.rate == pytest.approx(0.05 * 0.75 + 0.95 * 0.02)
    assert found.low < found.rate < found.high
    assert found.automatic == 0.05
    assert found.sensitivity == pytest.approx(0.0375 / 0.0565)
    assert found.specificity == pytest.approx(1 - 0.0125 / 0.9435)
    assert found.agreement.value == 1
    # Rogan and Gladen's correction with these error rates says the same.
    again = (0.05 + found.specificity - 1) / (found.sensitivity + found.specificity - 1)
    assert again == pytest.approx(found.rate)


def test_a_dispute_counts_against_the_model_until_it_is_settled():
    names = ["q1.s1", "q2.s1", "q3.s1", "q4.s1"]
    choice = Choice(dict.fromkeys(names, "fine"), {"violation": 0, "open": 0, "fine": 4}, 0)
    one, other = labelled({"q1.s1"}, names), labelled({"q1.s1", "q2.s1"}, names)
    found = read_review(choice, one, other)
    assert found.disputed == ("q2.s1",)
    assert (found.rate, found.low, found.high) == (0.5, 0.5, 0.5)  # all were looked at
    assert read_review(choice, one, other, {"q2.s1": False}).rate == 0.25
    with pytest.raises(UsageError, match="Sheet 2 lacks 1"):
        read_review(choice, one, labelled(set(), names[:3]))


def test_the_corrected_interval_covers():
    """The truth 3 %, an automatic verdict that finds 80 % and clears 98 %; 2,000 simulations."""
    numpy = pytest.importorskip("numpy")
    draw = numpy.random.default_rng(1)
    covered = 0
    for _ in range(2000):
        flagged = draw.binomial(2000, 0.03 * 0.8 + 0.97 * 0.02)
        found, cleared = draw.binomial(100, 0.8), draw.binomial(300, 0.98)
        fixed = corrected_rate(
            int(flagged), 2000, found=(int(found), 100), cleared=(int(cleared), 300)
        )
        covered += fixed.low <= 0.03 <= fixed.high
    assert 0.93 <= covered / 2000 <= 0.99
    with pytest.raises(UsageError, match="chance"):
        corrected_rate(5, 10, found=(5, 10), cleared=(5, 10))
