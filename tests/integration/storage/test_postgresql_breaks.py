"""A live writer and a PostgreSQL server that dies, throws clients out, hands over, or is cut off at a COMMIT."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy.engine import make_url

from config.errors import DatabaseUnreachable
from config.sections.storage import StorageSettings
from storage.content import content_digest
from storage.engine import open_database
from storage.records import CameraEventBegin, CameraEventEnd
from storage.repositories.runs import RunRepository
from storage.repositories.tracks import TrackRepository
from storage.writer import ObservationWriter
from tests.observations import START, start_run, walk, write
from tests.postgresql import PostgresqlServer
from tests.postgresql_relay import Cut, PostgresqlRelay

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from storage.records import ObservationBatch

pytestmark = pytest.mark.postgresql
_QUICK = StorageSettings(live_write_interval_s=0.005, retry_longest_s=0.1, write_batch_rows=60)


@pytest.fixture(scope="module")
def mortal_server() -> Iterator[PostgresqlServer]:
    """A server of its own, to be killed."""
    with PostgresqlServer() as server:
        yield server


def _check(engine: Engine, run_id: int, batches: list[ObservationBatch]) -> None:
    """Exactly what a writer that nothing disturbed would have left."""
    undisturbed = start_run(engine)
    write(engine, undisturbed, batches)
    assert content_digest(engine, run_id) == content_digest(engine, undisturbed)


def _wait_for_failure(writer: ObservationWriter) -> None:
    deadline = time.monotonic() + 30
    while writer.failing_since is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_server_that_is_killed_and_started_again(mortal_server: PostgresqlServer) -> None:
    engine = open_database(mortal_server.new_database())
    run_id = start_run(engine)
    batches = walk(600)
    told: list[ObservationBatch] = []
    writer = ObservationWriter.live(engine, run_id, _QUICK, lambda committed, _: told.extend(committed))
    for index, one in enumerate(batches):
        writer.put(one)
        if index in {150, 400}:
            mortal_server.kill()
            mortal_server_is_back = threading.Timer(0.5, mortal_server.restart)
            mortal_server_is_back.start()
            _wait_for_failure(writer)
            assert "cannot be reached" in writer.last_error
        if index in {250, 599}:
            mortal_server_is_back.join()
    assert writer.close(60) == 0
    assert writer.failing_since is None
    assert writer.committed_rows == sum(map(len, batches))
    assert [one.frame_index for one in told] == list(range(600))
    _check(engine, run_id, batches)
    engine.dispose()


def test_clients_that_are_thrown_out_again_and_again(postgresql: PostgresqlServer) -> None:
    url = postgresql.new_database()
    engine = open_database(url)
    run_id = start_run(engine)
    batches = walk(3000)
    writer = ObservationWriter.live(engine, run_id, _QUICK)
    out = 0
    with psycopg.connect(url, autocommit=True, application_name="operator") as operator:
        for index, one in enumerate(batches):
            writer.put(one)
            if index % 30 == 0:
                out += operator.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE application_name = 'sitewatch' AND datname = current_database()"
                ).rowcount
                time.sleep(0.01)
    assert writer.close(60) == 0
    assert out >= 5
    _check(engine, run_id, batches)
    engine.dispose()


def test_idle_connections_of_a_server_that_was_restarted_are_replaced(
    mortal_server: PostgresqlServer,
) -> None:
    engine = open_database(mortal_server.new_database())
    run_id = start_run(engine)
    with engine.connect(), engine.connect():
        pass  # two lie idle in the pool
    mortal_server.kill()
    with pytest.raises(DatabaseUnreachable):
        RunRepository(engine).list()
    mortal_server.restart()
    assert [run.run_id for run in RunRepository(engine).list()] == [run_id]
    mortal_server.kill()
    mortal_server.restart()
    assert [run.run_id for run in RunRepository(engine).list()] == [run_id], "nobody tried meanwhile"
    engine.dispose()


def test_server_that_was_restarted_between_two_transactions_does_not_end_a_replay(
    mortal_server: PostgresqlServer,
) -> None:
    engine = open_database(mortal_server.new_database())
    run_id, batches = start_run(engine), walk(2)
    with ObservationWriter(engine, run_id) as writer:
        writer.put(batches[0])
        writer.flush()
        mortal_server.kill()
        mortal_server.restart()
        writer.put(batches[1])
    assert writer.committed_rows == 6
    engine.dispose()


@pytest.mark.parametrize("cut", Cut)
def test_connection_that_breaks_at_the_commit(postgresql: PostgresqlServer, cut: Cut) -> None:
    url = make_url(postgresql.new_database())
    with PostgresqlRelay(postgresql.port) as relay:
        engine = open_database(url.set(port=relay.port))
        run_id = start_run(engine)
        batches = walk(200)
        told: list[ObservationBatch] = []
        writer = ObservationWriter.live(engine, run_id, _QUICK, lambda committed, _: told.extend(committed))
        relay.cut_next_commits(cut, cut, cut)
        for one in batches:
            writer.put(one)
        writer.record(CameraEventBegin("gate", "frozen", START))
        writer.record(CameraEventEnd("gate", "frozen", START))
        assert writer.close(60) == 0
        assert relay.done == [cut] * 3
        assert [one.frame_index for one in told] == list(range(200))
        assert sum(track.observations for track in TrackRepository(engine).summaries(run_id)) == 600
        with ObservationWriter(engine, start_run(engine)) as undisturbed:
            for one in batches:
                undisturbed.put(one)
            undisturbed.record(CameraEventBegin("gate", "frozen", START))
            undisturbed.record(CameraEventEnd("gate", "frozen", START))
        assert content_digest(engine, run_id) == content_digest(engine, run_id + 1)
        engine.dispose()


def test_without_tries_a_cut_ends_the_writer(postgresql: PostgresqlServer) -> None:
    with PostgresqlRelay(postgresql.port) as relay:
        engine = open_database(make_url(postgresql.new_database()).set(port=relay.port))
        writer = ObservationWriter(engine, start_run(engine))
        relay.cut_next_commits(Cut.ANSWER)
        writer.put(walk(1)[0])
        with pytest.raises(DatabaseUnreachable):
            writer.close()
        engine.dispose()


def test_server_that_only_reads_while_another_takes_over(postgresql: PostgresqlServer) -> None:
    url = postgresql.new_database()
    engine = open_database(url)
    run_id = start_run(engine)
    batches = walk(40)
    name = make_url(url).database
    with psycopg.connect(url, autocommit=True) as operator:
        writer = ObservationWriter.live(engine, run_id, _QUICK)
        operator.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        engine.dispose()  # new connections only read
        for one in batches:
            writer.put(one)
        _wait_for_failure(writer)
        assert "cannot be written" in writer.last_error
        operator.execute("SET default_transaction_read_only = off")
        operator.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = off")
        assert writer.close(60) == 0
    _check(engine, run_id, batches)
    engine.dispose()


def test_both_sides_ask_after_a_silent_connection(postgresql: PostgresqlServer) -> None:
    engine = open_database(postgresql.new_database())
    names = ("tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count", "tcp_user_timeout")
    with engine.connect() as connection:
        server = [connection.exec_driver_sql(f"SHOW {name}").scalar_one() for name in names]
        driver = connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        client = driver.info.get_parameters()
    assert server == ["5", "1", "5", "10000"]  # as the kernel says
    assert (client["keepalives_idle"], client["tcp_user_timeout"]) == ("5", "10000")
    engine.dispose()
