"""/api/v1 for partners: file, look up, add words, pass on a rating. Each twice is once; refusals are JSON."""

from __future__ import annotations

import hashlib
from typing import Any, TypeAlias

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from cases import grades, ratings, track, verbs
from cases.file import CaseFile
from cases.rows import RequestRow
from channels import acknowledge, keyring, partner_intake
from channels.keyring import Caller
from channels.message import Inbound
from hotline import db
from hotline.actor import CITIZEN
from hotline.errors import Say, conflict, invalid
from hotline.permissions import PUBLIC
from hotline.work import Work, work
from web import fields, json_body
from web.partners import own, shapes

OPT = {"needs": PUBLIC, "is_hook": True}
LONGEST_BODY = 64 * 1024
LONGEST_KEY = 200
_Request: TypeAlias = Request[Any, Any, Any]
_filing = msgspec.json.Decoder(shapes.Filing).decode
_words = msgspec.json.Decoder(shapes.Words).decode
_rating = msgspec.json.Decoder(shapes.Rating).decode


async def caller(request: _Request, scope: str) -> Caller:
    """Whose key came along, in ``Authorization: Bearer`` or ``X-API-Key``. Raises 401, 403, 429."""
    given = request.headers.get("authorization", "")
    kind, _, token = given.partition(" ")
    return await keyring.known(
        token.strip() if kind.lower() == "bearer" else request.headers.get("x-api-key", ""), scope
    )


@post("/api/v1/requests", opt=OPT, status_code=202, request_max_body_size=LONGEST_BODY)
async def file(request: _Request) -> Response[shapes.Filed]:
    """Take a request: 202 once it is stored for good, 200 with the same number when it came before."""
    who = await caller(request, "file")
    filing = await json_body.read(request, _filing)
    message = _inbound(who, filing, request.headers.get("idempotency-key", ""), await request.body())
    receipt = await partner_intake.take(message)
    if receipt is None:
        return Response(
            shapes.Filed(number="", code="", origin_no=message.origin_no, is_repeat=False, is_spooled=True),
            status_code=202,
        )
    filed = shapes.Filed(
        number=receipt.number, code=receipt.code, origin_no=message.origin_no, is_repeat=receipt.is_repeat
    )
    return Response(filed, status_code=200 if receipt.is_repeat else 202)


def _inbound(who: Caller, filing: shapes.Filing, key: str, body: bytes) -> Inbound:
    """The message, unique by the partner's own number, else by idempotency key and body."""
    partner, origin_no = who.partner, fields.clean(filing.origin_no)
    if len(key) > LONGEST_KEY:
        say = Say(f"最多 {LONGEST_KEY} 个字符。", f"At most {LONGEST_KEY} characters.")
        raise invalid({"idempotency-key": say})
    if not origin_no and not key:
        say = Say("请给出来源编号，或带 Idempotency-Key。", "Give origin_no, or send an Idempotency-Key.")
        raise invalid({"origin_no": say})
    digest = hashlib.sha256(key.encode("utf-8", "replace") + bytes(1) + body).hexdigest()
    given = msgspec.structs.asdict(filing) | {"origin_no": origin_no}
    return Inbound(
        channel=partner.channel, origin_system=partner.code,
        provider_id=own.message_id(partner, origin_no) if origin_no else f"{partner.code}:key:{digest}", **given,
    )  # fmt: skip


@get("/api/v1/requests", opt=OPT)
async def look_up(request: _Request) -> shapes.State:
    """The request with the partner's own number, ``?origin_no=``."""
    who = await caller(request, "read")
    origin_no = fields.clean(str(request.query_params.get("origin_no", "")))
    if not origin_no:
        raise invalid({"origin_no": Say("请写来源编号。", "Say which origin_no.")})
    async with db.reading() as connection:
        return await own.by_origin(connection, who.partner, origin_no)


@get("/api/v1/requests/{number:str}", opt=OPT)
async def show(request: _Request, number: FromPath[str]) -> shapes.State:
    """How one of the partner's requests stands."""
    who = await caller(request, "read")
    async with db.reading() as connection:
        return await own.by_number(connection, who.partner, fields.clean(number))


@post("/api/v1/requests/{number:str}/words", opt=OPT, status_code=201, request_max_body_size=LONGEST_BODY)
async def add_words(request: _Request, number: FromPath[str]) -> Response[shapes.Done]:
    """Add the requester's words: 201, or 200 when they came before (same Idempotency-Key, else the same words)."""
    who, number = await caller(request, "words"), fields.clean(number)
    given = await json_body.read(request, _words)
    words = fields.clean(acknowledge.storable(given.words))
    if not words:
        raise invalid({"words": Say("还没写要补充的话。", "Write what is to be added.")})
    key = request.headers.get("idempotency-key", "") or f"{number}\n{words}"
    async with work(CITIZEN) as w:
        await own.demand(w.connection, who.partner, number)
        is_new = await _once(w, who, key, number)
        if is_new:
            found, mine = await track.opened(w, number)
            await verbs.add_words(w, found, mine, words=words, channel=who.partner.channel)
    done = shapes.Done(number=number, is_repeat=not is_new)
    return Response(done, status_code=201 if is_new else 200)


async def _once(w: Work, who: Caller, key: str, number: str) -> bool:
    """Whether this key is new; the 409 refusal when it belongs to words on another request."""
    digest = hashlib.sha256(key.encode("utf-8", "replace")).digest()
    args = (who.partner.code, digest)
    held = await w.connection.fetchval(
        "INSERT INTO partner_words (partner, key, receipt_no, at) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT (partner, key) DO NOTHING RETURNING receipt_no",
        *args, number, w.now,
    )  # fmt: skip
    if held is not None:
        return True
    before = await w.connection.fetchval(
        "SELECT receipt_no FROM partner_words WHERE partner = $1 AND key = $2", *args
    )
    if before != number:
        raise conflict("key_used", "这个 Idempotency-Key 已用在另一件上。", "This Idempotency-Key belongs to another.")
    return False


@post("/api/v1/requests/{number:str}/rating", opt=OPT, status_code=201, request_max_body_size=LONGEST_BODY)
async def rate(request: _Request, number: FromPath[str]) -> Response[shapes.Done]:
    """Pass on the requester's rating: 201; 200 when this very one came before; 409 when it cannot be rated."""
    who, number = await caller(request, "rate"), fields.clean(number)
    given = await json_body.read(request, _rating)
    grade = grades.four(given.grade, given.scale)
    if not grade:
        raise invalid({"grade": Say("这个评价不在所选的等级里。", "That grade is not one of this scale.")})
    async with work(CITIZEN) as w:
        await own.demand(w.connection, who.partner, number)
        found, mine = await track.opened(w, number)
        is_repeat = await _rated(w, found, mine, given)
        if not is_repeat:
            _demand_rateable(w, found, mine)
            await verbs.rate(
                w, found, mine, grade=grade, words=fields.clean(acknowledge.storable(given.words)),
                channel=who.partner.channel, raw=given.grade, scale=given.scale,
            )  # fmt: skip
    return Response(shapes.Done(number=number, is_repeat=is_repeat), status_code=200 if is_repeat else 201)


async def _rated(w: Work, found: CaseFile, mine: RequestRow, given: shapes.Rating) -> bool:
    """Whether this very rating is there already; before the case is closed, as the answer to the return visit."""
    sql = "SELECT raw_grade, scale FROM rating WHERE request_id = $1 AND annulled_at IS NULL"
    row = await w.connection.fetchrow(sql, mine.id)
    before = tuple(row) if row is not None else None
    if found.case.state == "callback" and mine.state == "visited":
        before = await ratings.as_answered(w.connection, mine)
    return before == (given.grade, given.scale)


def _demand_rateable(w: Work, found: CaseFile, mine: RequestRow) -> None:
    if mine.rated_at is None and not track.may_rate(found, mine, w.now):
        raise conflict(
            "not_rateable", "现在不能评价：要办结以后，并在期限以内。",
            "It cannot be rated now: only once it is closed, and within its time.",
        )  # fmt: skip


ROUTES = [file, look_up, show, add_words, rate]
