"""Many answers at once: none depends on another, all are what the library would write."""

import random

import pytest

pytestmark = pytest.mark.service

SAMPLING = [
    pytest.param({"temperature": 0}, id="greedy"),
    pytest.param({"temperature": 1.0, "seed": 7}, id="T1"),
    pytest.param({"temperature": 0.7, "top_p": 0.9, "seed": 7}, id="T0.7-p0.9"),
    # So flat that drawing again hardly ever finds a kept token: the row is sorted.
    pytest.param({"temperature": 2.0, "top_p": 0.05, "seed": 7}, id="T2-p0.05"),
]


@pytest.fixture(scope="module")
def sampler(tiny):
    from bankft.engine import Sampler

    return Sampler(tiny, threads=1)


@pytest.fixture(scope="module")
def talks():
    """Questions of many lengths, some of them asked twice, some beginning alike."""
    from bankft.cases import fundbot

    found = []
    for language in ("zh", "en"):
        system = {"role": "system", "content": fundbot.system_prompt(language) * 3}
        for i, one in enumerate(fundbot.questions("test", 20, language=language)):
            user = {"role": "user", "content": one.text * (1 + i % 3)}
            found.append([system, user] if i % 2 else [user])
    return found + found[:3]


def test_the_fast_path_is_the_one_tested(sampler):
    from bankft.engine.decoder import Decoder

    assert Decoder.fits(sampler.model)


@pytest.mark.parametrize("settings", SAMPLING)
def test_an_answer_does_not_depend_on_those_beside_it(sampler, talks, settings):
    alone = [list(sampler.tokens(talk, max_tokens=24, **settings)) for talk in talks]
    order = list(range(len(talks)))
    random.Random(1).shuffle(order)
    batch, waiting, requests = sampler.batch(9, ahead=4), list(order), {}
    rng = random.Random(2)
    while len(requests) < len(talks) or len(batch):
        for _ in range(rng.randrange(4)):  # they come in groups, at any step
            if waiting:
                i = waiting.pop()
                requests[i] = sampler.request(
                    talks[i], max_tokens=24, logprobs=i % 2 == 0, **settings
                )
                batch.add(requests[i])
        batch.step()
    assert [requests[i].ids for i in range(len(talks))] == alone


def test_mixed_settings_in_one_batch(sampler, talks):
    """What one row asks for is nothing to the next, to the last bit of the log-probabilities."""
    asks = [
        {**SAMPLING[i % 4].values[0], "logprobs": True, "top_logprobs": i % 3}
        for i in range(len(talks))
    ]
    batch = sampler.batch(16)
    mixed = [sampler.request(t, max_tokens=12, **a) for t, a in zip(talks, asks, strict=True)]
    for one in mixed:
        batch.add(one)
    while batch.step():
        pass
    for talk, ask, one in zip(talks, asks, mixed, strict=True):
        batch = sampler.batch(1)
        again = sampler.request(talk, max_tokens=12, **ask)
        batch.add(again)
        while batch.step():
            pass
        assert (one.ids, one.logprobs, one.tops) == (again.ids, again.logprobs, again.tops)


def test_a_dropped_answer_frees_its_place(sampler, talks):
    batch = sampler.batch(2)
    first, second, third = (
        sampler.request(talk, max_tokens=50, temperature=2, seed=1) for talk in talks[:3]
    )
    for one in (first, second, third):
        batch.add(one)
    batch.step()
    assert third.ids == []  # it waits
    batch.drop(first)
    written = len(first.ids)
    batch.step()
    assert len(third.ids) == 1
    assert len(first.ids) == written
    while batch.step():
        pass
    assert len(batch) == 0
    assert third.ids == list(sampler.tokens(talks[2], max_tokens=50, temperature=2, seed=1))


def test_rollouts_are_the_library_s_tokens_with_its_probabilities(sampler, talks):
    import torch

    prompts = [sampler._encode(talk) for talk in talks]
    for one, prompt in zip(sampler.rollout(prompts, max_tokens=16, seed=3), prompts, strict=True):
        with torch.no_grad():
            logits = sampler.model(torch.tensor([prompt + one.ids])).logits[0]
        want = torch.log_softmax(logits, -1)[len(prompt) - 1 : -1]
        want = want.gather(1, torch.tensor(one.ids)[:, None]).squeeze(1)
        assert torch.allclose(torch.tensor(one.logprobs), want, atol=1e-4)
        assert one.ended == (one.ids[-1] == sampler.tokenizer.eos_token_id)
        assert len(one.ids) == 16 or one.ended
    greedy = sampler.rollout(prompts, max_tokens=16, temperature=0)
    for one, prompt in zip(greedy, prompts, strict=True):
        ids = torch.tensor([prompt])
        with torch.no_grad():
            whole = sampler.model.generate(
                ids,
                attention_mask=torch.ones_like(ids),
                max_new_tokens=16,
                do_sample=False,
                temperature=None,
                top_k=None,
            )
        assert one.ids == whole[0, len(prompt) :].tolist()


def test_samples_have_the_model_s_distribution(sampler):
    """Chi-square over many first tokens, with and without top_p; one seed, so it cannot flake."""
    import torch

    prompt = sampler._encode([{"role": "user", "content": "管理费"}])
    with torch.no_grad():
        logits = sampler.model(torch.tensor([prompt])).logits[0, -1]
    for top_p in (1.0, 0.6):
        n = 4000
        made = sampler.rollout([prompt] * n, max_tokens=1, top_p=top_p, seed=11, rows=500)
        want = torch.softmax(logits, -1)
        if top_p < 1:
            ordered, order = want.sort(descending=True)
            want[order[ordered.cumsum(0) - ordered >= top_p]] = 0
            want /= want.sum()
        seen = torch.bincount(torch.tensor([one.ids[0] for one in made]), minlength=len(want))
        assert seen[want == 0].sum() == 0
        likely = want * n >= 5
        rest = max(float(want[~likely].sum() * n), 1e-9)
        chi = ((seen - want * n)[likely] ** 2 / (want * n)[likely]).sum()
        chi += (float(seen[~likely].sum()) - rest) ** 2 / max(rest, 1.0)
        freedom = int(likely.sum())
        assert float(chi) < freedom + 5 * (2 * freedom) ** 0.5


def test_refresh_takes_the_new_weights(tiny):
    import torch

    from bankft.engine import Sampler
    from bankft.engine.folder import load

    model, tokenizer = load(tiny)
    sampler = Sampler.of(model, tokenizer)
    prompt = [sampler._encode([{"role": "user", "content": "管理费"}])]
    before = sampler.rollout(prompt, max_tokens=8, temperature=0)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.05 * torch.randn(
                parameter.shape, generator=torch.Generator().manual_seed(0)
            )
    sampler.refresh()
    after = sampler.rollout(prompt, max_tokens=8, temperature=0)
    assert after[0].logprobs != before[0].logprobs
    assert (
        after[0].ids
        == Sampler.of(model, tokenizer).rollout(prompt, max_tokens=8, temperature=0)[0].ids
    )


def test_another_architecture_goes_by_its_own_forward_pass(tiny):
    """A Llama of the same size: same interface, the library's greedy tokens."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    from bankft.engine import Sampler
    from bankft.engine.decoder import Decoder
    from bankft.engine.folder import load

    _, tokenizer = load(tiny)
    torch.manual_seed(0)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=2,
            max_position_embeddings=64,
            eos_token_id=tokenizer.eos_token_id,
            initializer_range=0.5,
        )
    ).eval()
    assert not Decoder.fits(model)
    sampler = Sampler.of(model, tokenizer)
    talks = [[{"role": "user", "content": text}] for text in ("a", "管理费", "Hello there")]
    alone = [list(sampler.tokens(talk, max_tokens=10, temperature=0)) for talk in talks]
    prompts = [sampler._encode(talk) for talk in talks]
    made = sampler.rollout(prompts, max_tokens=10, temperature=0)
    assert [one.ids for one in made] == alone
    for prompt, ids in zip(prompts, alone, strict=True):
        given = torch.tensor([prompt])
        with torch.no_grad():
            whole = model.generate(
                given,
                attention_mask=torch.ones_like(given),
                max_new_tokens=10,
                do_sample=False,
                pad_token_id=0,
            )
        assert ids == whole[0, len(prompt) :].tolist()


def test_logprobs_tell_the_text(sampler):
    """The bytes of the tokens are the text's, also where a stop string cuts it."""
    ask = {"max_tokens": 40, "temperature": 1.5, "seed": 4, "logprobs": True, "top_logprobs": 3}
    talk = [{"role": "user", "content": "管理费"}]
    pieces = list(sampler.stream(talk, **ask))
    text = "".join(piece.text for piece in pieces)
    tokens = [one for piece in pieces for one in piece.logprobs]
    whole = b"".join(one.bytes for one in tokens).decode(errors="replace")
    # A character that the answer ends in the middle of is not shown.
    assert whole.rstrip("\N{REPLACEMENT CHARACTER}") == text.rstrip("\N{REPLACEMENT CHARACTER}")
    assert sum(piece.tokens for piece in pieces) == len(tokens)
    for one in tokens:
        assert one.logprob <= 0
        assert len(one.top) == 3
        assert [top.logprob for top in one.top] == sorted(
            (top.logprob for top in one.top), reverse=True
        )
        assert one.logprob <= one.top[0].logprob
    stop = text[4:6]
    pieces = list(sampler.stream(talk, **ask, stop=[stop]))
    cut = text[: text.index(stop)]
    tokens = [one for piece in pieces for one in piece.logprobs]

    def said(some):
        return b"".join(one.bytes for one in some).decode(errors="replace")

    # The last token may be one that the stop string begins in.
    assert said(tokens).startswith(cut)
    assert len(said(tokens[:-1])) < len(cut)
