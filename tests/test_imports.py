"""What importing costs: ``import bankft`` next to nothing, and a lesson no compiled module.

A reader's browser can run pure Python, pydantic_core and jiter, and nothing else that is compiled.
"""

import json
import subprocess
import sys
import sysconfig

import pytest

LIGHT = [
    "client",
    "jobs",
    "cost",
    "rates",
    "graders",
    "rewards",
    "evals",
    "recording",
    "audit",
    "data",
    "cases",
    "cases.fundbot",
    "lang",
    "errors",
]
IN_A_BROWSER = {"pydantic_core", "jiter"}


# The extras fast and data: where they are missing, the same code gives the same answers.
OPTIONAL = (
    "ahocorasick_rs",
    "cryptography",
    "numba",
    "numpy",
    "openpyxl",
    "orjson",
    "rapidfuzz",
    "re2",
    "splintr",
    "tokenizers",
)


def loaded_by(code, *, without=()):
    """Run code in a fresh interpreter; return every module that it has, with its file."""
    report = (
        "import json, sys\n"
        f"sys.modules.update(dict.fromkeys({list(without)}))\n"  # None: cannot be imported
        "before = set(sys.modules)\n"
        f"{code}\n"
        "print(json.dumps({name: getattr(module, '__file__', None) or ''"
        " for name, module in list(sys.modules.items()) if name not in before}))"
    )
    run = subprocess.run(
        [sys.executable, "-c", report], capture_output=True, text=True, check=True, timeout=240
    )
    return json.loads(run.stdout)


def test_importing_bankft_loads_nothing_heavy():
    modules = {name.partition(".")[0] for name in loaded_by("import bankft")}
    assert "bankft" in modules
    assert not modules & {"openai", "httpx2", "pydantic", "torch", "sphinx", "numpy", "click"}


@pytest.mark.parametrize(
    "code",
    [
        "import " + ", ".join(f"bankft.{room}" for room in LIGHT),
        # What importing puts off, using brings: a client, a check, a split.
        "import bankft; bankft.connect(mode='live').models.list",
        "from bankft import data; from bankft.cases import fundbot\n"
        "data.split(data.check(fundbot.conversations('train', 20)) and list(range(30)))",
        "from bankft import graders\n"
        "spec = {'type': 'text_similarity', 'name': 'alike', 'input': '{{ sample.output_text }}',"
        " 'reference': 'R2', 'evaluation_metric': 'bleu'}\n"
        "graders.grade(spec, 'R2')",
    ],
)
def test_what_a_lesson_calls_needs_no_compiled_module(code):
    third_party = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    offenders = {
        name
        for name, file in loaded_by(code, without=OPTIONAL).items()
        if file.endswith((".so", ".pyd", ".dylib"))
        and any(file.startswith(folder) for folder in third_party)
        and name.partition(".")[0] not in IN_A_BROWSER
    }
    assert offenders == set()
