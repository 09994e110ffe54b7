"""Every exercise of the course knows right answers from nearly right and wrong ones."""

import ast
import re
from pathlib import Path

import pytest

import bankft
from bankft.site import catalogue

pytestmark = pytest.mark.timeout(600)  # every lesson's cells are run
ROOT = Path(__file__).parents[2]
CELL = re.compile(r"(?ms)^```\{code-cell\}[^\n]*\n((?::[\w-]+:[^\n]*\n)*)(.*?)^```\s*$")
NAMES = {"zh": "红枫混合", "en": "Red Maple Mixed"}
NOTICE = {
    "zh": "基金有风险，投资需谨慎。仅供参考，不构成投资建议。",
    "en": "Funds carry risk; invest with care. For reference only; not investment advice.",
}

# page: answers that are right, answers that are not (nearly right ones first); {name} and {notice}
# stand for the language's own.
ANSWERS = {
    "why-fine-tune": (
        {"zh": ["{name}不保本，本金可能亏损。{notice}"], "en": ["{name} may lose money. {notice}"]},
        {
            "zh": ["{name}不保本，本金可能亏损。", "{name}保本。{notice}", "", 3],
            "en": ["{name} may lose money.", "{name} is capital guaranteed. {notice}", "", 3],
        },
    ),
    "sft-ideas": ([0.693, 0.6931], [0.69, 0.301, 2.079, "ln 2", 0]),
    "first-job": ([75, 75.0], [25, 74, 1200, "75 步"]),
    "good-practice": (None, [3.0, 10, "0.3"]),
    "rft-ideas": ([0.863, 0.8634], [0.104, 0.86, 1.863, "86%"]),
    "choose": (["ABDC", "abdc"], ["ABCD", "AB", "", 3]),
    "rft-good-practice": (None, [2.0, -0.5, "0.9"]),
    "compliance": (
        {"zh": ["锦程混合今日起开放申购和赎回。{notice}"], "en": None},
        {"zh": ["锦程混合欲购从速！{notice}", "今日开放申购。{notice}", ""], "en": [""]},
    ),
    "summary": (
        ["CABCABBACB", "cabcabbacb"],
        ["CABCABBACA", "CABCABBAC", "C A B C A B B A C B", "", 3],
    ),
}
PAGES = ["why-fine-tune", "sft-ideas", "prepare-data", "first-job", "evaluate", "good-practice"]
PAGES += ["rft-ideas", "reward-model", "rft-job", "rft-evaluate", "rft-good-practice"]
PAGES += ["choose", "case", "compliance", "summary"]


class Page:
    """A lesson's cells, run once against its recording; the check can be asked again and again."""

    def __init__(self, name, language):
        text = (ROOT / "tutorials" / f"{name}.md").read_text("utf-8")
        if language == "en":
            path = catalogue.catalogue_of(Path("tutorials", f"{name}.md"))
            text = catalogue.english(text, catalogue.read(ROOT / path))
        cells = [(tags, code) for tags, code in CELL.findall(text)]
        at = next(n for n, (tags, _) in enumerate(cells) if "exercise" in tags)
        self.space = {"__name__": "__main__"}
        for _, code in cells[: at + 1]:
            exec(code, self.space)
        self.asked = ast.parse(cells[at][1]).body[-1].targets[0].id
        call = ast.parse(cells[at + 1][1]).body[-1].value
        self.check = compile(ast.Expression(call), name, "eval")
        self.solution = next(code for tags, code in cells[at + 1 :] if "solution" in tags)

    def says(self, answer):
        self.space[self.asked] = answer
        return eval(self.check, self.space)

    def solved(self):
        exec(self.solution, self.space)
        return self.says(self.space[self.asked])


CASES = [(name, language) for name in PAGES for language in ("zh", "en")]


@pytest.fixture(params=CASES, ids="-".join)
def page(request, tmp_path, monkeypatch):
    name, language = request.param
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BANKFT_LANG", language)
    monkeypatch.setenv("BANKFT_MODE", "replay")
    return name, language, Page(name, language)


def of(answers, language):
    found = answers[language] if isinstance(answers, dict) else answers
    fill = {"name": NAMES[language], "notice": NOTICE[language]}
    return [one.format(**fill) if isinstance(one, str) else one for one in found or []]


def test_an_exercise_knows_its_answers(page):
    name, language, lesson = page
    assert lesson.says(...) is False  # not begun
    assert lesson.solved() is True  # what the page itself gives as its solution
    solution = lesson.space[lesson.asked]
    if isinstance(solution, int) and not isinstance(solution, bool):
        assert lesson.says(solution + 1) is False  # off by one
        assert lesson.says(solution - 1) is False
    right, wrong = ANSWERS.get(name, ([], [None, "no number"]))
    for answer in of(right, language):
        assert lesson.says(answer) is True, answer
    for answer in of(wrong, language):
        assert lesson.says(answer) is False, answer


def test_every_lesson_of_the_course_is_here():
    from bankft.site.course import DATA, order

    listed = order(ROOT, [f"tutorials/{name}" for name in PAGES])
    assert [Path(page).name for page in listed] == PAGES
    text = (ROOT / DATA).read_text("utf-8")
    assert set(re.findall(r'"tutorials/([\w-]+)"', text)) == set(PAGES)
    assert bankft.language() in ("zh", "en")
