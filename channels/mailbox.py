"""The city's mailbox by IMAP: one connection a look, each step with its time limit. Blocking: run in a thread."""

from __future__ import annotations

import contextlib
import imaplib
import re
import ssl
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote, urlsplit

PATIENCE = 20.0
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")


class MailboxError(Exception):
    """The server cannot be used now; ``code`` says how, never its words."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Mailbox:
    """``with Mailbox(url) as box``: ``imaps://user:password@host:993/INBOX``; ``imap://`` takes STARTTLS if offered."""

    def __init__(self, url: str) -> None:
        self.url = urlsplit(url)
        self.server: Any = None  # imaplib, which types an answer as anything
        self.folder = unquote(self.url.path.strip("/")) or "INBOX"

    def __enter__(self) -> Self:
        try:
            self._open()
        except (imaplib.IMAP4.error, UnicodeError):
            self._close()
            raise MailboxError("login") from None
        except OSError as error:
            self._close()
            raise MailboxError(type(error).__name__) from None
        except MailboxError:
            self._close()
            raise
        return self

    def _open(self) -> None:
        host, secure = self.url.hostname or "", self.url.scheme == "imaps"
        context = ssl.create_default_context()
        if secure:
            self.server = imaplib.IMAP4_SSL(host, self.url.port or 993, ssl_context=context, timeout=PATIENCE)
        else:
            self.server = imaplib.IMAP4(host, self.url.port or 143, timeout=PATIENCE)
            if "STARTTLS" in self.server.capabilities:
                self.server.starttls(context)
        self.server.login(unquote(self.url.username or ""), unquote(self.url.password or ""))
        if "ID" in self.server.capabilities:
            # NetEase and Tencent refuse a client that does not say its name
            self.server.xatom("ID", '("name" "hotline" "version" "1")')
        status, _ = self.server.select(f'"{self.folder}"')
        if status != "OK":
            raise MailboxError("folder")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def _close(self) -> None:
        if self.server is not None:
            with contextlib.suppress(imaplib.IMAP4.error, OSError):
                self.server.logout()

    def unseen(self, most: int) -> list[str]:
        """The oldest unread mails' UIDs."""
        found = _flat(next(iter(self._asked("SEARCH", "UNSEEN")), None))
        return [one.decode() for one in found.split()][:most]

    def size(self, uid: str) -> int:
        """Bytes of a mail; 0 when it is gone."""
        answer = self._asked("FETCH", uid, "(RFC822.SIZE)")
        found = next((match for one in answer if (match := _SIZE.search(_flat(one)))), None)
        return int(found[1]) if found else 0

    def fetch(self, uid: str, *, head_only: bool = False) -> bytes:
        """The raw mail, or its head, without marking it as read; b"" when it is gone."""
        answer = self._asked("FETCH", uid, "(BODY.PEEK[HEADER])" if head_only else "(BODY.PEEK[])")
        return next((one[1] for one in answer if isinstance(one, tuple)), b"")

    def done(self, uid: str, *, is_parked: bool = False) -> None:
        """Mark as read, and with a flag where a person is to look at it."""
        self._asked("STORE", uid, "+FLAGS", r"(\Seen \Flagged)" if is_parked else r"(\Seen)")

    def _asked(self, command: str, *parts: str) -> list[bytes | tuple[bytes, bytes] | None]:
        try:
            status, answer = self.server.uid(command, *parts)
        except (imaplib.IMAP4.error, OSError) as error:
            raise MailboxError(type(error).__name__) from None
        if status != "OK":
            raise MailboxError(command.lower())
        return list(answer)


def _flat(one: bytes | tuple[bytes, bytes] | None) -> bytes:
    return b" ".join(one) if isinstance(one, tuple) else one or b""
