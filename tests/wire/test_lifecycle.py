"""Starting, stopping, crashing: a job never hangs, and nothing ends in a traceback."""

import os
import signal
import socket
import subprocess
import sys
import time

import openai
import pytest

from .examples import ALIKE, SHORT, items, put, reinforcement
from .server import Server, ended, messages, supervised, upload

pytestmark = [pytest.mark.service, pytest.mark.timeout(900)]

RESUMED = "Fine-tuning job resumed from its last checkpoint after an interruption"


@pytest.fixture(scope="module")
def breakable(make_server):
    """A server that the tests here stop, kill and start again, one after the other."""
    return make_server()


def long_job(client):
    """Create a job that has time to be interrupted: 50 epochs of 3 steps."""
    return client.fine_tuning.jobs.create(
        model="bankft-nano",
        training_file=upload(client, 12),
        method=supervised(n_epochs=50, batch_size=4),
    )


def short_job(client):
    return client.fine_tuning.jobs.create(
        model="bankft-nano",
        training_file=upload(client, 10),
        method=supervised(n_epochs=1, batch_size=5),
    )


def until_checkpoint(client, job_id):
    Server.wait(
        lambda: client.fine_tuning.jobs.checkpoints.list(job_id).data, "there is no checkpoint"
    )


def steps(client, job_id):
    return [
        event.data["step"]
        for event in client.fine_tuning.jobs.list_events(job_id, limit=1000)
        if event.type == "metrics"
    ][::-1]


def test_cancel_while_running_and_while_queued(breakable):
    with breakable.client() as client:
        running, queued = long_job(client), short_job(client)
        until_checkpoint(client, running.id)
        assert client.fine_tuning.jobs.retrieve(running.id).estimated_finish > time.time() - 1
        # The second job's files were checked although the first one trains.
        assert client.fine_tuning.jobs.retrieve(queued.id).status == "queued"
        for job in (queued, running):
            cancelled = client.fine_tuning.jobs.cancel(job.id)
            assert cancelled.status == "cancelled"
            assert cancelled.finished_at is not None
            assert messages(client, job.id)[-1] == "Fine-tuning job cancelled"
            with pytest.raises(Exception, match="already ended"):
                client.fine_tuning.jobs.cancel(job.id)
        # The worker lets go of it at once: the next job runs.
        assert ended(client, short_job(client).id).status == "succeeded"
        told = messages(client, running.id)
        assert told[-1] == "Fine-tuning job cancelled"  # nothing came after it
        # What was kept until then stays usable.
        checkpoint = client.fine_tuning.jobs.checkpoints.list(running.id).data[0]
        assert client.models.retrieve(checkpoint.fine_tuned_model_checkpoint)


@pytest.mark.long
def test_killed_worker_is_noticed_and_the_job_goes_on(breakable):
    with breakable.client() as client:
        job = client.fine_tuning.jobs.create(
            model="bankft-nano",
            training_file=upload(client, 12),
            seed=1,
            method=supervised(n_epochs=10, batch_size=4),
        )
        until_checkpoint(client, job.id)
        (worker,) = breakable.workers()
        os.kill(worker, signal.SIGKILL)
        done = ended(client, job.id)
        assert done.status == "succeeded"
        assert (again := breakable.workers())
        assert again != [worker]
        told = messages(client, job.id)
        assert told.count("Fine-tuning job started") == 1
        assert told.count(RESUMED) == 1
        # Each step is told once, in order, also those trained twice.
        assert steps(client, job.id) == list(range(1, 31))
        assert len(client.files.content(done.result_files[0]).text.splitlines()) == 31


def test_pause_and_resume(breakable):
    with breakable.client() as client:
        jobs = client.fine_tuning.jobs
        job = jobs.create(
            model="bankft-nano",
            training_file=upload(client, 12),
            method=supervised(n_epochs=6, batch_size=4),
        )
        with pytest.raises(openai.BadRequestError, match="Only a paused job can be resumed"):
            jobs.resume(job.id)
        until_checkpoint(client, job.id)
        paused = jobs.pause(job.id)
        assert paused.status == "paused"
        assert paused.estimated_finish is None
        with pytest.raises(openai.BadRequestError, match="its status is 'paused'"):
            jobs.pause(job.id)
        # The worker is free for another job, and the paused one stands still.
        assert ended(client, short_job(client).id).status == "succeeded"
        told = messages(client, job.id)
        assert told[-1] == "Fine-tuning job paused"
        assert jobs.resume(job.id).status == "queued"
        assert ended(client, job.id).status == "succeeded"
        assert steps(client, job.id) == list(range(1, 19))
        after = messages(client, job.id)[len(told) :]
        assert after[:2] == [
            "Moving paused job to queued state",
            "Fine-tuning job resumed from its last checkpoint",
        ]
        with pytest.raises(openai.BadRequestError, match="its status is 'succeeded'"):
            jobs.pause(job.id)


def test_a_paused_job_can_be_cancelled(breakable):
    with breakable.client() as client:
        job = long_job(client)
        until_checkpoint(client, job.id)
        client.fine_tuning.jobs.pause(job.id)
        assert client.fine_tuning.jobs.cancel(job.id).status == "cancelled"
        assert messages(client, job.id)[-2:] == [
            "Fine-tuning job paused",
            "Fine-tuning job cancelled",
        ]


@pytest.mark.long
def test_killed_reinforcement_goes_on_from_its_last_validation(breakable):
    """And comes to the same weights as one that nobody disturbed."""
    models = []
    with breakable.client() as client:
        files = [put(client, items(10)), put(client, items(2, "valid"))]
        for kill in (True, False):
            job = client.fine_tuning.jobs.create(
                model="bankft-nano",
                training_file=files[0],
                validation_file=files[1],
                seed=5,
                method=reinforcement(ALIKE, n_epochs=2),
                extra_body={"bankft": SHORT},
            )
            if kill:
                until_checkpoint(client, job.id)
                (worker,) = breakable.workers()
                os.kill(worker, signal.SIGKILL)
            done = ended(client, job.id)
            assert done.status == "succeeded", done.error
            assert steps(client, job.id) == [1, 2, 3, 4]
            assert messages(client, job.id).count(RESUMED) == kill
            folder = breakable.folder / "jobs" / job.id
            models.append((folder / "model.safetensors").read_bytes())
    assert models[0] == models[1]


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(signal.SIGTERM, id="stopped", marks=pytest.mark.long),
        pytest.param(signal.SIGKILL, id="killed"),
    ],
)
def test_job_survives_a_restart_of_the_service(breakable, number):
    with breakable.client() as client:
        job = client.fine_tuning.jobs.create(
            model="bankft-nano",
            training_file=upload(client, 12),
            method=supervised(n_epochs=10, batch_size=4),
        )
        until_checkpoint(client, job.id)
    (worker,) = breakable.workers()
    code = breakable.stop(number)
    assert code == (0 if number == signal.SIGTERM else -signal.SIGKILL)
    Server.wait(lambda: not os.path.exists(f"/proc/{worker}"), "the worker outlives the service")
    breakable.start()
    with breakable.client() as client:
        assert ended(client, job.id).status == "succeeded"
        assert RESUMED in messages(client, job.id)
        assert steps(client, job.id) == list(range(1, 31))


@pytest.mark.long
def test_job_that_kills_its_worker_again_and_again_fails(breakable):
    with breakable.client() as client:
        job = client.fine_tuning.jobs.create(
            model="bankft-nano",
            training_file=upload(client, 100),
            method=supervised(n_epochs=50, batch_size=1),
        )
        for resumed in range(3):
            Server.wait(
                lambda again=resumed: (
                    client.fine_tuning.jobs.retrieve(job.id).status == "running"
                    and messages(client, job.id).count(RESUMED) == again
                ),
                "the job does not start again",
            )
            for worker in breakable.workers():
                os.kill(worker, signal.SIGKILL)
        done = ended(client, job.id)
        assert (done.status, done.error.code) == ("failed", "server_error")
        assert "ended unexpectedly 3 times" in done.error.message
        assert ended(client, short_job(client).id).status == "succeeded"  # others go on


def test_ctrl_c_ends_quietly_in_the_middle_of_everything(breakable):
    with breakable.client() as client:
        until_checkpoint(client, long_job(client).id)
        stream = client.chat.completions.create(
            model="bankft-nano",
            messages=[{"role": "user", "content": "你好"}],
            temperature=2,
            stream=True,
        )
        next(iter(stream))
        assert breakable.stop(signal.SIGINT) == 0
    assert "Traceback" not in breakable.log.read_text()


def refused_start(*options, **environment) -> tuple[int, str]:
    """Start a service that must not start; return its exit code and what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "bankft", "serve", *options],
        env={**os.environ, "BANKFT_API_KEYS": "", **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    return done.returncode, done.stderr


def test_port_in_use(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, said = refused_start("--port", port, "--data-dir", str(tmp_path))
    assert code == 1
    assert f"127.0.0.1:{port}" in said
    assert "--port" in said


def test_no_keys_where_others_can_reach(tmp_path):
    code, said = refused_start("--host", "0.0.0.0", "--data-dir", str(tmp_path / "d"))
    assert code == 1
    assert "BANKFT_API_KEYS" in said
    assert not (tmp_path / "d").exists()


def test_base_model_that_is_none(tmp_path):
    code, said = refused_start("--base", str(tmp_path), "--data-dir", str(tmp_path / "d"))
    assert code == 1
    assert "config.json" in said


def test_data_folder_that_cannot_be_one(tmp_path):
    (tmp_path / "file").write_text("in the way")
    code, said = refused_start("--data-dir", str(tmp_path / "file"), "--port", "0")
    assert code == 1
    assert "--data-dir" in said
    (tmp_path / "state.db").write_text("no database, " * 100)
    code, said = refused_start("--data-dir", str(tmp_path), "--port", "0")
    assert code == 1
    assert "state.db" in said
