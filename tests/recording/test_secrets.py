import json

import pytest

from bankft import recording
from bankft.recording import events

SHAPES = [
    ("sk-proj-" + "aB3_" * 10, "an API key"),  # OpenAI, a project's
    ("sk-" + "aB3d" * 12, "an API key"),  # OpenAI, the old shape
    ("sk-ant-api03-" + "aB3-" * 10, "an API key"),  # Anthropic
    ("AKIA" + "ABCD1234" * 2, "an API key"),  # AWS
    ("AIza" + "aB3_-" * 7, "an API key"),  # Google
    ("LTAI5t" + "aB3d" * 4, "an API key"),  # Aliyun
    ("ghp_" + "aB3d" * 9, "an API key"),  # GitHub
    ("hf_" + "aBcD" * 9, "an API key"),  # Hugging Face
    ("glpat-" + "aB3d" * 5, "an API key"),  # GitLab
    ("Authorization: Bearer " + "aB3d" * 5, "a bearer token"),
    ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.aaaa", "a signed token"),
    ("-----BEGIN RSA PRIVATE KEY-----\nMIIE", "a private key"),
    ("-----BEGIN PRIVATE KEY-----", "a private key"),
    ("postgresql://bank:hunter2@db/jobs", "a password in an address"),
    ('password = "aB3d5678aB3d5678"', "a password or key"),
    ("api_key=aB3d5678aB3d5678", "a password or key"),
    ("13800138000", "a mobile number"),
    ("11010519491231002X", "an identity card number"),
    ("6222021234567890128", "a bank card number"),
    ("zhang@bank.cn", "an e-mail address"),
]

INVENTED = [
    "管理费每年 1.20%，托管费 0.20%。仅供参考，不构成投资建议。",
    "基金代码 900101，成立于 2021-03-15，最低 1000.00 元起购，规模 13800138000.00 元",
    "ftjob-3f2a9c1d8e7b6a5f4e3d2c1b0a987654 file-0a1b2c3d4e5f60718293a4b5",
    "bankft-nano@sha256:" + "0123456789abcdef" * 4,
    "ft:bankft-nano:bankft:fund-bot-v1:a1b2c3d4:ckpt-step-75",
    "chatcmpl-1795240000123 1795240000 1.6222021234567890",  # ids, times, a long decimal
    "step,train_loss\n1,5.2113800138000\n2,0.13800138000138\n",
    "max_tokens: 120, token accuracy 0.9912345678901234",
    "联系 service@bank.example 或 a.b@mail.example.com",  # reserved names: nobody's
    "身份证号 110105194912310021（校验位是错的）",
    "10012345678",  # no network has this prefix
    "risk-rating-of-this-fund-is-R3-balanced, ask-me-anything-about-funds-2026",
    "secret: 不能告诉别人的密码是什么",
]


def wrap(text):
    """The places in which a text can get into a recording."""
    message = {"messages": [{"role": "user", "content": f"请看{text}，谢谢"}]}
    half = len(text) // 2
    streamed = [
        {"ms": 0, "data": {"choices": [{"delta": {"content": piece}}]}}
        for piece in ("请看", text[:half], text[half:], "，谢谢")
    ]
    return {
        "request": {"request": {"method": "POST", "path": "/x", "json": message}},
        "query": {"request": {"method": "GET", "path": "/x", "query": [["metadata[a]", text]]}},
        "name": {"request": {"method": "POST", "path": "/x", "json": {text: 1}}},
        "response": {"response": {"status": 200, "headers": {}, "json": message}},
        "text": {"response": {"status": 200, "headers": {}, "text": f"a,b\n1,{text}\n"}},
        "stream": {
            "response": {"status": 200, "headers": {}, "events": list(events.pack(streamed))}
        },
    }


@pytest.mark.parametrize("place", wrap(""))
@pytest.mark.parametrize(("text", "kind"), SHAPES)
def test_it_is_found_wherever_it_stands(text, kind, place):
    found = recording.scan(wrap(text)[place])
    assert kind in {one.kind for one in found}
    assert all(text not in one.place for one in found)


@pytest.mark.parametrize("place", wrap(""))
@pytest.mark.parametrize("text", INVENTED)
def test_invented_data_passes(text, place):
    assert recording.scan(wrap(text)[place]) == []


@pytest.mark.parametrize("ensure_ascii", [True, False])  # 请\u7a7a13800138000 hides it from a regex
def test_an_uploaded_file_is_looked_through_as_json(ensure_ascii):
    line = json.dumps({"messages": [{"content": "电话\n13800138000"}]}, ensure_ascii=ensure_ascii)
    assert recording.scan({}, uploads=[("t.jsonl", f"{{}}\n{line}".encode())]) == [
        recording.Found("a mobile number", "request.parts.t.jsonl line 2.messages[0].content")
    ]
    assert recording.scan({}, uploads=[("t.csv", "姓名,电话\n张,13800138000".encode())])
    assert recording.scan({}, uploads=[("t.bin", b"\xff\x00\xfe")]) == []


def test_a_number_may_hold_a_card():
    assert recording.scan({"request": {"json": {"card": 6222021234567890128}}})
    assert not recording.scan({"request": {"json": {"at": 1795240000, "seed": 7, "on": True}}})


def test_numbers_of_several_events_are_not_read_as_one():
    stream = [{"ms": n, "data": {"created": 622202, "n": n}} for n in range(4)]
    assert not recording.scan({"response": {"status": 200, "headers": {}, "events": stream}})
