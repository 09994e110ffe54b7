"""What lessons call is light: nothing heavy is imported before it draws."""

import subprocess
import sys


def test_importing_display_imports_nothing_heavy():
    heavy = "matplotlib IPython numpy openai torch"
    code = f"import sys, bankft.display; print([m for m in {heavy.split()} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout == "[]\n"


def test_public_names_are_exact_and_sorted():
    import bankft.display as room

    assert room.__all__ == sorted(room.__all__)
    assert all(hasattr(room, name) for name in room.__all__)


def test_a_chart_without_matplotlib_says_what_to_install():
    code = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "from bankft.display import loss_chart\n"
        "from bankft.errors import MissingExtra\n"
        "try: loss_chart([{'step': 1, 'train_loss': 1.0}])\n"
        "except MissingExtra as error: print(error)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout == (
        'A chart needs matplotlib, which is not installed: run pip install "bankft[notebook]".\n'
    )
