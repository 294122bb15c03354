"""What the reader of a report must know of a recording, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.report.wording import clock, count

if TYPE_CHECKING:
    from pipeline.capture.continuity import MissingFrames
    from pipeline.replay.camera import ReplayedCamera
    from pipeline.replay.overview import TracksOverview

_MOST_GAPS = 5
"""Gaps that are told one by one; the summary has the first twenty."""


def notes(camera: ReplayedCamera, found: TracksOverview, *, scored: bool) -> list[str]:
    """One sentence each; none if there is nothing to tell.

    Args:
        camera: the recording.
        found: its tracks.
        scored: whether there is ground truth.
    """
    health, stamps, missing = camera.health, camera.health.timestamps, camera.health.missing
    frames = camera.accounting.counts().processed
    told = [
        (frames if camera.incomplete and scored else 0, "Scores are those of the first {} frames."),
        (health.damaged_packets, "{} damaged packets were skipped."),
        (
            camera.refused_boxes,
            "{} boxes of the network that are not finite were left out: it or its weights may be broken.",
        ),
        (health.corrupt_frames, "{} frames were damaged, and used as the decoder mended them."),
        (health.size_changes, "The size of the picture changed {} times."),
        (missing.at_end, "About {} frames are missing at the end, by the length that the file states."),
        (missing.unaccounted, "{} frames that the file lists were not there to see."),
        (stamps.missing, "{} frames had no time stamp, and were taken to follow at the nominal rate."),
        (stamps.jumped_back, "Time stamps jumped back {} times; time goes on from there."),
        (stamps.out_of_range, "{} time stamps lay more than a year ahead, and were not believed."),
        (
            found.tracks - len(found.summaries),
            "The page leaves out the {} shortest tracks; the database has all.",
        ),
    ]
    sentences = [f"Incomplete: {reason}." for reason in camera.incomplete]
    if missing.gaps:
        sentences.append(_gaps(missing))
    if camera.hung:
        sentences.append("The decoder hung, so there is no annotated video: it would be read a second time.")
    return sentences + [text.format(f"{number:,}") for number, text in told if number]


def _gaps(missing: MissingFrames) -> str:
    shown = [f"{gap.frames:,} after {clock(gap.after_s)}" for gap in missing.first_gaps[:_MOST_GAPS]]
    more = missing.gaps - len(shown)
    text = (
        f"About {count(missing.in_gaps, 'frame')} missing in {count(missing.gaps, 'gap')}: {', '.join(shown)}"
    )
    return f"{text} and {more:,} more." if more else f"{text}."
