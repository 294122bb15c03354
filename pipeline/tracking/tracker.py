"""The tracker: boxes of consecutive frames become trajectories, frame by frame."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pipeline.tracking.association import Pairs, assign, overlapping
from pipeline.tracking.camera_motion import FEWEST_WITNESSES, shift_from_boxes
from pipeline.tracking.frame_boxes import FrameBoxes
from pipeline.tracking.kalman import BoxKalman, BoxNoise, to_cxcywh, to_xyxy
from pipeline.tracking.momentum import direction_agreement, re_update
from pipeline.tracking.reactivation import known_again
from pipeline.tracking.track_table import PAST, TrackTable
from pipeline.tracking.tracks import Tracks, TrackState

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from config.sections.tracker import TrackerSettings
    from models.detections import Detections

_TENTATIVE, _CONFIRMED, _LOST = (
    np.int8(state) for state in (TrackState.TENTATIVE, TrackState.CONFIRMED, TrackState.LOST)
)
_EPSILON_S = 1e-6
_REMATCH_HEIGHTS = 0.02
"""The camera moved if tracks are off together by more than this share of their height."""
_SEEN_LAST_FRAME = 1.6
"""Frames back within which a track counts as seen in the frame before, however the frames jitter."""
_CLEAR_VIEW = 0.3
"""Looks are learnt from boxes of which less than this is covered."""
_LEARNING_RATE = 0.1
"""Weight of a new look against those before."""

Matches = tuple["NDArray[np.intp]", "NDArray[np.intp]"]
"""Rows of the track table and, one to one, columns of the detections."""


class Tracker:
    """Tracks the persons of one camera, online.

    Reference: Bewley et al. 2016 (SORT); Zhang et al. 2022 (ByteTrack: low scores second); Cao et al. 2023
        (OC-SORT: momentum and re-update).
    """

    def __init__(self, settings: TrackerSettings, *, frame_rate_hz: float, first_id: int = 1) -> None:
        if not (math.isfinite(frame_rate_hz) and frame_rate_hz > 0):
            raise ValueError(f"frame_rate_hz must be positive, is {frame_rate_hz}")
        self._settings = settings
        self._nominal_s = 1 / frame_rate_hz
        self._kalman = BoxKalman(
            BoxNoise(
                settings.acceleration_noise,
                settings.size_noise,
                settings.measurement_noise,
                settings.start_speed_noise,
            )
        )
        self._table = TrackTable()
        self._next_id = first_id
        self._media_s: float | None = None
        self._now_s = 0.0
        self._elapsed_s = 0.0
        self._two_frames_s = 0.0
        shortest = 1.5 * self._nominal_s
        self._expected_s = max(settings.lost_s, shortest) + _EPSILON_S
        self._patience_s = np.zeros(4)
        self._patience_s[_TENTATIVE] = max(settings.tentative_s, shortest) + _EPSILON_S
        self._patience_s[_LOST] = self._expected_s

    @property
    def next_id(self) -> int:
        """The id that the next new track gets; a tracker in place of this one begins with it."""
        return self._next_id

    def update(
        self,
        detections: Detections,
        *,
        time_s: float,
        appearance: NDArray[np.float32] | None = None,
        camera_motion: NDArray[np.float64] | None = None,
    ) -> Tracks:
        """Give the boxes of the next frame to tracks.

        Args:
            detections: of this frame, in any order.
            time_s: media time of the frame, seconds; a time that does not move on counts as one frame.
            appearance: (N, D) descriptors of unit norm of the detections, or None to track by motion alone.
            camera_motion: (2, 3) matrix from pixels of the frame before to those of this one, or None if it is
                not known; the boxes are then asked, if the settings say so.

        Returns:
            The tracks that were seen in this frame, and the ids that ended with it.
        """
        boxes = FrameBoxes(detections, appearance, self._settings.high_score)
        if appearance is not None:
            self._table.describe(appearance.shape[1])
            self._patience_s[_LOST] = max(self._expected_s, self._settings.remember_s)
        self._advance(time_s)
        if camera_motion is not None:
            self._table.follow_camera(camera_motion)
        row, column = self._associate(boxes, ask_boxes=camera_motion is None)
        self._correct(row, column, boxes)
        row, column = self._start(row, column, boxes)
        previous_id = self._table.id[row]
        over = self._confirm(row)
        return self._retire(row, column, boxes, previous_id, over)

    def _advance(self, time_s: float) -> None:
        """Move all tracks to the time of this frame."""
        elapsed = self._nominal_s
        if self._media_s is not None:
            forward = time_s - self._media_s
            if forward > 0:
                elapsed = forward
            self._now_s += elapsed
        self._media_s = time_s
        # Where frames come seldom, as from a still scene, one without a box is no reason to give a track up.
        sparse = max(elapsed, self._elapsed_s) <= self._expected_s
        self._two_frames_s = elapsed + self._elapsed_s + _EPSILON_S if sparse else 0.0
        self._elapsed_s = elapsed
        table = self._table
        if len(table):
            self._kalman.predict(table.kalman, elapsed)

    def _associate(self, boxes: FrameBoxes, *, ask_boxes: bool) -> Matches:
        """High scores first, again where the camera turns out to have moved, then low scores."""
        table = self._table
        none = np.empty(0, np.intp)
        if not len(table) or not len(boxes.xyxy):
            return none, none
        pairs = self._candidates(boxes)
        row, column = self._match_high(pairs, boxes)
        if ask_boxes and self._settings.camera_motion != "none" and len(row) >= FEWEST_WITNESSES:
            shift = self._shift(row, column, boxes)
            if shift is not None:
                table.move(shift)
                h = boxes.cxcywh[:, 3].sum() / len(boxes.cxcywh)
                if abs(shift).max() > _REMATCH_HEIGHTS * h:
                    pairs = self._candidates(boxes)
                    row, column = self._match_high(pairs, boxes)
        return self._match_low(pairs, row, column, boxes)

    def _shift(
        self, row: NDArray[np.intp], column: NDArray[np.intp], boxes: FrameBoxes
    ) -> NDArray[np.float64] | None:
        """What all tracks seen of late have in common against their prediction: the camera's own motion."""
        table = self._table
        good = (table.hits[row] >= 2) & (self._now_s - table.seen_s[row] <= 0.3 + 1.1 * self._elapsed_s)
        row, column = row[good], column[good]
        predicted = table.kalman[:, 0].take(row, axis=0)  # (W, 4)
        seen = boxes.cxcywh.take(column, axis=0)
        return shift_from_boxes(seen[:, :2] - predicted[:, :2], predicted[:, 3])

    def _candidates(self, boxes: FrameBoxes) -> Pairs:
        """Tracks and boxes of one class that overlap where motion takes the track."""
        table = self._table
        s = self._settings
        pairs = overlapping(to_xyxy(table.kalman[:, 0]), boxes.xyxy, min(s.match_iou, s.match_iou_low))
        ok = table.class_id[pairs.row] == boxes.class_id[pairs.column]
        expected_s = max(self._expected_s, self._two_frames_s)
        ok &= self._now_s - table.seen_s[pairs.row] <= expected_s
        return pairs[ok]

    def _match_high(self, pairs: Pairs, boxes: FrameBoxes) -> Matches:
        s = self._settings
        first = pairs[boxes.high[pairs.column] & (pairs.iou >= s.match_iou)]
        chosen = assign(first, len(self._table), len(boxes.xyxy), lambda p: self._worth(p, boxes))
        return first.row[chosen], first.column[chosen]

    def _worth(self, pairs: Pairs, boxes: FrameBoxes) -> NDArray[np.float64]:
        """How well each pair fits: overlap weighed by common height, looks, and going on in one direction."""
        a = self._table.kalman[pairs.row, 0]
        b = boxes.cxcywh[pairs.column]
        top = np.maximum(a[:, 1] - a[:, 3] / 2, b[:, 1] - b[:, 3] / 2)
        bottom = np.minimum(a[:, 1] + a[:, 3] / 2, b[:, 1] + b[:, 3] / 2)
        both = bottom - top
        worth: NDArray[np.float64] = 1 + pairs.iou * both / (a[:, 3] + b[:, 3] - both)
        if boxes.appearance is not None and self._settings.appearance_weight > 0:
            similarity = np.einsum("ij,ij->i", self._table.feature[pairs.row], boxes.appearance[pairs.column])
            worth += self._settings.appearance_weight * similarity
        w = self._settings.momentum_weight
        if w > 0:
            worth += (
                w
                * boxes.score[pairs.column]
                * direction_agreement(self._table, pairs.row, b[:, :2], self._settings.momentum_s)
            )
        return worth

    def _match_low(
        self, pairs: Pairs, row: NDArray[np.intp], column: NDArray[np.intp], boxes: FrameBoxes
    ) -> Matches:
        table = self._table
        s = self._settings
        if len(row) == len(table) or boxes.high.all():
            return row, column
        free = table.state != _TENTATIVE
        free &= self._now_s - table.seen_s <= _SEEN_LAST_FRAME * self._elapsed_s
        free[row] = False
        second = pairs[
            free[pairs.row]
            & ~boxes.high[pairs.column]
            & (boxes.score[pairs.column] >= s.low_score)
            & (pairs.iou >= s.match_iou_low)
        ]
        if not len(second):
            return row, column
        chosen = assign(second, len(table), len(boxes.xyxy), lambda p: 1 + p.iou)
        return np.concatenate([row, second.row[chosen]]), np.concatenate([column, second.column[chosen]])

    def _correct(self, row: NDArray[np.intp], column: NDArray[np.intp], boxes: FrameBoxes) -> None:
        """Take the boxes in; after a gap the motion is re-estimated along it."""
        if not len(row):
            return
        table = self._table
        now = self._now_s
        box = boxes.cxcywh.take(column, axis=0)
        predicted = table.kalman.take(row, axis=0)
        gap = now - table.seen_s[row]
        long = (gap > self._settings.reupdate_after_s + 1.5 * self._elapsed_s).nonzero()[0]
        if len(long):
            r = row[long]
            predicted[long] = re_update(
                self._kalman,
                table.observed[r],
                to_cxcywh(table.box[r]),
                box[long],
                gap[long],
                self._nominal_s,
            )
        state = self._kalman.correct(predicted, box)
        table.kalman[row] = state
        table.observed[row] = state
        table.box[row] = boxes.xyxy.take(column, axis=0)
        table.seen_s[row] = now
        hits = table.hits[row]
        ring = hits % PAST
        table.past_centre[row, ring] = box[:, :2]
        table.past_s[row, ring] = now
        table.hits[row] = hits + 1
        if boxes.appearance is not None:
            self._learn(row, column, boxes.appearance, boxes, hits)

    def _learn(
        self,
        row: NDArray[np.intp],
        column: NDArray[np.intp],
        appearance: NDArray[np.float32],
        boxes: FrameBoxes,
        hits: NDArray[np.int64],
    ) -> None:
        """Remember what a track looks like, from boxes that nobody stands before."""
        clear = (boxes.high & (boxes.covered() < _CLEAR_VIEW))[column]
        row, column, hits = row[clear], column[clear], hits[clear]
        rate = np.maximum(1 / (hits + 1), _LEARNING_RATE)[:, None]
        # made float64 before the arithmetic, which is slow where it has to convert on the way
        known = self._table.feature.take(row, axis=0).astype(np.float64)
        known *= 1 - rate
        look = appearance.take(column, axis=0).astype(np.float64)
        look *= rate
        known += look
        length = np.sqrt((known * known).sum(axis=1))
        known /= np.maximum(length, 1e-9)[:, None]
        self._table.feature[row] = known

    def _start(self, row: NDArray[np.intp], column: NDArray[np.intp], boxes: FrameBoxes) -> Matches:
        """Confident boxes that no track took start tracks of their own."""
        if len(column) == len(boxes.xyxy):
            return row, column
        worthy = boxes.score >= max(self._settings.start_score, self._settings.high_score)
        worthy[column] = False
        count = int(np.count_nonzero(worthy))
        if not count:
            return row, column
        new = worthy.nonzero()[0]
        table = self._table
        at = table.append(count)
        table.kalman[at] = table.observed[at] = self._kalman.start(boxes.cxcywh[new])
        table.box[at] = table.start_box[at] = boxes.xyxy[new]
        table.seen_s[at] = table.started_s[at] = self._now_s
        table.past_s[at] = -np.inf
        table.past_s[at, 0] = self._now_s
        table.past_centre[at, 0] = boxes.cxcywh[new, :2]
        table.hits[at] = 1
        table.id[at] = np.arange(self._next_id, self._next_id + count)
        table.class_id[at] = boxes.class_id[new]
        table.state[at] = _TENTATIVE
        if boxes.appearance is not None:
            table.feature[at] = boxes.appearance[new]
        self._next_id += count
        return np.concatenate([row, np.arange(at.start, at.stop)]), np.concatenate([column, new])

    def _confirm(self, row: NDArray[np.intp]) -> NDArray[np.intp]:
        """Settle the states; rows of lost tracks that went over into a track just confirmed are returned."""
        table = self._table
        state = table.state
        state[state == _CONFIRMED] = _LOST
        young = row[state[row] == _TENTATIVE]
        fresh = young[table.hits[young] >= self._settings.confirm_hits]
        state[row] = _CONFIRMED
        state[young] = _TENTATIVE
        state[fresh] = _CONFIRMED
        if len(fresh) and table.feature.shape[1]:
            lost = (state == _LOST).nonzero()[0]
            if len(lost):
                was, now = known_again(table, lost, fresh, self._settings)
                table.id[now] = table.id[was]
                table.started_s[now] = table.started_s[was]
                return was
        return row[:0]

    def _retire(
        self,
        row: NDArray[np.intp],
        column: NDArray[np.intp],
        boxes: FrameBoxes,
        previous_id: NDArray[np.int64],
        over: NDArray[np.intp],
    ) -> Tracks:
        """Report what was seen, and let go of tracks unseen for too long."""
        table = self._table
        s = self._settings
        filtered = to_xyxy(table.kalman[:, 0].take(row, axis=0))
        detected = boxes.xyxy.take(column, axis=0)
        reported = (detected + s.box_smoothing * (filtered - detected)).astype(np.float32)
        return Tracks(
            id=table.id[row],
            state=table.state[row],
            xyxy=reported,
            detected_xyxy=boxes.detected.take(column, axis=0),
            confidence=boxes.score[column],
            class_id=boxes.class_id[column],
            detection_index=boxes.order[column].astype(np.int64, copy=False),
            previous_id=previous_id,
            removed_id=self._let_go(row, over),
        )

    def _let_go(self, row: NDArray[np.intp], over: NDArray[np.intp]) -> NDArray[np.int64]:
        """Forget the tracks unseen for too long, whose ids are returned, and those that went over into others."""
        table = self._table
        if len(row) == len(table):
            return table.id[:0].copy()
        dead = self._now_s - table.seen_s > self._patience_s[table.state]
        dead[row] = False
        dead[over] = False
        removed = table.id[dead]
        dead[over] = True
        if np.count_nonzero(dead):
            table.keep(~dead)
        return removed
