"""Draw the picture of the README from the tracks of a replay, with the report's own drawing code, on a plain ground.

    python docs/pictures/draw.py demo/tracks.txt docs/pictures/replay.svg --fps 10 --size 768 576

No footage goes into it: only lines, bars and numbers.
"""
# ruff: noqa: INP001

from __future__ import annotations

import argparse
from pathlib import Path

import jinja2
import numpy as np

from pipeline.motchallenge import read_table
from pipeline.output_files import write_whole
from pipeline.report.charts import activity_chart, presence
from pipeline.report.content import Activity
from pipeline.report.gathering import summarise_track
from pipeline.report.scene import TRACK_COLOURS, ways
from pipeline.report.wording import clock

_MOST_BARS = 30


def draw(tracks: Path, fps: float, frame_size: tuple[int, int]) -> str:
    """The picture as SVG text."""
    table = read_table(tracks)
    time_s = (table.frame - 1) / fps
    duration_s = float(time_s.max())  # from the first frame to the last, as the report has it
    trajectories = []
    for number in np.unique(table.id):
        rows = np.flatnonzero(table.id == number)
        trajectory, _ = summarise_track(
            int(number),
            time_s[rows],
            table.xyxy[rows].astype(np.float32),
            table.score[rows].astype(np.float32),
            np.zeros(len(rows), np.bool_),
        )
        trajectories.append(trajectory)
    persons = np.bincount(table.frame)[1:]
    second = (np.arange(len(persons)) / fps).astype(int)
    peak = np.zeros(second[-1] + 1, np.int64)
    np.maximum.at(peak, second, persons)
    activity = Activity(1.0, np.bincount(second, persons) / np.bincount(second), peak)
    longest = sorted(trajectories, key=lambda t: t.time_s[0] - t.time_s[-1])[:_MOST_BARS]
    in_order = sorted(longest, key=lambda t: (t.time_s[0], t.number))
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("replay.svg.j2").render(
        width=frame_size[0],
        height=frame_size[1],
        ways=ways(trajectories, frame_size),
        chart=activity_chart(activity, duration_s),
        bars=[(TRACK_COLOURS[t.number % len(TRACK_COLOURS)], presence(t, duration_s).seen) for t in in_order],
        tiles=[
            (str(len(trajectories)), "tracks"),
            (str(int(persons.max())), "most at once"),
            (clock(duration_s), "of footage"),
        ],
    )


def main() -> None:
    """Read the arguments and write the picture."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tracks", type=Path, help="tracks.txt of a replay")
    parser.add_argument("picture", type=Path, help="SVG to write")
    parser.add_argument("--fps", type=float, required=True, help="frames a second of the recording")
    parser.add_argument("--size", type=int, nargs=2, required=True, metavar=("WIDTH", "HEIGHT"))
    arguments = parser.parse_args()
    write_whole(arguments.picture, draw(arguments.tracks, arguments.fps, tuple(arguments.size)))


if __name__ == "__main__":
    main()
