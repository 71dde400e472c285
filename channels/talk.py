"""What a person's message means, by whatever text door, and what is done about it: the conversation of a requester.

Each answer is an outbox row of the same transaction. Nothing here tells a stranger anything: a request is looked at
with its number and code, or by whoever wrote from the address that it is answered to.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from channels import notice_subscriptions, talk_case, talk_outage, talk_words, wechat_talk
from channels.heard import EVENT, MENU, SUBSCRIBED, UNSUBSCRIBED
from channels.meaning import (
    FOLLOW,
    HELP,
    NOTHING,
    QUERY,
    RATE,
    START,
    STILL,
    STOP,
    UNFOLLOW,
    URGE,
    WORDS,
    Meant,
    meaning,
)
from channels.turn import Turn
from hotline.actor import CITIZEN, SYSTEM

_ACTS: dict[str, Callable[[Turn, Meant], Awaitable[str]]] = {}


async def read(turn: Turn) -> None:
    """Do what the message asks, within the turn's transaction; the row says afterwards what it was."""
    turn.work.actor = CITIZEN
    try:
        turn.end(await wechat_talk.settle(turn) or await _read(turn))
    finally:
        turn.work.actor = SYSTEM


async def _read(turn: Turn) -> str:
    if turn.heard.event:
        return _event(turn)
    said = meaning(turn.heard.words)
    return await _ACTS[said.act](turn, said)


def _event(turn: Turn) -> str:
    """Whoever follows us hears from us; whoever leaves does not. Menus are answered at their own door."""
    if turn.heard.event == UNSUBSCRIBED:
        _silence(turn)
    elif turn.heard.event in {SUBSCRIBED, MENU}:
        turn.who.is_silent, turn.who.silent_since = False, None
    return EVENT


def _silence(turn: Turn) -> None:
    turn.who.is_silent, turn.who.silent_since = True, turn.who.silent_since or turn.row.received_at


async def _stop(turn: Turn, _: Meant) -> str:
    if not turn.who.is_silent:
        turn.tell("stopped")
    _silence(turn)
    return "stop"


async def _start(turn: Turn, _: Meant) -> str:
    turn.who.is_silent, turn.who.silent_since = False, None
    turn.tell("started")
    return "start"


async def _help(turn: Turn, _: Meant) -> str:
    turn.tell("help")
    return "ignored"


async def _follow(turn: Turn, said: Meant) -> str:
    return await notice_subscriptions.follow(turn, wants=said.act == FOLLOW)


_ACTS.update({
    STOP: _stop, START: _start, HELP: _help, RATE: talk_case.rate, QUERY: talk_case.query, URGE: talk_case.urge,
    WORDS: talk_words.take, NOTHING: talk_words.take_without_words,
    FOLLOW: _follow, UNFOLLOW: _follow, STILL: talk_outage.still,
})  # fmt: skip
