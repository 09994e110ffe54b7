"""In a real kernel: the stylesheet comes once, and again when its cell runs again."""

import pytest

pytest.importorskip("ipykernel")
nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")

STREAM = """
import sys
sys.path.insert(0, ".")
from bankft.display import answer, table
from tests.display.streams import stream
text = answer(stream("管理费"), model="v1")
"""


@pytest.fixture(scope="module")
def cells():
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell(source)
            for source in [STREAM, "table([{'a': 1}]); table([{'a': 2}])", STREAM, STREAM]
        ]
    )
    nbclient.NotebookClient(notebook, record_timing=False).execute()
    return notebook.cells


def styles(cell):
    return sum("<style data-bft>" in output.data["text/html"] for output in cell.outputs)


def test_the_style_comes_with_the_first_output_only(cells):
    assert styles(cells[0]) == 1
    assert styles(cells[1]) == 0


def test_the_style_comes_again_when_its_cell_runs_again(cells):
    # The same source run again is what a reader's "run this cell" is to the kernel.
    assert styles(cells[2]) == 1
    assert styles(cells[3]) == 1


def test_a_stream_leaves_one_output_without_a_random_id(cells):
    (output,) = cells[0].outputs
    assert 'bft-caret"' not in output.data["text/html"]
    assert "管理费" in output.data["text/html"]
    assert output.data["text/plain"] == "v1:\n管理费"
    assert output.metadata == {}
    assert cells[2].outputs[0].data == cells[3].outputs[0].data


def test_the_same_stylesheet_is_a_file_that_a_site_can_link(cells):
    from importlib.resources import files

    css = files("bankft.display").joinpath("style.css").read_text(encoding="utf-8")
    assert css in cells[0].outputs[0].data["text/html"]
    for name in ("ink", "muted", "line", "paper", "wash", "brand", "sft", "rft", "bad", "good"):
        assert f"--bft-{name}: #" in css
