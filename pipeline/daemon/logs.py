"""Logs of the daemon: one event a line, with what it is about as fields; JSON unless a person looks on."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

import structlog

from config.masking import masked

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor, WrappedLogger


def configure_logs(*, verbose: bool) -> None:
    """Send all logs, also those of libraries, to standard error."""
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _without_credentials,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    renderer: Processor = (
        structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("sitewatch").setLevel(logging.DEBUG if verbose else logging.INFO)


def _without_credentials(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """The last to look: whatever an address was doing in a message, its user and password are not shown."""
    del logger, method
    return {key: masked(value) if isinstance(value, str) else value for key, value in event.items()}
