"""WeChat's own interface: tokens, customer-service and template messages, media, the menu."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from datetime import timedelta

from hotline.simulate import packets
from hotline.simulate.asking import Answered, Ask, Table, json
from hotline.simulate.wechat import WINDOW, Person, Template, WeChat

_WORDS = {
    -1: "system error", 0: "ok", 40001: "invalid credential, access_token is invalid or not latest",
    40003: "invalid openid", 40007: "invalid media_id", 40008: "invalid message type", 40013: "invalid appid",
    40037: "invalid template_id", 40125: "invalid appsecret", 41001: "access_token missing",
    42001: "access_token expired", 43004: "require subscribe", 44004: "empty content",
    45002: "content size out of limit", 45009: "reach max api daily quota limit",
    45015: "response out of time limit or subscription is canceled", 45047: "out of response count limit",
    47001: "data format error",
}  # fmt: skip


def told(errcode: int, **more: object) -> Answered:
    """An answer as WeChat gives it: always 200, with an errcode."""
    return json({"errcode": errcode, "errmsg": _WORDS.get(errcode, "error"), **more})


def table(wechat: WeChat) -> Table:
    """The paths of the interface."""
    api = Api(wechat)
    return [
        ("GET", "/cgi-bin/token", api.token),
        ("POST", "/cgi-bin/stable_token", api.stable_token),
        ("POST", "/cgi-bin/message/custom/send", api.with_token(api.custom)),
        ("POST", "/cgi-bin/message/template/send", api.with_token(api.template)),
        ("GET", "/cgi-bin/media/get", api.with_token(api.media)),
        ("POST", "/cgi-bin/menu/create", api.with_token(api.menu)),
        ("GET", "/cgi-bin/user/info", api.with_token(api.user)),
        ("GET", "/mmbiz/([^/]+)", api.picture),
    ]


Handler = Callable[[Ask], Awaitable[Answered]]


class Api:
    """The handlers."""

    def __init__(self, wechat: WeChat) -> None:
        self.wechat = wechat

    def with_token(self, handler: Handler) -> Handler:
        """Around what needs an access token: the log, the faults that are switched on, the token."""

        async def wrapped(ask: Ask) -> Answered:
            wechat = self.wechat
            wechat.requests.append((ask.path, ask.json))
            await wechat.faults.dawdle()
            failure = wechat.faults.next_failure()
            if failure is not None:
                return told(failure[1]) if failure[0] == 200 else Answered(status=failure[0])
            given = ask.query.get("access_token", "")
            if not given or given != wechat.token:
                return told(40001 if given else 41001)
            if wechat.token_until is None or wechat.line.now() >= wechat.token_until:
                return told(42001)
            return await handler(ask)

        return wrapped

    # ---- tokens

    async def token(self, ask: Ask) -> Answered:
        """A new token; the one before it is good no longer."""
        refusal = await self._counted(ask.query)
        return refusal or self._fresh()

    async def stable_token(self, ask: Ask) -> Answered:
        """The token that is good; a new one only where there is none, or by force."""
        wanted = ask.json
        refusal = await self._counted({name: str(value) for name, value in wanted.items()})
        wechat = self.wechat
        now = wechat.line.now()
        left = int(((wechat.token_until or now) - now).total_seconds()) if wechat.token else 0
        if refusal or left <= 0 or wanted.get("force_refresh") is True:
            return refusal or self._fresh()
        return json({"access_token": wechat.token, "expires_in": left})

    async def _counted(self, given: dict[str, str]) -> Answered | None:
        self.wechat.token_requests += 1
        await self.wechat.faults.dawdle()
        if given.get("appid") != self.wechat.account.wechat_app:
            return told(40013)
        return told(40125) if given.get("secret") != self.wechat.account.wechat_secret else None

    def _fresh(self) -> Answered:
        wechat = self.wechat
        wechat.token = uuid.uuid4().hex
        wechat.token_until = wechat.line.now() + timedelta(seconds=wechat.token_life)
        return json({"access_token": wechat.token, "expires_in": int(wechat.token_life)})

    # ---- messages out

    async def custom(self, ask: Ask) -> Answered:
        """A customer-service message: to who follows, within 48 hours of their last word, only so many."""
        wanted = ask.json
        person = self.wechat.people.get(str(wanted.get("touser", "")))
        words = wanted.get("text", {}).get("content", "") if isinstance(wanted.get("text"), dict) else ""
        refusal = (
            47001 if not wanted
            else 40003 if person is None
            else 40008 if wanted.get("msgtype") != "text"
            else 44004 if not words
            else 45002 if len(str(words).encode()) > 2048
            else self._may_not(person)
        )  # fmt: skip
        if refusal or person is None:
            return told(refusal)
        person.sent_since += 1
        self.wechat.show(person.openid, "text", str(words))
        return told(0)

    def _may_not(self, person: Person) -> int:
        if not person.follows:
            return 43004
        if person.last_in is None or self.wechat.line.now() - person.last_in > WINDOW:
            return 45015
        return 45047 if person.sent_since >= self.wechat.limit else 0

    async def template(self, ask: Ask) -> Answered:
        """A template message: to who follows, at any time; what became of it comes as an event."""
        wanted = ask.json
        person = self.wechat.people.get(str(wanted.get("touser", "")))
        refusal = (
            47001 if not wanted or not isinstance(wanted.get("data"), dict)
            else 40003 if person is None
            else 40037 if wanted.get("template_id") != self.wechat.account.wechat_template
            else 43004 if not person.follows
            else 0
        )  # fmt: skip
        if refusal or person is None:
            return told(refusal)
        made = Template(
            openid=person.openid, template_id=wanted["template_id"], data=wanted["data"],
            url=str(wanted.get("url", "")), msg_id=str(self.wechat.new_id() % 10**12),
        )  # fmt: skip
        self.wechat.templates.append(made)
        is_blocked = person.openid in self.wechat.blocked
        if not is_blocked:
            self.wechat.show(person.openid, "template", made.words)
        self.wechat.line.later(self._finish(made, "failed:user block" if is_blocked else "success"))
        return told(0, msgid=int(made.msg_id))

    async def _finish(self, made: Template, status: str) -> None:
        await asyncio.sleep(0.02)
        await self.wechat.push(made.openid, packets.template_done(made.msg_id, status))

    # ---- the rest

    async def media(self, ask: Ask) -> Answered:
        """A file that a user sent."""
        found = self.wechat.media.get(ask.query.get("media_id", ""))
        if found is None:
            return told(40007)
        name = f'attachment; filename="{ask.query["media_id"]}"'
        return Answered(body=found[0], media_type=found[1], headers={"content-disposition": name})

    async def picture(self, ask: Ask) -> Answered:
        """A picture by its public address."""
        found = self.wechat.media.get(ask.parts[0])
        return Answered(body=found[0], media_type=found[1]) if found else Answered(status=404)

    async def menu(self, ask: Ask) -> Answered:
        """The buttons under the chat."""
        if not isinstance(ask.json.get("button"), list):
            return told(47001)
        self.wechat.menu = ask.json
        return told(0)

    async def user(self, ask: Ask) -> Answered:
        """Whether somebody follows."""
        person = self.wechat.people.get(ask.query.get("openid", ""))
        if person is None:
            return told(40003)
        return json({"subscribe": int(person.follows), "openid": person.openid, "language": "zh_CN"})
