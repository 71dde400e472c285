"""Which outage a call is about: by what is off and where, each answer with its reason. Pure.

A danger (a leak, a burst, a fallen wire) is never an outage: whoever reports one must not be told to wait.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

import msgspec

from cases.outage_rows import KINDS, Area, Outage
from hotline.errors import Say

MATTERS: dict[str, str] = {"030101": "water", "030401": "power", "030302": "gas", "030201": "heat"}
"""The matters that an outage explains."""
_DEVICES = "梯|话|视|费|动|子|脑|器|池|瓶|缆|线(?!路)|商(?![户家铺])|影(?!响)"
"""没电梯, 没电话: what is not there is a thing, not the current. 市民来电反映 is a call, not the current either."""
_SAID: dict[str, re.Pattern[str]] = {
    "water": re.compile(
        r"(?:[停断缺][了]?(?:自来)?水|[没无]了?(?:自来)?水(?![平准果泵表管井])|没有(?:自来)?水(?![平准果泵表管井]))"
        r"|水(?:还|又|都|怎么)?[停断没不]了?(?:来|出|$)"
        r"|不(?:来|出|供)水"
        r"|不下来水|来水(?![果产])|水龙头.{0,6}(?:没|不)|水[压小].{0,3}(?:停|没)"
        r"|no water|water (?:is )?(?:off|cut)", re.IGNORECASE,
    ),
    "power": re.compile(
        rf"[停断跳]了?电(?!梯|话|视|费|动)|[没无](?:了|有)?电(?!{_DEVICES})|不(?:来|通|供)电(?!{_DEVICES})"
        rf"|(?:什么时候|啥时候?|何时|几点|多久|还没|没有|没|才能?|能)来电(?!{_DEVICES}|反映|显示|咨询|投诉)"
        r"|电(?:还|又|都)?(?:停|断|没)了"
        r"|no (?:power|electricity)|power (?:is )?(?:off|cut|out)|blackout", re.IGNORECASE,
    ),
    "gas": re.compile(
        r"[停断没无][了]?(?:天然|燃|煤)?气(?!味)|没有(?:天然|燃|煤)?气(?!味)|不(?:来|通|供)气"
        r"|(?:燃气|天然气|煤气).{0,6}(?:停|断|没|打不着|点不着)|no gas|gas (?:is )?(?:off|cut)", re.IGNORECASE,
    ),
    "heat": re.compile(
        r"[停断没无不][了]?(?:供)?暖|没有暖气|停热|断热|不供热|暖气.{0,6}(?:不热|没热|冰凉|停|凉了)|屋里.{0,4}冷|不热"
        r"|no heat|heating (?:is )?(?:off|cut)", re.IGNORECASE,
    ),
}  # fmt: skip
_DANGER = re.compile(
    r"漏[水电气]|泄漏|泄露|气味|臭味|异味|爆管|爆裂|喷水|冒水|冒烟|着火|起火|火花|打火|电线.{0,4}(?:断|掉|落)|触电|中毒|发黄"
    r"|发浑|浑浊|水质|电费|水费|气费|暖气费|费用|收费|leak|smell|burst|fire|spark|bill", re.IGNORECASE,
)  # fmt: skip
_ROAD = re.compile(
    r"([\u4e00-\u9fff]{1,8}?)(?:大街|大道|(?<![电线马管])路|街(?!道)|小区|花园|家园|公寓|家属院|社区|胡同|巷|苑)"
)
_ANY = re.compile(
    r"我们?|咱们?|你们?|这个?|那个?|整个?|全|本|该|附近|整片|家里?|住|在|的|是|到|和|一个|好几个|老|两个|几个|[区县镇乡市]"
)
"""What stands before “小区” and “路” when no name is said: 我们小区."""
_SIDE = frozenset("东西南北中新老前后上下")
_AHEAD = re.compile(
    r"明天|后天|今晚|几点.{0,2}停|什么时候停|何时停|会停|要停|还停|计划停|通知.{0,8}停|will|tomorrow|when"
)
_GAP = re.compile(r"[\s,，、。.;；:：“”\"'（）()-]+")
MOST = 3


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a call: its words (with the place as it was written), the matter, the codes of the place.

    ``heard`` is the stretch of the words that gave the codes.
    """

    words: str
    heard: str = ""
    matter: str = ""
    county: str = ""
    township: str = ""
    village: str = ""


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """An outage that may be what the call is about. ``is_sure``: kind and place both say so; else ask the caller.

    One past its expected end is never sure: it may be over, and nobody said so.
    """

    outage: Outage
    is_sure: bool
    why: Say


def match(outages: Iterable[Outage], asked: Asked, now: datetime) -> list[Match]:
    """The outages that the call is about, the surest first, at most MOST; none for a danger or another kind."""
    kinds = kinds_of(asked)
    if not kinds:
        return []
    text = _plain(asked.words)
    is_elsewhere = _names_a_street(asked, text)
    found: list[tuple[int, datetime, Match]] = []
    for one in outages:
        if one.kind not in kinds or not one.is_on or not _is_now(one, asked, now):
            continue
        fits = (_fits(area, asked, text, is_elsewhere=is_elsewhere) for area in one.areas)
        fit, why = max(fits, key=lambda pair: pair[0], default=_NOT)
        if fit:
            say = Say(f"{KINDS[one.kind].zh}，{why.zh}", f"{KINDS[one.kind].en}; {why.en}")
            if is_late := one.is_late(now):
                say = Say(f"{say.zh}；已过预计恢复时间，请先核实", f"{say.en}; past its expected end: check it first")
            is_sure = fit >= _SURE and one.since <= now and not is_late
            found.append((-fit, one.since, Match(outage=one, is_sure=is_sure, why=say)))
    return [one for _, _, one in sorted(found, key=lambda row: row[:2])][:MOST]


def kinds_of(asked: Asked) -> frozenset[str]:
    """What is off, by the words, else by the matter that was chosen; nothing when they tell of a danger or a bill."""
    if _DANGER.search(asked.words):
        return frozenset()
    said = frozenset(kind for kind, sign in _SAID.items() if sign.search(asked.words))
    if said:
        return said
    return frozenset({MATTERS[asked.matter]} if asked.matter in MATTERS else ())


def _is_now(one: Outage, asked: Asked, now: datetime) -> bool:
    """Under way; one that is planned explains nothing yet, but answers who asks when it will be."""
    return one.since <= now or _AHEAD.search(asked.words) is not None


_NOT = (0, Say("", ""))
_SURE = 5


def _fits(area: Area, asked: Asked, text: str, *, is_elsewhere: bool) -> tuple[int, Say]:
    """How well a line of the notice fits: 0 not at all, below _SURE the caller has to be asked."""
    for own, theirs in ((area.county, asked.county), (area.township, asked.township), (area.village, asked.village)):
        if own and theirs and own != theirs:
            return _NOT
    if area.words:
        return _by_words(area, asked, text, is_elsewhere=is_elsewhere)
    if area.village:
        return (7, Say("同一村、社区", "the same village")) if asked.village else _ask(area, asked)
    if area.township:
        return (6, Say("同一乡镇街道", "the same subdistrict")) if asked.township else _ask(area, asked)
    return (5, Say("同一区县", "the same district")) if asked.county else _ask(area, asked)


def _by_words(area: Area, asked: Asked, text: str, *, is_elsewhere: bool) -> tuple[int, Say]:
    hit = next((word for word in area.words if _is_said(_plain(word), text)), None)
    if hit is not None:
        is_there = not area.county or bool(asked.county)
        return (9 if is_there else 4), Say(f"“{hit}”在停供范围", f"“{hit}” is in the area")
    if is_elsewhere:
        return _NOT
    return _ask(area, asked)


def _ask(area: Area, asked: Asked) -> tuple[int, Say]:
    """The place is said less exactly than the notice says it."""
    if area.township and asked.township:
        return 3, Say("同一街道，请问清是哪条路、哪个小区", "the same subdistrict; ask for road or estate")
    if area.county and asked.county:
        return 2, Say("同一区县，请问清具体地点", "the same district; ask where exactly")
    return 1, Say("请问清在哪里", "ask where it is")


def _is_said(word: str, text: str) -> bool:
    """Whether the words say this name, and not one that only ends in it: 南光明路 is not 光明路."""
    at = text.find(word)
    while at >= 0:
        if at == 0 or text[at - 1] not in _SIDE:
            return True
        at = text.find(word, at + 1)
    return False


def _names_a_street(asked: Asked, text: str) -> bool:
    """Whether the words name some road or estate: then it is another one than the notice's."""
    rest = text.replace(_plain(asked.heard), " ") if asked.heard else text
    return bool(asked.village) or any(_ANY.sub("", name) for name in _ROAD.findall(rest))


@lru_cache(maxsize=8192)
def _plain(text: str) -> str:
    return _GAP.sub(" ", text).strip().casefold()
