"""A mail server for tests: IMAP of our own making, SMTP by aiosmtpd. Loopback only, real sockets, real protocols."""

from __future__ import annotations

import asyncio
import contextlib
import re
import threading
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.engines import free_port

USER, PASSWORD = "12345@example.cn", "geheim:/@ word"
_UID = re.compile(r"(\w+) UID (\w+) (.*)", re.DOTALL)
_LITERAL = re.compile(rb"\{(\d+)\}\r\n$")


class Stored:
    """One mail in the box."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.flags: set[str] = set()


class ImapServer:
    """An inbox: ``put`` a mail, look at its flags afterwards. ``fails`` is a command that is refused."""

    def __init__(self) -> None:
        self.mails: list[Stored] = []
        self.fails = ""
        self.said: list[str] = []
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._ready = threading.Event()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        self._loop.close()

    def start(self) -> None:
        """Listen."""
        self._thread.start()
        assert self._ready.wait(5)

    def stop(self) -> None:
        """Close."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def put(self, mail: EmailMessage | bytes) -> Stored:
        """A new, unread mail."""
        one = Stored(mail if isinstance(mail, bytes) else mail.as_bytes())
        self.mails.append(one)
        return one

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK [CAPABILITY IMAP4rev1 ID] ready\r\n")
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while line := await reader.readline():
                while found := _LITERAL.search(line):
                    writer.write(b"+ go on\r\n")
                    line = line[: found.start()] + await reader.readexactly(int(found[1])) + await reader.readline()
                text = line.decode("utf-8").strip()
                self.said.append(re.sub(r"LOGIN .*", "LOGIN …", text))
                writer.write(self._answer(text))
                await writer.drain()
                if text.upper().endswith("LOGOUT"):
                    break
        writer.close()

    def _answer(self, line: str) -> bytes:
        tag, _, rest = line.partition(" ")
        command = rest.split(" ")[1 if rest.startswith("UID ") else 0].upper()
        if self.fails == command:
            return f"{tag} NO not now\r\n".encode()
        body = b""
        if command == "CAPABILITY":
            body = b"* CAPABILITY IMAP4rev1 ID\r\n"
        elif command == "LOGIN" and PASSWORD.replace("\\", "\\\\") not in rest:
            return f"{tag} NO wrong password\r\n".encode()
        elif command == "ID":
            body = b'* ID ("name" "test")\r\n'
        elif command == "SELECT":
            body = f"* {len(self.mails)} EXISTS\r\n".encode()
        elif command in {"SEARCH", "FETCH", "STORE"}:
            body = getattr(self, f"_{command.lower()}")(rest.split(" ", 2)[2])
        elif command == "LOGOUT":
            body = b"* BYE\r\n"
        return body + f"{tag} OK done\r\n".encode()

    def _search(self, _: str) -> bytes:
        unseen = [str(n + 1) for n, one in enumerate(self.mails) if r"\Seen" not in one.flags]
        return f"* SEARCH {' '.join(unseen)}\r\n".encode()

    def _fetch(self, rest: str) -> bytes:
        uid, what = rest.split(" ", 1)
        one = self.mails[int(uid) - 1]
        if "SIZE" in what:
            return f"* {uid} FETCH (UID {uid} RFC822.SIZE {len(one.raw)})\r\n".encode()
        data = one.raw.partition(b"\n\n")[0] + b"\n\n" if "HEADER" in what else one.raw
        return f"* {uid} FETCH (UID {uid} BODY[] {{{len(data)}}}\r\n".encode() + data + b")\r\n"

    def _store(self, rest: str) -> bytes:
        uid, _, flags = rest.split(" ", 2)
        self.mails[int(uid) - 1].flags |= set(flags.strip("()").split())
        return b""


class Taken:
    """The SMTP side: what it took; ``says`` may refuse a mail with a line such as ``550 no such user``."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.says: Callable[[str], str] = lambda _: ""

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """May refuse the receiver."""
        refusal = self.says(address)
        if not refusal:
            envelope.rcpt_tos.append(address)
        return refusal or "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - the same
        """Keeps the mail."""
        from email import message_from_bytes
        from email.policy import default

        content: Any = envelope.content
        self.mails.append(message_from_bytes(content, policy=default))
        return "250 taken"


@contextlib.contextmanager
def imap() -> Iterator[ImapServer]:
    """A mailbox that is listening."""
    server = ImapServer()
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextlib.contextmanager
def smtp() -> Iterator[tuple[Taken, int]]:
    """A server that takes mails, and its port."""
    taken = Taken()
    port = free_port()
    controller = Controller(taken, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield taken, port
    finally:
        controller.stop()


def a_mail(words: str = "和平路的路灯三天不亮。", *, sender: str = "wang@example.com", **headers: str) -> EmailMessage:
    """A plain mail from a citizen; ``headers`` with underscores for dashes."""
    mail = EmailMessage()
    mail["From"] = f"王小明 <{sender}>"
    mail["To"] = USER
    mail["Subject"] = "路灯不亮"
    mail["Message-ID"] = f"<{abs(hash((words, sender, tuple(headers.items()))))}@example.com>"
    for name, value in headers.items():
        del mail[name.replace("_", "-")]
        mail[name.replace("_", "-")] = value
    mail.set_content(words)
    return mail
