import codecs
import io

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bankft.data import encodings, mojibake
from bankft.errors import UsageError

SENTENCE = "基金净值是多少？管理费每年 1.20%，仅供参考，不构成投资建议。"


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (b"", "utf-8"),
        (b"plain", "utf-8"),
        ("café".encode(), "utf-8"),  # 茅 in GBK, but an accent within a word
        ("Ångström, Привет, Ωμέγα".encode(), "utf-8"),
        ("基".encode(), "utf-8"),
        ("基金 🙂".encode(), "utf-8"),
        (SENTENCE.encode("utf-8-sig"), "utf-8-sig"),
        (SENTENCE.encode("utf-16"), "utf-16"),
        ('{"a": 1}\n'.encode("utf-16-le"), "utf-16-le"),  # no mark, but zeros in their places
        (f'{{"a": "{SENTENCE}"}}\n'.encode("utf-16-be"), "utf-16-be"),
        (codecs.BOM_UTF32_LE + "a".encode("utf-32-le"), "utf-32"),
        (SENTENCE.encode("gb18030"), "gb18030"),
        ("谢谢".encode("gbk"), "gb18030"),  # D0BB D0BB: valid UTF-8 (лл) by accident
        ("问题,答案\n".encode("gbk"), "gb18030"),
        ("买".encode("gbk"), "gb18030"),
        (b"x" * 2**20 + "买".encode("gbk"), "gb18030"),  # beyond the first megabyte
        ("請問這檔基金的管理費是多少？謝謝".encode("big5"), "big5"),
        (SENTENCE.encode() * 3 + b"\xe5\x9f", "utf-8"),  # cut off in a character
        (bytes(range(256)) * 40, None),
    ],
)
def test_the_encoding_of_a_file(raw, name):
    file = io.BytesIO(raw)
    assert encodings.detect(file) == name
    assert file.tell() == 0


@pytest.mark.parametrize(
    "text",
    [
        SENTENCE,
        "請問這檔基金的管理費是多少？贖回要幾天？",  # traditional
        "このファンドの信託報酬はいくらですか。",
        "펀드 수수료는 얼마입니까?",
        "王淇、李妍、张宓、欧阳婉淇、溥仪、淇涵、洧洹浯浠浣浼",  # characters that few texts have
        "鍾馗、闞澤、釁隙、鐵觀音、錢鍾書",
        "Zürich, naïve, «à la carte», ÄÖÜ, Ærøskøbing, ÅÅÅÅ-MM-DD",
        "l'état «\u00a0indéterminé\u00a0»",
        "“引号”——破折号……·×÷°±℃①②③㎡¥€",
        "👨‍👩‍👧 ❤️ 🙂",  # joiners belong into emoji
        "می‌خواهم",  # and into Persian
        "",
    ],
)
def test_good_text_has_no_flaw(text):
    assert encodings.flaws(text) == ()
    assert mojibake.repair(text) == mojibake.Repair(text, 0, 0)
    assert encodings.normalize(text) == text


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("åŸºé‡‘", "基金"),  # UTF-8 read as windows-1252
        (SENTENCE.encode().decode("latin-1"), SENTENCE),
        (SENTENCE.encode("gb18030").decode("latin-1"), SENTENCE),
        ("»ù½ð¾»Öµ", "基金净值"),  # GBK read as windows-1252
        ("鍩洪噾", "基金"),  # UTF-8 read as GBK
        ("您好 鎮ㄥソ", "您好 您好"),
        (
            "基金：鍩洪噾鐨勮垂鐜囨槸，基金的费率",
            "基金：基金的费率是，基金的费率",
        ),  # both side by side
        (SENTENCE.encode().decode("latin-1").encode().decode("latin-1"), SENTENCE),  # twice
        ("ðŸ™‚", "🙂"),
        ("ğŸ§ª", "🧪"),  # windows-1254
        ("CafÃ©", "Café"),
    ],
)
def test_mojibake_that_kept_its_bytes_is_put_right(text, right):
    assert "mojibake" in encodings.flaws(text)
    repaired = mojibake.repair(text)
    assert (repaired.text, repaired.lost, repaired.whole) == (right, 0, True)
    assert repaired.restored > 0


@pytest.mark.parametrize(
    ("text", "start", "lost"),
    [
        ("æ•°æ®å‡†å¤‡", "数�", 1),  # 准备 kept, a byte of 据 had no character
        ("锟斤拷锟斤拷", "�", 2),  # two lost characters, written as UTF-8, read as GBK
        ("管理�", "管理�", 1),
        ("绠＄悊璐?", "管理�", 1),  # GBK had one byte too few at the end
    ],
)
def test_what_lost_bytes_is_found_and_said_to_be_lost(text, start, lost):
    assert "mojibake" in encodings.flaws(text)
    repaired = mojibake.repair(text)
    assert repaired.text.startswith(start)
    assert not repaired.whole
    assert repaired.lost <= lost


# The heading and the rules on quality from a guide that reached us as windows-1254 without the
# bytes that it has no character for, and the same with U+FFFD where a byte is missing.
HEADING = "Fine-tuningï¼ˆå¾®è°ƒï¼‰æ˜¯ç”¨ä½\u00a0çš„æ•°æ®å¯¹åŸºç¡€æ¨¡å‹è¿›è¡Œå†è®ç»ƒ"
RECEIVED = HEADING + "ï¼Œä½¿å…¶æ›´ç¬¦åˆç‰¹å®šä»»åŠ¡"
RESTORED = "Fine-tuning（微调）是用你的数�对基础模�进行��练，使其更符�特定任务"


def test_a_real_text_is_restored_exactly_as_far_as_its_bytes_go():
    repaired = mojibake.repair(RECEIVED)
    assert repaired.text == RESTORED
    assert repaired.lost == RESTORED.count("�") == 5
    assert repaired.restored == sum(char > "\x7f" for char in RESTORED) - 5


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from("基金净值管理费率风险等级是多少的了我要买卖请问您好"), min_size=2))
def test_any_words_survive_the_two_usual_accidents(text):
    assert mojibake.repair(text) == mojibake.Repair(text, 0, 0)
    assert mojibake.repair(text.encode().decode("latin-1")).text == text


@settings(max_examples=300, deadline=None)
@given(st.text())
@example("\ud800")  # half a character
@example("Ã\ud800é")
@example("°¡°¢")  # 啊阿, of which no character is strange by itself
def test_no_text_makes_it_stumble(text):
    for one in (text, text.encode("utf-8", "replace").decode("gb18030", "replace")):
        flaws = encodings.flaws(one)
        repaired = mojibake.repair(one)
        assert ("mojibake" in flaws) or repaired.text == one
        assert encodings.normalize(encodings.normalize(one)) == encodings.normalize(one)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_make_it_stumble(raw):
    name = encodings.detect(io.BytesIO(raw))
    assert name is None or raw.decode(name, "replace") is not None


@pytest.mark.parametrize(
    ("text", "flaw", "right"),
    [
        ("（Ａ类）费率１．２０％", "full_width", "（A类）费率1.20％"),  # Chinese marks stay
        ("保\u200b本", "zero_width", "保本"),
        ("\ufeff起购", "zero_width", "起购"),
        ("138\u200d0013", "zero_width", "1380013"),
        ("a\u00adb", "zero_width", "ab"),
    ],
)
def test_other_flaws_are_found_and_normalised(text, flaw, right):
    assert encodings.flaws(text) == (flaw,)
    assert encodings.normalize(text) == right
    assert encodings.flaws(right) == ()


def test_names_of_encodings():
    assert encodings.encoding("GB2312") == "gb18030"
    with pytest.raises(UsageError, match="no text encoding"):
        encodings.encoding("klingon")
