"""One form of log line for every process: JSON with time, level, event and fields that we chose.

Never a person's words or numbers. Our own lines hold ids and codes. What libraries say is kept as they spelt it in
their code, without what they filled in, unless that is a plain code: their messages quote rows, addresses, arguments.
Of an exception the kind and the places in the code are told, never its message.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from contextvars import ContextVar
from types import TracebackType
from typing import Any

import msgspec
import structlog

OURS = ("hotline", "cases", "routing", "sla", "channels", "web", "machine")
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z_.:/\[\]-]{0,60}|\d{1,6}|\d+\.\d+|[0-9.]+:\d{1,5}|127\.0\.0\.1|0\.0\.0\.0")
REQUEST: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request that is being answered: on each of its log lines, and in its response."""


def open_logs(process: str) -> None:
    """Make structlog, the standard library's loggers and uncaught errors write such lines to standard error."""
    structlog.configure(
        processors=[
            _with_request,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(_json),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=_Stderr()),  # type: ignore[arg-type] # write and flush suffice
        cache_logger_on_first_use=True,
    )
    root = logging.getLogger()
    for old in [one for one in root.handlers if isinstance(one, _Lines)]:
        root.removeHandler(old)
    root.addHandler(_Lines(process))
    root.setLevel(logging.INFO)
    for noisy in ("arq.worker", "arq.jobs", "httpx", "aiosmtplib", "PIL", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    sys.excepthook = _uncaught


def where(error: BaseException | None) -> list[str]:
    """The last places in the code that an error came through."""
    frames = traceback.extract_tb(error.__traceback__)[-12:] if error is not None else []
    return [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]


def _with_request(_: Any, __: str, event: Any) -> Any:
    if (request := REQUEST.get()) and "request" not in event:
        event["request"] = request
    return event


def _json(line: object, **_: object) -> str:
    return msgspec.json.encode(line, enc_hook=str).decode()


class _Stderr:
    """Standard error as it is when the line is written: tests and supervisors replace it."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


class _Lines(logging.Handler):
    """The standard library's records as lines of ours."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self.process = process

    def emit(self, record: logging.LogRecord) -> None:
        """One record, one line."""
        error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        line: dict[str, object] = {
            "event": said(record), "logger": record.name, "process": self.process,
            "level": record.levelname.lower(), "timestamp": _moment(record.created),
        }  # fmt: skip
        if REQUEST.get():
            line["request"] = REQUEST.get()
        if error is not None:
            line |= {"kind": type(error).__qualname__, "where": where(error)}
        sys.stderr.write(f"{_json(line)}\n")


def _moment(seconds: float) -> str:
    from datetime import UTC, datetime  # noqa: PLC0415 - turns a number into text; nothing here asks what time it is

    return datetime.fromtimestamp(seconds, UTC).isoformat()


def said(record: logging.LogRecord) -> str:
    """What the record says; of a library's record only its own words and plain codes."""
    if record.name.split(".")[0] in OURS:
        try:
            return record.getMessage()
        except (TypeError, ValueError):
            return str(record.msg)
    if not record.args:
        text = str(record.msg).strip()
        return text if _is_spelt(text) else "(not shown)"
    args = tuple(_plain(one) for one in record.args) if isinstance(record.args, tuple) else None
    try:
        return re.sub(r"%(\.\d+)?[dfr]", "%s", str(record.msg)) % args if args is not None else str(record.msg)
    except (TypeError, ValueError):
        return str(record.msg)


def _plain(value: object) -> object:
    text = str(value)
    return text if _PLAIN.fullmatch(text) else "…"


def _is_spelt(text: str) -> bool:
    """Whether a message without arguments can be a library's own words: nothing Chinese, no number or address."""
    return text.isascii() and not re.search(r"\d(?:[ -]?\d){6,}|@", text) and "\n" not in text


def _uncaught(kind: type[BaseException], error: BaseException, _: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    line = {"event": "uncaught", "level": "critical", "kind": kind.__qualname__, "where": where(error)}
    sys.stderr.write(f"{_json(line)}\n")
