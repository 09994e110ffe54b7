# ruff: noqa: F811 (a fixture is used by naming it)
import base64
import re

import pytest

# isort: split
from recording.host import CSV, EVENTS, EVENTS_A_LOOK, Host
from recording.talk import record, recordings  # noqa: F401

import bankft
from bankft import jobs
from bankft.errors import BankftError, JobFailed, UsageError


@pytest.fixture
def host():
    with Host() as host:
        yield host


@pytest.fixture
def client(recordings, host, monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", host.url)
    monkeypatch.setenv("OPENAI_API_KEY", "the-host-key")
    with bankft.connect(mode="live") as client:
        yield client


@pytest.fixture
def naps(monkeypatch):
    """How long ``follow`` would have slept, each time."""
    naps = []
    monkeypatch.setattr("bankft.jobs.time.sleep", naps.append)
    return naps


def create(client, **metadata):
    return client.fine_tuning.jobs.create(
        model="bankft-nano", training_file="file-1", metadata=metadata
    )


def test_follow_gives_each_event_once_and_oldest_first(client, naps):
    # Pages of five, seven new events a look: an event is never on the page where one expects it.
    steps = [event.data["step"] for event in jobs.follow(client, create(client), progress=False)]
    assert steps == list(range(1, EVENTS + 1))
    assert naps == [0.001] * 4  # as the host says; a pause in between is waited for


def test_follow_gives_events_as_they_come(client, host, naps):
    events = jobs.follow(client, create(client), progress=False)
    first = [next(events) for _ in range(EVENTS_A_LOOK)]
    assert first[-1].message == f"Step {EVENTS_A_LOOK}/{EVENTS}"
    assert not naps
    assert sum(path.endswith("/events") for _, path, *_ in host.seen) == 2


def test_follow_takes_a_job_that_ended_long_ago_by_its_id(client, host, naps):
    host.jobs["ftjob-old"] = {"shown": EVENTS, "metadata": {}}
    assert len(list(jobs.follow(client, "ftjob-old", progress=False))) == EVENTS
    assert not naps


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("failed", "Fine-tuning job ftjob-1 failed: the disk is full"),
        ("cancelled", "Fine-tuning job ftjob-1 was cancelled."),
    ],
)
def test_a_job_without_a_model_raises_after_its_last_event(client, host, naps, status, sentence):
    host.last_status = status
    seen = []
    with pytest.raises(JobFailed, match=f"^{re.escape(sentence)}$"):
        seen.extend(jobs.follow(client, create(client), progress=False))
    assert len(seen) == EVENTS


def test_follow_replays_without_waiting(record, naps):
    def page(client):
        return [event.message for event in jobs.follow(client, create(client), progress=False)]

    record(page)
    naps.clear()
    with bankft.connect("page") as client:
        assert len(page(client)) == EVENTS
    assert naps == [0.0] * 4


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, 1.0),  # the server does not say
        ("500", 0.5),
        ("0", 0.0),
        ("soon", 1.0),
        ("-5", 1.0),
        ("nan", 1.0),
        ("9999999", 60.0),  # no server may make us wait for ever
    ],
)
def test_how_long_follow_waits(client, naps, monkeypatch, header, seconds):
    # The header is the host's; a real one is made to say it by changing what the client reads.
    send = client._client.send

    def say(request, **options):
        response = send(request, **options)
        response.headers.pop("openai-poll-after-ms", None)
        if header is not None:
            response.headers["openai-poll-after-ms"] = header
        return response

    monkeypatch.setattr(client._client, "send", say)
    list(jobs.follow(client, create(client), progress=False))
    assert naps == [seconds] * 4


def test_follow_draws_a_bar_on_stderr(client, naps, capsys, monkeypatch):
    pytest.importorskip("tqdm")
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    list(jobs.follow(client, create(client)))
    shown = capsys.readouterr()
    assert not shown.out
    assert f"{EVENTS}/{EVENTS}" in shown.err
    assert "loss 0.033" in shown.err


def test_metrics_are_numbers(client, host):
    host.jobs["ftjob-1"] = {"shown": EVENTS, "metadata": {}}
    rows = jobs.metrics(client, "ftjob-1")
    assert rows == [
        {"step": 1, "train_loss": 5.25, "train_mean_token_accuracy": 0.25, "valid_loss": None},
        {"step": 2, "train_loss": 4.5, "train_mean_token_accuracy": 0.5, "valid_loss": 4.75},
    ]
    assert isinstance(rows[0]["step"], int)


def test_metrics_of_a_host_that_gives_base64(client, host, monkeypatch):
    host.jobs["ftjob-1"] = {"shown": EVENTS, "metadata": {}}
    monkeypatch.setattr("recording.host.CSV", base64.b64encode(CSV.encode()).decode())
    assert len(jobs.metrics(client, "ftjob-1")) == 2


def test_metrics_of_a_job_in_hand_are_read_when_it_has_ended(client, naps):
    job = create(client)
    with pytest.raises(BankftError, match="ftjob-1 has no result file, its status being running"):
        jobs.metrics(client, job)
    list(jobs.follow(client, job, progress=False))
    assert len(jobs.metrics(client, job)) == 2


def test_find_model_takes_the_newest_that_fits(client, host):
    for number, (metadata, shown) in enumerate(
        [
            ({"case": "fundbot", "version": "v1"}, EVENTS),
            ({"case": "fundbot", "version": "v1", "by": "me"}, EVENTS),  # newer, and fits too
            ({"case": "fundbot", "version": "v2"}, EVENTS),  # another version
            ({"case": "fundbot", "version": "v1"}, 3),  # newest, but still running
            (None, EVENTS),  # no metadata at all
        ],
        1,
    ):
        host.jobs[f"ftjob-{number}"] = {"shown": shown, "metadata": metadata}
    assert jobs.find_model(client, case="fundbot", version="v1") == "ft:bankft-nano:bankft:ftjob-2"
    assert host.seen[-1][2] == {"metadata[case]": "fundbot", "metadata[version]": "v1"}


def test_find_model_says_how_to_get_one(client):
    with pytest.raises(BankftError, match=r"metadata case=annual, version=v1 .* train the model"):
        jobs.find_model(client, case="annual", version="v1")
    with pytest.raises(UsageError, match="Say which model"):
        jobs.find_model(client)


def run_of(client):
    """Return a run of an eval, as its creation would."""
    return client.evals.runs.retrieve("evalrun-1", eval_id="eval-1")


def test_a_run_is_waited_for(client, host, naps):
    ended = jobs.follow_run(client, run_of(client), total=4, progress=False)
    assert (ended.status, ended.result_counts.passed) == ("completed", 4)
    assert host.seen[-1][1] == "/evals/eval-1/runs/evalrun-1"
    again = jobs.follow_run(client, run_of(client), progress=False)  # one that ended before
    assert again.status == "completed"
    assert naps == []


def test_a_run_is_looked_at_as_often_as_the_host_says(client, host, naps):
    from types import SimpleNamespace

    fresh = SimpleNamespace(id="evalrun-2", eval_id="eval-1", name="v1")
    assert jobs.follow_run(client, fresh, progress=False).status == "completed"
    assert naps == [0.002]


@pytest.mark.parametrize(
    ("status", "said"), [("failed", "failed: the disk is full"), ("cancelled", "canceled: no reas")]
)
def test_a_run_that_ended_badly_says_why(client, host, naps, status, said):
    host.last_status = status
    with pytest.raises(JobFailed, match=said):
        jobs.follow_run(client, run_of(client), progress=False)
