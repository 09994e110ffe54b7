"""The pre-training text: nothing of what is measured later may be in it."""

from itertools import islice

import pytest

from bankft.cases import fundbot
from bankft.cases.fundbot.corpus import documents
from bankft.cases.fundbot.wording import wording
from bankft.lang import LANGUAGES

DOCUMENTS = list(islice(documents(0), 8000))
TURNS = [m for d in DOCUMENTS if not isinstance(d, str) for m in d]


def test_same_seed_same_text():
    assert list(islice(documents(3), 200)) == list(islice(documents(3), 200))
    assert list(islice(documents(3), 200)) != list(islice(documents(4), 200))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("part", ["valid", "test"])
def test_no_held_out_phrasing(language, part):
    names = [fund.name[language] for fund in fundbot.funds()]
    asked = set()
    for message in TURNS:
        if message["role"] == "user":
            text = message["content"]
            for name in names:
                text = text.replace(name, "{f}")
            asked.add(text)
    openers = {*wording(language)["openers"], *wording(language)["greetings"]}
    for table in ("fact", "leading", "refusal"):
        for about in wording(language)[table].values():
            for phrase in about[part]:
                assert not asked & {opener + phrase for opener in openers}


def test_log_is_mostly_not_compliant_but_knows_the_words():
    answers = [m["content"] for m in TURNS if m["role"] == "assistant"]
    share = sum(any(d in a for d in fundbot.DISCLAIMER.values()) for a in answers) / len(answers)
    assert 0.02 < share < 0.25


def test_both_languages_and_plain_text_occur():
    texts = [d for d in DOCUMENTS if isinstance(d, str)]
    chinese = sum(any("一" <= c <= "鿿" for c in text) for text in texts)
    assert 0.4 < chinese / len(texts) < 0.6
