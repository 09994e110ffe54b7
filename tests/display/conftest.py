"""Show outputs in a real IPython shell and look at the HTML."""

import re
from collections.abc import Callable

import pytest


@pytest.fixture
def shown(monkeypatch) -> Callable[[Callable[[], object]], list[dict[str, str]]]:
    """Run a function in a shell that shows HTML; return its outputs as they stand at the end."""
    pytest.importorskip("IPython")
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    shell = InteractiveShell.instance()
    shell.history_manager.enabled = False

    def run(function):
        outputs: list[dict[str, str]] = []
        with capture_output() as captured:
            function()
        for output in captured.outputs:
            data = {kind: _without_style(text) for kind, text in output.data.items()}
            if output.update:
                outputs[-1] = data
            else:
                outputs.append(data)
        return outputs

    yield run
    shell.history_manager.end_session()
    InteractiveShell.clear_instance()


def _without_style(text: str) -> str:
    return re.sub(r"<style data-bft>.*?</style>\n", "", text, flags=re.DOTALL)
