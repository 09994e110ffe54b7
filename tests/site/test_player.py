"""Answers that play, in a real browser: real recordings, the site's own script and styles."""

import pytest
from conftest import ROOT

import bankft
from bankft import display, recording

pytestmark = pytest.mark.site

WORDS = {
    "zh": {"play": "播放", "pause": "暂停", "again": "重播", "skip": "跳到末尾"},
    "en": {"play": "Play", "pause": "Pause", "again": "Replay", "skip": "Skip to end"},
}
UNSEEN = "() => [...document.querySelectorAll('.bft-late')].map((e) => e.textContent).join('')"
STATE = "(wanted) => document.querySelector('.bft-player').dataset.state === wanted"
# a page's clock that stands still until it is told how far to go
CLOCK = """() => {
  let now = 0, waiting = [];
  performance.now = () => now;
  window.requestAnimationFrame = (call) => waiting.push(call);
  window.pass = (ms) => {
    for (const end = now + ms; now < end;) {
      now = Math.min(end, now + 10);
      const calls = waiting; waiting = [];
      calls.forEach((call) => call(now));
    }
  };
}"""


def wait(page, state):
    for _ in range(200):  # not by the page's frames, which stand still
        if page.evaluate(STATE, state):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"it is not {state}")


def compared(language):
    """The HTML of a lesson's two recorded answers, and their texts."""
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    name = "first-job"
    client = bankft.connect(name, mode="replay", language=language)
    held = recording.load(recording.folder() / f"{name}.{language}.jsonl").interactions
    asked = [one.request["json"] for one in held if "events" in one.response]
    shell = InteractiveShell.instance()
    shell.history_manager.enabled = False
    try:
        with capture_output() as captured:
            texts = display.compare(
                {n: client.chat.completions.create(**a) for n, a in zip("ab", asked, strict=True)},
                verdict=lambda text: ("!", "note"),
                play=True,
            )
    finally:
        shell.history_manager.end_session()
        InteractiveShell.clear_instance()
    return captured.outputs[-1].data["text/html"], list(texts.values())


@pytest.fixture
def open_page(browser, tmp_path, monkeypatch, request):
    """Open a page of its own with the two answers below as much empty space as asked for."""

    def run(language="zh", *, theme="light", width=1280, above=0, **context):
        monkeypatch.setenv("BANKFT_LANG", language)
        html, texts = compared(language)
        css = ROOT / "bankft/display/style.css", ROOT / "docs/_static/bankft.css"
        styles = "".join(path.read_text("utf-8") for path in css)
        script = (ROOT / "docs/_static/bankft-play.js").read_text("utf-8")
        tag = {"zh": "zh-CN", "en": "en"}[language]
        path = tmp_path / "page.html"
        path.write_text(
            f'<!doctype html><html lang="{tag}"><meta charset="utf-8"><title>page</title>'
            f'<meta name="viewport" content="width=device-width"><style>{styles}</style>'
            f'<body data-theme="{theme}" style="margin: 0 12px; background: var(--bft-paper)">'
            f'<main><div style="height: {above}px"></div>{html}'
            f'<div style="height: {above}px"></div></main><script>{script}</script>',
            "utf-8",
        )
        opened = browser.new_context(
            viewport={"width": width, "height": 844}, color_scheme=theme, **context
        )
        request.addfinalizer(opened.close)
        page = opened.new_page()
        page.add_init_script(f"({CLOCK})()")
        page.goto(path.as_uri())
        return page, texts

    return run


@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_plays_pauses_skips_and_replays(open_page, language):
    words = WORDS[language]
    page, texts = open_page(language)
    wait(page, "playing")  # it begins by itself once it is seen
    main, skip = page.locator(".bft-player button").all()
    assert main.inner_text() == words["pause"]
    assert skip.inner_text() == words["skip"]
    page.evaluate("pass(90)")
    unseen = page.evaluate(UNSEEN)
    assert 0 < len(unseen) < len("".join(texts))
    main.click()
    assert main.inner_text() == words["play"]
    page.evaluate("pass(500)")
    assert page.evaluate(UNSEEN) == unseen
    main.click()
    page.evaluate("pass(90)")
    assert len(page.evaluate(UNSEEN)) < len(unseen)
    skip.click()
    assert page.evaluate(UNSEEN) == ""
    assert skip.get_attribute("aria-disabled") == "true"
    assert main.inner_text() == words["again"]
    main.click()
    marks = page.evaluate(UNSEEN).replace("!", "")  # a finding's mark, and an answer's own
    assert "".join(texts).replace("!", "") in marks
    page.evaluate("pass(60000)")
    wait(page, "done")
    assert page.evaluate(UNSEEN) == ""


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_piece_is_seen_when_its_time_has_come(open_page, language):
    page, texts = open_page(language)
    wait(page, "playing")
    for text, box in zip(texts, page.locator("[data-bft-beats]").all(), strict=True):
        assert box.inner_text() == text  # cut into pieces, it is the same text
    first = page.locator("[data-bft-beats]").first.get_attribute("data-bft-beats").split()
    times, lengths = zip(*(map(int, beat.split(":")) for beat in first), strict=True)
    passed = 0
    for time, _ in zip(times, lengths, strict=True):
        page.evaluate(f"pass({time - passed})")
        passed = time
        seen = page.evaluate(
            "() => [...document.querySelector('[data-bft-beats]').children]"
            ".filter((e) => !e.classList.contains('bft-late')).map((e) => e.textContent).join('')"
        )
        assert seen == texts[0][: sum(n for t, n in zip(times, lengths, strict=True) if t <= time)]


def test_it_waits_until_it_is_seen(open_page):
    page, _ = open_page(above=3000)
    page.wait_for_timeout(300)
    assert page.evaluate(STATE, "paused")
    page.evaluate("scrollTo(0, 2800)")
    wait(page, "playing")


def test_a_reader_who_wants_no_motion_has_the_whole_text_and_a_button(open_page):
    page, _ = open_page(reduced_motion="reduce")
    page.wait_for_timeout(300)
    assert page.evaluate(STATE, "done")
    assert page.evaluate(UNSEEN) == ""
    main = page.locator(".bft-player button").first
    assert main.inner_text() == WORDS["zh"]["play"]
    main.click()
    assert page.evaluate(UNSEEN) != ""


def test_without_javascript_the_whole_text_stands_there(open_page):
    page, texts = open_page(java_script_enabled=False)
    assert [box.inner_text() for box in page.locator("[data-bft-beats]").all()] == texts
    assert page.locator(".bft-player").count() == 0


def test_on_paper_everything_is_seen_and_no_button(open_page):
    page, _ = open_page()
    wait(page, "playing")
    page.emulate_media(media="print")
    opacities = (
        "() => [...document.querySelectorAll('.bft-late')].map((e) => getComputedStyle(e).opacity)"
    )
    assert set(page.evaluate(opacities)) == {"1"}
    assert not page.locator(".bft-player").is_visible()


def test_a_keyboard_is_enough(open_page):
    page, _ = open_page()
    wait(page, "playing")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.innerText") == WORDS["zh"]["pause"]
    page.keyboard.press("Space")
    assert page.evaluate(STATE, "paused")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate(STATE, "done")
    assert page.evaluate("() => document.activeElement.innerText") == WORDS["zh"]["skip"]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_can_be_read_and_nothing_moves(open_page, language, theme, width):
    from bankft.site import vendor

    page, _ = open_page(language, theme=theme, width=width)
    wait(page, "playing")
    height = "() => document.querySelector('.bft').offsetHeight"
    before = page.evaluate(height)
    page.evaluate("pass(60000)")
    assert page.evaluate(height) == before
    assert page.evaluate("() => document.documentElement.scrollWidth") == width
    page.add_script_tag(path=str(vendor.modules(ROOT, dev=True) / "axe-core" / "axe.min.js"))
    result = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    assert [v["id"] for v in result["violations"] if v["impact"] in ("critical", "serious")] == []


def test_the_script_comes_with_the_pages_that_play_and_no_other(built):
    for path in [*built.rglob("zh/**/*.html"), *built.rglob("en/**/*.html")]:
        html = path.read_text("utf-8")
        assert ("bankft-play.js" in html) == ("data-bft-beats=" in html), path
