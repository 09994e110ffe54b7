import functools
import os
import shutil
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="session")
def built():
    """The built site, or the one that BANKFT_SITE names; it is built when it is not there."""
    from bankft.site import build

    out = Path(os.environ.get("BANKFT_SITE", ROOT / "_build" / "html"))
    return out if (out / "index.html").exists() else build.build(ROOT)


@pytest.fixture(scope="session")
def address(built):
    """Serve the site below a path, as an intranet does."""
    handler = functools.partial(_Quiet, directory=str(built.parent))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/{built.name}"
        server.shutdown()


@pytest.fixture(scope="module")
def browser():
    """A real Chromium: the one in BANKFT_CHROMIUM, else Playwright's, else the machine's.

    It is closed with its module: as long as it is open, Playwright's event loop runs in this
    thread, and no other test can run one.
    """
    from playwright.sync_api import sync_playwright

    quiet = ["background-networking", "component-update", "sync", "default-apps", "extensions"]
    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
        program = os.environ.get("BANKFT_CHROMIUM") or (
            own if own.exists() else shutil.which("chromium")
        )
        assert program, "The browser tests need Chromium: install it, or set BANKFT_CHROMIUM."
        chromium = playwright.chromium.launch(
            executable_path=str(program),
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                *(f"--disable-{name}" for name in quiet),
            ],
        )
        yield chromium
        chromium.close()
