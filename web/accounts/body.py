"""评议单位: a verified account rates a body without a case (rules.md 8), on the city's portal and on every county's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.params import FromPath

from cases import body_ratings, states
from hotline import accounts, city, db
from hotline.city import Unit
from hotline.errors import Refusal, Say, not_found
from hotline.permissions import PUBLIC
from web import access, forms
from web.accounts import asks
from web.accounts.common import AnyRequest, back, shown, signed_in
from web.public import verify
from web.public.lists import portal_county
from web.render import see_other

MOST = 12
_PATH = "/rate-a-body"


@get(_PATH, opt={"needs": PUBLIC}, sync_to_thread=False)
def find_body(request: AnyRequest) -> Response[str]:
    """Question 1: which body, by a part of its name."""
    county = portal_county(request.query_params.get("county", ""))
    account = access.known_account(request.scope)
    if not _is_verified(account):
        return verify.page(request, what="rating", onward=_PATH + _query(county))
    text = request.query_params.get("q", "").strip()[:60]
    found = bodies(text, county) if text or county else []
    place = city.current().jurisdiction(county) if county else None
    return shown(
        request, "body_find", q=text, county=county, found=found[:MOST], is_more=len(found) > MOST,
        query=_query(county), county_say=place.name if place else None,
    )  # fmt: skip


def bodies(text: str, county: str = "") -> Sequence[Unit]:
    """Units that serve people, by a part of the name or what people call them; on a county's portal the county's."""
    snapshot, words = city.current(), text.lower()
    under = set(snapshot.subtree(county)) if county else None
    own = [
        one for one in snapshot.units.values()
        if _serves(one) and (under is None or one.code in under)
    ]  # fmt: skip
    named = [one for one in own if words in one.name_zh.lower() or words in one.name_en.lower()]
    return named or [one for one in own if len(words) > 1 and _is_short_for(words, one.name_zh)]


def _serves(unit: Unit) -> bool:
    """Whether people come to it: a body that is open, and no level of government as a whole."""
    return unit.is_on and unit.kind not in ("province", "city")


def _is_short_for(words: str, name: str) -> bool:
    """城管 is short for 城市管理局: its characters in their order."""
    rest = iter(name)
    return all(character in rest for character in words)


@get("/rate-a-body/{unit:str}", opt={"needs": PUBLIC}, sync_to_thread=False)
def body_page(request: AnyRequest, unit: FromPath[str]) -> Response[str]:
    """Question 2: how it is."""
    county = portal_county(request.query_params.get("county", ""))
    if not _is_verified(access.known_account(request.scope)):
        return verify.page(request, what="rating", onward=f"{_PATH}/{unit}{_query(county)}")
    start = {"county": county}
    return shown(request, "body_rate", forms.blank(asks.BodyGrade, start), **_facts(unit, county))


@post("/rate-a-body/{unit:str}", opt={"needs": PUBLIC}, status_code=200)
async def rate_body(request: AnyRequest, unit: FromPath[str]) -> Response[str]:
    """Keep the rating; one of an account, a body and a day."""
    account = signed_in(request)
    form = await forms.read(request, asks.BodyGrade)
    county = portal_county(form.text("county"))
    facts = _facts(unit, county)
    if not form.is_good:
        return back(request, "body_rate", form, **facts)
    given = form.good
    rating = body_ratings.Given(unit=unit, grade=given.grade, about=given.about, words=given.words, portal=county)
    try:
        async with db.atomic() as connection:
            await body_ratings.rate(connection, account, rating)
    except Refusal as refusal:
        if refusal.status not in (409, 422):
            raise
        return back(request, "body_rate", form, refusal, **facts)
    say = Say("评议已收到，单位和中心都看得到。", "Your rating is in; the office and the centre see it.")
    return see_other(request, "/me", flash=say)


def _facts(code: str, county: str) -> dict[str, Any]:
    unit = city.current().unit(code)
    if unit is None or not _serves(unit):
        raise not_found()
    return {"unit": unit, "grades": states.GRADES, "query": _query(county)}


def _is_verified(account: accounts.Account | None) -> bool:
    return account is not None and account.is_verified


def _query(county: str) -> str:
    return f"?{urlencode({'county': county})}" if county else ""
