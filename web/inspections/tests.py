"""Mystery tests of a plan: the script before, the result after."""

from __future__ import annotations

from uuid import UUID

from litestar import Response, post
from litestar.params import FromPath

from cases import queries
from hotline.errors import Say, invalid
from hotline.work import Work
from sla import inspections
from web import forms
from web.access import Who
from web.inspections import asks
from web.inspections.common import CHECK, AnyRequest
from web.inspections.plans import shown
from web.render import see_other
from web.trying import worked


@post("/inspections/plans/{plan_id:uuid}/tests", opt={"needs": CHECK}, status_code=200)
async def write(request: AnyRequest, actor: Who, plan_id: FromPath[UUID]) -> Response[str]:
    """A script, with the answer that is expected."""
    form = await forms.read(request, asks.Script)

    async def do(w: Work, good: asks.Script) -> object:
        return await inspections.write_test(
            w, plan_id, unit=good.unit, way=good.way, target=good.target, question=good.question,
            expected=good.expected,
        )  # fmt: skip

    status, _ = await worked(actor, form, do)
    if status != 200:
        return await shown(request, actor, plan_id, name="script", form=form, status=status)
    return see_other(request, f"/inspections/plans/{plan_id}", flash=Say("已加一项测试。", "The test is added."))


@post("/inspections/plans/{plan_id:uuid}/tests/{test:uuid}", opt={"needs": CHECK}, status_code=200)
async def result(request: AnyRequest, actor: Who, plan_id: FromPath[UUID], test: FromPath[UUID]) -> Response[str]:
    """What came of it, once."""
    form = await forms.read(request, asks.Result)

    async def do(w: Work, good: asks.Result) -> object:
        case_id = await queries.found(w.connection, actor, good.case.strip()) if good.case.strip() else None
        if good.case.strip() and case_id is None:
            raise invalid({"case": Say("没有这个编号的案件。", "There is no case of that number.")})
        return await inspections.do_test(
            w, plan_id, test, verdict=good.verdict, answer=good.answer, wait_seconds=good.wait_seconds,
            talk_seconds=good.talk_seconds, case_id=case_id,
        )  # fmt: skip

    status, _ = await worked(actor, form, do)
    if status != 200:
        return await shown(request, actor, plan_id, name="result", form=form, test=test, status=status)
    return see_other(request, f"/inspections/plans/{plan_id}", flash=Say("已记下测试结果。", "The result is recorded."))


ROUTES = [write, result]
