"""Can each camera be had: its credentials, its host or device, and if asked for its first frame?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.errors import ConfigError
from pipeline.capture.credentials import redacted, resolve_credentials, with_credentials
from pipeline.doctor.findings import Outcome, failure, ok, refused, warning
from pipeline.doctor.first_frame import NoFrame, first_frame
from pipeline.doctor.reaching import reach

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from config.schema import Settings
    from config.sections.cameras import CameraSettings
    from config.sections.capture import CaptureSettings
    from pipeline.doctor.findings import Finding


@dataclass(frozen=True, slots=True)
class CameraExamined:
    """What was found out about a camera.

    Attributes:
        camera_id: which one.
        findings: of its checks.
        size: height and width of its pictures in pixels; None if it was not opened.
    """

    camera_id: str
    findings: tuple[Finding, ...]
    size: tuple[int, int] | None = None


def examine_cameras(
    settings: Settings, environment: Mapping[str, str], *, open_them: bool
) -> Sequence[CameraExamined]:
    """All cameras at once, since each one that is away takes its time-out.

    Args:
        settings: of the site.
        environment: where credentials may be.
        open_them: decode a frame of each.
    """

    def examined(camera: CameraSettings) -> CameraExamined:
        return _Examination(camera, settings.capture, environment).run(open_it=open_them)

    if not settings.cameras:
        return []
    with ThreadPoolExecutor(len(settings.cameras)) as threads:
        return list(threads.map(examined, settings.cameras))


class _Examination:
    """Of one camera, from what is near to what is far."""

    def __init__(
        self, camera: CameraSettings, capture: CaptureSettings, environment: Mapping[str, str]
    ) -> None:
        self._camera = camera
        self._capture = capture
        self._environment = environment
        self._subject = f"camera {camera.id}"
        self._address = camera.address
        self._secrets: tuple[str, ...] = ()

    def run(self, *, open_it: bool) -> CameraExamined:
        findings = self._credentials()
        known = all(finding.outcome is Outcome.OK for finding in findings)
        findings.append(reach(self._subject, self._camera.address, self._capture.open_timeout_s))
        size = None
        if open_it and known and findings[-1].outcome is not Outcome.FAILURE:
            findings[-1], size = self._open()
        return CameraExamined(self._camera.id, tuple(findings), size)

    def _credentials(self) -> list[Finding]:
        reference = self._camera.credentials
        subject = f"credentials of {self._camera.id}"
        if reference is None:
            return []
        if reference.startswith("systemd:") and "CREDENTIALS_DIRECTORY" not in self._environment:
            found = f"{reference} is there only for the service"
            return [warning(subject, found, "run this check as a service: docs/site.md")]
        try:
            credentials = resolve_credentials(reference, self._environment)
            self._address = with_credentials(self._address, credentials)
        except ConfigError as error:
            return [refused(subject, error)]
        self._secrets = credentials.secrets
        return [ok(subject, f"{reference} holds a user and a password")]

    def _open(self) -> tuple[Finding, tuple[int, int] | None]:
        try:
            seen = first_frame(self._address, self._camera.transport, self._capture)
        except NoFrame as error:
            found = f"it gives no picture: {redacted(str(error), self._secrets)}"
            remedy = (
                "check the path of the stream, user and password, and how many sessions the camera allows"
            )
            return failure(self._subject, found, remedy), None
        rate = f", {seen.rate_hz:g} Hz" if seen.rate_hz else ""
        return ok(self._subject, f"{seen.width}x{seen.height} {seen.codec}{rate}"), (seen.height, seen.width)
