"""The sample site, built for real: twice, in two folders."""

import hashlib
import json
import shutil

import pytest
from conftest import ROOT

from bankft.site import build, catalogue

pytestmark = [pytest.mark.site, pytest.mark.timeout(600)]
SAMPLE = ROOT / "tests" / "site" / "sample"


@pytest.fixture(scope="module")
def twice(tmp_path_factory):
    outs = []
    for name in ("a", "somewhere/else"):
        root = tmp_path_factory.mktemp("site") / name
        shutil.copytree(SAMPLE, root, ignore=shutil.ignore_patterns("_build"))
        outs.append(build.build(root, conf=ROOT))
    return outs


def digests(out):
    return {
        path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(out.rglob("*"))
        if path.is_file()
    }


def test_two_builds_in_two_folders_are_the_same_bytes(twice):
    first, second = map(digests, twice)
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


def test_both_languages_are_there_with_outputs_of_their_own(twice):
    zh, en = (
        (twice[0] / name / "tutorials/everything.html").read_text("utf-8") for name in ("zh", "en")
    )
    assert "你好，世界" in zh
    assert "Hello, world" in en
    assert "language en" in en  # the page really ran in English
    assert 'lang="zh-CN"' in zh
    assert (twice[0] / "index.html").exists()


def test_nothing_of_this_machine_is_published(twice):
    names = [str(ROOT), str(twice[0].parent)]
    for path in twice[0].rglob("*"):
        if path.suffix in (".html", ".js", ".json", ".ipynb", ".css"):
            text = path.read_text("utf-8", errors="replace")
            assert not any(name in text for name in names), path


def test_mermaid_and_katex_are_carried_and_loaded_only_where_used(twice):
    assert (twice[0] / "zh/_static/vendor/mermaid/mermaid.esm.min.mjs").exists()
    assert (twice[0] / "zh/_static/vendor/katex/katex.min.js").exists()
    words = (twice[0] / "zh/docs/reference/words.html").read_text("utf-8")
    assert "mermaid.esm" not in words
    assert "katex" not in words


def test_headings_have_the_same_anchors_in_both_languages(twice):
    import re

    def anchors(language):
        page = (twice[0] / language / "tutorials/everything.html").read_text("utf-8")
        return re.findall(r'<section[^>]* id="([^"]+)"', page)

    assert anchors("zh") == anchors("en")
    assert anchors("zh")[:2] == ["everything", "everything-preface"]


def test_the_learners_notebook_has_no_solution(twice):
    folder = twice[0] / "en/tutorials"
    learner, full = (
        json.loads((folder / name).read_text("utf-8"))
        for name in ("everything.ipynb", "everything-solutions.ipynb")
    )
    assert "answer = 3" not in json.dumps(learner)
    assert "answer = 3" in json.dumps(full)


def test_a_missing_translation_stops_the_build_before_it_starts(tmp_path):
    root = tmp_path / "site"
    shutil.copytree(SAMPLE, root, ignore=shutil.ignore_patterns("_build"))
    page = root / "docs/reference/words.md"
    page.write_text(page.read_text("utf-8") + "\n没有翻译的一句。\n", "utf-8")
    with pytest.raises(build.BuildFailed, match=r"no English in .*'没有翻译的一句。'"):
        build.build(root, conf=ROOT)
    assert not (root / "_build/html").exists()
    assert catalogue.problems(root)


def test_a_failing_cell_stops_the_build_and_says_where(tmp_path, capfd):
    root = tmp_path / "site"
    shutil.copytree(SAMPLE, root, ignore=shutil.ignore_patterns("_build"))
    page = root / "tutorials/everything.md"
    text = page.read_text("utf-8").replace("answer = 3\n", "answer = 3 / 0\n")
    page.write_text(text, "utf-8")
    with pytest.raises(build.BuildFailed, match="zh failed"):
        build.build(root, conf=ROOT, only="zh")
    line = 1 + text.split("\n").index("answer = 3 / 0")
    said = capfd.readouterr().err
    assert f"everything.md:{line}: this cell fails" in said
    assert "answer = 3 / 0" in said
    assert "ZeroDivisionError: division by zero" in said
    assert "Traceback" not in said
