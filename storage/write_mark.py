"""How a writer that tries again finds out what became of its last transaction.

Why so: docs/adr/0010-written-once-whatever-breaks.md.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from config.errors import RecordNotFound, StorageError
from storage.schema import WriterRow

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine


class WriteMark:
    """Counts the transactions of one writer, in memory and, within each of them, in the database."""

    def __init__(self, engine: Engine, run_id: int) -> None:
        """Begin at none.

        Raises:
            StorageError: the database cannot be written.
        """
        self._run_id = run_id
        self._committed = 0
        with engine.begin() as connection:
            self._id: int = connection.execute(
                insert(WriterRow).returning(WriterRow.id), {"run_id": run_id, "committed": 0}
            ).scalar_one()

    def claim(self, connection: Connection) -> bool:
        """Count the next transaction; False if it is already in the database.

        To be called before anything else is written. A session of the server that has not heard yet that its client
        is gone may still commit: it holds the lock of the row, so this waits for it, and then sees what it did.

        Raises:
            RecordNotFound: the run was deleted.
            StorageError: transactions that were committed are no longer there; or the database refuses.
        """
        claimed = connection.exec_driver_sql(
            _claim(connection.dialect.name), (self._id, self._run_id, self._committed)
        )
        if claimed.rowcount:
            return True
        own = (WriterRow.id == self._id, WriterRow.run_id == self._run_id)
        stored = connection.execute(select(WriterRow.committed).where(*own)).scalar_one_or_none()
        if stored is None:
            raise RecordNotFound(f"run {self._run_id} was deleted while it went on")
        if stored != self._committed + 1:
            raise StorageError(
                f"the database holds {stored} of {self._committed} transactions of run {self._run_id}: "
                "it was set back to an older state; start Sitewatch again"
            )
        return False

    def advance(self) -> None:
        """The transaction that was claimed is in the database."""
        self._committed += 1


@cache
def _claim(dialect: str) -> str:
    """Text, since SQLAlchemy takes longer to run a statement of its own, even one compiled before, than SQLite does."""
    value = "?" if dialect == "sqlite" else "%s"
    own = f"id = {value} AND run_id = {value} AND committed = {value}"
    return f"UPDATE {WriterRow.__tablename__} SET committed = committed + 1 WHERE {own}"  # noqa: S608 - no value is in it
