"""Mail in: the mailbox is looked at, each mail stored once as an arrival, and only then marked as read.

What it means is for ``channels.talk``. A machine's mail makes no case and gets no answer; one that is too big, broken
or one too many of its sender is parked where a person sees it, and flagged in the mailbox.
"""

from __future__ import annotations

import asyncio
import base64
import logging
import re
from collections.abc import Sequence
from datetime import timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec

from channels import arrivals, email_parse, media, notify, outbox, texts
from channels.email_parse import Attached, Mail
from channels.heard import Heard, Medium
from channels.mailbox import Mailbox, MailboxError
from hotline import city, clock, db, files, jobs, settings, vault
from hotline.actor import SYSTEM
from hotline.errors import Refusal, plain
from hotline.ids import new_id
from hotline.work import work

log = logging.getLogger(__name__)

CHANNEL = "email"
BATCH = 50
BIGGEST = 25 * 1024 * 1024
"""Bytes of a whole mail that we read; mail servers mostly stop there themselves."""
LONGEST = 40_000
"""Characters of a mail's words that go into a case, with a mark where there were more; the mailbox has them all."""
KEPT, READ = timedelta(days=30), timedelta(hours=1)
"""A parked mail waits for a person; a file that was fetched is needed once more only if attaching it failed."""
_CJK = re.compile(r"[㐀-鿿]")
_RECENT = "SELECT count(*) FROM arrival WHERE channel = $1 AND sender = $2 AND received_at > $3"
_SEEN = "SELECT 1 FROM arrival WHERE channel = $1 AND provider_id = $2"
_PARK = """
    INSERT INTO arrival (id, channel, provider_id, sender, received_at, state, error, body)
    VALUES ($1, $2, $3, $4, $5, 'parked', $6, $7) ON CONFLICT DO NOTHING
"""
_IGNORE = """
    INSERT INTO arrival (id, channel, provider_id, sender, received_at, state, error, outcome)
    VALUES ($1, $2, $3, $4, $5, 'done', $6, 'ignored') ON CONFLICT DO NOTHING
"""
_PART = (
    "INSERT INTO email_part (id, body, name, media_type, kept_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING"
)
_FETCH = "UPDATE email_part SET read_at = $2 WHERE id = $1 RETURNING body, name, media_type"
_SWEEP = "DELETE FROM email_part WHERE kept_at < $1 OR read_at < $2"
_LOOKED = """
    INSERT INTO mailbox (looked_at, ok_at, code) VALUES ($1, $2, $3)
    ON CONFLICT (is_only) DO UPDATE SET looked_at = $1, ok_at = coalesce($2, mailbox.ok_at), code = $3
"""
_KINDS = {"image": "image", "audio": "audio", "video": "video"}
_busy = asyncio.Lock()


async def poll() -> int:
    """Look at the mailbox once; how many mails were taken; 0 where none is set up. Safe twice and side by side."""
    url = settings.current().imap_url
    if not url or _busy.locked():
        return 0
    async with _busy:
        try:
            taken, code = await _look(Mailbox(url)), ""
        except MailboxError as error:
            taken, code = 0, error.code
            log.warning("the mailbox cannot be read: %s", code)
        now = clock.now()
        async with db.atomic() as connection:
            await connection.execute(_LOOKED, now, None if code else now, code)
            await connection.execute(_SWEEP, now - KEPT, now - READ)
    if taken:
        jobs.nudge_soon("read_arrivals")
    return taken


async def _look(box: Mailbox) -> int:
    taken = 0
    await asyncio.to_thread(box.__enter__)
    try:
        for uid in await asyncio.to_thread(box.unseen, BATCH):
            size = await asyncio.to_thread(box.size, uid)
            is_big = size > BIGGEST
            raw = await asyncio.to_thread(box.fetch, uid, head_only=is_big)
            if not raw:
                continue  # somebody deleted it meanwhile
            is_parked = await (park(raw, "too_big") if is_big else _taken(raw))
            await asyncio.to_thread(box.done, uid, is_parked=is_parked)
            taken += 1
    finally:
        await asyncio.to_thread(box.__exit__, None, None, None)
    return taken


async def _taken(raw: bytes) -> bool:
    """``take``; whatever is wrong with a mail, it must not keep the next ones from being read for ever."""
    try:
        return await take(raw)
    except db.AWAY:
        raise
    except Exception as error:  # noqa: BLE001 - a person sees it in the mailbox, and on the operations page
        log.error("a mail could not be taken\n%s", plain(error))  # noqa: TRY400 - no mail is quoted
        return await park(raw, "unreadable")


async def take(raw: bytes) -> bool:
    """Store one mail, once; whether a person has to look at it. Raises ``db.AWAY``: then it stays unread."""
    try:
        mail = await asyncio.to_thread(email_parse.parse, raw)
    except ValueError:
        return await park(raw, "unreadable")
    if mail.machine:
        await _ignore(mail)
        return mail.machine == "spam"
    heard, refused = await _kept(mail)
    if await _is_too_many(mail):
        await _park(heard, "too_many")
        return True
    stored = await arrivals.store(heard)
    if stored.is_new and refused:
        await _tell_refused(heard, refused)
    return False


async def park(raw: bytes, code: str) -> bool:
    """Keep a mail that we cannot read, or its head, where a person sees it; the mailbox still has all of it."""
    sender = email_parse.sender_of(raw)
    note = {"too_big": "（邮件太大，没有取正文，请在信箱里查看）"}.get(code, "（邮件无法解析，请在信箱里查看）")
    heard = Heard(
        channel=CHANNEL, provider_id=email_parse.id_of(raw), sender=sender or "unknown", at=clock.now(), words=note
    )
    await _park(heard, code)
    return True


async def _park(heard: Heard, code: str) -> None:
    body = vault.seal(msgspec.json.encode(heard).decode(), f"arrival:{heard.provider_id}")
    sender = vault.reply_index(CHANNEL, heard.sender)
    async with db.atomic() as connection:
        await connection.execute(_PARK, new_id(), CHANNEL, heard.provider_id, sender, heard.at, code, body)


async def _ignore(mail: Mail) -> None:
    """A machine's mail: noted, so that it is counted; a bounce says what did not arrive."""
    now = clock.now()
    async with db.atomic() as connection:
        sender = vault.reply_index(CHANNEL, mail.sender)
        await connection.execute(_IGNORE, new_id(), CHANNEL, mail.provider_id, sender, now, mail.machine)
        for one in mail.failed:
            await outbox.status(connection, CHANNEL, one, "failed", now, "bounce")


async def _is_too_many(mail: Mail) -> bool:
    sender, since = vault.reply_index(CHANNEL, mail.sender), clock.now() - timedelta(hours=1)
    async with db.reading() as connection:
        if await connection.fetchval(_SEEN, CHANNEL, mail.provider_id):
            return False  # the same mail again
        found = await connection.fetchval(_RECENT, CHANNEL, sender, since)
    return int(found) >= int(city.current().rule("email.per_hour"))


async def _kept(mail: Mail) -> tuple[Heard, list[str]]:
    """The mail as it is stored, its files kept beside it, and the names of those that cannot be taken."""
    good, refused = await asyncio.to_thread(_sorted, mail.attached)
    parts = [(uuid5(NAMESPACE_URL, f"{mail.provider_id}#{n}"), one) for n, one in enumerate(good)]
    if parts:
        async with db.atomic() as connection:
            await connection.executemany(_PART, [_sealed(key, one) for key, one in parts])
    found = tuple(
        Medium(kind=_KINDS.get(one.media_type.partition("/")[0], "file"), id=str(key), media_type=one.media_type)
        for key, one in parts
    )
    return _heard(mail, refused, found), refused


def _sorted(attached: Sequence[Attached]) -> tuple[list[Attached], list[str]]:
    """What can be taken, and the names of what cannot; at most as many as the city allows."""
    good: list[Attached] = []
    refused: list[str] = []
    most = int(city.current().rule("upload.files"))
    for one in attached:
        name = files.tidy_name(one.name)
        try:
            files.look(one.data, one.name)
        except Refusal:
            refused.append(name)
        else:
            (good.append(one) if len(good) < most else refused.append(name))
    return good, refused


def _sealed(key: UUID, one: Attached) -> tuple[object, ...]:
    body = vault.seal(base64.b64encode(one.data).decode(), "email.part")
    return key, body, vault.seal(one.name, "email.part"), one.media_type[:100], clock.now()


def _heard(mail: Mail, refused: Sequence[str], found: tuple[Medium, ...]) -> Heard:
    words = mail.words or mail.subject
    if len(words) > LONGEST:
        words = f"{words[:LONGEST]}\n（邮件太长，后面的请在信箱里查看）"
    if refused:
        words = f"{words}\n（没有收下的附件：{'、'.join(refused)}）".strip()
    lang = "zh" if _CJK.search(f"{mail.subject}{words}") or not words else "en"
    return Heard(
        channel=CHANNEL, provider_id=mail.provider_id, sender=mail.sender, at=clock.now(), words=words,
        subject=mail.subject[:200], media=found, thread=mail.thread, lang=lang,
    )  # fmt: skip


async def _tell_refused(heard: Heard, refused: Sequence[str]) -> None:
    """Named at once, so that they can be sent in another form."""
    names = texts.cut("、".join(f"“{one}”" for one in refused), 120)
    async with work(SYSTEM) as w:
        notify.tell(
            w, channel=CHANNEL, address=heard.sender, name="attachments_refused", lang=heard.lang, names=names,
            key=f"attachments_refused:{heard.provider_id}"[:200],
        )  # fmt: skip


async def fetch(medium: Medium) -> media.Fetched:
    """The bytes of a file that came by mail. Raises ``media.Gone`` when they are swept away."""
    async with db.atomic() as connection:
        row = await connection.fetchrow(_FETCH, UUID(medium.id), clock.now())
    if row is None:
        raise media.Gone("swept")
    data = base64.b64decode(vault.unseal(row["body"], "email.part"))
    return data, row["media_type"], vault.unseal(row["name"], "email.part")


media.FETCHERS[CHANNEL] = fetch
