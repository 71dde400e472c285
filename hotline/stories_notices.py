"""The demo city's notices: one put right with evidence and an erratum, one not corrected in time, one taken down."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from PIL import Image, ImageDraw

from cases import ledger, notice_errata, notice_files, notice_ratings, notice_steps, notices
from channels import reminders_notice
from hotline import clock, db, files
from hotline.actor import CITIZEN, Actor
from hotline.work import work
from sla import notice_sweep

People = Mapping[str, Actor]
LAMPS, RUBBISH, NOISE = "demo-38", "demo-39", "demo-40"
"""The stories of ``demo_cases.csv`` that the notices are drawn from."""
_OF = """
    SELECT c.number, c.id FROM inbound_message m JOIN cases c ON c.id = m.case_id WHERE m.provider_id = $1
    AND NOT EXISTS (SELECT FROM notice_case k WHERE k.case_id = c.id)
"""
TEXTS: Mapping[str, tuple[str, str, str]] = {
    LAMPS: (
        "接到派单后超过办结期限十九天才更换路灯，期间没有说明原因。",
        "《城市照明管理规定》关于及时修复照明设施的规定。",
        "十个工作日内排查该路段全部路灯，公布结果。",
    ),
    RUBBISH: (
        "垃圾清运超过承诺期限，督办后仍然积存。",
        "《城市市容和环境卫生管理条例》关于垃圾日产日清的规定。",
        "十个工作日内清运完毕，并公布清运时间表。",
    ),
    NOISE: (
        "夜间施工噪声投诉没有在期限内到现场核实。",
        "《中华人民共和国噪声污染防治法》关于夜间施工的规定。",
        "十个工作日内到现场核实并公布处理结果。",
    ),
}  # fmt: skip


async def tell(people: People) -> None:
    """Tell the notices whose cases are there and have none yet."""
    now = clock.now()
    await _put_right(people, now - timedelta(days=30))
    await _overdue(people, now - timedelta(days=28))
    await _taken_down(people, now - timedelta(days=16))


async def _case(provider_id: str) -> str:
    async with db.reading() as connection:
        row = await connection.fetchrow(_OF, provider_id)
    return str(row["number"]) if row is not None else ""


async def _step(people: People, login: str, notice: UUID, verb: Any, at: datetime, **given: Any) -> None:
    async with work(people[login], now=at) as w:
        await verb(w, await notices.opened(w, notice), **given)


async def _draft(people: People, provider_id: str, at: datetime) -> UUID | None:
    """A draft of the story's case, None where there is none to draw it from."""
    number = await _case(provider_id)
    if not number:
        return None
    wrong, rule, required = TEXTS[provider_id]
    async with work(people["publisher"], now=at) as w:
        row = await notices.draft(
            w, await ledger.opened(w, number=number), wrong=wrong, rule=rule, required=required
        )
    return row.id


async def _reviewed(people: People, notice: UUID, at: datetime) -> None:
    """Sent, answered by the unit, approved by two, in a few hours."""
    hour = timedelta(hours=1)
    await _step(people, "publisher", notice, notice_steps.send, at, reply_until=notice_sweep.reply_until)
    await _step(people, "congtai", notice, notice_steps.reply, at + hour, text="")
    await _step(people, "reviewer", notice, notice_steps.approve, at + 2 * hour, is_secrecy=False)
    await _step(people, "secrecy", notice, notice_steps.approve, at + 3 * hour, is_secrecy=True)


async def _published(people: People, provider_id: str, at: datetime) -> UUID | None:
    notice = await _draft(people, provider_id, at)
    if notice is not None:
        await _reviewed(people, notice, at)
        await _step(
            people, "publisher", notice, notice_steps.publish, at + timedelta(hours=4),
            due=notice_sweep.correction_due, remind=notice_sweep.remind_at,
        )  # fmt: skip
    return notice


async def _put_right(people: People, at: datetime) -> None:
    notice = await _published(people, LAMPS, at)
    if notice is None:
        return
    day = timedelta(days=1)
    async with work(people["publisher"], now=at + day) as w:
        one = await notices.opened(w, notice)
        wrong, rule, required = TEXTS[LAMPS]
        row = await notice_errata.draft(
            w, one, wrong=wrong.replace("十九天", "十八天"), rule=rule, required=required, why="天数写多了一天。"
        )
    await _reviewed(people, row.id, at + 1.2 * day)
    await _step(people, "publisher", row.id, notice_errata.apply, at + 2 * day)
    await _corrected(people, notice, at + 6 * day)
    await _step(
        people, "publisher", notice, notice_steps.verify, at + 8 * day, rate_until=notice_sweep.rate_until,
        text="夜间到现场看过，整段路灯都亮。",
    )  # fmt: skip
    await _rated(notice, at + 9 * day)


async def _corrected(people: People, notice: UUID, at: datetime) -> None:
    """The unit's report with a picture, at which two persons look."""
    async with work(people["congtai"], now=at) as w:
        kept = await files.keep(
            w.connection, _picture(), "evidence.png", subject=("notice", notice), audience="staff",
            actor=people["congtai"],
        )  # fmt: skip
        one = await notices.opened(w, notice)
        await notice_files.add(w, one, [(kept.id, kept.media_type)])
        await notice_steps.report(w, one, text="更换灯头十二只、熔断器两个，全路段夜间试亮正常。")
    hour = timedelta(hours=1)
    await _step(people, "publisher", notice, notice_files.look, at + hour, file_id=kept.id, is_clean=True)
    await _step(people, "secrecy", notice, notice_files.check, at + 2 * hour, file_id=kept.id, agrees=True)


async def _rated(notice: UUID, at: datetime) -> None:
    """Whoever asked is content."""
    async with work(CITIZEN, now=at) as w:
        case = await w.connection.fetchval("SELECT case_id FROM notice_case WHERE notice_id = $1", notice)
        file = await ledger.opened(w, case_id=case)
        await notice_ratings.rate(w, file, file.first_request.id, notice, grade="satisfied")


async def _overdue(people: People, at: datetime) -> None:
    if await _published(people, RUBBISH, at) is not None:
        await notice_sweep.watch(reminders_notice.tell)


async def _taken_down(people: People, at: datetime) -> None:
    notice = await _published(people, NOISE, at)
    if notice is not None:
        reason = "经复核，该工地有夜间施工许可，认定有误。"
        await _step(people, "publisher", notice, notice_steps.withdraw, at + timedelta(days=3), reason=reason)


def _picture() -> bytes:
    """A lit street, drawn: nobody is in it."""
    image = Image.new("RGB", (480, 320), (20, 26, 40))
    draw = ImageDraw.Draw(image)
    draw.polygon([(0, 320), (480, 320), (290, 150), (190, 150)], fill=(58, 62, 70))
    for n, x in enumerate((60, 120, 165, 315, 360, 420)):
        top = 70 + 12 * min(n, 5 - n)
        draw.line([(x, top), (x, 250)], fill=(120, 124, 130), width=4)
        draw.ellipse([(x - 14, top - 14), (x + 14, top + 14)], fill=(255, 226, 140))
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()
