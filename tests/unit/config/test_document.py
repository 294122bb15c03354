"""``config/default.yaml`` shows every knob, with its default and its description.

After changing a section: ``python -m config.document > config/default.yaml`` (see :mod:`config.document`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

import config.document
from config.complaints import section_of
from config.document import default_document, effective_document, effective_values
from config.loading import leaves, load_settings
from config.overrides import dotted
from config.schema import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel

DEFAULT_YAML = Path(config.document.__file__).with_name("default.yaml")
REGENERATE = (
    "regenerate it: python -m config.document > /tmp/default.yaml && cp /tmp/default.yaml config/default.yaml"
)


def descriptions(schema: type[BaseModel]) -> Iterator[tuple[str, str]]:
    for name, field in schema.model_fields.items():
        yield name, field.description or ""
        inner = section_of(field.annotation)
        if inner is not None:
            yield from descriptions(inner)


def test_default_yaml_is_the_schema_written_down() -> None:
    assert DEFAULT_YAML.read_text(encoding="utf-8") == default_document(), REGENERATE


def test_default_yaml_holds_the_schemas_defaults() -> None:
    loaded = load_settings(DEFAULT_YAML, environment={})
    assert loaded.settings == Settings(), REGENERATE
    assert {origin.kind for origin in loaded.origins.values()} == {"file"}, REGENERATE


@pytest.mark.parametrize(("name", "description"), list(descriptions(Settings)))
def test_every_knob_is_explained_in_one_line(name: str, description: str) -> None:
    lines = DEFAULT_YAML.read_text(encoding="utf-8").splitlines()
    places = [number for number, line in enumerate(lines) if line.lstrip("# -").startswith(f"{name}:")]
    explanation = f"# {' '.join(description.split())}"
    assert description
    assert any(explanation in lines[place - 1] or explanation in lines[place] for place in places), REGENERATE


def test_the_effective_document_can_be_loaded_again(tmp_path: Path) -> None:
    cameras = "cameras=[{id: a, source: x, recorded_at: 2026-01-01T00:00:00Z}, {id: b, source: 'y: #1'}]"
    settings = load_settings(None, [cameras, "detector.name=yolov3"], {}).settings
    path = tmp_path / "again.yaml"
    path.write_text(effective_document(settings, lambda key: f"about {key}"))
    assert load_settings(path, environment={}).settings == settings
    assert "about cameras.1.source" in path.read_text()


def test_effective_values_are_complete_and_masked() -> None:
    given = [
        "storage.url=postgresql://user:s3cret@host/db",
        "cameras=[{id: a, source: 'rtsp://camera/1', credentials: 'env:GATE'}]",
    ]
    settings = load_settings(None, given, {}).settings
    values = effective_values(settings)
    assert set(values) == {dotted(path) for path in leaves(settings)}
    assert "s3cret" not in repr(values)
    assert values["cameras.0.credentials"] == "env:GATE"
    assert "s3cret" not in effective_document(settings, lambda _: "")
    assert yaml.safe_load(values["detector.input_height_px"]) == settings.detector.input_height_px
