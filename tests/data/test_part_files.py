import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bankft import data
from bankft.cases import fundbot
from bankft.data.side import digest
from bankft.errors import BankftError, DataError, UsageError


def rows(path):
    return path.read_bytes().splitlines(keepends=True)


@pytest.fixture
def fund_file(tmp_path):
    return data.write_jsonl(fundbot.conversations("train", 200), tmp_path / "fund.jsonl")


def test_lines_are_kept_byte_for_byte(tmp_path):
    # Keys in their order, escapes as written, a byte order mark and CRLF left out, blanks dropped.
    lines = [
        b'{"messages": [{"role":"user", "content": "\\u8d39%d"}],  "x": 1.50}' % n
        for n in range(20)
    ]
    path = tmp_path / "odd.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + b"\r\n\r\n".join(lines))
    made = data.split_file(path, tmp_path / "out")
    written = [line for part in made.paths.values() for line in rows(part)]
    assert sorted(written) == sorted(line + b"\n" for line in lines)
    assert made.examples == {"train": 16, "valid": 2, "test": 2}


def test_the_same_file_and_seed_give_the_same_bytes(fund_file, tmp_path):
    before = fund_file.read_bytes()
    one = data.split_file(fund_file, tmp_path / "one", seed=3)
    two = data.split_file(fund_file, tmp_path / "two", seed=3)
    other = data.split_file(fund_file, tmp_path / "other", seed=4)
    for part in ("train", "valid", "test"):
        assert one.paths[part].read_bytes() == two.paths[part].read_bytes()
    assert one.paths["test"].read_bytes() != other.paths["test"].read_bytes()
    assert fund_file.read_bytes() == before


def test_the_side_file_stays_in_step(fund_file, tmp_path):
    n = len(rows(fund_file))
    side = [{"row": i, "customer": f"c{i // 3}", "intent": "ab"[i % 2]} for i in range(n)]
    data.write_jsonl(side, tmp_path / "fund.compliance.jsonl")
    examples = data.read_jsonl(fund_file)
    made = data.split_file(fund_file, tmp_path / "out", by="intent", group="customer")
    homes = {}
    for part, path in made.paths.items():
        records = data.read_jsonl(made.side_files[part])
        assert [examples[record["row"]] for record in records] == data.read_jsonl(path)
        for record in records:
            assert homes.setdefault(record["customer"], part) == part
        for intent in "ab":
            assert made.strata[intent][part] == sum(r["intent"] == intent for r in records)
    assert made.leaks == ()


@pytest.mark.parametrize("change", [lambda side: side[:-1], lambda side: [*side, {"row": -1}]])
def test_a_side_file_of_another_length_is_refused(fund_file, tmp_path, change):
    side = [{"row": i} for i in range(len(rows(fund_file)))]
    data.write_jsonl(change(side), tmp_path / "fund.compliance.jsonl")
    with pytest.raises(DataError, match=r"fund\.compliance\.jsonl"):
        data.split_file(fund_file, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_side_file_from_before_is_not_left_beside_other_examples(fund_file, tmp_path):
    stale = tmp_path / "out" / "valid.compliance.jsonl"
    stale.parent.mkdir()
    stale.write_text("{}\n")
    with pytest.raises(UsageError, match=r"valid\.compliance\.jsonl stands there from before"):
        data.split_file(fund_file, tmp_path / "out")
    assert stale.read_text() == "{}\n"
    data.write_jsonl([{}] * len(rows(fund_file)), tmp_path / "fund.compliance.jsonl")
    assert data.split_file(fund_file, tmp_path / "out").side_files  # replaced by the new one


def test_what_was_made_from_a_line_stays_with_it(fund_file, tmp_path):
    originals = data.read_jsonl(fund_file)
    made_from = [digest(example) for example in originals]
    paraphrases = [
        {"messages": [{"role": "user", "content": f"换个说法 {i}"}, *example["messages"][-1:]]}
        for i, example in enumerate(originals)
    ]
    data.write_jsonl([*originals, *paraphrases], fund_file)
    side = [{} for _ in originals] + [{"made_from": origin} for origin in made_from]
    data.write_jsonl(side, tmp_path / "fund.compliance.jsonl")
    made = data.split_file(fund_file, tmp_path / "out")
    homes = {}
    for part, path in made.paths.items():
        for example, record in zip(
            data.read_jsonl(path), data.read_jsonl(made.side_files[part]), strict=True
        ):
            origin = record.get("made_from") or digest(example)
            assert homes.setdefault(origin, part) == part


def for_reinforcement(answer):
    return [
        {
            "messages": [{"role": "user", "content": f"第 {i} 问"}],
            "reference_answer": answer(i),
        }
        for i in range(60)
    ]


def test_no_answer_is_shared_for_reinforcement(tmp_path):
    path = data.write_jsonl(for_reinforcement(lambda i: f"0.{i % 20}%"), tmp_path / "rft.jsonl")
    made = data.split_file(path, tmp_path / "out", method="reinforcement")
    answers = {
        part: {row["reference_answer"] for row in data.read_jsonl(file)}
        for part, file in made.paths.items()
    }
    assert not answers["train"] & answers["valid"]
    assert not answers["train"] & answers["test"]
    assert made.groups == 20
    assert made.leaks == ()


def test_answers_that_are_classes_must_be_shared_on_purpose(tmp_path):
    path = data.write_jsonl(for_reinforcement(lambda i: "ab"[i % 2]), tmp_path / "rft.jsonl")
    with pytest.raises(DataError, match=r"2 answer\(s\).*few classes"):
        data.split_file(path, tmp_path / "out", method="reinforcement")
    made = data.split_file(path, tmp_path / "out", method="reinforcement", answers=False)
    assert sum(made.examples.values()) == 60


def test_alike_questions_stay_together_when_asked_to(tmp_path):
    texts = [
        f"{name}在第{quarter}季度收取的{what}具体是多少{end}"
        for name in ("稳健一号", "成长二号", "安享三号", "领航四号", "沃土五号")
        for quarter in (1, 2)
        for what in ("管理费", "起购金额")
        for end in ("？", "呢？")
    ]
    examples = [{"messages": [{"role": "user", "content": text}]} for text in texts]
    path = data.write_jsonl(examples, tmp_path / "x.jsonl")
    loose = [data.split_file(path, tmp_path / f"loose{seed}", seed=seed) for seed in range(5)]
    close = [
        data.split_file(path, tmp_path / f"close{seed}", seed=seed, similar=True)
        for seed in range(5)
    ]
    assert any(leak.kind == "near_question" for made in loose for leak in made.leaks)
    assert all(made.leaks == () for made in close)
    assert close[0].groups < loose[0].groups == 40


def test_a_bad_line_is_named(tmp_path):
    path = tmp_path / "bad.jsonl"
    path.write_text('{"messages": []}\n{"messages": \n', encoding="utf-8")
    with pytest.raises(DataError, match=r"bad\.jsonl:2:"):
        data.split_file(path, tmp_path / "out")


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"by": "intent"}, UsageError, "has a field intent"),
        ({"parts": {"../x": 0.5, "y": 0.5}}, UsageError, "cannot name a part"),
        ({"parts": {"": 1.0}}, UsageError, "cannot name a part"),
        ({"parts": {"x": 0.6, "y": 0.6}}, UsageError, "add up to 1"),
        ({"parts": {"x": 0.999, "y": 0.001}}, DataError, "'y' empty"),
    ],
)
def test_refusals_write_nothing(fund_file, tmp_path, options, error, said):
    with pytest.raises(error, match=said):
        data.split_file(fund_file, tmp_path / "out", **options)
    assert not (tmp_path / "out").exists()


def test_a_file_is_never_replaced_by_a_part_of_itself(fund_file, tmp_path):
    before = fund_file.read_bytes()
    with pytest.raises(UsageError, match="made from"):
        data.split_file(fund_file, tmp_path, parts={"fund": 0.5, "rest": 0.5})
    assert fund_file.read_bytes() == before


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.text(alphabet="费率风险aA ？", min_size=1, max_size=9), max_size=60),
    st.integers(0, 3),
)
def test_a_partition_or_a_sentence(tmp_path_factory, texts, seed):
    folder = tmp_path_factory.mktemp("split")
    examples = [
        {"messages": [{"role": "user", "content": text}], "n": i} for i, text in enumerate(texts)
    ]
    path = data.write_jsonl(examples, folder / "x.jsonl")
    try:
        made = data.split_file(path, folder / "out", seed=seed)
    except BankftError:  # too few groups; what else it may say is tried above
        assert len(texts) < 40
        return
    written = [json.loads(line) for file in made.paths.values() for line in rows(file)]
    assert sorted(row["n"] for row in written) == list(range(len(texts)))
    assert made.leaks == ()
