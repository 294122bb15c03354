"""A database that fails when it is told to: before, amid or after a transaction of the writer."""

from __future__ import annotations

from contextlib import contextmanager
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

from config.errors import DatabaseUnreachable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Engine


class Break(Enum):
    """Where a transaction breaks."""

    NOWHERE = auto()
    AMID = auto()
    """When the first observation or event is to be inserted: tracks may have been made by then."""
    BEFORE_COMMIT = auto()
    """All is written, and nothing committed."""
    AFTER_COMMIT = auto()
    """It is committed, and whoever asked for it does not hear so."""


@contextmanager
def broken_commits(engine: Engine, plan: Iterable[Break]) -> Iterator[list[Break]]:
    """While the block lasts, the transactions of ``engine`` break as planned, and no more when the plan is used up.

    Gives the breaks that have happened. Only one thread may write meanwhile.
    """
    planned, happened = iter(plan), list[Break]()
    commit, current = engine.dialect.do_commit, [Break.NOWHERE]

    def begin(_: object) -> None:
        current[0] = next(planned, Break.NOWHERE)

    def insert(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith(("INSERT INTO observations", "INSERT INTO camera_events")):
            fail(Break.AMID)

    def break_commit(connection: Any) -> None:
        fail(Break.BEFORE_COMMIT)
        commit(connection)
        fail(Break.AFTER_COMMIT)

    def fail(where: Break) -> None:
        if current[0] is where:
            happened.append(where)
            current[0] = Break.NOWHERE
            raise DatabaseUnreachable(f"broken: {where.name}")

    event.listen(engine, "begin", begin)
    event.listen(engine, "before_cursor_execute", insert)
    engine.dialect.do_commit = break_commit  # type: ignore[method-assign,assignment]
    try:
        yield happened
    finally:
        engine.dialect.do_commit = commit  # type: ignore[method-assign]
        event.remove(engine, "before_cursor_execute", insert)
        event.remove(engine, "begin", begin)
