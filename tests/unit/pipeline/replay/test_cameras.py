"""Names of cameras from names of recordings."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from config.sections.cameras import CameraId
from pipeline.replay.cameras import camera_ids


@pytest.mark.parametrize(
    ("names", "ids"),
    [
        (["gate.mp4"], ["gate"]),
        (["a/gate.mp4", "b/gate.avi", "gate.mkv"], ["gate", "gate-2", "gate-3"]),
        (["Gate.mp4", "gate.mp4"], ["Gate", "gate-2"]),
        (["gate.mp4", "gate-2.mp4", "gate.avi"], ["gate", "gate-2", "gate-3"]),
        (["Hof Süd (1).mp4"], ["Hof-S-d-1"]),
        (["_-.mp4", "日本.mp4"], ["camera", "camera-2"]),
        (["2026.11.24.mp4"], ["2026.11.24"]),
        ([f"{'x' * 80}.mp4", f"{'x' * 90}.mp4"], ["x" * 64, "x" * 62 + "-2"]),
    ],
)
def test_names(names: list[str], ids: list[str]) -> None:
    assert camera_ids([Path(name) for name in names]) == ids


def test_a_folder_keeps_its_whole_name(tmp_path: Path) -> None:
    folder = tmp_path / "yard.2026"
    folder.mkdir()
    assert camera_ids([folder]) == ["yard.2026"]


@given(
    st.lists(
        st.text(st.characters(exclude_characters="/\0"), min_size=1, max_size=90), min_size=1, max_size=8
    )
)
def test_ids_are_always_valid_and_different(names: list[str]) -> None:
    ids = camera_ids([Path("nowhere") / name for name in names])
    assert len({camera_id.casefold() for camera_id in ids}) == len(names)
    valid = TypeAdapter(CameraId)
    assert [valid.validate_python(camera_id) for camera_id in ids] == ids
