"""What the page of `hotline simulate` shows of the stand-in's state, and in which words."""

from __future__ import annotations

from itertools import islice
from typing import Any

import msgspec

from hotline.simulate.asking import Ask
from hotline.simulate.fixed import said
from hotline.simulate.leg import INBOUND, Spoken
from hotline.simulate.line import Answer
from hotline.simulate.standin import StandIn
from hotline.simulate.wechat import Word

NUMBER, OPENID = "13800000001", "oDemoCitizen0001"
_SHOWN = 60

STATUS = {
    "queued": ("正在接通", "dialling"), "initiated": ("正在接通", "dialling"), "ringing": ("响铃中", "ringing"),
    "in-progress": ("通话中", "talking"), "completed": ("已结束", "ended"), "busy": ("占线", "engaged"),
    "no-answer": ("没有人接", "no answer"), "failed": ("接不通", "failed"), "canceled": ("已取消", "cancelled"),
    "sent": ("已发出", "sent"), "delivered": ("已送达", "delivered"), "undelivered": ("没有送到", "not delivered"),
    "received": ("", ""),
}  # fmt: skip
_KINDS = {
    "play": ("♪ 放音", "♪ music"), "gather": ("请按键", "waiting for keys"), "keys": ("按键", "keys pressed"),
    "queue": ("进入等候队列", "waiting in the queue"), "talk": ("接通，对方", "connected with"),
    "ring": ("响铃", "rings"), "record": ("开始留言", "leave a message now"), "error": ("热线没有答好", "bad answer"),
}  # fmt: skip
_SPOKEN = {"play", "keys", "talk", "error"}


class View(msgspec.Struct, frozen=True):
    """Whose telephone one holds, and in which language one reads."""

    standin: StandIn
    number: str
    openid: str
    lang: str

    @classmethod
    def of(cls, ask: Ask, standin: StandIn) -> View:
        """From the address and the cookie; what is no number becomes the first citizen's."""
        number = ask.query.get("number", "").strip()
        openid = ask.query.get("openid", "").strip()
        lang = ask.query.get("lang") or ("en" if "hl_simulate=en" in ask.headers.get("cookie", "") else "zh")
        return cls(
            standin, number if number.isdigit() and len(number) <= 15 else NUMBER,
            openid if openid.isascii() and openid.replace("-", "").replace("_", "").isalnum() else OPENID,
            "en" if lang == "en" else "zh",
        )  # fmt: skip

    def say(self, zh: str, en: str) -> str:
        """The words in the reader's language."""
        return en if self.lang == "en" else zh

    def status(self, status: str) -> str:
        """A state in words."""
        return self.say(*STATUS.get(status, (status, status)))

    def heard(self, one: Spoken) -> str:
        """A line of a transcript in words; what was said stands as it was said."""
        if one.kind not in _KINDS:
            return one.words
        words = self.say(*_KINDS[one.kind])
        return f"{words} {one.words}" if one.kind in _SPOKEN else words

    def event(self, word: Word) -> str:
        """An event in words; what WeChat shows where an account does not answer stands as it is."""
        name, _, key = word.words.partition(" ")
        words = {
            "subscribe": ("已关注", "follows"), "unsubscribe": ("已取消关注", "follows no longer"),
            "CLICK": ("点了菜单", "menu"), "VIEW": ("打开了", "opened"),
        }.get(name)  # fmt: skip
        return f"{self.say(*words)} {key}".rstrip() if words and word.kind == "event" else word.words

    def number_of(self, number: str) -> str:
        """A number as people say it."""
        return said(number)

    def is_bad(self, answer: Answer) -> bool:
        """Whether a provider would be unhappy with it."""
        return not answer.is_good

    def answered(self, answer: Answer) -> str:
        """What the hotline answered, in words."""
        return str(answer.status) if answer.status else self.say("没有应答", "no answer")


def described(view: View) -> dict[str, Any]:
    """Everything that the templates show."""
    exchange, texts, wechat = view.standin.twilio.exchange, view.standin.twilio.texts, view.standin.wechat
    legs = list(exchange.legs.values())
    mine = [leg for leg in legs if leg.direction == INBOUND and leg.person == view.number]
    others = [leg for leg in legs if leg.direction != INBOUND]
    numbers = dict.fromkeys(text.person for text in reversed(texts.log))
    numbers.update(dict.fromkeys(leg.person for leg in reversed(mine)))
    return {
        "call": next((leg for leg in reversed(mine) if not leg.is_over), None),
        "past": [leg for leg in reversed(mine) if leg.is_over][:5],
        "ringing": [leg for leg in others if leg.status == "ringing"],
        "talking": [leg for leg in others if leg.status == "in-progress"],
        "thread": [text for text in texts.log if text.person == view.number][-_SHOWN:],
        "people": [one for one in islice(numbers, 12) if one != view.number],
        "chat": wechat.chat_with(view.openid)[-_SHOWN:],
        "openids": [one for one in islice(reversed(wechat.people), 8) if one != view.openid],
        "follows": view.openid in wechat.people and wechat.people[view.openid].follows,
        "buttons": list(_buttons(wechat.menu)),
        "answers": list(islice(reversed(view.standin.line.answers), 12)),
        "faults": view.standin.twilio.faults, "wechat_faults": wechat.faults, "mode": wechat.mode,
        "outcome": texts.always[0], "manners": _manners(exchange.manners), "lines_down": _is_down(view.standin),
    }  # fmt: skip


def _buttons(menu: dict[str, Any]) -> Any:
    """The buttons of the account's menu that do something: kind, key or address, name."""
    for button in menu.get("button", []):
        for one in button.get("sub_button") or [button]:
            kind = "VIEW" if one.get("type") == "view" else "CLICK"
            yield kind, one.get("url") or one.get("key", ""), one.get("name", "")


def _manners(given: dict[str, Any]) -> str:
    return "answers" if "answers_after" in given else {"busy": "busy", "no-answer": "silent"}.get(
        given.get("instead", ""), "manual"
    )  # fmt: skip


def _is_down(standin: StandIn) -> bool:
    """Whether the hotline did not answer the last time that it was asked anything."""
    return bool(standin.line.answers) and standin.line.answers[-1].status == 0
