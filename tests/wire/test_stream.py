"""Streams are streams: tokens arrive as they are written, and work ends when nobody listens."""

import asyncio
import json
import socket
import time

import openai
import pytest

from .server import Server

pytestmark = pytest.mark.service

# At temperature 2 an answer hardly ever ends by itself.
LONG = {
    "model": "bankft-nano",
    "messages": [{"role": "user", "content": "介绍一下这只基金"}],
    "temperature": 2,
    "seed": 5,
}


@pytest.fixture(scope="module")
def long(server):
    """A request whose answer is long: the model may end where it likes, so seeds are tried."""
    with server.client() as client:
        for seed in range(50):
            ask = {**LONG, "max_tokens": 300, "seed": seed}
            if client.chat.completions.create(**ask).usage.completion_tokens > 150:
                return ask
    raise AssertionError("no seed gives a long answer")


def test_first_token_arrives_well_before_the_last(client, long):
    start, arrived = time.perf_counter(), []
    for chunk in client.chat.completions.create(**long, stream=True):
        if chunk.choices[0].delta.content:
            arrived.append(time.perf_counter() - start)
    assert len(arrived) > 20
    assert arrived[0] < arrived[-1] / 2
    # Not in two bursts either: every quarter of the answer takes a part of the time.
    quarters = [arrived[len(arrived) * part // 4] for part in range(4)] + [arrived[-1]]
    assert quarters == sorted(quarters)
    assert len({round(moment, 3) for moment in quarters}) == 5


def test_stream_says_what_the_whole_answer_says(client):
    ask = {**LONG, "temperature": 0.7, "max_tokens": 30}
    whole = client.chat.completions.create(**ask)
    chunks = list(
        client.chat.completions.create(**ask, stream=True, stream_options={"include_usage": True})
    )
    text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert text == whole.choices[0].message.content
    assert chunks[0].choices[0].delta.role == "assistant"
    assert len({chunk.id for chunk in chunks}) == 1
    # The usage comes last, alone, and only there.
    assert chunks[-1].choices == []
    assert chunks[-1].usage == whole.usage
    assert all(chunk.usage is None for chunk in chunks[:-1])
    reasons = [c.choices[0].finish_reason for c in chunks if c.choices]
    assert reasons[-1] == whole.choices[0].finish_reason
    assert set(reasons[:-1]) == {None}


def test_without_asking_no_usage(client):
    chunks = list(client.chat.completions.create(**LONG, max_tokens=3, stream=True))
    assert all("usage" not in chunk.model_fields_set for chunk in chunks)


def test_stop_text_ends_the_answer_and_is_not_part_of_it(client):
    ask = {**LONG, "temperature": 0.7, "max_tokens": 30}
    text = client.chat.completions.create(**ask).choices[0].message.content
    stop = text[4]
    cut = client.chat.completions.create(**ask, stop=[stop, "never said"])
    assert cut.choices[0].message.content == text[: text.index(stop)]
    assert cut.choices[0].finish_reason == "stop"


def test_two_streams_at_once(server, long):
    async def both():
        async with openai.AsyncOpenAI(base_url=f"{server.url}/v1", api_key="any") as client:
            streams = [await client.chat.completions.create(**long, stream=True) for _ in range(2)]
            order = []

            async def read(which, stream):
                async for _ in stream:
                    order.append(which)

            await asyncio.gather(*(read(which, s) for which, s in enumerate(streams)))
            return order

    order = asyncio.run(both())
    # They take turns: the second does not wait for the end of the first.
    assert order.index(1) < len(order) - 1 - order[::-1].index(0)


@pytest.mark.parametrize("stream", [True, False], ids=["streaming", "whole"])
def test_client_that_leaves_ends_the_work(server, long, stream):
    before = server.log.read_text().count(" 499 ")
    body = json.dumps({**long, "stream": stream}).encode()
    head = (
        "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer any\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(head.encode() + body)
        if stream:
            assert b"200 OK" in connection.recv(4096)
        else:
            time.sleep(0.02)
    Server.wait(
        lambda: server.log.read_text().count(" 499 ") > before, "the service did not notice"
    )
    # What is written next does not wait for what nobody reads.
    server.client().chat.completions.create(**LONG, max_tokens=2)


def test_logprobs_whole_and_streamed(client):
    ask = {**LONG, "max_tokens": 12, "logprobs": True, "top_logprobs": 4}
    whole = client.chat.completions.create(**ask).choices[0]
    given = whole.logprobs.content
    chunks = list(client.chat.completions.create(**ask, stream=True))
    streamed = [
        one
        for chunk in chunks
        if chunk.choices[0].logprobs
        for one in chunk.choices[0].logprobs.content
    ]
    assert [one.model_dump() for one in streamed] == [one.model_dump() for one in given]
    assert whole.logprobs.refusal is None
    for one in given:
        assert len(one.top_logprobs) == 4
        assert one.logprob <= one.top_logprobs[0].logprob <= 0
        assert one.bytes is None or bytes(one.bytes).decode(errors="ignore") in one.token
    # Asking for them changes nothing else.
    plain = client.chat.completions.create(**{**LONG, "max_tokens": 12}).choices[0]
    assert plain.message.content == whole.message.content
    assert plain.logprobs is None
    few = client.chat.completions.create(**{**LONG, "max_tokens": 2, "logprobs": True}).choices[0]
    assert few.logprobs.content[0].top_logprobs == []


def test_sixteen_streams_are_written_together_and_none_waits(server, long):
    """Each gets its answer, whatever the other fifteen are; all are under way at one time."""
    asks = [{**long, "seed": seed, "max_tokens": 60, "temperature": 1.2} for seed in range(16)]
    with server.client() as client:
        alone = [client.chat.completions.create(**ask).choices[0].message.content for ask in asks]

    async def all_of_them():
        async with openai.AsyncOpenAI(base_url=f"{server.url}/v1", api_key="any") as client:
            texts, first, last = [""] * 16, {}, {}
            moment = 0

            async def read(which, ask):
                nonlocal moment
                async for chunk in await client.chat.completions.create(**ask, stream=True):
                    moment += 1
                    first.setdefault(which, moment)
                    last[which] = moment
                    texts[which] += chunk.choices[0].delta.content or ""

            await asyncio.gather(*(read(which, ask) for which, ask in enumerate(asks)))
            return texts, first, last

    texts, first, last = asyncio.run(all_of_them())
    assert texts == alone
    # The longest is not through before the last has begun.
    assert max(first.values()) < max(last.values())


def test_those_who_left_make_room(server, long):
    """Forty listeners go away, more than are written at one time; the next gets its answer."""
    body = json.dumps({**long, "max_tokens": 900, "stream": True}).encode()
    head = (
        "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer any\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    connections = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(40)]
    for connection in connections:
        connection.sendall(head.encode() + body)
    assert b"200 OK" in connections[0].recv(4096)
    for connection in connections:
        connection.close()
    answer = server.client().chat.completions.create(**{**LONG, "max_tokens": 2})
    assert answer.usage.completion_tokens <= 2
