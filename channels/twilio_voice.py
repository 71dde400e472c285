"""Twilio as a carrier of calls: scripts become TwiML, and the switch's verbs become calls of its REST interface.

What the centre is asked comes in by ``web/hooks/twilio_voice.py``. Never the provider's words in an error: they quote
numbers.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import aiohttp
from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from channels import phones
from channels.carrier import Later, Never
from channels.phones import Script
from hotline import city, settings

HOOK = "/hooks/twilio/voice"
LANGUAGE = "zh-CN"
_RECORDING = re.compile(r"RE[0-9A-Za-z]{8,64}")
_LONGEST = 64 * 1024 * 1024
"""Bytes of a recording: about nine hours of the provider's MP3."""
_PAUSE = 6


def address(step: str, call: UUID | None = None, *, more: str = "") -> str:
    """Where the provider asks what comes next, as it can reach us."""
    one = settings.current()
    base = one.public_url.rstrip("/") or f"http://{one.host}:{one.port}"
    asked = {name: str(value) for name, value in (("call", call), ("more", more)) if value}
    return f"{base}{HOOK}/{step}{'?' + urlencode(asked) if asked else ''}"


def twiml(script: Script) -> str:
    """The script as the provider reads it."""
    answer = VoiceResponse()
    for words in script.says if script.then != phones.ASK else ():
        answer.say(words, language=LANGUAGE)
    _NEXT[script.then](answer, script)
    return str(answer)


def _hang_up(answer: VoiceResponse, _: Script) -> None:
    answer.hangup()


def _queue(answer: VoiceResponse, script: Script) -> None:
    call = script.call
    answer.enqueue(
        f"call-{call}", wait_url=address("wait", call), wait_url_method="POST", action=address("left", call),
        method="POST",
    )  # fmt: skip


def _leave(answer: VoiceResponse, _: Script) -> None:
    answer.leave()


def _wait(answer: VoiceResponse, script: Script) -> None:
    answer.pause(length=_PAUSE)
    answer.redirect(address("wait", script.call), method="POST")


def _recorded(script: Script) -> dict[str, str]:
    if not script.is_recorded:
        return {}
    told = address("recorded", script.call)
    return {"recording_status_callback": told, "recording_status_callback_event": "completed"}


def _bridge(answer: VoiceResponse, script: Script) -> None:
    record = {"record": "record-from-answer-dual"} if script.is_recorded else {}
    dial = Dial(action=address("bridged", script.call), method="POST", **record, **_recorded(script))
    dial.queue(f"call-{script.call}")
    answer.append(dial)


def _number(answer: VoiceResponse, script: Script) -> None:
    given: dict[str, Any] = {"caller_id": script.shown} if script.shown else {}
    if script.is_recorded:
        given |= {"record": "record-from-answer-dual", **_recorded(script)}
    own = {"url": address("greeted", script.call), "method": "POST"} if script.call else {}
    dial = Dial(action=address("over", script.call, more=script.more), method="POST", timeout=30, **given)
    dial.number(international(script.target), **own)
    answer.append(dial)


def _room(answer: VoiceResponse, script: Script) -> None:
    record = {"record": "record-from-start"} if script.is_recorded else {}
    dial = Dial()
    dial.conference(
        script.target, start_conference_on_enter=True, end_conference_on_exit=script.ends_room, beep=False,
        **({"muted": True} if script.is_muted else {}), **record, **_recorded(script),
    )  # fmt: skip
    answer.append(dial)


def _ask(answer: VoiceResponse, script: Script) -> None:
    """Spoken inside, so that a key counts while it is said; without one the call ends."""
    key = Gather(
        num_digits=1, timeout=_PAUSE, action=address(script.step, script.call, more=script.more), method="POST"
    )
    for words in script.says:
        key.say(words, language=LANGUAGE)
    answer.append(key)
    answer.hangup()


def _on(_: VoiceResponse, __: Script) -> None:
    """Nothing: the leg goes on by itself."""


_NEXT = {
    phones.HANG_UP: _hang_up, phones.QUEUE: _queue, phones.LEAVE: _leave, phones.WAIT: _wait, phones.BRIDGE: _bridge,
    phones.NUMBER: _number, phones.ROOM: _room, phones.ON: _on,
    phones.ASK: _ask,
}  # fmt: skip


class Twilio:
    """``phones.Phones`` over Twilio's REST interface at ``settings.twilio_url``."""

    def __init__(self) -> None:
        one = settings.current()
        self._base = f"{one.twilio_url.rstrip('/')}/2010-04-01/Accounts/{one.twilio_account}"
        self._auth = aiohttp.BasicAuth(one.twilio_account, one.twilio_token)
        self._shown = one.twilio_number

    async def dial(self, number: str, step: str, call: UUID, *, seconds: int, more: str = "") -> str:
        """Ring a number; its status comes to ``status``. Raises Later or Never."""
        form = [
            ("To", international(number)), ("From", self._shown), ("Url", address(step, call, more=more)),
            ("Method", "POST"), ("Timeout", str(seconds)), ("StatusCallback", address("status", call, more=more)),
            ("StatusCallbackMethod", "POST"), ("StatusCallbackEvent", "completed"),
        ]  # fmt: skip
        found = await self._ask("POST", "/Calls.json", form)
        return str(found.get("sid", ""))

    async def redirect(self, provider_id: str, step: str, call: UUID, *, more: str = "") -> None:
        """Let a leg follow another script. Raises Later or Never."""
        form = [("Url", address(step, call, more=more)), ("Method", "POST")]
        await self._ask("POST", f"/Calls/{provider_id}.json", form)

    async def hang_up(self, provider_id: str) -> None:
        """End a leg, also one that ended by itself; a carrier away ends it with the talk anyway."""
        try:
            await self._ask("POST", f"/Calls/{provider_id}.json", [("Status", "completed")])
        except (Later, Never):
            return

    async def fetch(self, recording: str) -> bytes:
        """The recording as MP3, by its id: an address that somebody sent us is never opened. Raises Later or Never."""
        path = f"/Recordings/{_known(recording)}.mp3"
        async with self._session() as session, self._opened(session, "GET", path) as got:
            _check(got.status)
            data = await got.content.read(_LONGEST + 1)
            while not got.content.at_eof() and len(data) <= _LONGEST:
                data += await got.content.read(_LONGEST + 1 - len(data))
        if not data or len(data) > _LONGEST:
            raise Later("empty" if not data else "too_big")
        return data

    async def delete(self, recording: str) -> None:
        """Delete a recording there; gone already is as good. Raises Later or Never."""
        path = f"/Recordings/{_known(recording)}.json"
        async with self._session() as session, self._opened(session, "DELETE", path) as got:
            if got.status != 404:
                _check(got.status)

    async def _ask(self, method: str, path: str, form: list[tuple[str, str]]) -> dict[str, Any]:
        async with self._session() as session, self._opened(session, method, path, form) as got:
            _check(got.status)
            found = await got.json(content_type=None)
            return found if isinstance(found, dict) else {}

    def _session(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(auth=self._auth, timeout=aiohttp.ClientTimeout(total=20, connect=5))

    def _opened(self, session: aiohttp.ClientSession, method: str, path: str, form: Any = None) -> _Asked:
        return _Asked(session, method, self._base + path, form)


class _Asked:
    """One request; a carrier that cannot be reached is ``Later``, and so is an answer that breaks off."""

    def __init__(self, session: aiohttp.ClientSession, method: str, url: str, form: Any) -> None:
        self._request = session.request(method, url, data=form, allow_redirects=False)
        self._answer: aiohttp.ClientResponse | None = None

    async def __aenter__(self) -> aiohttp.ClientResponse:
        try:
            self._answer = await self._request
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Later(type(error).__name__) from None
        return self._answer

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if self._answer is not None:
            self._answer.release()
        if isinstance(error, (aiohttp.ClientError, TimeoutError, ValueError)):
            raise Later(type(error).__name__) from None


def _check(status: int) -> None:
    if status == 429 or status >= 500 or status in (401, 403):
        raise Later(str(status))  # a wrong token is mended by an administrator, and what waits is not lost
    if status >= 300:
        raise Never(str(status))


def _known(recording: str) -> str:
    if not _RECORDING.fullmatch(recording):
        raise Never("recording_id")
    return recording


def international(number: str) -> str:
    """As a carrier writes it: +86, and the city's area code before a short number (110 is +86310110)."""
    if number.startswith("+"):
        return number
    area = str(city.current().rule("voice.area")) if len(number) < 8 else ""
    return "+86" + (area + number).lstrip("0")


def open_phones() -> None:
    """Fill the slot from the settings, at the start of web and worker; without an account calls only come in."""
    one = settings.current()
    phones.use(Twilio() if one.twilio_account and one.twilio_token else None)
