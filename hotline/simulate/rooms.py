"""Where legs meet: queues in which callers wait, conferences, and the recordings of what was said. Only their state."""

from __future__ import annotations

import asyncio
import io
import math
import struct
import wave
from datetime import datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import msgspec

from hotline.simulate.texts import new_sid

if TYPE_CHECKING:
    from hotline.simulate.leg import Leg

_RATE = 8000


class Member:
    """A caller in a queue. ``taken`` is set when somebody takes them, ``over`` when that talk has ended."""

    def __init__(self, leg: Leg, since: float) -> None:
        self.leg = leg
        self.since = since
        self.taken: asyncio.Future[Leg | None] = asyncio.get_running_loop().create_future()
        self.over = asyncio.Event()


class WaitingLine:
    """A queue: callers in the order in which they came."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.sid = new_sid("QU")
        self.members: list[Member] = []
        self.changed = asyncio.Condition()

    async def join(self, member: Member) -> None:
        """A caller begins to wait."""
        async with self.changed:
            self.members.append(member)
            self.changed.notify_all()

    def leave(self, member: Member) -> None:
        """A caller waits no longer, for whatever reason."""
        if member in self.members:
            self.members.remove(member)

    async def first(self, seconds: float) -> Member | None:
        """The caller who waits longest, taken out; None where nobody came within ``seconds``."""
        try:
            async with asyncio.timeout(seconds), self.changed:
                while not self.members:
                    await self.changed.wait()
                return self.members.pop(0)
        except TimeoutError:
            return None

    def resource(self, account: str) -> dict[str, Any]:
        """As the API shows it."""
        return {
            "sid": self.sid, "account_sid": account, "friendly_name": self.name, "current_size": len(self.members),
            "max_size": 1000, "average_wait_time": 0, "uri": f"/2010-04-01/Accounts/{account}/Queues/{self.sid}.json",
        }  # fmt: skip


class Conference:
    """Legs that hear each other: from the first who may begin it to the last, or to who may end it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.sid = new_sid("CF")
        self.legs: list[Leg] = []
        self.over = asyncio.Event()
        self.has_started = False
        self.began = 0.0
        self.callback = ""
        self.events: tuple[str, ...] = ()
        self.recording_callback = ""
        self.is_recorded = False
        self.sequence = 0

    def resource(self, account: str) -> dict[str, Any]:
        """As the API shows it."""
        state = "completed" if self.over.is_set() else "in-progress" if self.has_started else "init"
        return {
            "sid": self.sid, "account_sid": account, "friendly_name": self.name, "status": state, "region": "us1",
            "uri": f"/2010-04-01/Accounts/{account}/Conferences/{self.sid}.json",
        }  # fmt: skip


class Recording(msgspec.Struct, kw_only=True):
    """What was recorded: its length in seconds, and a sound of that length (at most ten seconds of it)."""

    sid: str
    call_sid: str
    seconds: int
    at: datetime
    url: str
    source: str = "DialVerb"
    channels: int = 1
    conference_sid: str = ""
    is_deleted: bool = False
    status: str = "completed"

    def sound(self) -> bytes:
        """A WAV file: a soft tone, so that an ear knows that it plays."""
        held = io.BytesIO()
        with wave.open(held, "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(_RATE)
            count = _RATE * max(1, min(self.seconds, 10))
            out.writeframes(b"".join(struct.pack("<h", _tone(n)) for n in range(count)))
        return held.getvalue()

    def resource(self, account: str) -> dict[str, Any]:
        """As the API shows it."""
        return {
            "sid": self.sid, "account_sid": account, "call_sid": self.call_sid, "duration": str(self.seconds),
            "status": self.status, "source": self.source, "channels": self.channels, "media_url": self.url,
            "conference_sid": self.conference_sid or None, "date_created": format_datetime(self.at),
            "uri": f"/2010-04-01/Accounts/{account}/Recordings/{self.sid}.json",
        }  # fmt: skip


def _tone(n: int) -> int:
    return int(2000 * math.sin(2 * math.pi * 440 * n / _RATE) * (n % _RATE < _RATE // 4))
