"""What is done with a bulletin: edited, counted again, sent, approved, issued, read, archived, corrected."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

import msgspec
from litestar import Response, post
from litestar.background_tasks import BackgroundTask
from litestar.params import FromPath

from channels import reminders
from hotline import db
from hotline.actor import Actor
from hotline.errors import Say
from hotline.work import Work
from sla import bulletin_files, bulletin_gate, bulletin_lists, bulletin_steps, bulletins, facts_store
from sla.bulletins import ISSUED, MAKES, BulletinRow
from web import forms
from web.access import Who
from web.bulletins import asks, common, pages
from web.bulletins.common import PATH, AnyRequest
from web.forms import Form
from web.render import see_other
from web.trying import worked

F = TypeVar("F", bound=msgspec.Struct)
Do = Callable[[Work, BulletinRow, F], Awaitable[None]]
_ONE = f"{PATH}/{{bulletin_id:uuid}}"
_DRAFT, _REVIEW = ("draft",), ("in_review",)


async def _done(
    request: AnyRequest, actor: Actor, bulletin_id: UUID, name: str, form: Form[F], do: Do[F], said: Say,
    *states: str,
) -> Response[str]:  # fmt: skip
    """Do it to the locked bulletin in one of these states; 409 and 422 give its page with the form as typed."""
    common.admit(actor)

    async def within(work: Work, good: F) -> None:
        await bulletin_lists.one(work.connection, actor, bulletin_id)  # 404 unless it is theirs to see
        revision = getattr(good, "revision", 0) or None
        await do(work, await bulletins.opened(work, bulletin_id, revision, *states), good)

    status, _ = await worked(actor, form, within)
    if status != 200:
        return await pages.shown(request, actor, bulletin_id, wrong=(name, form), status=status)
    return see_other(request, f"{PATH}/{bulletin_id}", flash=said)


@post(f"{_ONE}/words", opt={"needs": MAKES}, status_code=200)
async def edit(request: AnyRequest, actor: Who, bulletin_id: FromPath[UUID]) -> Response[str]:
    """Save the editor's words."""
    form = await forms.read(request, asks.Edit)

    async def do(work: Work, row: BulletinRow, good: asks.Edit) -> None:
        await bulletins.edit(work, row, words=good.words, cited=good.numbers, recipients=good.recipients)

    said = Say("存好了。", "Saved.")
    return await _done(request, actor, bulletin_id, "edit", form, do, said, *_DRAFT)


@post(f"{_ONE}/figures", opt={"needs": MAKES}, status_code=200)
async def compute(request: AnyRequest, actor: Who, bulletin_id: FromPath[UUID]) -> Response[str]:
    """Count its figures again."""
    form = await forms.read(request, asks.Step)

    async def do(work: Work, row: BulletinRow, _: asks.Step) -> None:
        await facts_store.catch_up()
        await bulletins.recompute(work, row)

    said = Say("数重新取好了。", "The figures are counted again.")
    return await _done(request, actor, bulletin_id, "step", form, do, said, *_DRAFT)


@post(f"{_ONE}/finds", opt={"needs": MAKES}, status_code=200)
async def keep(request: AnyRequest, actor: Who, bulletin_id: FromPath[UUID]) -> Response[str]:
    """Keep one find of the gate, with a reason."""
    form = await forms.read(request, asks.Keep)

    async def do(work: Work, row: BulletinRow, good: asks.Keep) -> None:
        await bulletin_gate.keep(work, row, good.digest, good.reason)

    said = Say("已保留，审核人会看到理由。", "Kept; the reviewers read the reason.")
    return await _done(request, actor, bulletin_id, "keep", form, do, said, *_DRAFT)


@post(f"{_ONE}/review", opt={"needs": MAKES}, status_code=200)
async def send(request: AnyRequest, actor: Who, bulletin_id: FromPath[UUID]) -> Response[str]:
    """Send it for review: from now on its figures stand still."""
    form = await forms.read(request, asks.Step)

    async def do(work: Work, row: BulletinRow, _: asks.Step) -> None:
        await facts_store.catch_up()
        await bulletin_steps.send(work, row)
        text = Say(f"{row.title.zh}送审，请审核", f"{row.title.en}: to be approved")
        for role in ("business_reviewer", "secrecy_reviewer")[: 2 if row.audience == "public" else 1]:
            key = f"bulletin_sent:{row.id}:{row.revision}:{role}"
            await reminders.remind(work, unit="", kind="bulletin_sent", case=None, text=text, to=role, key=key)

    said = Say("已送审，数已锁定。", "Sent for review; its figures are locked.")
    return await _done(request, actor, bulletin_id, "step", form, do, said, *_DRAFT)


@post(f"{_ONE}/approval", opt={"needs": "signed_in"}, status_code=200)
async def approve(request: AnyRequest, actor: Who, bulletin_id: FromPath[UUID]) -> Response[str]:
    """业务审核通过."""
    form = await forms.read(request, asks.Step)

    async def do(work: Work, row: BulletinRow, _: asks.Step) -> None:
        await bulletin_steps.approve(work, row)

    said = Say("业务审核通过。", "Approved.")
    return await _done(request, actor, bulletin_id, "step", form, do, said, *_REVIEW)


@post(f"{_ONE}/clearance", opt={"needs": "signed_in"}, status_code=200)
async def clear(request: AnyRequest, actor: Who, bulletin_id: FromPath[UUID]) -> Response[str]:
    """保密审核通过."""
    form = await forms.read(request, asks.Step)

    async def do(work: Work, row: BulletinRow, _: asks.Step) -> None:
        await bulletin_steps.clear(work, row)

    said = Say("保密审核通过。", "Cleared.")
    return await _done(request, actor, bulletin_id, "step", form, do, said, *_REVIEW)


@post(f"{_ONE}/return", opt={"needs": "signed_in"}, status_code=200)
async def send_back(request: AnyRequest, actor: Who, bulletin_id: FromPath[UUID]) -> Response[str]:
    """退回, with a reason."""
    form = await forms.read(request, asks.Reasoned)

    async def do(work: Work, row: BulletinRow, good: asks.Reasoned) -> None:
        await bulletin_steps.send_back(work, row, good.reason)

    said = Say("已退回，起草人会看到理由。", "Sent back; its editor reads the reason.")
    return await _done(request, actor, bulletin_id, "back", form, do, said, "in_review", "approved")


@post(f"{_ONE}/issue", opt={"needs": MAKES}, status_code=200)
async def issue(request: AnyRequest, actor: Who, bulletin_id: FromPath[UUID]) -> Response[str]:
    """签发: numbered, frozen, sent to its units; a public one is on the web from now on."""
    form = await forms.read(request, asks.Step)

    async def do(work: Work, row: BulletinRow, _: asks.Step) -> None:
        for unit in row.recipients:
            text = Say(f"请签阅：{row.title.zh}", f"Please read and sign: {row.title.en}")
            key = f"bulletin_issued:{row.id}:{unit}"
            await reminders.remind(work, unit=unit, kind="bulletin_issued", case=None, text=text, key=key)
        await bulletin_steps.issue(work, row)

    said = Say("已签发，编号和数据从此不变。", "Issued: its number and data never change.")
    answer = await _done(request, actor, bulletin_id, "step", form, do, said, "approved")
    async with db.reading() as connection:
        row = await bulletins.found(connection, bulletin_id)
    if row.state in ISSUED:
        answer.background = BackgroundTask(bulletin_files.keep_all, row)
    return answer


@post(f"{_ONE}/archive", opt={"needs": MAKES}, status_code=200)
async def archive(request: AnyRequest, actor: Who, bulletin_id: FromPath[UUID]) -> Response[str]:
    """归档."""
    form = await forms.read(request, asks.Step)

    async def do(work: Work, row: BulletinRow, _: asks.Step) -> None:
        await bulletin_steps.archive(work, row)

    said = Say("已归档。", "Archived.")
    return await _done(request, actor, bulletin_id, "step", form, do, said, "issued")


@post(f"{_ONE}/drop", opt={"needs": MAKES}, status_code=200)
async def drop(request: AnyRequest, actor: Who, bulletin_id: FromPath[UUID]) -> Response[str]:
    """作废: a draft that nobody wants."""
    form = await forms.read(request, asks.Step)

    async def do(work: Work, row: BulletinRow, _: asks.Step) -> None:
        await bulletins.drop(work, row)

    said = Say("草稿已作废，这一期可以重新起草。", "Dropped; the period may be drafted anew.")
    return await _done(request, actor, bulletin_id, "step", form, do, said, *_DRAFT)


@post(f"{_ONE}/reading", opt={"needs": bulletin_steps.READS}, status_code=200)
async def sign_read(request: AnyRequest, actor: Who, bulletin_id: FromPath[UUID]) -> Response[str]:
    """签阅, for one's unit."""
    form = await forms.read(request, asks.Step)

    async def do(work: Work, row: BulletinRow, _: asks.Step) -> None:
        await bulletin_steps.sign_read(work, row)

    said = Say("已签阅。", "Signed as read.")
    return await _done(request, actor, bulletin_id, "step", form, do, said, *sorted(ISSUED))


@post(f"{_ONE}/erratum", opt={"needs": MAKES}, status_code=200)
async def erratum(request: AnyRequest, actor: Who, bulletin_id: FromPath[UUID]) -> Response[str]:
    """更正: a new draft that will supersede this issue, which stays as it is."""
    form = await forms.read(request, asks.Erratum)

    async def do(work: Work, good: asks.Erratum) -> BulletinRow:
        await facts_store.catch_up()
        await bulletin_lists.one(work.connection, actor, bulletin_id)
        return await bulletins.erratum(work, bulletin_id, good.reason)

    status, row = await worked(actor, form, do)
    if row is None:
        return await pages.shown(request, actor, bulletin_id, wrong=("erratum", form), status=status)
    said = Say("更正期起草好了。", "The erratum is drafted.")
    return see_other(request, f"{PATH}/{row.id}", flash=said)


ROUTES = [
    edit, compute, keep, send, approve, clear, send_back, issue, archive, drop, sign_read, erratum,
]  # fmt: skip
