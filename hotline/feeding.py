"""`hotline feed FILE`: messages from a JSON-lines file go through the same intake as the web form.

Each is acknowledged (stored, numbered) and then made into a case; one whose id came before changes nothing.
"""

from __future__ import annotations

import asyncio
import gzip
import time
from collections import Counter
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import IO

import msgspec

from channels import acknowledge, intake
from channels.message import Inbound, Receipt
from hotline import db, place
from hotline.errors import Refusal, Say, invalid

AT_ONCE = 64
"""Messages acknowledged side by side: they share a commit, and a busy hotline is not pushed aside."""
LONGEST_LINE = 256 * 1024
CHANNEL = "feed"
Echo = Callable[[str], object]


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the file; other fields are passed over. ``words`` may also be called ``text``."""

    id: str | int
    words: str = ""
    text: str = ""
    title: str = ""
    kind: str = "assistance"
    urgency: str = "normal"
    line: str = "12345"
    place: str = ""
    county: str = ""
    township: str = ""
    matter: str = ""
    name: str = ""
    phone: str = ""
    reply_by: str = "none"
    is_anonymous: bool = False


class Refused(msgspec.Struct, frozen=True):
    """A line that was not taken: where, which id, and why in both languages."""

    line: int
    id: str
    code: str
    say: Say


class Outcome(msgspec.Struct, kw_only=True):
    """What became of a file. ``numbers`` are the receipt numbers in the order of the lines that were taken."""

    read: int = 0
    new: int = 0
    repeated: int = 0
    made: int = 0
    seconds: float = 0.0
    numbers: list[str] = []
    refused: list[Refused] = []


_decode = msgspec.json.Decoder(Message).decode


def command(data: Path | None, file: Path, rate: float, source: str, echo: Echo) -> int:
    """Run the command; 0 when every line was taken, 1 when some were refused."""

    async def job() -> Outcome:
        return await feed(file, rate=rate, source=source)

    outcome = place.run(data, job)
    echo(
        f"{outcome.read:,} 条：新收 {outcome.new:,}，已收过 {outcome.repeated:,}，拒收 {len(outcome.refused):,}，"
        f"成件 {outcome.made:,}；{outcome.seconds:.1f} 秒\n"
        f"{outcome.read:,} messages: {outcome.new:,} new, {outcome.repeated:,} known, "
        f"{len(outcome.refused):,} refused, {outcome.made:,} made into cases; {outcome.seconds:.1f} s"
    )
    for one in outcome.refused:
        echo(f"  {one.line}  {one.id}  {one.code}  {one.say.zh} / {one.say.en}")
    return 1 if outcome.refused else 0


async def feed(file: Path, *, rate: float = 0.0, source: str = "") -> Outcome:
    """Put the file's messages through intake, at most ``rate`` a second (0: as fast as they are committed).

    The same id within ``source`` makes one case, however often it is fed. Works beside a running worker.
    """
    outcome = Outcome()
    began = time.monotonic()
    with _opened(file) as lines:
        numbered = enumerate(lines, 1)
        while some := list(islice(numbered, AT_ONCE)):
            answers = await asyncio.gather(*(_one(number, line, source) for number, line in some))
            _count(outcome, answers)
            outcome.made += await intake.make_all()
            if rate:
                await asyncio.sleep(max(0.0, began + outcome.read / rate - time.monotonic()))
    outcome.seconds = time.monotonic() - began
    return outcome


async def states(numbers: list[str]) -> Counter[str]:
    """How many of these receipt numbers are cases in each state; what is missing is in none."""
    sql = (
        "SELECT c.state, count(*) FROM request r JOIN cases c ON c.id = r.case_id "
        "WHERE r.receipt_no = ANY($1) GROUP BY c.state"
    )
    async with db.reading() as connection:
        return Counter({record["state"]: record["count"] for record in await connection.fetch(sql, numbers)})


def _count(outcome: Outcome, answers: list[Receipt | Refused | None]) -> None:
    for answer in answers:
        outcome.read += 1
        if isinstance(answer, Refused):
            outcome.refused.append(answer)
        elif answer is None:
            outcome.read -= 1
        else:
            outcome.numbers.append(answer.number)
            outcome.repeated += answer.is_repeat
            outcome.new += not answer.is_repeat


async def _one(number: int, line: bytes, source: str) -> Receipt | Refused | None:
    """Acknowledge one line; None for an empty one."""
    if not line.strip():
        return None
    identifier = ""
    try:
        if len(line) > LONGEST_LINE:
            raise _broken("这一行太长。", "The line is too long.")
        try:
            message = _decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise _broken(f"这一行读不通：{error}", f"The line cannot be read: {error}") from None
        identifier = str(message.id)
        return await acknowledge.acknowledge(_inbound(message, source))
    except Refusal as refusal:
        why = next(iter(refusal.fields.values()), refusal.say)
        return Refused(number, identifier, refusal.code, why)


def _inbound(message: Message, source: str) -> Inbound:
    given = {name: getattr(message, name) for name in Message.__struct_fields__ if name not in {"id", "text", "words"}}
    identifier = f"{source}:{message.id}" if source else str(message.id)
    return Inbound(channel=CHANNEL, provider_id=identifier, words=message.words or message.text, **given)


def _broken(zh: str, en: str) -> Refusal:
    return invalid({"line": Say(zh, en)}, "bad_line")


def _opened(file: Path) -> IO[bytes]:
    with file.open("rb") as raw:
        is_packed = raw.read(2) == b"\x1f\x8b"
    return gzip.open(file, "rb") if is_packed else file.open("rb")  # type: ignore[return-value] # both read lines
