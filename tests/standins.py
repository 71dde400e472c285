"""A local Twilio and WeChat for tests: they sign, call, retry, delay, repeat, reorder and fail as the real ones do.

In the process of the test, on a free port, in the test's own loop:

    async with standins.opened() as standin:                        # nobody to talk to yet
        env = {**place.environment, **standin.environment()}        # for a served hotline (a real web and worker)
        with stage.served(env, log) as address:
            standin.hotline = address
            await standin.twilio.text("13800000001", "路灯不亮")

    async with standins.opened(client=client) as standin:           # the in-process `client` fixture instead
        settings.use(standin.settings(settings.current(), public_url="http://testserver"))

`public=` is the address that providers were given and sign, where it differs from where the hotline listens.
`standin.fields()` / `.settings(base)` / `.environment()`: the Settings that point at the stand-in.
`standin.pass_time(hours=49)`: time passes at the providers. `await standin.settle()`: until nothing is under way.

Twilio (`standin.twilio`)
    await .text(sender, body, to="12345", media=(png,), times=9, together=True, sid=..., more={}) -> [Answer]
        .status (0: no answer), .text (the TwiML), .seconds. Repeats share MessageSid and I-Twilio-Idempotency-Token
    .sent -> [Text]: .to, .person ("13800000001"), .body, .status, .states, .error_code; .texts_to(person) -> words
    .texts.outcome("undelivered", 30003, to=...); .texts.refuse(number, 21211); numbers that texted STOP: 21610
    .fail(429, 20429, times=2), .fail(500), .slow(seconds): the REST interface; .faults.mend() ends everything
    .faults.delay / .duplicates / .is_shuffled: hooks late, repeated, out of order; .uses_shared_key: HMAC-SHA256
    .call(caller, to="12345") -> Leg, going on by itself
    .phone(number, answers_after=2, presses="1", instead="busy", hangs_up_after=5) sets how a telephone behaves
        (unknown ones ring until somebody picks up or the caller gives up)
        leg.transcript (said as said, the rest as "[queue] …", "[talk] number", "[gather] n", "[error] …"), leg.status,
        leg.states, leg.press("1"), leg.hang_up(), await leg.until("words"), await leg.ended() -> "completed"
        phone = .phone("8001"); leg = await phone.rings(); leg.pick_up() / leg.refuse()
    .exchange.legs, .queues, .conferences, .recordings; .requests: what was asked of the interface
    await .hook(path, [(name, value)], signature="forged"): any other request, signed or not
    `tempo` (0.05 here): real seconds in a second of a call; Pauses, patience of a Gather, ringing go by it.

WeChat (`standin.wechat`)
    await .say(openid, text, mode="plain"|"compatible"|"secure", msg_id=..., times=3, together=..., forged=..., app=...)
        -> the passive reply's words; .picture(openid, png), .voice(openid, "recognised"),
        .locate(openid, lat, lon, label), .event(openid, "subscribe"), .event(openid, "CLICK", "KEY"): the same way
    .verify() -> Answer
    .deliveries[-1].tries: up to three, when the hotline is slower than .patience (5 s) or fails
    .sent (customer-service messages: .openid, .words), .templates (.openid, .data, .words), .sent_to(openid) -> words
    .token_requests
    .fail(40001, times), .fail(0, status=503), .slow(seconds), .expire_token(), .block(openid), .limit, .menu
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from hotline.simulate import standin as stage
from hotline.simulate.standin import StandIn
from hotline.simulate.texts import Picture, a_picture
from hotline.simulate.wechat import BROKEN, COMPATIBLE, PLAIN, SECURE


@contextlib.asynccontextmanager
async def opened(hotline: str = "", *, tempo: float = 0.05, **given: Any) -> AsyncIterator[StandIn]:
    """A fresh stand-in, served until the end of the block. ``given``: see `hotline.simulate.standin.StandIn`."""
    async with stage.opened(StandIn(hotline, tempo=tempo, **given)) as one:
        yield one


__all__ = ["BROKEN", "COMPATIBLE", "PLAIN", "SECURE", "Picture", "StandIn", "a_picture", "opened"]
