"""The cameras of a run that goes on, by name: more may join it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from config.errors import RecordNotFound
from storage.engine import reading
from storage.schema import CameraRow, RunCameraRow

if TYPE_CHECKING:
    from sqlalchemy import Engine


class RunCameras:
    """Row ids of the cameras of one run; may be asked by any thread."""

    def __init__(self, engine: Engine, run_id: int) -> None:
        """Look them up.

        Raises:
            RecordNotFound: no such run, or one without cameras.
        """
        self._engine = engine
        self.run_id = run_id
        self._rows: dict[str, int] = {}
        self.refresh()

    def refresh(self) -> None:
        """Look them up again: cameras have joined the run.

        Raises:
            RecordNotFound: the run is gone.
            StorageError: the database cannot be read.
        """
        with reading(self._engine).connect() as connection:
            rows = connection.execute(
                select(CameraRow.name, CameraRow.id)
                .join(RunCameraRow, RunCameraRow.camera_id == CameraRow.id)
                .where(RunCameraRow.run_id == self.run_id)
            )
            cameras = {row.name: row.id for row in rows}
        if not cameras:
            raise RecordNotFound(f"there is no run {self.run_id} with a camera to write to")
        self._rows = cameras  # at once: other threads see the old ones or the new ones

    def row_id(self, camera_id: str) -> int:
        """Row id of a camera.

        Raises:
            RecordNotFound: the run does not have it.
        """
        row_id = self._rows.get(camera_id)
        if row_id is None:
            raise RecordNotFound(
                f"run {self.run_id} was not started with camera {camera_id!r}, nor did it join"
            )
        return row_id
