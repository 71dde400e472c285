"""我的: everything the account's holder has filed, its state and due day, and what they said of bodies."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from litestar import Response, get
from litestar.params import FromPath

from cases import body_ratings, mine, queries, states
from hotline import accounts, db
from hotline.errors import not_found
from hotline.permissions import PUBLIC
from web import access
from web import worklists as split
from web.accounts.common import AnyRequest, shown, sign_in_first
from web.public.pass_cookie import give_pass
from web.render import see_other


@get("/me", opt={"needs": PUBLIC})
async def me(request: AnyRequest) -> Response[str]:
    """The holder's requests, the last first."""
    account = access.known_account(request.scope)
    if account is None:
        return sign_in_first(request)
    after = request.query_params.get("after", "")
    async with db.reading() as connection:
        found = await mine.filed(
            connection, account.id, queries.read_cursor(after) if after else body_ratings.START
        )
        rated = await body_ratings.of_account(connection, account.id)
    rows = found[: mine.PAGE]
    return shown(
        request, "me", account=account, rows=rows, older=_older(rows, is_more=len(found) > mine.PAGE), rated=rated,
        states=accounts.STATES, kinds=states.KINDS, grades=states.GRADES, rating_states=body_ratings.STATES,
        unit_name=split.unit_name, is_first=not after,
    )  # fmt: skip


def _older(rows: Any, *, is_more: bool) -> str:
    if not is_more:
        return ""
    last = rows[-1]
    return f"/me?{urlencode({'after': f'{last.track.filed_at.isoformat()}~{last.id}'})}"


@get("/me/{number:str}", opt={"needs": PUBLIC})
async def my_request(request: AnyRequest, number: FromPath[str]) -> Response[str]:
    """One's own request without number and code: its tracking page, where words are added, urged and rated."""
    account = access.known_account(request.scope)
    if account is None:
        return sign_in_first(request)
    async with db.atomic() as connection:
        if not await mine.opened(connection, account.id, number):
            raise not_found()
    give_pass(request.scope, number)
    return see_other(request, f"/track/{number}")
