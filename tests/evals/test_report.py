import re
from html.parser import HTMLParser

import pytest

from bankft.errors import UsageError
from bankft.evals import Sampling, make_test_set, render_runs, run_eval

from . import host


class Page(HTMLParser):
    """The ids, links and what would fetch something."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.fetches, self.tags = set(), [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.tags.append(tag)
        if "id" in given:
            assert given["id"] not in self.ids
            self.ids.add(given["id"])
        if tag == "a":
            self.links.append(given["href"])
        self.fetches += [given[k] for k in ("src", "href") if k in given and tag != "a"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_figure_leads_to_its_answers(finished, language):
    text = render_runs(finished, language=language)
    page = Page(text)
    assert len(page.links) > 20
    assert {link[1:] for link in page.links} <= page.ids
    assert page.fetches == ["data:,"]  # nothing from anywhere
    assert "script" not in page.tags
    assert "{" not in re.sub(r"<style>.*?</style>", "", text, flags=re.S)  # no word unfilled
    assert "prefers-color-scheme:dark" in text
    assert "@media print" in text
    assert text == render_runs(finished, language=language)  # the same bytes


def test_violations_are_traced_by_id(finished):
    text = render_runs(finished, language="en")
    listed = re.search(
        r'id="from-0-violation">.*?<p class="ids">yes 10 / 32: (.*?)</p>', text, re.S
    )
    bad = [a.id for a in finished[0].answers.values() if "稳赚" in a.text]
    assert sorted(re.sub("<.*?>", "", listed[1]).split()) == sorted(bad)


def test_every_number_of_a_run_leads_to_its_answers(tmp_path):
    """With log-probabilities, a question without an answer, fields: all kinds of figures."""
    lines = [*host.rows("good", "wrong", "bad"), *host.rows("long")]
    with host.running() as server, host.client(server) as client:
        run = run_eval(
            client, "m", make_test_set(lines), tmp_path / "r",
            sampling=Sampling(logprobs=True), progress=False,
        )  # fmt: skip
    page = render_runs([run], language="en")
    for place in ("errors", "nll", "seconds", "use", "confidence-3a-0-2e-6"):
        assert f'href="#from-0-{place}"' in page, place
        assert f'id="from-0-{place}"' in page, place
    listed = re.search(r'id="from-0-errors">.*?<p class="ids">(.*?)</p>', page, re.S)
    assert listed[1] == "yes 1 / 4: q4.s1"
    assert '<a href="#answer-0-q3-s1">q3.s1</a>' in page  # and on to the answer itself


@pytest.mark.parametrize(("language", "token"), [("zh", "〈手机1〉"), ("en", "〈mobile 1〉")])
def test_personal_data_are_not_shown(tmp_path, language, token):
    number = "1" + "38" + "0013" + "8000"  # of no customer: put together here
    asked = f"我的手机是{number}，保本吗？ good"
    with host.running(good=f"您{number}的账户保本。") as server, host.client(server) as client:
        line = {"question": asked, "answer": f"请致电{number}。", "facts": ["R2"]}
        lines = make_test_set([line])
        run = run_eval(client, "m", lines, tmp_path / "r", progress=False)
    text = render_runs([run], language=language)
    assert number not in text
    assert text.count(token) == 3  # question, reference and answer name one and the same
    assert "<mark>保本</mark>" in text  # what the rules found is still where it was


def test_worst_cases_stand_side_by_side_with_findings_marked(finished):
    text = render_runs(finished[::-1], language="zh", worst=3)  # v1 last: its violations are worst
    (case, *_) = re.findall("<article>.*?</article>", text, re.S)
    assert "<mark>稳赚不赔</mark>" in case
    assert case.count('class="text"') == 3  # question, v2, v1
    assert case.index("v2 · ") < case.index("v1 · ")
    assert text.count("<article>") == 3


def test_an_answer_cannot_act_on_the_page(tmp_path):
    evil = "<script>alert(1)</script>\u202e稳赚不赔"
    with host.running(good=evil) as server, host.client(server) as client:
        lines = make_test_set(host.rows("good"))
        run = run_eval(client, "<b>m", lines, tmp_path / "r", progress=False)
    text = render_runs([run], language="en")
    assert "<script>alert" not in text
    assert "&lt;script&gt;" in text
    assert "\u202e" not in text
    assert "<b>m" not in text


def test_what_makes_no_sense_is_refused(finished):
    for call in (
        lambda: render_runs([]),
        lambda: render_runs(finished, language="fr"),
        lambda: render_runs([finished[0], finished[0]]),
    ):
        with pytest.raises(UsageError):
            call()
