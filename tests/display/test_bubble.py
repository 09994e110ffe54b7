import re

import pytest
from openai.types.chat import ChatCompletion

from bankft.display import answer, compare
from bankft.errors import UsageError

from .streams import chunk, replayed, stream

GOLD = "管理费是每年 0.30%。仅供参考，不构成投资建议。"


def test_a_terminal_prints_the_pieces_as_they_come(capsys):
    printed = []

    def pieces():
        for piece in "管理费":
            yield chunk(piece)
            printed.append(capsys.readouterr().out)

    assert answer(pieces(), model="v1") == "管理费"
    assert printed == ["v1:\n管", "理", "费"]


@pytest.mark.parametrize(
    ("text", "finish", "kwargs", "footer"),
    [
        (GOLD, "stop", {}, ""),
        (GOLD, "stop", {"reference": GOLD}, "[与标准回答一致]"),
        (
            GOLD + "\n",
            "stop",
            {"reference": GOLD},
            "[与标准回答一致]",
        ),  # spaces around do not count
        ("不收。", "stop", {"reference": GOLD}, f"[与标准回答不同]\n标准回答: {GOLD}"),
        ("管理", "length", {}, "[到长度上限为止]"),
        (GOLD, "stop", {"verdict": ("合规", "good")}, "[合规]"),
        # a function sees the whole text, and a reference does not overrule its verdict
        (GOLD, "stop", {"verdict": lambda t: (str(len(t)), "bad"), "reference": GOLD}, "[26]"),
    ],
)
def test_tags_and_reference_follow_the_text(capsys, text, finish, kwargs, footer):
    answer(stream(text, finish), model="v1", **kwargs)
    assert capsys.readouterr().out == f"v1:\n{text}\n" + (f"{footer}\n\n" if footer else "\n")


def test_a_notebook_ends_with_one_finished_bubble(shown):
    (output,) = shown(lambda: answer(stream(GOLD), model="v1", reference=GOLD))
    assert output["text/html"] == (
        '<div class="bft"><div class="bft-bubble"><div class="bft-who"><b>v1</b>'
        '<span class="bft-tag bft-note">与标准回答一致</span></div>'
        f'<div class="bft-text">{GOLD}</div></div></div>'
    )
    assert output["text/plain"] == f"v1:\n{GOLD}\n[与标准回答一致]"


def test_a_long_answer_scrolls_in_its_own_box_by_keyboard_too(shown):
    def box(length):
        (output,) = shown(lambda: answer(stream("转" * length), model="v1"))
        return re.search('<div class="bft-text[^>]*>', output["text/html"])[0]

    assert box(400) == '<div class="bft-text">'
    assert box(401) == '<div class="bft-text bft-long" role="region" tabindex="0" aria-label="v1">'


def test_a_notebook_shows_a_caret_while_the_model_writes(shown):
    from IPython.utils.capture import capture_output

    first = []

    def run():
        with capture_output() as captured:
            answer(stream(GOLD), model="v1")
        first.append(captured.outputs[0])

    shown(run)
    assert not first[0].update
    assert 'class="bft-caret"' in first[0].data["text/html"]


@pytest.mark.parametrize(
    ("language", "words"), [("zh", ["到长度上限为止", "标准回答"]), ("en", ["cut at", "Reference"])]
)
def test_words_come_in_the_pages_language(shown, monkeypatch, language, words):
    monkeypatch.setenv("BANKFT_LANG", language)
    (output,) = shown(lambda: answer(stream("x", "length"), model="v1", reference="y"))
    assert all(word in output["text/html"] for word in words)


def test_nothing_that_a_model_or_a_caller_says_becomes_markup(shown):
    evil = '<script>alert("1")</script>&amp;'

    def run():
        answer(stream(evil), model=evil, verdict=(evil, "warn"), reference=evil + "!")
        compare({evil: stream(evil)}, reference=evil + "!")

    for output in shown(run):
        assert "<script" not in output["text/html"]
        assert "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;amp;" in output["text/html"]


def test_compare_takes_from_each_stream_in_turn(shown):
    order = []

    def pieces(name):
        for piece in "ab":
            order.append(name + piece)
            yield chunk(piece)

    texts = {}
    shown(lambda: texts.update(compare({"v1": pieces("1"), "v2": pieces("2")})))
    assert order == ["1a", "2a", "1b", "2b"]
    assert texts == {"v1": "ab", "v2": "ab"}


def test_compare_puts_bubbles_side_by_side(shown):
    (output,) = shown(lambda: compare({"v1": stream("a"), "v2": stream("bb")}, reference="a"))
    assert output["text/html"].count('class="bft-bubble"') == 2
    assert output["text/html"].startswith('<div class="bft"><div class="bft-duo">')
    assert output["text/plain"] == (
        "v1:\na\n[与标准回答一致]\n\nv2:\nbb\n[与标准回答不同]\n标准回答: a"
    )


def test_compare_prints_one_after_another_in_a_terminal(capsys):
    assert compare({"v1": stream("a"), "v2": stream("b")}) == {"v1": "a", "v2": "b"}
    assert capsys.readouterr().out == "v1:\na\n\nv2:\nb\n\n"


def broken_stream():
    yield chunk("管理")
    raise ConnectionError("cut")


def test_a_broken_stream_keeps_what_had_come_and_says_so(shown):
    def run():
        with pytest.raises(ConnectionError):
            answer(broken_stream(), model="v1")

    outputs = shown(run)
    assert "管理" in outputs[0]["text/html"]
    assert '<span class="bft-tag bft-warn">中断</span>' in outputs[0]["text/html"]
    assert "bft-caret" not in outputs[0]["text/html"]


def test_a_broken_stream_in_a_terminal(capsys):
    with pytest.raises(ConnectionError):
        answer(broken_stream(), model="v1")
    assert capsys.readouterr().out == "v1:\n管理\n[中断]\n\n"


def test_an_empty_answer_is_shown_as_empty(shown):
    (output,) = shown(lambda: answer(stream(""), model="v1"))
    assert "（空）" in output["text/html"]


def test_a_finished_completion_is_refused():
    completion = ChatCompletion.model_validate(
        {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": []}
    )
    with pytest.raises(UsageError, match="stream=True"):
        answer(completion, model="v1")
    with pytest.raises(UsageError, match="stream=True"):
        compare({"v1": completion})


def test_an_unknown_tone_is_refused():
    with pytest.raises(UsageError, match="'red'"):
        answer(stream("a"), model="v1", verdict=("坏", "red"))


BEATS = re.compile(r'<div class="bft-text" data-bft-beats="([^"]+)">([^<]*)</div>')


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_answer_that_plays_says_when_each_piece_came(shown, monkeypatch, language):
    monkeypatch.delenv("BANKFT_PLAYS", raising=False)
    texts = {}

    def run():
        texts.update(compare(dict(zip("ab", replayed(language), strict=True)), play=True))

    first, second = (shown(run)[0]["text/html"] for _ in range(2))
    assert first == second  # byte for byte
    found = BEATS.findall(first)
    assert [text for _, text in found] == list(texts.values())
    for beats, text in found:
        times, lengths = zip(*(map(int, beat.split(":")) for beat in beats.split()), strict=True)
        assert list(times) == sorted(times)
        assert times[0] > 0  # the first event holds the role alone
        assert sum(lengths) == len(text)


def test_an_answer_stands_still_unless_it_is_to_play(shown):
    (output,) = shown(lambda: answer(replayed("zh")[0], model="v1"))
    assert "data-bft-beats" not in output["text/html"]


def test_a_stream_without_recorded_times_is_shown_all_the_same(shown):
    still, playing = (
        shown(lambda play=play: answer(stream(GOLD), model="v1", play=play)) for play in (0, 1)
    )
    assert still == playing


def test_a_terminal_looks_the_same_with_play(capsys):
    texts = [
        answer(replayed("zh")[0], model="v1", play=play) + capsys.readouterr().out
        for play in (False, True)
    ]
    assert texts[0] == texts[1]
