import json
import math
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankft import cost, data, tokens
from bankft.cases import fundbot
from bankft.errors import BankftError, DataError, UsageError

needs_tokenizer = pytest.mark.skipif(
    not tokens.available("o200k_base"), reason="the data extra is not installed"
)


def talk(question="费率？", answer="0.30%"):
    return {
        "messages": [
            {"role": "user", "content": question},
            {"role": "assistant", "content": answer},
        ]
    }


@pytest.fixture(autouse=True)
def english(monkeypatch):
    monkeypatch.setenv("BANKFT_LANG", "en")


@pytest.mark.parametrize(
    ("model", "usd"),
    [
        ("gpt-4.1", 25.0),
        ("gpt-4.1-2025-04-14", 25.0),
        ("ft:gpt-4.1-2025-04-14:org::a1b2c3d4", 25.0),  # trained on from there
        ("gpt-4.1-mini", 5.0),
        ("gpt-4o-mini", 3.0),  # the figure in the guide that the course began with
        ("bankft-nano", 0.0),
        ("ft:bankft-nano:bankft:v1:a1b2c3d4", 0.0),
    ],
)
def test_a_model_is_found_by_any_of_its_names(model, usd):
    assert cost.find_price(model).training == usd


def test_every_price_has_its_source_date_and_standing():
    for price in cost.price_list():
        assert price.source.startswith("https://")
        assert price.standing in ("V", "V-3p", "U")
        assert price.checked >= date(2026, 11, 21)
        assert (price.training is None) is (price.hour is not None)
        assert 0 < price.input < price.output or price.model == "davinci-002"
    prices = cost.read_prices()
    for row in [*prices["model"], *prices["grader"], *prices["jobs"].values()]:
        assert row["source"] in prices["sources"]
        assert row.get("shut_source", "openai-pricing") in prices["sources"]


@needs_tokenizer
def test_cost_is_tokens_times_epochs_times_price():
    # By hand: three a message, one for its role, its content, and three for the answer's start.
    each = 2 * 4 + tokens.count("费率？") + tokens.count("0.30%") + 3
    found = cost.estimate([talk()] * 1000, model="gpt-4.1", n_epochs=4)
    assert found.tokens == 1000 * each
    assert found.trained_tokens == 4 * found.tokens
    assert found.usd == pytest.approx(4 * 1000 * each * 25 / 1e6)
    assert found.usd_range == pytest.approx((found.usd * (each - 11) / each, found.usd))
    assert found.exact
    assert found.encoding == "o200k_base"


@pytest.mark.parametrize(
    ("examples", "epochs"),
    [
        (1, 25),  # never more
        (10, 10),
        (33, 3),  # 99 < 100: 100 // 33
        (34, 3),
        (8333, 3),
        (8334, 2),  # 25,002 > 25,000: 25,000 // 8,334
        (60_000, 1),  # never fewer
    ],
)
def test_the_cookbook_s_epochs(examples, epochs):
    assert cost.hosted_epochs(examples) == epochs


@pytest.mark.service
@pytest.mark.parametrize("batch", ["auto", 1, 7, 64])
def test_embedded_epochs_are_the_engine_s(batch):
    engine = pytest.importorskip("bankft.engine.sft")
    for n in [*range(1, 130), 399, 400, 5000, 100_000]:
        assert cost.embedded_epochs(n, batch) == engine.resolve(n, "auto", batch, "auto")[0]


@pytest.mark.service
@pytest.mark.parametrize("language", ["zh", "en"])
def test_embedded_tokens_are_the_engine_s(language):
    sft = pytest.importorskip("bankft.engine.sft")
    from bankft.engine import nano_path
    from bankft.engine.folder import load

    _, tokenizer = load(nano_path())
    examples = fundbot.conversations("train", 50, language=language)
    examples.append(talk("<|system|> 假的标记 <|end|>", "😀 \u200b ½"))
    template = sft.training_template(tokenizer)
    trained = [len(sft.encode(tokenizer, e, 1, template)["input_ids"]) for e in examples]
    found = cost.estimate(examples, model="bankft-nano", n_epochs=2)
    assert found.trained_tokens == 2 * sum(trained)
    assert found.usd == 0


def test_a_budget_says_what_would_fit():
    examples = [talk(f"第 {i} 号基金的费率是多少？") for i in range(400)]
    free = cost.estimate(examples, model="gpt-4.1", n_epochs=3)
    assert free.fits is None
    assert free.verdict() == ""
    exactly = cost.estimate(examples, model="gpt-4.1", n_epochs=3, budget=free.usd_range[1])
    assert exactly.fits
    exactly.require_fit()
    for budget in (free.usd_range[1] * share for share in (0.99, 0.67, 0.5, 0.34, 0.1, 0.03)):
        tight = cost.estimate(examples, model="gpt-4.1", n_epochs=3, budget=budget)
        assert tight.fits is False
        with pytest.raises(BankftError, match=r"more than the budget of \$") as refused:
            tight.require_fit()
        fit = tight.would_fit
        # What it says would fit does, and one more of it would not.
        for change in (0, 1):
            if fit.n_epochs:
                other = cost.estimate(
                    examples, model="gpt-4.1", n_epochs=fit.n_epochs + change, budget=budget
                )
                assert other.fits is (change == 0)
                assert f"{fit.n_epochs} epoch" in str(refused.value)
            if fit.examples:
                fewer = cost.estimate(
                    examples[: fit.examples + change], model="gpt-4.1", n_epochs=3, budget=budget
                )
                assert fewer.fits is (change == 0)
                assert f"first {fit.examples} of 400 examples" in str(refused.value)


def test_nothing_smaller_fits():
    found = cost.estimate([talk()] * 10, model="gpt-4.1", n_epochs=1, budget=0)
    assert found.would_fit == cost.Fit()
    assert found.verdict().endswith("nothing smaller would fit.")


def test_reinforcement_is_billed_by_the_hour_and_its_grader_by_tokens():
    options = {"model": "o4-mini", "method": "reinforcement", "n_epochs": 2}
    assert cost.estimate([talk()] * 50, **options).usd is None  # nobody knows the hours
    found = cost.estimate(
        [talk()] * 50,
        **options,
        hours=1.5,
        grader="o3",
        grader_tokens=(500, 100),
        samples=8,
        budget=200,
    )
    graded = 50 * 2 * 8
    assert found.usd == pytest.approx(1.5 * 100 + graded * (500 * 2 + 100 * 8) / 1e6)
    assert found.fits
    tight = cost.estimate([talk()] * 50, **options, hours=3, budget=120)
    assert tight.would_fit == cost.Fit(hours=1.2)
    assert "1.20 hours would fit" in tight.verdict()
    with pytest.raises(UsageError, match="how many hours"):
        cost.estimate([talk()] * 50, **options, budget=120)


def test_a_pair_may_be_billed_with_its_prompt_once_or_twice():
    pair = {
        "input": {"messages": [{"role": "user", "content": "费率是多少？" * 50}]},
        "preferred_output": [{"role": "assistant", "content": "0.30%"}],
        "non_preferred_output": [{"role": "assistant", "content": "不知道"}],
    }
    low, high = cost.estimate([pair] * 10, model="gpt-4.1", method="dpo", n_epochs=1).usd_range
    assert 1.9 < high / low < 2.3


def test_what_has_ended_is_said():
    def notes(model, on):
        return " ".join(cost.estimate([talk()] * 10, model=model, on=on).notes)

    assert "was shut on 2026-10-23" in notes("gpt-4.1-nano", date(2026, 11, 21))
    assert "will be shut on 2027-01-14" in notes("gpt-4.1", date(2026, 11, 21))
    assert "was shut on 2027-01-14" in notes("gpt-4.1", date(2027, 1, 14))
    assert "until 2027-01-06" in notes("gpt-4.1", date(2026, 11, 21))


def test_without_a_tokenizer_the_range_is_wide_and_said(monkeypatch):
    def none():
        raise tokens.MissingExtra("Counting tokens", package="x", extra="data")

    # The libraries are hidden; everything else is as a user without them has it.
    monkeypatch.setattr(tokens, "_o200k", none)
    monkeypatch.setattr(tokens, "_nano", none)
    tokens.counter.cache_clear()
    try:
        found = cost.estimate([talk()] * 100, model="gpt-4.1")
        assert not found.exact
        assert found.encoding == "estimate"
        assert "bankft[data]" in " ".join(found.notes)
        low, high = found.usd_range
        assert low < found.usd < high
    finally:
        monkeypatch.undo()
        tokens.counter.cache_clear()


@needs_tokenizer
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("encoding", "model"), [("o200k_base", "o200k_base"), ("bankft-nano",) * 2]
)
def test_the_true_count_is_within_the_bounds_of_the_estimate(language, encoding, model):
    from bankft.cost.counting import ESTIMATE_BOUNDS

    texts = [
        message["content"]
        for example in fundbot.conversations("test", 200, language=language)
        for message in example["messages"]
    ]
    share = sum(tokens.count(t, encoding=encoding) for t in texts) / sum(
        map(tokens.estimate, texts)
    )
    low, high = ESTIMATE_BOUNDS[model]
    assert low < share < high


def test_the_embedded_service_takes_time_and_a_machine_money():
    examples = [talk()] * 100
    found = cost.estimate(examples, model="bankft-nano", n_epochs=2, speed=(100, 200))
    assert found.seconds[1] == pytest.approx(found.trained_tokens / 100, rel=0.2)
    paid = cost.estimate(
        examples, model="bankft-nano", n_epochs=2, speed=(100, 200), machine_hour=7.2
    )
    assert paid.usd_range == pytest.approx(tuple(s / 500 for s in paid.seconds))
    measured = cost.estimate(examples, model="bankft-nano")
    assert measured.seconds[0] > 0
    assert "cores" in " ".join(measured.notes)


@needs_tokenizer
def test_the_worked_example_is_counted():
    example = cost.read_prices()["example"]
    talks = fundbot.conversations("train", example["examples"], language="zh")
    found = cost.estimate(talks, model="gpt-4.1")
    assert (found.tokens, found.n_epochs) == (example["tokens"], example["epochs"])
    own = cost.estimate(talks, model="bankft-nano")
    assert (own.tokens, own.n_epochs) == (example["embedded_tokens"], example["epochs"])


def test_a_contract_s_own_price():
    found = cost.estimate([talk()] * 10, model="qwen-32b", n_epochs=1, price=2.0)
    assert found.usd == pytest.approx(found.tokens * 2 / 1e6)
    assert found.price.standing == "given"
    hour = cost.estimate([talk()] * 10, model="x", method="reinforcement", price=50, hours=2)
    assert hour.usd == 100


def test_a_file_is_read_line_by_line(tmp_path):
    path = data.write_jsonl([talk()] * 12, tmp_path / "x.jsonl")
    with path.open("ab") as file:
        file.write(b"\n")
    assert cost.estimate(path, model="gpt-4.1").examples == 12
    with path.open("ab") as file:
        file.write(b"{nonsense}\n")
    with pytest.raises(DataError, match=r"x\.jsonl:14"):
        cost.estimate(path, model="gpt-4.1")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"model": "gpt-9"}, "No price is known for gpt-9"),
        ({"model": "gpt-4.1", "method": "magic"}, "no method"),
        ({"model": "gpt-4.1", "n_epochs": 0}, "n_epochs is 0"),
        ({"model": "gpt-4.1", "n_epochs": 2.5}, "n_epochs is 2.5"),
        ({"model": "gpt-4.1", "budget": -1}, "budget is -1"),
        ({"model": "gpt-4.1", "budget": math.nan}, "budget is nan"),
        ({"model": "bankft-nano", "speed": (0, 1)}, "tokens a second"),
        ({"model": "o4-mini"}, "for reinforcement only"),
        ({"model": "gpt-4.1", "method": "reinforcement"}, "supervised fine-tuning or DPO only"),
        (
            {"model": "o4-mini", "method": "reinforcement", "hours": 1, "grader": "o3"},
            "reads and writes",
        ),
        (
            {
                "model": "o4-mini",
                "method": "reinforcement",
                "hours": 1,
                "grader": "me",
                "grader_tokens": (1, 1),
            },
            "for me as a grader",
        ),
    ],
)
def test_refusals(options, said):
    with pytest.raises(UsageError, match=said):
        cost.estimate([talk()] * 10, **options)


def test_no_examples_is_no_job():
    with pytest.raises(DataError, match="no example"):
        cost.estimate([], model="gpt-4.1")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["messages", "role", "content", "input", "tools", "tool_calls", "text"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["messages", "input", "tools", "preferred_output"]), json_values
    ),
    st.sampled_from(["supervised", "dpo"]),
    st.sampled_from(["gpt-4.1", "bankft-nano"]),
)
def test_nothing_that_json_can_hold_breaks_it(example, method, model):
    json.dumps(example)
    found = cost.estimate([example], model=model, method=method)
    assert found.tokens >= 0
    low, high = found.usd_range
    assert low <= high
