"""The stand-in of WeChat as tests and pages hold it: people who follow the account, and what passes between them."""

from __future__ import annotations

import asyncio
import random
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import msgspec

from hotline.simulate import cipher, packets
from hotline.simulate.faults import FOREVER, Faults
from hotline.simulate.fixed import Credentials
from hotline.simulate.line import Answer, Line

PLAIN, COMPATIBLE, SECURE = "plain", "compatible", "secure"
WINDOW = timedelta(hours=48)
_TRIES = 3
BROKEN = "该公众号提供的服务出现故障，请稍后再试"
"""What WeChat shows when the account does not answer, or answers what it cannot read."""


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a chat. ``kind``: text, image, voice, location, event, template, or broken."""

    openid: str
    kind: str
    words: str
    at: datetime
    is_ours: bool = False
    """Whether the hotline said it."""
    msg_id: str = ""


class Person(msgspec.Struct, kw_only=True):
    """One user: whether they follow, when they last wrote, how many messages they got since."""

    openid: str
    follows: bool = True
    last_in: datetime | None = None
    sent_since: int = 0


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """A template message as it was sent."""

    openid: str
    template_id: str
    data: dict[str, Any]
    url: str = ""
    msg_id: str = ""

    @property
    def words(self) -> str:
        """Its values, as they would stand on the card."""
        return "\n".join(f"{name}: {one.get('value', '')}" for name, one in self.data.items())


class Delivery(msgspec.Struct, kw_only=True):
    """One push to the hotline: its tries with their answers, and the passive reply that came."""

    openid: str
    msg_id: str
    tries: list[Answer]
    reply: str = ""


class WeChat:
    """One official account. ``mode`` is how it is set up: PLAIN, COMPATIBLE or SECURE."""

    path = "/hooks/wechat"

    def __init__(self, line: Line, account: Credentials, *, mode: str = SECURE) -> None:
        self.line = line
        self.account = account
        self.mode = mode
        self.faults = Faults()
        self.patience = 5.0
        """Seconds until WeChat gives up on an answer and asks again, three tries in all."""
        self.limit = 5
        """Customer-service messages to one person since they last wrote."""
        self.token_life = 7200.0
        self.people: dict[str, Person] = {}
        self.chat: list[Word] = []
        self.deliveries: list[Delivery] = []
        self.templates: list[Template] = []
        self.blocked: set[str] = set()
        self.media: dict[str, tuple[bytes, str]] = {}
        self.address = ""
        self.menu: dict[str, Any] = {}
        self.token = ""
        self.token_until: datetime | None = None
        self.token_requests = 0
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self._numbers = random.SystemRandom()

    # ---- what people do

    async def say(self, openid: str, text: str, **how: Any) -> str:
        """Write to the account; the words of its passive reply. See `push` for ``mode``, ``msg_id``, ``times``."""
        return await self._message(openid, "text", text, packets.text(text), how)

    async def picture(self, openid: str, body: bytes, media_type: str = "image/png", **how: Any) -> str:
        """Send a picture."""
        media_id = self.keep(body, media_type)
        return await self._message(openid, "image", media_id, packets.image(media_id, self.media_url(media_id)), how)

    async def voice(self, openid: str, recognised: str = "", body: bytes = b"#!AMR\n", **how: Any) -> str:
        """Send a voice message; ``recognised`` is what WeChat heard in it."""
        media_id = self.keep(body, "audio/amr")
        return await self._message(openid, "voice", recognised, packets.voice(media_id, recognised), how)

    async def locate(self, openid: str, lat: float, lon: float, label: str = "", **how: Any) -> str:
        """Send where one is; degrees of GCJ-02, as WeChat has them."""
        return await self._message(openid, "location", f"{lat},{lon} {label}", packets.location(lat, lon, label), how)

    async def event(self, openid: str, name: str, key: str = "", **how: Any) -> str:
        """An event: subscribe, unsubscribe, CLICK with a menu's key, VIEW, LOCATION."""
        person = self.person(openid)
        person.follows = name != "unsubscribe"
        self._note(openid, "event", f"{name} {key}".strip())
        if name != "unsubscribe":
            self._wrote(person)
        return (await self.push(openid, packets.event(name, key), **how)).reply

    async def _message(self, openid: str, kind: str, words: str, parts: str, how: dict[str, Any]) -> str:
        person = self.person(openid)
        self._wrote(person)
        msg_id = str(how.pop("msg_id", "") or self.new_id())
        self._note(openid, kind, words, msg_id)
        return (await self.push(openid, parts + packets.element("MsgId", msg_id), msg_id=msg_id, **how)).reply

    def _wrote(self, person: Person) -> None:
        person.follows = True
        person.last_in, person.sent_since = self.line.now(), 0

    def person(self, openid: str) -> Person:
        """The user of this id, made where there is none."""
        return self.people.setdefault(openid, Person(openid=openid))

    def block(self, openid: str) -> None:
        """They take no template messages: those end as ``failed:user block``."""
        self.blocked.add(openid)

    # ---- what tests and pages ask

    @property
    def sent(self) -> list[Word]:
        """The customer-service messages that the hotline sent."""
        return [one for one in self.chat if one.is_ours and one.kind == "text" and one.msg_id == "custom"]

    def sent_to(self, openid: str) -> list[str]:
        """Everything that one user got: passive replies, customer-service messages and templates, oldest first."""
        return [one.words for one in self.chat if one.is_ours and one.openid == openid]

    def chat_with(self, openid: str) -> list[Word]:
        """The chat with one user as their telephone shows it."""
        return [one for one in self.chat if one.openid == openid]

    def fail(self, errcode: int, times: int = 1, *, status: int = 200) -> None:
        """The next ``times`` API requests (getting a token apart) are answered with this errcode, or HTTP status."""
        self.faults.fail(status, errcode, times)

    def slow(self, seconds: float, times: int = FOREVER) -> None:
        """API requests take so long; 0 ends it."""
        self.faults.slow(seconds, times)

    def expire_token(self) -> None:
        """The token that the hotline holds is good no longer (somebody else fetched a new one)."""
        self.token = ""

    # ---- pushing to the hotline

    async def push(
        self, openid: str, parts: str, *, mode: str = "", msg_id: str = "", times: int = 1, together: bool = False,
        forged: bool = False, app: str = "", to: str = "",
    ) -> Delivery:  # fmt: skip
        """Push a packet ``times`` times (each with up to three tries); the delivery that was answered first.

        ``forged`` signs with a wrong token; ``app`` and ``to`` address it as another's.
        """
        now = self.line.now()
        inside = packets.packet(to or self.account.wechat_account, openid, int(now.timestamp()), parts)
        times += self.faults.duplicates

        async def once() -> Delivery:
            await self.faults.wait()
            return await self._deliver(openid, msg_id, inside, mode or self.mode, forged=forged, app=app)

        if together:
            made = list(await asyncio.gather(*(once() for _ in range(times))))
        else:
            made = [await once() for _ in range(times)]
        if made[0].reply:
            self._note(openid, "text", made[0].reply, "passive", is_ours=True)
        elif not made[0].tries[-1].is_good:
            self._note(openid, "broken", BROKEN)
        return made[0]

    async def _deliver(
        self, openid: str, msg_id: str, inside: str, mode: str, *, forged: bool, app: str
    ) -> Delivery:
        delivery = Delivery(openid=openid, msg_id=msg_id, tries=[])
        self.deliveries.append(delivery)
        for _ in range(_TRIES):
            url, body = self._request(openid, inside, mode, forged=forged, app=app)
            answer = await self.line.post(url, body, {"Content-Type": "text/xml"}, self.patience)
            delivery.tries.append(answer)
            if answer.is_good:
                delivery.reply = self._reply(answer.text)
                break
            if 400 <= answer.status < 500:
                break
        return delivery

    def _request(self, openid: str, inside: str, mode: str, *, forged: bool, app: str) -> tuple[str, bytes]:
        """Address and body in the mode that the account is set to."""
        token = "forged" if forged else self.account.wechat_token
        stamp, nonce = str(int(self.line.now().timestamp())), str(self._numbers.randrange(10**9, 10**10))
        query = {"signature": cipher.signature(token, stamp, nonce), "timestamp": stamp, "nonce": nonce}
        query["openid"] = openid
        if mode == PLAIN:
            return f"{self.line.url(self.path)}?{urlencode(query)}", inside.encode()
        sealed = cipher.Envelope(self.account.wechat_aes_key, app or self.account.wechat_app).seal(inside)
        query |= {"encrypt_type": "aes", "msg_signature": cipher.signature(token, stamp, nonce, sealed)}
        body = packets.sealed(inside if mode == COMPATIBLE else "", self.account.wechat_account, sealed)
        return f"{self.line.url(self.path)}?{urlencode(query)}", body.encode()

    def _reply(self, text: str) -> str:
        """The words of a passive reply, whose envelope is opened and whose signature is looked at; "" for none."""
        if text.strip() in {"", "success"}:
            return ""
        found = packets.read(text)
        if "Encrypt" in found:
            stamp, nonce, sealed = found.get("TimeStamp", ""), found.get("Nonce", ""), found["Encrypt"]
            if found.get("MsgSignature") != cipher.signature(self.account.wechat_token, stamp, nonce, sealed):
                return BROKEN
            found = packets.read(cipher.Envelope(self.account.wechat_aes_key, self.account.wechat_app).open(sealed))
        return found.get("Content") or BROKEN

    async def verify(self, echo: str = "5927782489442352469", *, forged: bool = False) -> Answer:
        """The address is being set at WeChat's console: it asks for an echo."""
        token = "forged" if forged else self.account.wechat_token
        stamp, nonce = str(int(self.line.now().timestamp())), "437374425"
        query = {"signature": cipher.signature(token, stamp, nonce), "timestamp": stamp, "nonce": nonce}
        return await self.line.get(f"{self.line.url(self.path)}?{urlencode({**query, 'echostr': echo})}", {})

    # ---- what both sides share

    def keep(self, body: bytes, media_type: str) -> str:
        """A file as WeChat holds it for three days; its media id."""
        media_id = f"media-{len(self.media) + 1}-{self._numbers.randrange(10**9)}"
        self.media[media_id] = (body, media_type)
        return media_id

    def media_url(self, media_id: str) -> str:
        """PicUrl: the picture without a token."""
        return f"{self.address}/mmbiz/{media_id}"

    def new_id(self) -> int:
        """A MsgId: 64 bits."""
        return 23_500_000_000_000_000 + self._numbers.randrange(10**14)

    def _note(self, openid: str, kind: str, words: str, msg_id: str = "", *, is_ours: bool = False) -> None:
        at = self.line.now()
        self.chat.append(Word(openid=openid, kind=kind, words=words, at=at, is_ours=is_ours, msg_id=msg_id))

    def show(self, openid: str, kind: str, words: str) -> None:
        """Something that the hotline sent by the API stands in the chat."""
        self._note(openid, kind, words, "custom", is_ours=True)
