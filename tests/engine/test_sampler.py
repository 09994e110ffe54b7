"""Decoding: the library's own tokens, whole characters, stops, seeds."""

import pytest

pytestmark = pytest.mark.service

ASK = [{"role": "user", "content": "请问晨曦货币的管理费是多少？"}]


@pytest.fixture(scope="module")
def sampler(tiny):
    from bankft.engine import Sampler

    return Sampler(tiny, threads=1)


def text_of(pieces):
    return "".join(piece.text for piece in pieces)


@pytest.mark.parametrize("text", ["你好", "Hello. What is the code of Dawn Money?", "3×4是多少？"])
def test_greedy_is_what_generate_gives(sampler, text):
    import torch

    talk = [{"role": "user", "content": text}]
    ours = list(sampler.tokens(talk, max_tokens=40, temperature=0))
    prompt = sampler.tokenizer.apply_chat_template(
        talk, add_generation_prompt=True, return_tensors="pt", return_dict=True
    )
    with torch.no_grad():
        theirs = sampler.model.generate(
            **prompt, max_new_tokens=40, do_sample=False, temperature=None, top_k=None
        )
    assert ours == theirs[0, prompt["input_ids"].shape[1] :].tolist()


def test_many_at_once_gives_the_same_as_one_by_one(sampler):
    talks = [[{"role": "user", "content": text}] for text in ("a", "管理费", "Hello there, friend")]
    together = sampler.complete(talks, max_tokens=30, temperature=0)
    assert [one.text for one in together] == [
        text_of(sampler.stream(talk, max_tokens=30, temperature=0)) for talk in talks
    ]


def test_pieces_are_whole_characters_and_count_their_tokens(sampler):
    pieces = list(sampler.stream(ASK, max_tokens=60, temperature=1.5, seed=1))
    assert sum(piece.tokens for piece in pieces) <= 60
    assert [piece.finish_reason for piece in pieces[:-1]] == [None] * (len(pieces) - 1)
    assert pieces[-1].finish_reason in ("stop", "length")


def test_seed_decides_and_temperature_matters(sampler):
    def answer(seed, temperature=1.0):
        return text_of(sampler.stream(ASK, max_tokens=30, temperature=temperature, seed=seed))

    assert answer(1) == answer(1)
    assert len({answer(seed) for seed in range(8)}) > 1
    assert len({answer(seed, 0) for seed in range(8)}) == 1


def test_top_p_near_zero_is_greedy(sampler):
    greedy = text_of(sampler.stream(ASK, max_tokens=20, temperature=0))
    assert text_of(sampler.stream(ASK, max_tokens=20, top_p=1e-6, seed=3)) == greedy


def test_length_ends_it(sampler):
    pieces = list(sampler.stream(ASK, max_tokens=3, temperature=0))
    assert pieces[-1].finish_reason == "length"
    assert sum(piece.tokens for piece in pieces) == 3


def test_stop_string_ends_it_and_is_not_shown(sampler):
    whole = text_of(sampler.stream(ASK, max_tokens=40, temperature=0))
    stop = whole[3:6]
    pieces = list(sampler.stream(ASK, max_tokens=40, temperature=0, stop=[stop]))
    assert text_of(pieces) == whole[: whole.index(stop)]
    assert pieces[-1].finish_reason == "stop"


def test_no_room_is_one_sentence(sampler):
    from bankft.errors import UsageError

    with pytest.raises(UsageError, match="shorten"):
        list(sampler.stream([{"role": "user", "content": "长" * 3000}]))


def test_prompt_tokens_counts_the_opening_of_the_answer(sampler):
    assert sampler.prompt_tokens([{"role": "user", "content": "1"}]) == 5
