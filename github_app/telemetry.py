"""Logs: one format for our lines, uvicorn's and Temporal's. Code elsewhere says `logging.getLogger(__name__)`.

What is logged are ids and outcomes; never a body, a token or a signature.
"""

import logging
from typing import Literal

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

LogFormat = Literal["console", "json"]

QUIET = ("httpx", "httpcore", "asyncio")  # they tell every request and every slow step


def configure(log_format: LogFormat, level: int = logging.INFO) -> None:
    """Send every log line of this process to stderr, in one format."""
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=_facts(), processors=_rendering(log_format))
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _facts() -> list[Processor]:
    """Add what every line says beside its message; the delivery id comes with the context variables."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def _rendering(log_format: LogFormat) -> list[Processor]:
    clean = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, _drop_second_message]
    match log_format:
        case "json":
            return [*clean, structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        case "console":
            # the usual traceback shows local variables, and with them bodies and secrets
            return [*clean, structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]


def _drop_second_message(_logger: WrappedLogger, _name: str, line: EventDict) -> EventDict:
    line.pop("color_message", None)  # uvicorn's
    return line
