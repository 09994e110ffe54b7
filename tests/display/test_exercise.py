import pytest

from bankft.display import check


@pytest.mark.parametrize(
    ("answer", "right", "result"),
    [
        (75, 75, True),
        (74, 75, False),
        (75.0, 75, True),  # a whole number may come as a float
        (0.1 + 0.2, 0.3, True),  # floats differ in their last bits
        ("0.3", 0.3, False),  # a text is not a number
        (" 监督微调\n", "监督微调", True),  # spaces around a text do not count
        (["a"], ["a"], True),
        (5, lambda n: 3 < n < 8, True),  # a range of right answers
        ("x", lambda n: 3 < n < 8, False),  # an answer that the question cannot compare
        (..., 75, False),  # not begun
        (None, None, False),
    ],
)
def test_check(answer, right, result, capsys):
    assert check(answer, right, hint="h") is result


def test_the_hint_comes_after_a_wrong_answer_only(capsys):
    check(1, 2, hint="数一数")
    assert capsys.readouterr().out == "✗ 再想想  提示: 数一数\n"
    check(2, 2, hint="数一数")
    assert capsys.readouterr().out == "✓ 答对了\n"
    check(..., 2, hint="数一数")
    assert capsys.readouterr().out == "还没有作答\n"


def test_html(shown, monkeypatch):
    monkeypatch.setenv("BANKFT_LANG", "en")
    (output,) = shown(lambda: check(1, 2, hint="<b>"))
    assert output["text/html"] == (
        '<div class="bft"><div class="bft-check"><span class="bft-tag bft-warn">✗ Not yet</span> '
        '<span><span class="bft-small">Hint</span> &lt;b&gt;</span></div></div>'
    )
