"""`/hooks/wechat`: the official account's door. Verified, stored once, answered at once; what it means is read later.

Plain ASGI, as ``web.api.requests``: a rush must not make WeChat wait five seconds, or it sends everything three times.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import parse_qsl

import msgspec
import structlog
from litestar import Request, asgi
from litestar.types import Receive, Scope, Send

from channels import arrivals, surge, wechat_crypto, wechat_prompts, wechat_status, wechat_xml
from channels.heard import Heard
from hotline import clock, settings
from hotline.errors import Refusal, Say
from hotline.permissions import PUBLIC
from web import bodies, failures
from web.hooks import nonces

STALE = timedelta(minutes=5)
"""A signature is good so long before and after its timestamp: WeChat's three tries are over in 15 seconds."""
SUCCESS = b"success"
"""The answer that ends WeChat's tries and says nothing to the person."""
UNASKED = frozenset({"location", "view"})
"""Events that are not kept: where somebody is as long as the chat is open, and which page they opened."""
_TEXT, _XML = b"text/plain; charset=utf-8", b"application/xml; charset=utf-8"
log = structlog.get_logger("wechat")

Query = Mapping[str, str]


@asgi("/hooks/wechat", opt={"needs": PUBLIC, "is_hook": True, "is_rush": True}, copy_scope=False)
async def door(scope: Scope, receive: Receive, send: Send) -> None:
    """GET verifies the address, POST takes a message. 403 for what WeChat did not sign just now, and no row of it."""
    try:
        told = await _answer(scope, receive)
    except Refusal as refusal:
        log.warning("refused", code=refusal.code, status=refusal.status)
        await bodies.refuse(send, refusal, allow=b"GET, POST")
    except Exception as error:  # noqa: BLE001 - whatever it is: told to the log, and to WeChat as 503 or 500
        page = failures.failed(Request(scope), error)
        await bodies.answer(send, page.status_code or 500, msgspec.json.encode(page.content), bodies.JSON)
    else:
        await bodies.answer(send, 200, told, _XML if told.startswith(b"<xml>") else _TEXT)


async def _answer(scope: Scope, receive: Receive) -> bytes:
    method, query = scope.get("method"), _query(scope)
    if method == "GET":
        return _echo(query)
    if method != "POST":
        raise Refusal(405, "method", Say("只收 GET 和 POST。", "Only GET and POST are taken here."))
    return await _take(query, await bodies.whole(receive, wechat_xml.LONGEST_BODY))


def _echo(query: Query) -> bytes:
    """The answer to a verification: ``echostr`` as it came, or what it says where it came encrypted."""
    echo = query.get("echostr", "")
    if not echo:
        raise Refusal(400, "missing_field", Say("缺少 echostr。", "echostr is missing."))
    config = settings.current()
    if query.get("msg_signature"):
        _demand_signed(query, "msg_signature", echo)
        return wechat_crypto.decrypt(echo, aes_key=config.wechat_aes_key, app=config.wechat_app).encode()
    _demand_signed(query, "signature")
    return echo.encode()


async def _take(query: Query, body: bytes) -> bytes:
    """Store what was sent, and the answer to it: the same message gets the same again, whatever was decided since."""
    is_sealed = query.get("encrypt_type", "raw") == "aes"
    _demand_signed(query, "signature")
    found = wechat_xml.fields(body)
    if is_sealed:
        found = wechat_xml.fields(_opened(query, found))
    elif settings.current().wechat_aes_key:
        say = Say("这个公众号只收加密消息。", "This account takes encrypted messages only.")
        raise Refusal(403, "not_encrypted", say)
    one = wechat_xml.read(found)
    _demand_ours(one)
    await nonces.demand_unused(f"{query['timestamp']}:{query['nonce']}", repr(sorted(found.items())))
    if wechat_status.is_status(one):
        await wechat_status.take(one)
        return SUCCESS
    if one.event in UNASKED:
        return SUCCESS
    stored = await arrivals.take(one, reply=await surge.added(wechat_prompts.reply(one)))
    return _answered(one, stored.reply, is_sealed=is_sealed)


def _opened(query: Query, found: wechat_xml.Fields) -> str:
    box = found.get("Encrypt", "").strip()
    if not box:
        raise Refusal(400, "missing_field", Say("缺少 Encrypt。", "Encrypt is missing."))
    _demand_signed(query, "msg_signature", box)
    config = settings.current()
    return wechat_crypto.decrypt(box, aes_key=config.wechat_aes_key, app=config.wechat_app)


def _demand_ours(one: Heard) -> None:
    account = settings.current().wechat_account
    if account and one.to != account:
        raise Refusal(403, "wrong_account", Say("这条消息不是发给本公众号的。", "This message is for another account."))


def _answered(one: Heard, text: str, *, is_sealed: bool) -> bytes:
    if not text:
        return SUCCESS
    xml = wechat_xml.answer(one.sender, one.to, text, one.at)
    if not is_sealed:
        return xml.encode()
    config = settings.current()
    box = wechat_crypto.encrypt(xml, aes_key=config.wechat_aes_key, app=config.wechat_app)
    timestamp, nonce = str(int(clock.now().timestamp())), str(secrets.randbelow(10**10))
    signed = wechat_crypto.signature(config.wechat_token, timestamp, nonce, box)
    return wechat_xml.sealed_answer(box, signed, timestamp, nonce).encode()


def _demand_signed(query: Query, name: str, *more: str) -> None:
    """403 unless ``name`` signs timestamp, nonce and ``more`` with our token, and did so within STALE of now.

    An installation without a token has no such door: an empty one could be signed by anybody.
    """
    config = settings.current()
    if not config.wechat_token or (name == "msg_signature" and not config.wechat_aes_key):
        raise Refusal(404, "no_door", Say("这里没有接入微信公众号。", "No official account is connected here."))
    timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
    is_signed = wechat_crypto.is_signed(query.get(name, ""), config.wechat_token, timestamp, nonce, *more)
    if not (is_signed and nonce and _is_fresh(timestamp)):
        raise Refusal(403, "bad_signature", Say("签名不对或已过时。", "The signature is wrong or out of date."))


def _is_fresh(timestamp: str) -> bool:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    return abs(clock.now().timestamp() - int(timestamp)) <= STALE.total_seconds()


def _query(scope: Scope) -> dict[str, str]:
    try:
        return dict(parse_qsl(scope["query_string"].decode("ascii"), keep_blank_values=True, max_num_fields=20))
    except ValueError:
        raise Refusal(400, "bad_query", Say("地址读不懂。", "The address cannot be read.")) from None
