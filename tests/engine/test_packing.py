"""Answers that share a row are as likely, and teach as much, as each of them alone."""

import random

import pytest

pytestmark = pytest.mark.service


def answers(rng, groups=5, longest=12, opening=9):
    """Answers of all lengths to prompts of all lengths; some prompts have one answer, some many."""
    from bankft.engine.reward import Graded
    from bankft.engine.rollouts import Answer, Prompt

    def ids(n):
        return [rng.randrange(5, 600) for _ in range(n)]

    found = []
    for group in range(groups):
        prompt = Prompt({}, ids(rng.randint(1, opening)))
        for _ in range(rng.choice([1, 2, 7])):
            own = ids(rng.randint(1, longest))
            old = [-rng.random() for _ in own]
            found.append(Answer(prompt, group, own, old, True, "", Graded(0.0), count=2))
    rng.shuffle(found)
    return found


def alone(model, one):
    """Log-probabilities of an answer's tokens, by one forward pass over prompt and answer."""
    import torch

    ids = torch.tensor([one.prompt.ids + one.ids])
    logits = model(input_ids=ids).logits[0, len(one.prompt.ids) - 1 : -1]
    return torch.log_softmax(logits, -1).gather(-1, torch.tensor(one.ids)[:, None])[:, 0]


@pytest.mark.parametrize(
    "sizes",
    [
        {},
        {"groups": 40},  # several rows, and several batches
        {"groups": 3, "longest": 90},  # a prompt's answers take more than one row
        {"groups": 3, "opening": 200},  # prompts longer than answers
    ],
    ids=["short", "many", "long answers", "long prompts"],
)
def test_log_probabilities_are_those_of_each_answer_alone(tiny, sizes):
    import torch

    from bankft.engine import packing
    from bankft.engine.folder import load

    model, _ = load(tiny)
    given = answers(random.Random(str(sizes)), **sizes)
    seen = 0
    with torch.no_grad():
        for batch in packing.batches(model, given, 0):
            assert batch.seen is not None
            logp, states = packing.logprobs(model, batch)
            assert states.shape == (*logp.shape, 64)
            for one, row, learnt, old, weight in zip(
                batch.answers, logp, batch.learnt, batch.old, batch.weight, strict=True
            ):
                n = len(one.ids)
                assert torch.allclose(row[:n], alone(model, one), atol=1e-4)
                assert learnt.tolist() == [1.0] * n + [0.0] * (len(row) - n)
                assert old[:n].tolist() == pytest.approx(one.logprobs)
                assert weight.tolist() == (2 * learnt).tolist()
                seen += 1
        referred = packing.refer(model, given, 0)
    assert seen == len(given)
    assert [one.ids for one in referred] == [one.ids for one in given]
    for one in referred[:10]:
        with torch.no_grad():
            assert one.reference == pytest.approx(alone(model, one).tolist(), abs=1e-4)


def test_gradients_are_those_of_each_answer_alone(tiny):
    import torch

    from bankft.engine import packing
    from bankft.engine.folder import load

    model, _ = load(tiny)
    given = answers(random.Random(3))
    for batch in packing.batches(model, given, 0):
        packing.logprobs(model, batch)[0].square().sum().backward()
    together = [p.grad.clone() for p in model.parameters()]
    model.zero_grad()
    for one in given:
        alone(model, one).square().sum().backward()
    for ours, p in zip(together, model.parameters(), strict=True):
        assert torch.allclose(ours, p.grad, rtol=1e-3, atol=1e-3 * float(p.grad.abs().max()))


def test_a_model_whose_layers_look_through_a_window_gets_each_answer_alone(tiny):
    import torch

    from bankft.engine import packing
    from bankft.engine.folder import load

    model, _ = load(tiny)
    assert packing.shares(model)
    model.config.layer_types = ["full_attention", "sliding_attention"]
    given = answers(random.Random(4))
    assert not packing.shares(model)
    for batch in packing.batches(model, given, 0):
        assert batch.seen is None
        assert len(batch.ids) == len(batch.answers)
        with torch.no_grad():
            model.config.layer_types = ["full_attention"] * 2  # these weights have no window
            logp, _ = packing.logprobs(model, batch)
        for one, row in zip(batch.answers, logp, strict=True):
            assert torch.allclose(row[: len(one.ids)], alone(model, one), atol=1e-4)
        model.config.layer_types = ["full_attention", "sliding_attention"]


def test_batches_hold_whole_groups_and_leave_out_what_is_empty(tiny):
    from dataclasses import replace

    from bankft.engine import packing
    from bankft.engine.folder import load

    model, _ = load(tiny)
    given = answers(random.Random(5), groups=60)
    given.append(replace(given[0], ids=[], logprobs=[]))
    for rng in (None, random.Random(1)):
        found = list(packing.batches(model, given, 0, rng))
        groups = [{one.group for one in batch.answers} for batch in found]
        assert sum(map(len, groups)) == len(set().union(*groups)) == 60
        assert sum(len(batch.answers) for batch in found) == len(given) - 1
        assert max(len(batch.answers) for batch in found) <= packing.ROWS
