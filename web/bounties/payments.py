"""Bounties that are owed and paid; the treasury's list of those prepared, with payees, noted each time it is made."""

from __future__ import annotations

from typing import Any

from litestar import Response, get

from hotline import acts, cells, db, people
from sla import bounties, bounty_pay
from web import worklists as split
from web.access import Who
from web.bounties.common import PAY, AnyRequest, tabs
from web.render import render


@get("/bounties/payments", opt={"needs": PAY})
async def index(request: AnyRequest, actor: Who) -> Response[str]:
    """What is owed, prepared, paid, without payees."""
    state = request.query_params.get("state", "")
    async with db.reading() as connection:
        rows = await bounty_pay.listed(connection, *([state] if state in bounty_pay.STATES else []))
    who = {one for row in rows for one in (row.prepared_by, row.paid_by) if one is not None}
    return render(
        request, "bounties/payments.html", region="#r-list", rows=rows, state=state, states=bounty_pay.STATES,
        means=bounties.MEANS, names=await people.names(who), unit_name=split.unit_name, tabs=tabs(actor, "payments"),
        total=sum(row.amount for row in rows if row.state == "paid"), has_prepared=any(
            row.state == "prepared" for row in rows),
    )  # fmt: skip


@get("/bounties/payments.csv", opt={"needs": PAY})
async def sheet(actor: Who) -> Response[bytes]:
    """What is prepared and not paid, with whom it goes to: for the treasury. That it was made is noted."""
    async with db.atomic() as connection:
        rows = await bounty_pay.due(connection)
        await acts.note(connection, actor, "export.made", "bounty_payments", {"rows": len(rows)})
    names = await people.names({one.prepared_by for one in rows})
    lines: list[list[object]] = [
        ["线索编号 number", "金额（元）amount", "收款人 payee", "方式 means", "账号 account", "制单人 prepared by"]
    ]
    lines += [
        [one.number, one.amount, one.payee.name, bounties.MEANS[one.payee.means].zh, one.payee.account,
         names.get(one.prepared_by, "")]
        for one in rows
    ]  # fmt: skip
    headers = {"Content-Disposition": 'attachment; filename="bounties.csv"', "Cache-Control": "no-store"}
    return Response(cells.sheet(lines), media_type="text/csv; charset=utf-8", headers=headers)


ROUTES: list[Any] = [index, sheet]
