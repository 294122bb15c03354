"""From recordings to rows in the database: the first pass over each of them, then the second look."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from config.errors import DecoderStalled, InputError, Interrupted
from pipeline.confirmation import RecordingRule
from pipeline.replay.first_pass import FirstPass
from pipeline.replay.second_look import take_second_look
from pipeline.stages import CameraStages, DetectStage, follow_stage
from storage.repositories.tracks import TrackRepository
from storage.writer import ObservationWriter

if TYPE_CHECKING:
    from pipeline.replay.camera import ReplayedCamera
    from pipeline.replay.job import ReplayJob

FINISHING = "finishing: what was seen is written out; stop once more to leave at once"


def process(job: ReplayJob) -> float:
    """Everything up to the results; seconds of the first pass.

    A recording that fails does not keep the others from being replayed. An interruption ends the first pass, not
    the second look: what was seen until then is left as if the footage ended there. Any other failure, as of the
    database, ends both. All of them are noted in the job's ending.
    """
    began_s = ended_s = time.monotonic()
    with job.ending.noting(), ObservationWriter(job.engine, job.run_id, job.settings.storage) as writer:
        try:
            _first_pass(job, writer)
            with job.timings.of("write"):
                writer.flush()
        finally:
            ended_s = time.monotonic()
        _second_look(job, writer)
    return ended_s - began_s


def _first_pass(job: ReplayJob, writer: ObservationWriter) -> None:
    first_pass = FirstPass(
        detect=DetectStage(job.detector, job.timings),
        put=writer.put,
        timings=job.timings,
        stop=job.stop,
        progress=job.progress,
        decoder_timeout_s=job.settings.replay.decoder_timeout_s,
    )
    for camera in job.cameras:
        camera.shortfall = f"{camera.camera_id}: not replayed"
    try:
        for camera in job.cameras:
            _replay_one(job, first_pass, camera)
    except Interrupted as interruption:
        job.ending.note(interruption)
        job.progress.say(FINISHING)


def _replay_one(job: ReplayJob, first_pass: FirstPass, camera: ReplayedCamera) -> None:
    job.progress.begin(f"{camera.camera_id}: detect and track", camera.footage.frames_expected)
    try:
        first_pass.run(camera, _stages(job, camera))
        camera.shortfall = None
    except InputError as failure:
        job.ending.note(failure)
        camera.shortfall = str(failure)
        camera.hung = isinstance(failure, DecoderStalled)
        if len(job.cameras) > 1:
            job.progress.say(f"{camera.camera_id} failed: {failure}")
    except BaseException:
        camera.shortfall = f"{camera.camera_id}: ended after {camera.accounting.counts().processed:,} frames"
        raise


def _stages(job: ReplayJob, camera: ReplayedCamera) -> CameraStages:
    rate_hz = float(camera.footage.nominal_rate_hz)
    return CameraStages(
        follow_stage(job.settings.tracker, frame_rate_hz=rate_hz, timings=job.timings),
        RecordingRule(second_look=job.settings.replay.second_look),
    )


def _second_look(job: ReplayJob, writer: ObservationWriter) -> None:
    if not job.settings.replay.second_look:
        return
    repository = TrackRepository(job.engine)
    with job.timings.of("second look", sum(len(camera.times) for camera in job.cameras)):
        for camera in job.cameras:
            take_second_look(
                camera.camera_id,
                partial(repository.iter_tracks, job.run_id, camera.camera_id),
                camera.times,
                writer,
                job.settings.replay,
                interval_s=1 / float(camera.footage.nominal_rate_hz),
            )
