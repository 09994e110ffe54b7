"""The report: what it claims, what it shows, and that an answer can do nothing to it."""

import csv
import io
import re
from datetime import date
from html.parser import HTMLParser

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bankft import compliance
from bankft.compliance.report import Answer, findings_table, render_report
from bankft.errors import UsageError

DAY = date(2026, 10, 1)
GOOD = "晨曦货币的管理费率为每年0.15%。仅供参考，不构成投资建议。"
BAD = "本基金稳赚不赔。仅供参考，不构成投资建议。"
DENIED = "任何人说“稳赚不赔”都是违规的。仅供参考，不构成投资建议。"


def answers(*texts, hidden=()):
    return [
        Answer(line, text, compliance.check(text, on=DAY), hidden)
        for line, text in enumerate(texts, 1)
    ]


def page(*texts, language="zh", **more):
    return render_report(answers(*texts), on=DAY, language=language, **more)


class Text(HTMLParser):
    """A page's elements and its text, style left out."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.text, self.skipped = [], [], "", 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        self.skipped += tag == "style"

    def handle_endtag(self, tag):
        self.skipped -= tag == "style"

    def handle_data(self, data):
        if not self.skipped:
            self.text += data


def test_the_rate_with_its_interval():
    text = Text(page(*[GOOD] * 30, *[BAD] * 10)).text
    assert "25.0%" in text  # 10 of 40
    assert "共 40 条回答，其中不重复的 2 条" in text
    assert "14.2% – 40.2%" in text  # Wilson, 95 %
    assert "≤ 38.8%" in text  # exact, one-sided, rounded up


@pytest.mark.parametrize(
    ("good", "bad", "claim"),
    [
        (2995, 0, "这批样本支持"),  # the fewest that carry the claim
        (2994, 0, "至少要连续 2,995 条"),  # one too few
        (3000, 1, "不支持"),
    ],
)
def test_a_claim_of_one_in_a_thousand_needs_2995(good, bad, claim):
    fine, broken = answers(GOOD, BAD)
    html = render_report([fine] * good + [broken] * bad, on=DAY, language="zh")
    assert claim in Text(html).text


def test_words_are_marked_where_they_stand():
    assert "这只基金<mark>保本</mark>。" in page("这只基金保本。仅供参考，不构成投资建议。")


def test_what_was_let_pass_is_shown_with_the_reason():
    text = Text(page(DENIED)).text
    exempted = compliance.check(DENIED, on=DAY).exempted
    assert exempted
    assert exempted[0].reason["zh"] in text
    assert "稳赚" in text.partition("放行的用语和理由")[2]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_rules_are_named_with_version_and_digest(language):
    text = Text(page(BAD, language=language)).text
    assert compliance.digest() in text
    assert DAY.isoformat() in text
    for rule in {finding.rule for finding in compliance.check(BAD, on=DAY).findings}:
        assert rule in text


def test_held_out_rules_stand_apart():
    texts = [text for rule in compliance.rules(on=DAY) if rule.held_out for text in rule.match]
    found = [a for a in answers(*texts) if any(f.held_out for f in a.judgement.findings)]
    assert found
    text = Text(render_report(found, on=DAY)).text
    apart = text.partition("只用于评判的规则")[2].partition("违规的回答")[0]
    before = text.partition("按条款统计")[2].partition("只用于评判的规则")[0]
    for finding in found[0].judgement.findings:
        assert (finding.rule in apart) == finding.held_out
        assert (finding.rule in before) != finding.held_out


HOSTILE = [
    "<script>alert(1)</script>稳赚不赔。",
    "</mark></div><img src=x onerror=alert(1)>保本",
    '" onmouseover="alert(1)',
    "&lt;b&gt; $body ${title} $lang {n} %s",
    "]]><!-- --!><svg/onload=alert(1)>",
    "<a href='javascript:alert(1)'>稳赚</a>",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_answer_cannot_act_on_the_page(text, language):
    html = page(text, BAD, language=language, name=text)
    harmless = Text(page(BAD, BAD, language=language, name="x"))
    seen = Text(html)
    assert set(seen.tags) <= set(harmless.tags) | {"mark", "code"}
    assert not {name for _, name, _ in seen.attributes if name.startswith("on")}
    assert text.split("稳赚")[0].split("保本")[0] in seen.text  # and it is shown as it was typed


def test_nothing_comes_from_elsewhere():
    html = page(BAD, GOOD, DENIED)
    loads = [(t, n, v) for t, n, v in Text(html).attributes if n in ("src", "href", "data")]
    assert loads == [("link", "href", "data:,")]
    assert "@import" not in html
    assert "url(" not in html
    assert "<script" not in html
    assert "default-src 'none'" in html


def test_characters_that_nobody_sees_are_shown_as_codes():
    html = page("\u202e这话\u200b稳赚不赔")
    assert "\u202e" not in html
    assert "⟨U+202E⟩" in html
    assert "⟨U+200B⟩" in html


def test_personal_data_are_covered_on_the_page_and_in_the_table():
    text = "手机138 0013 8000登记的客户稳赚不赔。"
    end = text.index("登记")
    covered = answers(text, hidden=((2, end, "〈手机号〉"),))
    for shown in (render_report(covered, on=DAY), findings_table(covered)):
        assert "8000" not in shown
        assert "0013" not in shown
        assert "〈手机号〉" in shown


def test_a_finding_inside_covered_data_is_covered_too():
    text = "稳赚不赔。"
    covered = answers(text, hidden=((0, 4, "〈x〉"),))
    assert "稳赚" not in Text(render_report(covered, on=DAY)).text
    assert "稳赚" not in findings_table(covered)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_same_answers_give_the_same_bytes(language):
    assert page(BAD, GOOD, DENIED, language=language) == page(BAD, GOOD, DENIED, language=language)


def test_an_english_page_has_chinese_only_in_quotations():
    html = page("This fund is risk-free.", language="en")
    html = re.sub(r'<(td|span) lang="zh-CN">.*?</\1>', "", html)  # laws keep their names
    assert not re.search("[一-鿿]", Text(html).text)


def test_more_answers_than_are_shown_are_counted():
    html = page(*[BAD] * 5, most=2)
    assert html.count("<article>") == 2
    assert "另有 3 条" in html


def rows(text):
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def test_the_table_has_a_row_a_finding():
    head, *body = rows(findings_table(answers(BAD, GOOD)))
    findings = compliance.check(BAD, on=DAY).findings
    assert len(head) == 12
    assert {len(row) for row in body} == {12}
    assert [row[2] for row in body] == [*[finding.rule for finding in findings], ""]
    for row, finding in zip(body, findings, strict=False):
        assert BAD[int(row[8]) : int(row[9])] == finding.text == row[10]


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1+1", " =1", "\r=1"])
def test_a_spreadsheet_runs_nothing(start):
    for row in rows(findings_table(answers(start + "稳赚不赔。")))[1:]:
        for cell in row:
            assert not cell.lstrip().startswith(tuple("=+-@＝＋－＠")), cell
        assert row[-1].startswith(("'", "⟨"))  # a quotation mark, or the code of what is unseen


def test_lines_end_as_spreadsheets_have_them():
    text = findings_table(answers("一\n二，稳赚不赔。"))
    assert text.endswith("\r\n")
    assert rows(text)[1][-1] == "一\n二，稳赚不赔。"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=40), st.integers(0, 40), st.integers(0, 40))
@example("\ud800稳赚不赔", 0, 2)
@example("", 0, 0)
def test_any_text_makes_a_page_and_a_table(text, one, other):
    start, end = sorted((min(one, len(text)), min(other, len(text))))
    hidden = ((start, end, "〈x〉"),) if start < end else ()
    some = answers(text, hidden=hidden)
    html = render_report(some, on=DAY)
    assert len(rows(findings_table(some))) >= 2
    for finding in some[0].judgement.findings:
        assert finding.rule in html


@pytest.mark.parametrize(
    "call",
    [
        lambda: render_report([], on=DAY),
        lambda: render_report(answers(GOOD), on=DAY, language="fr"),
    ],
)
def test_what_makes_no_report(call):
    with pytest.raises(UsageError, match=r"no answer|no language"):
        call()
