"""What the buttons of the page do with the stand-in. Each takes the form's fields; nothing here speaks HTTP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from hotline.simulate.faults import FOREVER
from hotline.simulate.leg import Leg
from hotline.simulate.standin import StandIn
from hotline.simulate.texts import a_picture
from hotline.simulate.wechat import COMPATIBLE, PLAIN, SECURE

Form = dict[str, str]
MOST = 100
HANG = 30.0
MANNERS: dict[str, dict[str, object]] = {
    "manual": {}, "answers": {"answers_after": 3.0}, "busy": {"instead": "busy"}, "silent": {"instead": "no-answer"},
}  # fmt: skip
"""How desk telephones behave: by hand, answering after three seconds, engaged, or never answered."""
OUTCOMES: dict[str, tuple[str, int | None]] = {
    "delivered": ("delivered", None), "undelivered": ("undelivered", 30003), "failed": ("failed", 30006),
}  # fmt: skip
TWILIO_FAULTS = {"": (0, 0), "429": (429, 20429), "500": (500, 20500), "21211": (400, 21211), "slow": (0, 0)}
WECHAT_FAULTS = {
    "": (0, 0), "-1": (200, -1), "45015": (200, 45015), "45047": (200, 45047), "503": (503, 0), "slow": (0, 0),
}  # fmt: skip


def _number(form: Form, name: str, most: float, least: float = 0) -> float:
    try:
        found = float(form.get(name) or least)
    except ValueError:
        return least
    return min(max(found, least), most)


def _leg(standin: StandIn, form: Form) -> Leg:
    return standin.twilio.exchange.legs[form.get("sid", "")]


async def dial(standin: StandIn, form: Form) -> None:
    """Call a line."""
    call = standin.twilio.call(form["number"].strip(), (form.get("other") or form.get("to") or "12345").strip())
    await call.until("", 1)


async def press(standin: StandIn, form: Form) -> None:
    """Press a key."""
    _leg(standin, form).press(form.get("key", "")[:1])


async def hang_up(standin: StandIn, form: Form) -> None:
    """Put the receiver down, or pick nothing up."""
    _leg(standin, form).hang_up()


async def pick_up(standin: StandIn, form: Form) -> None:
    """Answer a telephone that rings."""
    _leg(standin, form).pick_up()


async def refuse(standin: StandIn, form: Form) -> None:
    """Turn away a telephone that rings."""
    _leg(standin, form).refuse()


async def text(standin: StandIn, form: Form) -> None:
    """Send a text, with a picture or as often as wanted."""
    media = (a_picture(),) if form.get("picture") else ()
    if form.get("body", "").strip() or media:
        await standin.twilio.text(
            form["number"].strip(), form.get("body", ""), form.get("to", ""), media=media,
            times=int(_number(form, "times", MOST, 1)), together=True,
        )  # fmt: skip


async def chat(standin: StandIn, form: Form) -> None:
    """Write in the chat."""
    if form.get("body", "").strip():
        times = int(_number(form, "times", MOST, 1))
        await standin.wechat.say(form["openid"], form["body"], times=times, together=True)


async def voice(standin: StandIn, form: Form) -> None:
    """Speak into the chat; the words are what WeChat hears in it."""
    await standin.wechat.voice(form["openid"], form.get("body", ""))


async def picture(standin: StandIn, form: Form) -> None:
    """Send a picture into the chat."""
    await standin.wechat.picture(form["openid"], a_picture())


async def place(standin: StandIn, form: Form) -> None:
    """Send where one is."""
    lat, lon = _number(form, "lat", 90, -90), _number(form, "lon", 180, -180)
    await standin.wechat.locate(form["openid"], lat, lon, form.get("label", ""))


async def event(standin: StandIn, form: Form) -> None:
    """Follow, follow no longer, or press a button of the menu."""
    if form.get("event") in {"subscribe", "unsubscribe", "CLICK", "VIEW"}:
        await standin.wechat.event(form["openid"], form["event"], form.get("key", ""))


async def verify(standin: StandIn, form: Form) -> None:  # noqa: ARG001 - a button's signature
    """WeChat's console asks the hotline for its echo."""
    await standin.wechat.verify()


async def faults(standin: StandIn, form: Form) -> None:
    """Let go wrong what is ticked, until it is mended."""
    twilio, wechat = standin.twilio, standin.wechat
    for one in (twilio, wechat):
        one.faults.mend()
        one.faults.delay = _number(form, "delay", 600)
        one.faults.duplicates = int(_number(form, "duplicates", MOST))
        one.faults.is_shuffled = bool(form.get("shuffled"))
    for provider, known, asked in (
        (twilio, TWILIO_FAULTS, form.get("twilio", "")), (wechat, WECHAT_FAULTS, form.get("wechat", "")),
    ):  # fmt: skip
        status, code = known.get(asked, (0, 0))
        if asked == "slow":
            provider.faults.slow(HANG)
        elif status:
            provider.faults.fail(status, code, FOREVER)
        provider.faults.name = asked if asked in known else ""
    twilio.texts.always = OUTCOMES.get(form.get("outcome", ""), OUTCOMES["delivered"])
    twilio.exchange.manners = dict(MANNERS.get(form.get("manners", ""), {}))
    for phone in twilio.exchange.phones.values():
        twilio.phone(phone.number, **twilio.exchange.manners)
    if form.get("mode") in {PLAIN, COMPATIBLE, SECURE}:
        wechat.mode = form["mode"]


async def mend(standin: StandIn, form: Form) -> None:  # noqa: ARG001 - a button's signature
    """Everything is well again."""
    await faults(standin, {})


async def expire(standin: StandIn, form: Form) -> None:  # noqa: ARG001 - a button's signature
    """The access token that the hotline holds is good no longer."""
    standin.wechat.expire_token()


ACTS: dict[str, Callable[[StandIn, Form], Awaitable[None]]] = {
    "dial": dial, "press": press, "hang_up": hang_up, "pick_up": pick_up, "refuse": refuse, "text": text, "chat": chat,
    "voice": voice, "picture": picture, "place": place, "event": event, "verify": verify, "faults": faults,
    "mend": mend, "expire": expire,
}  # fmt: skip
