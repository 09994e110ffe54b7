"""The reading list says when what was shut, as the timeline says it, and marks what is to come."""

import re
import tomllib
from datetime import date
from pathlib import Path

import pytest

pytest.importorskip("sphinx")

from bankft.site.reading_list import _WORDS, TIMELINE, draw

ROOT = Path(__file__).parents[2]
DATA = tomllib.loads((ROOT / "docs/data/reading.toml").read_text("utf-8"))
TIMES = tomllib.loads((ROOT / TIMELINE).read_text("utf-8"))


def test_nine_official_pages_each_with_a_note_in_both_languages():
    assert len(DATA["page"]) == 9
    for page in DATA["page"]:
        assert page["url"].startswith("https://developers.openai.com/")
        assert page["zh"]
        assert page["en"]
        assert not re.search(r"20\d\d", page["zh"] + page["en"])  # dates are the timeline's


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_files_agree_and_every_page_is_linked(language):
    html = draw(DATA, TIMES, language, _WORDS[language])
    for page in DATA["page"]:
        assert f'href="{page["url"]}"' in html
        for day in page["events"]:
            assert f"<time>{day}</time>" in html


def test_only_what_lies_ahead_is_marked():
    page = {"title": "<b>", "url": "https://x", "en": "a & b"}
    events = [{"on": date(2026, 1, day), "en": f"event {day}"} for day in (1, 9)]
    data = {"checked": date(2026, 1, 5), "page": [page | {"events": [e["on"] for e in events]}]}
    html = draw(data, {"event": events}, "en", _WORDS["en"])
    assert "2026-01-01</time> event 1" in html
    assert '2026-01-09</time> <span class="bft-state">still to come</span> event 9' in html
    assert "&lt;b&gt;" in html
    assert "a &amp; b" in html


def test_a_day_without_an_event_is_an_error():
    page = {"title": "t", "url": "u", "en": "e", "events": [date(2026, 1, 2)]}
    with pytest.raises(KeyError, match="2026"):
        draw({"checked": date(2026, 1, 5), "page": [page]}, {"event": []}, "en", _WORDS["en"])
