"""Real notices, conferences and bulletins for the walk of all routes: each of the one unit, and one of another's."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from cases import ledger, notice_sources, notice_steps, notices
from hotline import clock, db, ids
from hotline.actor import SYSTEM
from hotline.work import work
from routing import conference, conferences
from sla import bulletin_periods, bulletins, notice_sweep
from tests import builders

TEXTS = {"wrong": "路灯报修后超过期限没有修好。", "rule": "《城市照明管理规定》。", "required": "十个工作日内修好。"}


async def a_notice(number: str) -> str:
    """A notice drawn from the case and sent for review, so that its unit sees it."""
    async with work(await builders.person("publisher")) as w:
        file = await ledger.opened(w, number=number)
        case = file.case
        source = notice_sources.Source(
            kind="case", id=case.id, number=number, unit=case.lead_unit or "", matter=case.matter or "",
            county=case.county, cases=(case.id,),
        )  # fmt: skip
        row = await notices.draft_of(w, source, **TEXTS)
    async with work(await builders.person("publisher")) as w:
        await notice_steps.send(w, await notices.opened(w, row.id), reply_until=notice_sweep.reply_until)
    return str(row.id)


async def a_conference(unit: str) -> str:
    """A conference in which the unit takes part."""
    async with work(await builders.person("coord")) as w:
        one = await conference.plan(w, starts=clock.now() + timedelta(days=7), place="一会议室", chair="协调办")
        await conference.call_roll(w, one.id, [conferences.Participant(unit=unit, person="", is_present=None)])
    return str(one.id)


async def bulletins_of(*units: str) -> list[str]:
    """An issue of one month a unit, each sent to that unit alone."""
    span, made = bulletin_periods.last_full("monthly", clock.today()), []
    for unit in units:
        async with work(SYSTEM) as w:
            row = await bulletins.make(w, span, "internal")
        await _issue(row.id, unit, f"monthly-{span.first.year}-{span.first.month}")
        made.append(str(row.id))
        span = span.before
    return made


async def _issue(bulletin: UUID, unit: str, slug: str) -> None:
    async with db.atomic() as connection:
        await connection.execute(
            "UPDATE bulletin SET state = 'issued', number = $2, slug = $2, issued_at = $3, issued_by = $4,"
            " approved_at = $3, approved_by = $4, frozen = computed, hash = sha256(convert_to(computed, 'UTF8'))"
            " WHERE id = $1",
            bulletin, slug, clock.now(), ids.new_id(),
        )  # fmt: skip
        await connection.execute(
            "INSERT INTO bulletin_reader (bulletin_id, unit, told_at) VALUES ($1, $2, $3)", bulletin, unit, clock.now()
        )
