from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from bankft.errors import DataError
from bankft.site import catalogue
from bankft.site.units import Unit

PAGE = """---
myst:
  html_meta:
    description: 一页
---

(a)=
# 数据

见 `connect` 和{ref}`表 <t>`。

```{code-cell} ipython3
print(f"有 {n} 条")
```
"""
ENGLISH = {
    "一页": "One page",
    "数据": "Data",
    "见 `connect` 和{ref}`表 <t>`。": "See `connect` and the {ref}`table <t>`.",
    "有 {n} 条": "{n} of them",
}


@pytest.fixture
def site(tmp_path):
    (tmp_path / "index.md").write_text(PAGE, "utf-8")
    catalogue.refresh(tmp_path)
    return tmp_path


def fill(root: Path, table, page="index"):
    path = root / f"docs/locales/en/{page}.po"
    text = path.read_text("utf-8")
    for chinese, english in table.items():
        quoted = chinese.replace('"', '\\"')
        text = text.replace(f'msgid "{quoted}"\nmsgstr ""', f'msgid "{quoted}"\nmsgstr "{english}"')
    path.write_text(text, "utf-8")


def messages(root):
    return [str(problem) for problem in catalogue.problems(root)]


def test_a_new_page_gets_a_catalogue_and_everything_is_missing(site):
    path = site / "docs/locales/en/index.po"
    with path.open("rb") as file:
        entries = {m.id: m.string for m in read_po(file) if m.id}
    assert entries == dict.fromkeys(ENGLISH, "")
    assert len(messages(site)) == 4
    assert "index.md:8: no English in docs/locales/en/index.po: '数据'" in messages(site)


def test_a_translated_page_is_english_with_the_same_lines(site):
    fill(site, ENGLISH)
    assert messages(site) == []
    catalogue.write_english(site, site / "out")
    english = (site / "out/index.md").read_text("utf-8")
    assert english.split("\n")[3] == "    description: One page"
    assert english.split("\n")[9] == "See `connect` and the {ref}`table <t>`."
    assert 'print(f"{n} of them")' in english
    assert english.count("\n") == PAGE.count("\n")


def test_refresh_keeps_translations_adds_what_is_new_and_drops_what_is_gone(site):
    fill(site, ENGLISH)
    (site / "index.md").write_text(PAGE.replace("数据", "新题") + "\n再加一段。\n", "utf-8")
    before = messages(site)
    assert any("obsolete: '数据'" in message for message in before)
    missing = catalogue.refresh(site)
    assert [problem.message.split(": ")[-1] for problem in missing] == ["'新题'", "'再加一段。'"]
    assert not any("obsolete" in message for message in messages(site))
    assert "One page" in (site / "docs/locales/en/index.po").read_text("utf-8")


def test_refresh_leaves_an_up_to_date_file_alone(site):
    path = site / "docs/locales/en/index.po"
    fill(site, ENGLISH)
    catalogue.refresh(site)
    before = path.stat().st_mtime_ns
    catalogue.refresh(site)
    assert path.stat().st_mtime_ns == before


def test_a_catalogue_without_its_page_is_reported_and_dropped(site):
    gone = site / "docs/locales/en/docs/old.po"
    gone.parent.mkdir(parents=True)
    gone.write_text('msgid "旧"\nmsgstr "old"\n', "utf-8")
    assert any("old.po: its page is gone" in message for message in messages(site))
    catalogue.refresh(site)
    assert not gone.exists()


def test_a_fuzzy_translation_is_not_used(site):
    fill(site, ENGLISH)
    path = site / "docs/locales/en/index.po"
    path.write_text(
        path.read_text("utf-8").replace('msgid "数据"', '#, fuzzy\nmsgid "数据"'), "utf-8"
    )
    assert any("fuzzy" in message for message in messages(site))
    catalogue.write_english(site, site / "out")
    assert "# 数据" in (site / "out/index.md").read_text("utf-8")
    catalogue.refresh(site)
    assert "#, fuzzy" in path.read_text("utf-8")  # it stays marked until a person has looked


def test_a_translator_may_allow_chinese_in_code_with_a_reason(site):
    fill(site, ENGLISH | {"有 {n} 条": "{n} 条"})
    assert any("Chinese in the English" in message for message in messages(site))
    path = site / "docs/locales/en/index.po"
    text = path.read_text("utf-8")
    path.write_text(
        text.replace("#. f-string", "# chinese: the word itself is the example\n#. f-string"),
        "utf-8",
    )
    assert messages(site) == []
    catalogue.refresh(site)
    assert "# chinese: the word itself" in path.read_text("utf-8")


def test_quotes_that_break_the_code_are_found(site):
    fill(site, ENGLISH | {"有 {n} 条": '{n} of \\"them\\"'})
    assert messages(site) == ["index.md:13: the translation breaks the code: mind the quotes in it"]


def test_a_colon_that_breaks_the_front_matter_is_found(site):
    fill(site, ENGLISH | {"一页": "One: page"})
    assert messages(site) == [
        "index.md:1: the translation breaks the front matter: mind colons and quotes"
    ]


def test_a_file_that_is_no_catalogue_is_one_sentence(site):
    path = site / "docs/locales/en/index.po"
    path.write_text('msgid "a"\nnot a line of a catalogue\n', "utf-8")
    with pytest.raises(DataError, match=r"index\.po is not a translation catalogue"):
        catalogue.read(path)


def test_files_beside_the_pages_go_along_and_stale_ones_go_away(site):
    fill(site, ENGLISH)
    (site / "docs/figure.svg").write_text("<svg/>", "utf-8")
    out = site / "out"
    (out / "docs").mkdir(parents=True)
    (out / "docs/old.md").write_text("old", "utf-8")
    catalogue.write_english(site, out)
    assert (out / "docs/figure.svg").exists()
    assert not (out / "docs/old.md").exists()


FAULTS = [
    # text, kind, translation, what is wrong (None: nothing)
    ("见 `a`", "text", "see `a`", None),
    ("见 `a`", "text", "see `b`", "inline code"),
    ("见 `a` 和 `a`", "text", "see `a`", "inline code"),
    ("`代码`", "text", "`code`", None),  # Chinese code may say something else in English
    ("`代码`", "text", "code", "inline code"),
    ("{doc}`首页 </index>`", "text", "the {doc}`front page </index>`", None),
    ("{doc}`首页 </index>`", "text", "the {doc}`front page </home>`", "roles"),
    ("{ref}`t`", "text", "{ref}`u`", "roles"),
    ("{term}`奖励模型`", "text", "{term}`reward model`", None),  # a term is text
    ("{term}`奖励模型`", "text", "the reward model", "roles"),
    ("[链接](a.md)", "text", "[link](a.md)", None),
    ("[链接](a.md)", "text", "[link](b.md)", "links"),
    ("见 <https://a.test/>", "text", "see <https://b.test/>", "links"),
    ("损失 $x$", "text", "loss $x$", None),
    ("损失 $x$", "text", "loss $y$", "math"),
    ("要 5$ 或 6$", "text", "5 or 6", None),  # a price is no math
    ("有 {n} 条", "f-string", "{n} of them", None),
    ("有 {n} 条", "f-string", "{m} of them", "fields"),
    ("{n:.2f} 元", "f-string", "{n} yuan", "fields"),
    ("{d['费']} 元", "f-string", "{d['fee']} yuan", None),
    ("中文", "text", "still 中文", "Chinese in the English"),
    ("中文", "text", "the word {zh}`中文`", None),
    ("中文", "text", "full stop。", "Chinese in the English"),
    ("中文", "text", "two\nlines", "more than one line"),
]


@pytest.mark.parametrize(("text", "kind", "translation", "fault"), FAULTS)
def test_what_a_translation_may_not_change(text, kind, translation, fault):
    found = catalogue.faults(Unit(text, kind, 1), translation)
    assert (fault is None) == (not found)
    assert fault is None or fault in found[0]
