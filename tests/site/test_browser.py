# ruff: noqa: E501 - a case reads best on one line
"""Every page of the built site, in both languages, in a real browser."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import nbformat
import pytest
from conftest import ROOT

from bankft.site import catalogue, vendor

pytestmark = pytest.mark.site

LANGUAGES = {"zh": "zh-CN", "en": "en"}
NAMES = [page.with_suffix("").as_posix() for page in catalogue.pages(ROOT)]
PATIENCE = 60_000  # milliseconds; a machine that builds something else is slow


@dataclass
class Visit:
    """An open page, and what it did while it was opened."""

    page: object
    language: str
    name: str
    address: str
    requests: list = field(default_factory=list)
    failures: list = field(default_factory=list)


def visit_to(browser, address, language, name, **context):
    opened = browser.new_context(viewport={"width": 1280, "height": 900}, **context)
    opened.set_default_timeout(PATIENCE)
    page = opened.new_page()
    visit = Visit(page, language, name, address)
    page.on("request", lambda request: visit.requests.append(request.url))
    page.on("requestfailed", lambda request: visit.failures.append(f"failed: {request.url}"))
    page.on("response", lambda r: r.status >= 400 and visit.failures.append(f"{r.status}: {r.url}"))
    page.on("pageerror", lambda error: visit.failures.append(f"error: {error}"))
    page.on("console", lambda m: m.type == "error" and visit.failures.append(f"console: {m.text}"))
    page.goto(f"{address}/{language}/{name}.html", wait_until="load")
    page.wait_for_function(
        "() => [...document.querySelectorAll('pre.mermaid')].every(e => e.querySelector('svg'))"
    )
    page.wait_for_load_state("networkidle")
    return visit


@pytest.fixture(
    scope="module",
    params=[(language, name) for name in [*NAMES, "search"] for language in LANGUAGES],
    ids=lambda param: f"{param[0]}/{param[1]}",
)
def visit(request, browser, address):
    opened = visit_to(browser, address, *request.param)
    yield opened
    opened.page.context.close()


def test_it_asks_no_other_host_and_nothing_fails(visit):
    hosts = {
        urlsplit(url).netloc for url in visit.requests if not url.startswith(("data:", "blob:"))
    }
    assert hosts == {urlsplit(visit.address).netloc}
    assert visit.failures == []


def test_it_says_its_language_and_names_its_twin(visit):
    page = visit.page
    assert page.get_attribute("html", "lang") == LANGUAGES[visit.language]
    found = {
        link.get_attribute("hreflang"): link.get_attribute("href")
        for link in page.query_selector_all("link[rel=alternate][hreflang]")
    }
    assert set(found) == {"zh-CN", "en", "x-default"}
    assert page.title()


# the brackets of a placeholder, 〈mobile 1〉, are of no language
CHINESE = re.compile(r"[\u3000-\u3007\u300a-\u9fff\uff00-\uffef]+")
CHINESE_TEXT = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.parentElement.closest("[lang|=zh], script, style, noscript, annotation")) continue;
    if (/[\\u3000-\\u303f\\u3400-\\u9fff\\uff00-\\uffef]/.test(node.data)) found.push(node.data.trim());
  }
  for (const element of document.querySelectorAll("[aria-label], [title], [alt], [placeholder]"))
    if (!element.closest("[lang|=zh], .bft-languages"))
      for (const name of ["aria-label", "title", "alt", "placeholder"])
        if (/[\\u3400-\\u9fff]/.test(element.getAttribute(name) || "")) found.push(element.getAttribute(name));
  return found;
}"""


def test_an_english_page_is_english(visit):
    if visit.language != "en":
        return
    allowed = "\n".join(
        str(message.string)
        for path in (ROOT / catalogue.LOCALES).rglob("*.po")
        for message in catalogue.read(path).values()
        if any(comment.strip().startswith("chinese:") for comment in message.user_comments)
    )
    found = [
        text
        for text in visit.page.evaluate(CHINESE_TEXT)
        if not all(run in allowed for run in re.findall(CHINESE, text))
    ]
    assert found == []


@pytest.mark.parametrize("width", [1280, 390])
def test_it_fits_the_screen(visit, width):
    visit.page.set_viewport_size({"width": width, "height": 844})
    sizes = visit.page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
    visit.page.set_viewport_size({"width": 1280, "height": 900})
    assert sizes[0] <= sizes[1]


def test_diagrams_have_their_labels_and_formulas_are_set(visit):
    diagrams = visit.page.query_selector_all("pre.mermaid")
    for diagram in diagrams:
        assert diagram.query_selector("svg")
        assert diagram.inner_text().strip()
        assert "Syntax error" not in diagram.inner_text()
    for formula in visit.page.query_selector_all(".bft-math"):
        assert formula.query_selector(".katex")
        assert not formula.query_selector(".katex-error")


# colours that fade into the other theme's are there at once
SETTLE = """() => document.getAnimations()
  .filter((one) => one instanceof CSSTransition).forEach((one) => one.finish())"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(visit, theme):
    page = visit.page
    page.evaluate(f"() => {{ document.body.dataset.theme = '{theme}' }}")
    if not page.evaluate("() => 'axe' in window"):
        page.add_script_tag(path=str(vendor.modules(ROOT, dev=True) / "axe-core" / "axe.min.js"))
    if page.query_selector("pre.mermaid"):
        page.wait_for_timeout(400)  # diagrams are drawn again in the other theme
    page.evaluate(SETTLE)
    result = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    found = [
        f"{rule['id']} ({rule['impact']}): {node['target']} {node['failureSummary']}"
        for rule in result["violations"]
        if rule["impact"] in ("critical", "serious")
        for node in rule["nodes"][:3]
    ]
    assert found == []


def test_a_notebook_to_download_is_a_notebook(visit):
    links = visit.page.query_selector_all("a[download]")
    executes = visit.page.query_selector(".cell_input") is not None
    assert bool(links) == executes
    for link in links:
        answer = visit.page.request.get(link.evaluate("e => e.href"))
        assert answer.ok
        notebook = nbformat.reads(answer.text(), as_version=4)
        nbformat.validate(notebook)
        assert any(cell.cell_type == "code" for cell in notebook.cells)
        assert "{code-cell}" not in answer.text()


def test_the_switch_leads_to_the_twin_and_keeps_the_place(browser, address):
    name = "docs/howto/serve"
    visit = visit_to(browser, address, "zh", name)
    visit.page.goto(f"{address}/zh/{name}.html#serve-team")
    visit.page.click(".bft-languages a")
    visit.page.wait_for_url(f"{address}/en/{name}.html#serve-team")
    assert visit.page.evaluate("() => document.querySelector(':target') !== null")
    assert visit.page.get_attribute("html", "lang") == "en"
    # and the start page remembers the choice
    visit.page.goto(f"{address}/index.html")
    visit.page.wait_for_url(f"{address}/en/index.html")
    visit.page.context.close()


@pytest.mark.parametrize(
    ("locale", "language"), [("zh-CN", "zh"), ("en-GB", "en"), ("fr-FR", "en")]
)
def test_the_start_page_leads_to_the_browsers_language(browser, address, locale, language):
    context = browser.new_context(locale=locale)
    page = context.new_page()
    page.goto(f"{address}/index.html")
    page.wait_for_url(f"{address}/{language}/index.html", timeout=PATIENCE)
    context.close()


def test_without_javascript_the_start_page_has_both_links(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/index.html")
    assert [link.get_attribute("href") for link in page.query_selector_all("a")] == [
        "zh/index.html",
        "en/index.html",
    ]
    context.close()


SEARCHES = [
    # a title is found first, then a term where it is explained; a word of one page leads to it
    ("zh", "启动和使用服务", "docs/howto/serve"),
    ("zh", "术语表", "docs/reference/glossary"),
    ("zh", "反向代理", "docs/howto/serve"),
    ("zh", "灰度发布", "docs/reference/glossary"),
    ("en", "Write a lesson", "docs/howto/write-a-lesson"),
    ("en", "reverse proxy", "docs/howto/serve"),
    ("en", "canary release", "docs/reference/glossary"),
]


@pytest.mark.parametrize(("language", "query", "name"), SEARCHES)
def test_search_finds_and_ranks(browser, address, language, query, name):
    visit = visit_to(browser, address, language, "search")
    visit.page.goto(f"{address}/{language}/search.html?q={query}")
    first = visit.page.wait_for_selector("#search-results li a")
    assert first.evaluate("e => new URL(e.href).pathname").endswith(f"/{language}/{name}.html")
    visit.page.wait_for_selector("#search-results li .context")  # an excerpt
    visit.page.context.close()


def test_dark_is_dark_and_light_is_light(browser, address):
    for scheme, colour in (("light", "rgb(255, 255, 255)"), ("dark", "rgb(19, 26, 27)")):
        visit = visit_to(browser, address, "zh", "index", color_scheme=scheme)
        assert (
            visit.page.evaluate("() => getComputedStyle(document.body).backgroundColor") == colour
        )
        visit.page.context.close()
