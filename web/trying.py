"""Do what a form asks, or take the refusal into the form: 422 and 409 give the page again with what was typed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec

from hotline.actor import Actor
from hotline.errors import Refusal
from hotline.work import Work, work
from web.forms import Form

S = TypeVar("S", bound=msgspec.Struct)
R = TypeVar("R")


async def tried(
    form: Form[S], do: Callable[[S], Awaitable[R]], *, also: tuple[int, ...] = ()
) -> tuple[int, R | None]:
    """Do it with the form's value: 200 and what came of it, else 422 or 409 with the refusal taken into the form.

    Other refusals (404, 403 …) go on as they are; those of ``also`` (429 where guesses are counted) do not.
    """
    if not form.is_good:
        return 422, None
    try:
        return 200, await do(form.good)
    except Refusal as refusal:
        if refusal.status not in (409, 422, *also):
            raise
        form.take(refusal)
        return refusal.status, None


async def worked(actor: Actor, form: Form[S], do: Callable[[Work, S], Awaitable[R]]) -> tuple[int, R | None]:
    """``tried`` in one transaction of the actor's."""

    async def within(given: S) -> R:
        async with work(actor) as w:
            return await do(w, given)

    return await tried(form, within)
