"""Every error that Sitewatch raises on purpose, and the exit status each one ends a command with.

::

    SitewatchError                    1
    ├── ConfigError                  10   a value in the configuration is wrong
    ├── InputError                        something that was to be read cannot be
    │   ├── InputNotFound            20   no such file or folder
    │   ├── InputEmpty               21   a file of zero bytes, a folder without images
    │   ├── NotAVideo                22   no container that FFmpeg knows, or one without its index
    │   ├── NoVideoStream            23   a container that holds only sound
    │   ├── NoFrames                 24   a video stream that yields no frame
    │   ├── NotARegularFile          25   a pipe, socket or device: replay needs a finished recording
    │   ├── DecoderStalled           26   the decoder gave no frame for longer than the watchdog allows
    │   └── MalformedInput           27   a table, label file or image that does not hold what it should
    ├── WeightsError
    │   ├── WeightsUnavailable       30   no place that has the file could be reached
    │   ├── WeightsCorrupt           31   size or sha256 differ from the catalogue
    │   ├── UnknownNetwork           32   a name that the catalogue or registry does not hold
    │   └── NetworkDefinitionError   33   a .cfg with unknown layers, or weights that do not fit it
    ├── StorageError
    │   ├── DatabaseLocked           40   another process holds the write lock
    │   ├── DatabaseReadOnly         41   no permission to write
    │   ├── DatabaseTooNew           42   written by a newer Sitewatch
    │   ├── DatabaseOutdated         43   needs ``sitewatch db upgrade``
    │   ├── DiskFull                 44   no space left for the database or an output
    │   ├── DatabaseUnreachable      45   no such server, folder or credentials
    │   ├── NaiveTimeError           46   a time without a zone
    │   ├── RecordNotFound           47   no such run, camera or track
    │   └── NotADatabase             48   another kind of file, a damaged one, or another program's database
    ├── DeviceError                  50   the device or precision is not available here
    ├── SharedMemoryFull             51   /dev/shm has no room for the frames of the cameras
    ├── DaemonError
    │   ├── AlreadyRunning           52   another daemon of this site runs
    │   └── NotRunning               53   no daemon of this site answers
    ├── EvaluationError
    │   ├── RegressionDetected       60   a metric fell below the baseline
    │   └── EvaluationUnavailable    61   an evaluation package is not installed
    ├── OutputError                  70   a result cannot be written
    ├── SiteNotReady                 80   a check of the site failed
    └── Interrupted                 130   the operator stopped the command

A message is one line: what was expected, what was found, and what to do about it. Where several things are wrong
at once, or several places were tried, a headline is followed by a line for each. Secrets never appear in it.
"""

from __future__ import annotations

from typing import ClassVar


class SitewatchError(Exception):
    """Root of the tree. ``exit_status`` is what a command that ends with this error returns."""

    exit_status: ClassVar[int] = 1


class ConfigError(SitewatchError):
    """A value in the configuration is wrong; the message names file, line and a suggestion."""

    exit_status = 10


class InputError(SitewatchError):
    """Something that was to be read cannot be."""


class InputNotFound(InputError):
    """No such file or folder."""

    exit_status = 20


class InputEmpty(InputError):
    """A file of zero bytes, or a folder without images."""

    exit_status = 21


class NotAVideo(InputError):
    """No container that FFmpeg knows, or one whose index is missing."""

    exit_status = 22


class NoVideoStream(InputError):
    """A container that holds only sound."""

    exit_status = 23


class NoFrames(InputError):
    """A video stream that yields no frame."""

    exit_status = 24


class NotARegularFile(InputError):
    """A pipe, socket or device, where a finished recording is needed."""

    exit_status = 25


class DecoderStalled(InputError):
    """The decoder gave no frame for longer than the watchdog allows."""

    exit_status = 26


class MalformedInput(InputError):
    """A table, label file or image that does not hold what it should."""

    exit_status = 27


class WeightsError(SitewatchError):
    """The weights of a network cannot be had or do not fit."""


class WeightsUnavailable(WeightsError):
    """No place that has the file could be reached; the message names every place and what it said."""

    exit_status = 30


class WeightsCorrupt(WeightsError):
    """Size or sha256 differ from the catalogue."""

    exit_status = 31


class UnknownNetwork(WeightsError):
    """A name that the catalogue or the registry does not hold."""

    exit_status = 32


class NetworkDefinitionError(WeightsError):
    """A ``.cfg`` with unknown layers, or weights that do not fit it."""

    exit_status = 33


class StorageError(SitewatchError):
    """The database cannot take or give what was asked."""


class DatabaseLocked(StorageError):
    """Another process holds the write lock."""

    exit_status = 40


class DatabaseReadOnly(StorageError):
    """No permission to write."""

    exit_status = 41


class DatabaseTooNew(StorageError):
    """Written by a newer Sitewatch."""

    exit_status = 42


class DatabaseOutdated(StorageError):
    """The schema is older than this Sitewatch: ``sitewatch db upgrade`` brings it up."""

    exit_status = 43


class DiskFull(StorageError):
    """No space left for the database or an output."""

    exit_status = 44


class DatabaseUnreachable(StorageError):
    """No such server, folder or credentials."""

    exit_status = 45


class NaiveTimeError(StorageError):
    """A time without a zone: Sitewatch stores UTC only."""

    exit_status = 46


class RecordNotFound(StorageError):
    """No such run, camera or track."""

    exit_status = 47


class NotADatabase(StorageError):
    """Another kind of file, a damaged one, or another program's database."""

    exit_status = 48


class DeviceError(SitewatchError):
    """The device or precision is not available on this machine, or the device has failed."""

    exit_status = 50


class SharedMemoryFull(SitewatchError):
    """``/dev/shm`` has no room for the frames of the cameras; the message says how large it must be."""

    exit_status = 51


class DaemonError(SitewatchError):
    """The daemon is not as the command needs it."""


class AlreadyRunning(DaemonError):
    """Another daemon of this site runs."""

    exit_status = 52


class NotRunning(DaemonError):
    """No daemon of this site answers."""

    exit_status = 53


class EvaluationError(SitewatchError):
    """A score cannot be computed, or is worse than it must be."""


class RegressionDetected(EvaluationError):
    """A metric fell below the baseline by more than allowed."""

    exit_status = 60


class EvaluationUnavailable(EvaluationError):
    """An evaluation package is not installed; the message names the command that installs it."""

    exit_status = 61


class OutputError(SitewatchError):
    """A result cannot be written."""

    exit_status = 70


class SiteNotReady(SitewatchError):
    """A check of the site failed; what was printed says what to do."""

    exit_status = 80


class Interrupted(SitewatchError):
    """The operator stopped the command."""

    exit_status = 130
