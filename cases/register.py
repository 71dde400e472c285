"""The first event of a case: what one requester said, with its flags and its personal fields."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from cases.events import Registered
from cases.file import CaseFile, Entry, Text
from cases.ledger import append
from cases.search import strip_personal
from hotline import vault
from hotline.ids import new_id
from hotline.work import Work


class Said(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a requester said, in plain values. ``phone`` is normalised by ``register``; nothing here is a row yet.

    ``point`` is where it was pointed at: latitude and longitude, "36.61230,114.49120".
    """

    receipt_no: str
    code_hash: bytes
    kind: str
    words: str
    channel: str
    filed_at: datetime
    filed_by: UUID | None = None
    line: str = "12345"
    urgency: str = "normal"
    title: str = ""
    place: str = ""
    point: str = ""
    county: str = "city"
    township: str | None = None
    matter: str | None = None
    name: str = ""
    phone: str = ""
    address: str = ""
    proxy_name: str = ""
    organisation_code: str | None = None
    reply_by: str = "none"
    reply_to: str = ""
    second_by: str = "none"
    second_to: str = ""
    account: UUID | None = None
    portal: str | None = None
    lang: str = "zh"
    about_unit: str | None = None
    about_person: str = ""
    is_anonymous: bool = False
    is_confidential: bool = False
    is_minor: bool = False
    is_investigation: bool = False
    is_vulnerable: bool = False
    origin_system: str | None = None
    origin_no: str | None = None


TITLE_LENGTH = 24


def title_of(said: Said) -> str:
    """A title without names or numbers: the given one, else the first words; sealed cases show none of the words."""
    if said.kind == "report":
        return "举报件"
    if said.is_confidential:
        return "保密件"
    return short_title(said.title or said.words)


def short_title(text: str) -> str:
    """A text as a title: names and numbers cut out, one line, TITLE_LENGTH characters at most."""
    plain = " ".join(strip_personal(text).split())
    return plain[:TITLE_LENGTH] + ("…" if len(plain) > TITLE_LENGTH else "")


async def register(work: Work, said: Said) -> tuple[CaseFile, Entry]:
    """Make request and case from what was said. Personal values are encrypted; the phone gets its blind index."""
    file = CaseFile()
    event, texts = opening(said)
    entry = await append(work, file, event, texts)
    if file.requests[event.request].phone is not None:
        file.requests[event.request].phone_index = vault.phone_index(said.phone)
    if file.requests[event.request].reply_to is not None:
        file.requests[event.request].reply_index = vault.reply_index(said.reply_by, said.reply_to)
    return file, entry


def opening(said: Said) -> tuple[Registered, dict[str, Text]]:
    """The first event of a case and its texts, under a fresh request."""
    request = new_id()
    phone = vault.normal_phone(said.phone) if said.phone else ""
    kind = "anonymous" if said.is_anonymous else ("enterprise" if said.organisation_code else "person")
    event = Registered(
        request=request, number=said.receipt_no, code=said.code_hash.hex(), request_kind=said.kind,
        urgency=said.urgency,
        channel=said.channel, line=said.line, reply_by=said.reply_by, second_by=said.second_by,
        requester_kind=kind, account=said.account, portal=said.portal, lang=said.lang,
        organisation_code=said.organisation_code, county=said.county, township=said.township, matter=said.matter,
        about_unit=said.about_unit, is_anonymous=said.is_anonymous, is_confidential=said.is_confidential,
        is_minor=said.is_minor, is_investigation=said.is_investigation, is_vulnerable=said.is_vulnerable,
        filed_at=said.filed_at, filed_by=said.filed_by, origin_system=said.origin_system, origin_no=said.origin_no,
    )  # fmt: skip
    own = {"audience": "requester", "request": request}
    texts = {
        "words": Text(value=said.words, **own),  # type: ignore[arg-type]
        "title": Text(value=title_of(said)),
        "place": Text(value=said.place, **own),  # type: ignore[arg-type]
        "point": Text(value=said.point, **own),  # type: ignore[arg-type]
        **{
            field: Text(value=value, audience="centre", sealed=True, request=request)
            for field, value in (
                ("name", said.name), ("phone", phone), ("address", said.address),
                ("proxy_name", said.proxy_name), ("about_person", said.about_person),
                ("reply_to", said.reply_to), ("second_to", said.second_to),
            )
        },
    }  # fmt: skip
    return event, texts
