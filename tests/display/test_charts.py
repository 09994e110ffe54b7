import os
import re
import subprocess
import sys

import pytest

from bankft.display import accuracy_chart, kl_chart, loss_chart, reward_chart
from bankft.errors import UsageError

pytest.importorskip("matplotlib")


def metrics(n=40):
    """Rows as bankft.jobs.metrics gives them: validation every ten steps, the full one at last."""
    return [
        {
            "step": step,
            "train_loss": 4 / step,
            "train_mean_token_accuracy": 1 - 0.6 / step,
            "valid_loss": 4.2 / step if step % 10 == 0 else None,
            "valid_mean_token_accuracy": 1 - 0.7 / step if step % 10 == 0 else None,
            "full_valid_loss": 0.11 if step == n else None,
            "full_valid_mean_token_accuracy": 0.98 if step == n else None,
        }
        for step in range(1, n + 1)
    ]


def html_of(shown, function, *args, **kwargs):
    (output,) = shown(lambda: function(*args, **kwargs))
    return output["text/html"]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh", ["训练中的损失", ">训练步<", ">损失<", ">训练 0.100<", ">验证 0.105<", "数据表"]),
        ("en", ["Loss during", ">training step<", ">loss<", ">train 0.100<", ">valid 0.105<"]),
    ],
)
def test_words_are_text_in_the_pages_language(shown, monkeypatch, language, words):
    monkeypatch.setenv("BANKFT_LANG", language)
    html = html_of(shown, loss_chart, metrics())
    assert [word for word in words if word not in html] == []


@pytest.mark.parametrize(
    ("chart", "rows", "words"),
    [
        (  # validated once
            reward_chart,
            [{"step": n, "train_mean_reward": 0.1 * n} for n in range(1, 10)]
            + [{"step": 10, "train_mean_reward": 0.9, "full_valid_mean_reward": 0.8}],
            ["Mean reward", ">train 0.900<", ">valid 0.800<"],
        ),
        (  # one line, named by what it is
            kl_chart,
            [{"step": 1, "kl": 0.0}, {"step": 2, "kl": 0.04}],
            ["initial policy", ">KL 0.040<", ">nats a token<"],
        ),
    ],
)
def test_curves_of_reinforcement(shown, monkeypatch, chart, rows, words):
    monkeypatch.setenv("BANKFT_LANG", "en")
    html = html_of(shown, chart, rows)
    assert [word for word in words if word not in html] == []


def test_no_stand_in_no_font_and_no_fixed_colour_is_left(shown):
    html = html_of(shown, loss_chart, metrics())
    assert "@" not in html.replace("@container", "")
    assert "font-family" not in html
    bare = re.sub(r"var\(--bft-[a-z]+, #[0-9a-f]{6}\)", "", html)
    assert re.findall(r"#[0-9a-f]{6}\b", bare) == []


def test_it_scales_and_has_an_accessible_name_and_description(shown):
    html = html_of(shown, loss_chart, metrics(), title="损<失>")
    svg = re.search(r'<svg [^>]*aria-labelledby="(\S+) (\S+)"[^>]*>', html)
    assert 'viewBox="0 0 560 270"' in svg[0]
    assert 'width="100%"' in svg[0]
    assert 'role="img"' in svg[0]
    assert f'<title id="{svg[1]}">损&lt;失&gt;</title>' in html
    assert (
        f'<desc id="{svg[2]}">第 1 步到第 40 步。 训练：从 4.000 到 0.100。'
        " 验证：从 0.420 到 0.105。</desc>" in html
    )


def test_ids_are_unique_on_a_page(shown):
    def twice():
        loss_chart(metrics())
        loss_chart(metrics())

    ids = re.findall(r'\bid="([^"]+)"', "".join(o["text/html"] for o in shown(twice)))
    assert len(ids) == len(set(ids)) > 0


def test_every_reference_has_its_target(shown):
    html = html_of(shown, accuracy_chart, metrics())
    ids = set(re.findall(r'\bid="([^"]+)"', html))
    used = re.findall(r'href="#([^"]+)"', html)
    assert used
    assert set(used) <= ids


def test_the_table_has_the_measured_columns_and_thins_a_long_run(shown):
    html = html_of(shown, loss_chart, metrics(300))
    heads = re.findall(r"<th [^>]*>([^<]+)</th>", html)
    assert heads == ["step", "train_loss", "valid_loss", "full_valid_loss"]
    steps = [int(s) for s in re.findall(r'<tr><td class="bft-num">(\d+)</td>', html)]
    assert len(steps) < 100
    assert {10, 150, 300} <= set(steps)
    assert "每 5 步一行" in html


def test_accuracy_is_a_share_of_a_hundred(shown):
    html = html_of(shown, accuracy_chart, metrics())
    assert ">100%<" in html
    assert ">验证 98.2%<" in html


@pytest.mark.parametrize(
    "rows",
    [
        [{"step": 1, "train_loss": 2.0}],  # one step
        [{"step": 1, "train_loss": 0.0}],  # nothing left to lose
        [{"step": 1, "train_loss": 2.0}, {"step": 2, "train_loss": 1.0, "valid_loss": None}],
        [{"step": 5, "train_loss": 1.0, "full_valid_loss": 0.9}],  # the full validation only
    ],
)
def test_short_runs_are_drawn(shown, rows):
    assert "<path" in html_of(shown, loss_chart, rows)


def test_a_terminal_gets_the_description(capsys):
    loss_chart(metrics())
    assert capsys.readouterr().out.startswith("训练中的损失\n第 1 步到第 40 步。")


@pytest.mark.parametrize("rows", [[], [{"step": 1, "train_loss": None}]])
def test_nothing_to_draw_is_said(rows):
    with pytest.raises(UsageError, match="nothing to draw: no row has a value for step and train"):
        loss_chart(rows)


SCRIPT = """
import sys
sys.path.insert(0, {root!r})
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from tests.display.test_charts import metrics
from bankft.display import accuracy_chart, bars, loss_chart, table
InteractiveShell.instance().history_manager.enabled = False
with capture_output() as captured:
    loss_chart(metrics())
    accuracy_chart(metrics())
    bars({{"v1": (3, 4)}})
    table(metrics(3))
sys.stdout.buffer.write(repr([o.data for o in captured.outputs]).encode())
"""


def test_the_same_data_gives_the_same_bytes_in_another_process(tmp_path):
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    # A reader's own matplotlib settings must not show either.
    (tmp_path / "matplotlibrc").write_text("lines.linewidth: 9\naxes.facecolor: yellow\n")
    runs = [
        subprocess.run(
            [sys.executable, "-W", "error", "-c", SCRIPT.format(root=root)],
            env={**os.environ, "PYTHONHASHSEED": str(seed), **extra},
            capture_output=True,
            check=True,
        ).stdout
        for seed, extra in [(1, {}), (2, {"MATPLOTLIBRC": str(tmp_path)})]
    ]
    assert runs[0] == runs[1]
    assert "训练中的损失".encode() in runs[0]
