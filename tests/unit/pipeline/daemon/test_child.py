"""What child processes of the daemon are given."""

from __future__ import annotations

import os
import subprocess
import sys

from pipeline.daemon.child import ONE_THREAD

_WORK = """
import os
import cv2, numpy
picture = numpy.ones((1080, 1920), numpy.float32)
picture @ picture.T, cv2.GaussianBlur(picture, (3, 3), 0), cv2.resize(picture, (960, 540), interpolation=cv2.INTER_AREA)
print(len(os.listdir("/proc/self/task")))
"""


def test_numpy_and_opencv_start_no_threads() -> None:
    environment = {**os.environ, **ONE_THREAD}
    threads = subprocess.run(
        [sys.executable, "-c", _WORK], env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert int(threads) == 1
