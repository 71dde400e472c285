"""Sentences of joint site visits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from cases import events_site as e
from hotline import city, clock
from hotline.errors import Say


def _units(codes: Sequence[str]) -> Say:
    found = [city.current().unit(code) for code in codes]
    names = [(one.name_zh, one.name_en) if one else (code, code) for one, code in zip(found, codes, strict=True)]
    return Say("、".join(zh for zh, _ in names), ", ".join(en for _, en in names))


def when(starts: datetime, ends: datetime) -> Say:
    """A slot as people read it: 11月28日（周六）9:00–10:30."""
    first, last = clock.local(starts), clock.local(ends)
    hours = f"{first.hour}:{first:%M}–{last.hour}:{last:%M}"
    day = "一二三四五六日"[first.weekday()]
    return Say(f"{first.month}月{first.day}日（周{day}）{hours}", f"{first:%a} {first.day} {first:%b}, {hours}")


def _planned(event: e.SiteVisitPlanned) -> Say:
    at, who = when(event.starts, event.ends), _units(event.units)
    told = Say("，告知诉求人", "; the requester is told") if event.tells else Say("", "")
    return Say(
        f"约定联合上门：{at.zh}，请 {who.zh} 参加{told.zh}", f"joint visit planned: {at.en}, with {who.en}{told.en}"
    )


def _moved(event: e.SiteVisitMoved) -> Say:
    at, who = when(event.starts, event.ends), _units(event.units)
    return Say(f"联合上门改到 {at.zh}，请 {who.zh} 参加", f"joint visit moved to {at.en}, with {who.en}")


def _answered(event: e.SiteVisitAnswered) -> Say:
    who = _units((event.unit,))
    return (
        Say(f"{who.zh} 确认参加上门", f"{who.en} will come to the visit")
        if event.comes
        else Say(f"{who.zh} 不能参加上门", f"{who.en} cannot come to the visit")
    )


def _held(event: e.SiteVisitHeld) -> Say:
    who = _units(event.attended)
    zh = f"联合上门：{who.zh} 到场" + (f"，照片 {event.photos} 张" if event.photos else "")
    en = f"joint visit: {who.en} came" + (f", {event.photos} photographs" if event.photos else "")
    return Say(zh, en)


def _told(zh: str, en: str) -> Callable[[Any], Say]:
    """What the requester reads, when they are told of it at all."""

    def sentence(event: Any) -> Say:
        if not event.tells:
            return Say("", "")
        at = when(event.starts, getattr(event, "ends", event.starts))
        return Say(zh.format(at=at.zh), en.format(at=at.en))

    return sentence


STAFF: dict[str, Callable[[Any], Say]] = {
    "site_visit_planned": _planned,
    "site_visit_moved": _moved,
    "site_visit_answered": _answered,
    "site_visit_held": _held,
    "site_visit_cancelled": lambda _: Say("取消联合上门", "joint visit cancelled"),
}
REQUESTER: dict[str, Callable[[Any], Say]] = {
    "site_visit_planned": _told("约好{at}上门查看，请您在场", "We will come {at}; please be there"),
    "site_visit_moved": _told("上门时间改到{at}，请您在场", "The visit is now {at}; please be there"),
    "site_visit_cancelled": lambda v: (
        Say("原来约好的上门取消了", "The visit that was arranged is cancelled") if v.tells else Say("", "")
    ),
}
