"""How the outputs look in a real browser, on a phone and on a desk, in light and dark."""

import os
import shutil

import pytest

from bankft.display import accuracy_chart, answer, bars, check, compare, loss_chart, table

from .streams import stream
from .test_charts import metrics

sync_api = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.site

GOLD = "管理费是每年 0.30%。仅供参考，不构成投资建议。"


@pytest.fixture(scope="module")
def browser():
    program = os.environ.get("BANKFT_CHROMIUM") or shutil.which("chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser, shown, request):
    """Show one of everything; give (language, theme, width) to a page that holds it."""

    def open_page(language="zh", theme="light", width=390, head="", body=""):
        request.getfixturevalue("monkeypatch").setenv("BANKFT_LANG", language)

        def everything():
            answer(
                stream(GOLD), model="ft:bankft-nano:bankft:v1:a1b2c3d4", verdict=("合规", "good")
            )
            compare({"base": stream("x" * 90, "length"), "v1": stream(GOLD)}, reference=GOLD)
            table([{"问题": GOLD, "a": 1, "b": 0.5, "字段": "messages[2].content"}], caption="表")
            loss_chart(metrics())
            accuracy_chart(metrics())
            bars({"base bankft-nano": (0, 25), "v1 · SFT": (24, 25)}, title="Exact match")
            check(1, 2, hint=GOLD)

        outputs = "".join(output["text/html"] for output in shown(everything))
        css = _stylesheet()
        page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=theme)
        request.addfinalizer(page.close)
        page.set_content(
            f'<!doctype html><meta name="viewport" content="width=device-width">{head}'
            f'<body {body} style="margin: 0 16px"><style>{css}</style>{outputs}'
        )
        return page

    return open_page


def _stylesheet():
    from importlib.resources import files

    return files("bankft.display").joinpath("style.css").read_text(encoding="utf-8")


@pytest.mark.parametrize("width", [390, 1100])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_everything_fits_and_can_be_read(page, language, width):
    open_page = page(language, width=width)
    assert open_page.evaluate("document.documentElement.scrollWidth") == width
    outside, sizes = open_page.evaluate(
        """() => {
            const texts = [...document.querySelectorAll("svg.bft-chart text")];
            const box = (e) => e.getBoundingClientRect();
            const outside = texts.filter((t) => {
                const [a, b] = [box(t), box(t.ownerSVGElement)];
                return a.left < b.left || a.right > b.right || a.bottom > b.bottom + 1;
            }).map((t) => t.textContent);
            const size = (t) => parseFloat(getComputedStyle(t).fontSize)
                * box(t.ownerSVGElement).width / t.ownerSVGElement.viewBox.baseVal.width;
            return [outside, texts.map(size)];
        }"""
    )
    assert outside == []
    assert min(sizes) >= 11


def test_labels_do_not_run_into_each_other(page):
    overlapping = page("en").evaluate(
        """() => [...document.querySelectorAll("svg.bft-chart")].flatMap((svg) => {
            const boxes = [...svg.querySelectorAll("text")].map((t) => {
                // the line box is taller than the letters, which are what must stay apart
                const {left, right, top, bottom, height} = t.getBoundingClientRect();
                const edge = height / 4;
                return {text: t.textContent, left, right, top: top + edge, bottom: bottom - edge};
            });
            return boxes.flatMap((a, i) => boxes.slice(i + 1).filter((b) =>
                a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
            ).map((b) => `${a.text} / ${b.text}`));
        })"""
    )
    assert overlapping == []


INK = "getComputedStyle(document.querySelector('.bft')).color"
LIGHT, DARK = "rgb(28, 37, 38)", "rgb(230, 236, 236)"


@pytest.mark.parametrize(
    ("theme", "body", "ink"),
    [
        ("light", "", LIGHT),
        ("dark", "", DARK),
        # an editor's own theme wins over what the system prefers
        ("dark", 'data-jp-theme-light="true"', LIGHT),
        ("light", 'data-jp-theme-light="false"', DARK),
        ("dark", 'class="vscode-light"', LIGHT),
        ("light", 'class="vscode-dark"', DARK),
    ],
)
def test_colours_follow_the_readers_theme(page, theme, body, ink):
    open_page = page(theme=theme, body=body)
    assert open_page.evaluate(INK) == ink
    line = "getComputedStyle(document.querySelector('svg.bft-chart path[style*=sft]')).stroke"
    dark = ink == DARK
    assert open_page.evaluate(line) == ("rgb(92, 201, 191)" if dark else "rgb(11, 107, 102)")


def test_a_sites_own_colours_win_although_they_come_first(page):
    head = "<style>:root { --bft-ink: rgb(1, 2, 3); }</style>"
    assert page(theme="dark", head=head).evaluate(INK) == "rgb(1, 2, 3)"


def test_nothing_moves_for_a_reader_who_wishes_so(page):
    open_page = page()
    open_page.emulate_media(reduced_motion="reduce")
    assert (
        open_page.evaluate(
            """() => {
                const caret = document.createElement("span");
                caret.className = "bft-caret";
                document.querySelector(".bft").append(caret);
                return getComputedStyle(caret).animationName;
            }"""
        )
        == "none"
    )
