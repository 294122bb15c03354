"""The page: valid, self-contained, the same every time, and safe whatever a name holds."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import numpy as np
import pytest

from config.errors import OutputError
from pipeline.accounting import FrameCounts
from pipeline.report.content import Activity, StageTiming
from pipeline.report.page import render, write_report
from tests.report_content import camera_report, evaluation, report

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.report.content import ReplayReport

VOID = {"meta", "link", "br", "img", "hr", "input"}
HOSTILE = """"><script>alert(1)</script><img src=x onerror='alert(2)'>{{ 7 * 7 }}</style></title>&amp;"""
METADATA = re.compile(r"<!-- run metadata: begin -->.*<!-- run metadata: end -->", re.DOTALL)


class Page(HTMLParser):
    """Elements, ids and attributes of a page; complains about what is not closed in order."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text = ""
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        self.note(tag, attrs)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.note(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def note(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.ids += [value or "" for name, value in attrs if name == "id"]


def full() -> ReplayReport:
    background = np.random.default_rng(0).integers(0, 255, (120, 160, 3), np.uint8)
    first = camera_report(
        1, background=background, evaluation=evaluation(1), notes=["2 packets were skipped."]
    )
    return report(first, camera_report(2, camera_id="gate"))


def test_the_page_is_well_formed_and_its_ids_are_its_own() -> None:
    page = Page(render(full()))
    assert len(page.ids) == len(set(page.ids))
    referred = [value for _, name, value in page.attributes if name == "aria-labelledby"]
    assert set(referred) <= set(page.ids)
    used = [value[1:] for tag, name, value in page.attributes if tag == "use" and name == "href"]
    assert used
    assert set(used) <= set(page.ids)


def test_the_page_needs_nothing_but_itself() -> None:
    html = render(full())
    page = Page(html)
    assert not {"script", "link", "iframe", "object", "embed", "form"} & set(page.tags)
    for tag, name, value in page.attributes:
        if name in {"href", "src", "xlink:href"}:
            assert value.startswith(("#", "data:image/")), (tag, value[:60])
        assert not name.startswith("on"), (tag, name)
    assert "http" not in re.sub(r"data:image/[^\"]*", "", html).replace("http-equiv", "")
    assert "url(" not in html
    assert (
        "meta",
        "content",
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    ) in page.attributes


def test_every_picture_has_words_for_who_cannot_see_it() -> None:
    html = render(full())
    for figure in re.findall(r"<svg [^>]*>", html):
        assert 'role="img"' in figure
        assert "aria-label" in figure


def test_the_same_content_gives_the_same_bytes(tmp_path: Path) -> None:
    write_report(full(), tmp_path / "one.html")
    write_report(full(), tmp_path / "two.html")
    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "two.html").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.html", "two.html"]


def test_only_the_declared_section_tells_one_run_from_another() -> None:
    camera = camera_report(1)
    fast = render(report(camera))
    slow = render(report(camera, timings=[StageTiming("decode", 99)], run_metadata={"started": "later"}))
    assert fast != slow
    assert METADATA.sub("", fast) == METADATA.sub("", slow)
    assert len(METADATA.findall(fast)) == 1


def test_stages_are_measured_by_the_frames_of_all_cameras() -> None:
    cameras = (camera_report(1), camera_report(2, camera_id="gate"))  # 300 frames each
    html = render(report(*cameras, timings=[StageTiming("decode", 3.0), StageTiming("write", 1.5)]))
    rows = re.findall(r'<th scope="row">(\w+)</th><td>([\d.]+)</td><td>([\d.]+)</td>', html)
    assert rows == [("decode", "3.00", "5.00"), ("write", "1.50", "2.50")]


def test_hostile_names_are_text() -> None:
    camera = camera_report(camera_id=HOSTILE, source=HOSTILE, notes=[HOSTILE])
    html = render(report(camera, title=HOSTILE, settings={HOSTILE: HOSTILE}, run_metadata={HOSTILE: HOSTILE}))
    page = Page(html)
    assert "script" not in page.tags
    assert "img" not in page.tags
    assert page.text.count(HOSTILE) >= 8
    assert "49" not in re.findall(r"<title>(.*?)</title>", html)[0]


def test_nothing_seen_is_a_page_too() -> None:
    nothing = camera_report(
        tracks=0, activity=Activity(1.0, np.zeros(0), np.zeros(0, np.int64)), accounting=FrameCounts()
    )
    page = Page(render(report(nothing, timings=[], run_metadata={}, settings={})))
    assert "Nobody was seen" in page.text
    assert Page(render(report())).text


@pytest.mark.parametrize("points", [1, 2, 3])
def test_short_tracks_in_a_tiny_picture(points: int) -> None:
    camera = camera_report(points=points, frame_size=(1, 1), duration_s=0.0)
    assert Page(render(report(camera)))


def test_an_incomplete_run_and_frames_that_do_not_add_up_say_so() -> None:
    cut = report(
        camera_report(accounting=FrameCounts(9, 3)),
        complete=False,
        incomplete_reasons=["dock.mp4 is cut short: its <end> is missing"],
    )
    text = Page(render(cut)).text
    assert "INCOMPLETE" in text
    assert "dock.mp4 is cut short: its <end> is missing" in text
    assert "does not add up" in text


def test_an_unknown_start_is_not_shown_as_1970() -> None:
    known, unknown = camera_report(), camera_report(started_at=datetime(1970, 1, 1, tzinfo=UTC))
    assert "from 2026-03-01 22:00:00 UTC" in Page(render(report(known))).text
    assert "1970" not in Page(render(report(unknown))).text


def test_the_better_value_stands_out_and_the_errors_are_counted() -> None:
    html = render(report(camera_report(evaluation=evaluation(3))))
    assert "<td><strong>100.0</strong></td>" in html
    assert re.search(r"Of the online result: [\d,]+ misses, [\d,]+ false positives", html)


def test_thousands_of_tracks_stay_a_page() -> None:
    camera = camera_report(tracks=3000, points=600)
    html = render(report(camera))
    assert len(html) < 2_000_000
    assert "The 400 longest of 3000" in html
    assert "The 200 longest of 3000" in html


def test_a_folder_that_is_not_there_is_an_output_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        write_report(report(camera_report()), tmp_path / "nowhere" / "report.html")
