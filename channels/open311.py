"""Open311 GeoReport v2: what each service asks, and a posted form as a message. The wire is in ``web/open311``."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from channels.message import Inbound
from channels.partners import Partner
from hotline import city, outlines
from hotline.city_nouns import Matter
from hotline.errors import Refusal, Say, invalid

CHANNEL = "open311"
LONGEST = 4000
"""Characters of a description, by the specification."""
LONGEST_LINE = 200
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,180}\.[^@\s.]{2,}")
_URL = re.compile(r"https?://[!-~]{4,480}")
_ATTRIBUTE = re.compile(r"attribute\[([A-Za-z0-9_]{1,40})\](\[\])?")


class Attribute(msgspec.Struct, frozen=True, kw_only=True):
    """A question of a service definition; ``values`` are the choices of a list."""

    code: str
    datatype: str
    say: Say
    hint: Say = Say("", "")
    values: Mapping[str, Say] = {}


KIND = "kind"
ATTRIBUTES = (
    Attribute(
        code=KIND, datatype="singlevaluelist", say=Say("想做什么", "What you would like"),
        values={
            "assistance": Say("请人来解决", "Get help"), "enquiry": Say("问一件事", "Ask"),
            "complaint": Say("投诉", "Complain"), "suggestion": Say("提建议", "Suggest"),
        },
    ),
    Attribute(code="since", datatype="datetime", say=Say("从什么时候开始", "Since when"),
              hint=Say("带时区的 ISO 8601 时间", "ISO 8601 with a time zone")),
    Attribute(code="times", datatype="number", say=Say("第几次反映", "How often you reported it")),
    Attribute(code="landmark", datatype="string", say=Say("附近的标志", "A landmark nearby")),
    Attribute(
        code="affects", datatype="multivaluelist", say=Say("影响了谁", "Whom it affects"),
        values={
            "residents": Say("附近居民", "Residents"), "pedestrians": Say("行人", "Pedestrians"),
            "traffic": Say("车辆", "Traffic"), "school": Say("学校", "A school"), "business": Say("商户", "Businesses"),
        },
    ),
    Attribute(code="remarks", datatype="text", say=Say("其他情况", "Anything else")),
)  # fmt: skip
"""What every service asks, all of it optional: a report must never fail for want of a detail."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where it is: county and township ("" when nobody can tell), the address and the point as ``Inbound`` has it."""

    county: str
    text: str
    point: str = ""
    township: str = ""


def matter_of(code: str) -> Matter | None:
    """The matter of a service code: a leaf of the catalogue."""
    return city.current().matter(code) if re.fullmatch(r"[0-9]{6}", code) else None


def county_of(jurisdiction: str) -> str:
    """The county of a ``jurisdiction_id``; "" for the whole city or none. The 404 refusal for an unknown one."""
    if jurisdiction in {"", city.CITY}:
        return ""
    if city.current().jurisdiction(jurisdiction) is None:
        raise Refusal(404, "jurisdiction", Say("没有这个 jurisdiction_id。", "No such jurisdiction_id."))
    return jurisdiction


def message(partner: Partner, form: Mapping[str, Sequence[str]], day: str) -> Inbound:
    """The posted form as a message; unique with all its content on its ``day``, so that a repeat makes no second one.

    Raises the 422 refusal with the parameters to mend, which the wire tells as 400.
    """
    one = {name: _one(name, values) for name, values in form.items() if not _ATTRIBUTE.fullmatch(name)}
    matter = matter_of(one.get("service_code", ""))
    if matter is None:
        raise invalid({"service_code": Say("没有这个 service_code。", "No such service_code.")})
    asked = _attributes(form)
    place = _place(one)
    phone, email = one.get("phone", ""), one.get("email", "")
    if email and not _EMAIL.fullmatch(email):
        raise invalid({"email": Say("邮箱地址写得不对。", "That is not an e-mail address.")})
    first, second = _ways(phone, email)
    return Inbound(
        channel=CHANNEL, origin_system=partner.code, provider_id=f"{form_id(partner, form)}:{day}",
        words=_words(one, matter, asked), kind=(asked.get(KIND) or ["assistance"])[0], matter=matter.code,
        county=place.county, township=place.township, place=place.text, point=place.point, name=_name(one), phone=phone,
        reply_by=first, reply_to=email if first == "email" else "",
        second_by=second, second_to=email if second == "email" else "",
    )  # fmt: skip


def form_id(partner: Partner, form: Mapping[str, Sequence[str]]) -> str:
    """What all copies of one form have in common, whoever's device and key they came by."""
    kept = sorted((name, list(values)) for name, values in form.items() if name not in {"api_key", "device_id"})
    return f"{partner.code}:form:{hashlib.sha256(msgspec.json.encode(kept)).hexdigest()}"


def _one(name: str, values: Sequence[str]) -> str:
    """The value of a parameter that has one; null and empty are not sent."""
    given = [value for value in values if value and value.lower() != "null"]
    if len(given) > 1:
        raise invalid({name: Say("只能有一个值。", "Takes one value only.")})
    text = given[0] if given else ""
    most = LONGEST if name == "description" else 500
    if len(text) > most:
        raise invalid({name: Say(f"最多 {most} 字。", f"At most {most} characters.")})
    return text


def _attributes(form: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The answers to the definition's questions, checked against it."""
    known = {one.code: one for one in ATTRIBUTES}
    found: dict[str, list[str]] = {}
    for name, values in form.items():
        match = _ATTRIBUTE.fullmatch(name)
        given = [value for value in values if value and value.lower() != "null"]
        if match is None or not given:
            continue
        asked = known.get(match[1])
        if asked is None:
            raise invalid({name: Say("服务定义里没有这一项。", "The service definition has no such attribute.")})
        found.setdefault(asked.code, []).extend(given)
        wrong = _wrong(asked, found[asked.code])
        if wrong is not None:
            raise invalid({name: wrong})
    return found


def _wrong(asked: Attribute, given: Sequence[str]) -> Say | None:
    if len(given) > 1 and asked.datatype != "multivaluelist":
        return Say("只能有一个值。", "Takes one value only.")
    if asked.values and not set(given) <= set(asked.values):
        return Say(f"只能是：{'、'.join(asked.values)}。", f"One of: {', '.join(asked.values)}.")
    if any(len(one) > (LONGEST if asked.datatype == "text" else LONGEST_LINE) for one in given):
        return Say("太长了。", "Too long.")
    if asked.datatype == "number" and not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,6})?", given[0]):
        return Say("请写数字。", "Send a number.")
    if asked.datatype == "datetime" and read_time(given[0]) is None:
        return Say("请写带时区的时间，如 2026-11-23T08:00:00+08:00。", "Send a time like 2026-11-23T08:00:00+08:00.")
    return None


def read_time(text: str) -> datetime | None:
    """A W3C moment with its zone; None for anything else. A "+" that came as a space is one again."""
    try:
        moment = datetime.fromisoformat(re.sub(r" (\d\d:?\d\d)$", r"+\1", text.strip()))
        return moment if moment.tzinfo is not None and moment.utctimetuple() else None
    except (ValueError, OverflowError):
        return None


def _place(one: Mapping[str, str]) -> Place:
    """By jurisdiction, else by point, by ``address_id`` (a township's code, as the list gives it) or by what is named.

    An id of another register beside a point or an address is no reason to refuse what somebody saw. Raises when
    nothing says where.
    """
    county, address = county_of(one.get("jurisdiction_id", "")), one.get("address_string", "")
    point = _point(one.get("lat", ""), one.get("long", ""))
    town = city.current().township(one.get("address_id", ""))
    if town is not None and county not in {"", town.county}:
        town = None
    if not address and point is None and town is None:
        if one.get("address_id"):
            raise invalid({"address_id": Say("没有这个 address_id（乡镇街道代码）。",
                                             "No such address_id (a township's code) there.")})  # fmt: skip
        raise invalid({"address_string": Say("请给出 lat 和 long，或 address_string。",
                                             "Send lat and long, or address_string.")})  # fmt: skip
    inside = outlines.county_at(*point) if point is not None else None
    named = city.current().find_place(address) if address else None
    if point is not None and inside is None and named is None and town is None and not county:
        raise invalid({"lat": Say("这个位置不在本市。", "That point is outside this city.")})
    spot = f"{point[0]:.6f},{point[1]:.6f}" if point is not None else ""
    if town is not None and inside not in {None, town.county}:
        town = None  # the point is the better witness
    shown = address or (town.name_zh if town is not None and point is None else "")
    return Place(
        county=county or inside or (town.county if town is not None else ""), text=shown, point=spot,
        township=town.code if town is not None else "",
    )  # fmt: skip


def _point(lat: str, long: str) -> tuple[float, float] | None:
    if not lat and not long:
        return None
    try:
        point = float(lat), float(long)
    except ValueError:
        point = math.nan, math.nan
    if not (abs(point[0]) <= 90 and abs(point[1]) <= 180):
        say = Say("lat 和 long 要一起给出，用十进制度数。", "Send both lat and long, decimal degrees of WGS 84.")
        raise invalid({"lat" if lat else "long": say})
    return point


def _ways(phone: str, email: str) -> tuple[str, str]:
    """By which doors to answer: a number by SMS, an address by e-mail, both where both came."""
    ways = [way for way, address in (("sms", phone), ("email", email)) if address]
    return (ways[0] if ways else "none", ways[1] if len(ways) > 1 else "none")


def _name(one: Mapping[str, str]) -> str:
    first, last = one.get("first_name", ""), one.get("last_name", "")
    is_chinese = bool(re.fullmatch(r"[\u3400-\u9fff·]+", first + last))
    return last + first if is_chinese else f"{first} {last}".strip()


def _words(one: Mapping[str, str], matter: Matter, asked: Mapping[str, Sequence[str]]) -> str:
    """What was said, with the answers and the picture's address, which nobody fetches for the sender."""
    parts = [one.get("description", "") or matter.l3_zh]
    for attribute in ATTRIBUTES:
        given = asked.get(attribute.code, ())
        if given and attribute.code != KIND:
            shown = "、".join(attribute.values[value].zh if attribute.values else value for value in given)
            parts.append(f"{attribute.say.zh}：{shown}")
    media = one.get("media_url", "")
    if media and not _URL.fullmatch(media):
        raise invalid({"media_url": Say("图片地址要以 http:// 或 https:// 开头。", "A picture's address is http(s).")})
    return "\n".join([*parts, *([f"图片链接：{media}"] if media else [])])
