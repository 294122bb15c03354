"""From the values of a report to the words and drawings of its page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.evaluation.scores import ErrorKind
from pipeline.evaluation.summary import FIELD_WORDS
from pipeline.report.charts import activity_chart, error_chart, presence
from pipeline.report.scene import heat_map, marks, picture_data_uri, ways
from pipeline.report.wording import clock, count, duration

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.evaluation.scores import LocatedErrors, TrackingScores
    from pipeline.report.charts import ActivityChart, ErrorChart, Presence
    from pipeline.report.content import (
        CameraEvaluation,
        CameraReport,
        ReplayReport,
        StageTiming,
        TrackSummary,
    )
    from pipeline.report.scene import Mark, Way

MOST_ROWS = 200
"""The table of tracks shows the longest so many; the database has all."""
_MOST_SWITCHES = 100
_UNKNOWN_START_YEAR = 1970  # a recording without a clock starts at the epoch
_METRICS: tuple[tuple[str, int, str], ...] = (
    ("hota", 1, "the whole in one figure: persons found and numbers kept, in balance"),
    ("deta", 1, "were persons found, and nothing else?"),
    ("assa", 1, "did each person keep one number?"),
    ("mota", 1, "100 less misses, false alarms and switches, as a share of all persons"),
    ("idf1", 1, "share of boxes that carry the right number throughout"),
    ("recall", 1, "share of persons that were found"),
    ("precision", 1, "share of boxes that are persons"),
    ("identity_switches", -1, "how often a person's number changed"),
    ("false_positives", -1, "boxes where nobody is"),
    ("misses", -1, "persons without a box"),
    ("fragmentations", -1, "how often a track was interrupted"),
    ("mostly_tracked", 1, "persons followed for more than 80 % of their time"),
    ("mostly_lost", -1, "persons followed for less than 20 %"),
    ("persons", 0, "different persons in the ground truth"),
)
"""Score; 1 where higher is better, -1 where lower is, 0 where neither; and what it tells."""


@dataclass(frozen=True, slots=True)
class TrackRow:
    """A row of the table of tracks."""

    summary: TrackSummary
    presence: Presence
    first: str
    last: str
    duration: str
    filled_percent: float


@dataclass(frozen=True, slots=True)
class MetricRow:
    """A score with one value a column, the number of its best column (None: no difference), and what it tells."""

    name: str
    values: Sequence[str]
    best: int | None
    meaning: str


@dataclass(frozen=True, slots=True)
class SwitchRow:
    """An identity switch: when, who, and from which track to which."""

    time: str
    person: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class EvaluationView:
    """What is shown of an evaluation."""

    labels: Sequence[str]
    headline: Sequence[tuple[str, str]]
    rows: Sequence[MetricRow]
    errors_of: str
    totals: Mapping[str, int]
    missed: Sequence[Mark]
    extra: Sequence[Mark]
    switched: Sequence[Mark]
    chart: ErrorChart
    switches: Sequence[SwitchRow]
    more_switches: int


@dataclass(frozen=True, slots=True)
class CameraView:
    """What is shown of one camera; ``key`` makes the ids of its elements unique."""

    key: str
    report: CameraReport
    headline: str
    started: str | None
    width: int
    height: int
    unit: float
    background: str | None
    heat: str | None
    ways: Sequence[Way]
    hidden_ways: int
    activity: ActivityChart
    bin: str
    rows: Sequence[TrackRow]
    hidden_rows: int
    dropped: Sequence[tuple[str, int]]
    evaluation: EvaluationView | None


@dataclass(frozen=True, slots=True)
class TimingRow:
    """Time of one stage, the same spread over all frames of the replay, and its share of the longest in percent."""

    name: str
    seconds: float
    ms_per_frame: float
    percent: float


@dataclass(frozen=True, slots=True)
class PageView:
    """The whole page."""

    report: ReplayReport
    tiles: Sequence[tuple[str, str]]
    cameras: Sequence[CameraView]
    timings: Sequence[TimingRow]


def page_view(report: ReplayReport) -> PageView:
    """Everything the templates need, in words, paths and numbers."""
    cameras = [_camera(camera, f"c{number}") for number, camera in enumerate(report.cameras, 1)]
    frames = sum(camera.accounting.captured for camera in report.cameras)
    tiles = [
        ("tracks", f"{sum(len(camera.tracks) for camera in report.cameras):,}"),
        ("most at once", str(max((view.activity.busiest[1] for view in cameras), default=0))),
        ("of footage", clock(sum(camera.duration_s for camera in report.cameras))),
        ("frames", f"{frames:,}"),
    ]
    if len(cameras) == 1 and cameras[0].evaluation:
        tiles += cameras[0].evaluation.headline
    return PageView(report, tiles, cameras, _timing_rows(report.timings, frames))


def _camera(camera: CameraReport, key: str) -> CameraView:
    drawn = ways(camera.trajectories, camera.frame_size)
    activity = activity_chart(camera.activity, camera.duration_s)
    longest = sorted(camera.tracks, key=lambda row: (row.first_s - row.last_s, row.number))[:MOST_ROWS]
    by_number = {trajectory.number: trajectory for trajectory in camera.trajectories}
    rows = [
        TrackRow(
            row,
            presence(by_number.get(row.number), camera.duration_s),
            clock(row.first_s),
            clock(row.last_s),
            duration(row.last_s - row.first_s),
            100 * row.interpolated / max(row.observations, 1),
        )
        for row in sorted(longest, key=lambda row: (row.first_s, row.number))
    ]
    return CameraView(
        key=key,
        report=camera,
        headline=_headline(camera, activity),
        started=_start_time(camera),
        width=camera.frame_size[0],
        height=camera.frame_size[1],
        unit=max(camera.frame_size) / 100,
        background=None if camera.background is None else picture_data_uri(camera.background),
        heat=heat_map(camera.trajectories, camera.frame_size),
        ways=drawn,
        hidden_ways=len(camera.trajectories) - len(drawn),
        activity=activity,
        bin=duration(camera.activity.bin_s),
        rows=rows,
        hidden_rows=len(camera.tracks) - len(rows),
        dropped=[(str(reason), number) for reason, number in sorted(camera.accounting.dropped.items())],
        evaluation=_evaluation(camera.evaluation, camera.duration_s) if camera.evaluation else None,
    )


def _headline(camera: CameraReport, activity: ActivityChart) -> str:
    if not camera.tracks:
        return f"Nobody was seen in {duration(camera.duration_s)} of footage."
    when, most = activity.busiest
    tracks = count(len(camera.tracks), "track")
    return f"{tracks} in {duration(camera.duration_s)} of footage, at most {most} at once (around {when})."


def _start_time(camera: CameraReport) -> str | None:
    from datetime import UTC

    started = camera.started_at.astimezone(UTC)
    if started.year == _UNKNOWN_START_YEAR:
        return None
    return f"{started:%Y-%m-%d %H:%M:%S} UTC"


def _evaluation(evaluation: CameraEvaluation, duration_s: float) -> EvaluationView:
    errors, fps = evaluation.errors, evaluation.fps
    by_kind = {kind: errors.of(kind) for kind in ErrorKind}
    switches = by_kind[ErrorKind.IDENTITY_SWITCH]
    shown = evaluation.scores[evaluation.errors_of]
    return EvaluationView(
        labels=list(evaluation.scores),
        headline=[(FIELD_WORDS[name], f"{getattr(shown, name):.1f}") for name in ("hota", "mota", "idf1")],
        rows=[_metric_row(name, better, meaning, evaluation.scores) for name, better, meaning in _METRICS],
        errors_of=evaluation.errors_of,
        totals={kind.name.lower(): len(by_kind[kind]) for kind in ErrorKind},
        missed=marks(by_kind[ErrorKind.MISS], fps),
        extra=marks(by_kind[ErrorKind.FALSE_POSITIVE], fps),
        switched=marks(switches, fps),
        chart=error_chart(errors, fps, duration_s),
        switches=_switch_rows(switches, fps),
        more_switches=max(0, len(switches) - _MOST_SWITCHES),
    )


def _switch_rows(switches: LocatedErrors, fps: float) -> list[SwitchRow]:
    columns = (switches.frame, switches.person_id, switches.previous_track, switches.track_number)
    return [
        SwitchRow(clock((frame - 1) / fps), person, before, after)
        for frame, person, before, after in zip(
            *(column[:_MOST_SWITCHES].tolist() for column in columns), strict=True
        )
    ]


def _metric_row(name: str, better: int, meaning: str, scores: Mapping[str, TrackingScores]) -> MetricRow:
    values = [getattr(column, name) for column in scores.values()]
    judged = [better * value for value in values]
    best = judged.index(max(judged)) if len(set(judged)) > 1 else None
    texts = [f"{value:,}" if isinstance(value, int) else f"{value:.1f}" for value in values]
    return MetricRow(FIELD_WORDS[name], texts, best, meaning)


def _timing_rows(timings: Sequence[StageTiming], frames: int) -> list[TimingRow]:
    longest = max((timing.seconds for timing in timings), default=0.0) or 1.0
    return [
        TimingRow(
            timing.name,
            timing.seconds,
            1000 * timing.seconds / max(frames, 1),
            100 * timing.seconds / longest,
        )
        for timing in timings
    ]
