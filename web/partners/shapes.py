"""What goes in and out of /api/v1, as structs: the OpenAPI document is made from them, so that it cannot lie."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct


def _told(zh: str, en: str, **limits: Any) -> Meta:
    """A field's remark in both languages: the document's own word is English, the page shows either."""
    return Meta(description=en, extra_json_schema={"x-zh": zh}, **limits)


Kind = Literal["enquiry", "assistance", "complaint", "report", "suggestion", "praise"]
ReplyBy = Literal["none", "phone", "sms", "web", "mail"]


class Filing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request that a partner files. With ``origin_no`` the same one is never filed twice (no double entry)."""

    words: Annotated[
        str, _told("何时、何地、何事，最多 10000 字", "What happened, when and where; at most 10,000 characters")
    ]
    origin_no: Annotated[str, _told("对方自己的编号", "The partner's own number of it", max_length=100)] = ""
    kind: Kind = "assistance"
    urgency: Literal["normal", "urgent", "critical"] = "normal"
    title: str = ""
    place: str = ""
    point: Annotated[
        str, _told("经纬度，WGS 84：36.61230,114.49120", "Latitude and longitude of WGS 84: 36.61230,114.49120")
    ] = ""
    county: Annotated[
        str, _told("区县代码，见 /jurisdictions；空着就从 place 里找", "Code of /jurisdictions; else found in place")
    ] = ""
    township: str = ""
    matter: Annotated[
        str, _told("事项代码，见 /matters；有区县时直接派到单位", "Code of /matters; with a county: to its unit")
    ] = ""
    name: str = ""
    phone: str = ""
    address: str = ""
    organisation_code: Annotated[
        str, _told("统一社会信用代码：算企业诉求", "Credit code: an enterprise's, counted as such",
                   pattern="^([0-9A-Z]{18})?$")
    ] = ""
    reply_by: Annotated[
        ReplyBy,
        _told("回调以外怎么答复；sms、phone 要有号码", "How to answer beside the web hook; sms and phone need phone"),
    ] = "none"
    about_unit: str = ""
    about_person: str = ""
    is_anonymous: bool = False
    is_confidential: bool = False
    is_minor: bool = False
    lang: Literal["zh", "en"] = "zh"


class Filed(Struct, frozen=True, kw_only=True):
    """The receipt. ``code`` lets the requester follow it on /track; it is told once, "" in a repeat.

    ``number`` is "" while the database is away: the request is kept, and the web hook "registered" brings the number.
    """

    number: str
    code: str
    origin_no: str
    is_repeat: bool
    is_spooled: bool = False


class Sentence(Struct, frozen=True, kw_only=True):
    """One sentence in both languages."""

    zh: str
    en: str


class Named(Struct, frozen=True, kw_only=True):
    """A code with its name."""

    code: str
    name: Sentence


class State(Struct, frozen=True, kw_only=True):
    """How a request of this partner stands. No personal data, no internal note; if sealed no unit, no reply."""

    number: str
    origin_no: str
    state: str
    state_say: Sentence
    filed_at: datetime
    unit: Named | None = None
    due: datetime | None = None
    is_late: bool = False
    reply: str = ""
    reason: str = ""
    replied_at: datetime | None = None
    grade: str = ""
    grade_five: str = ""
    """The same in the national five grades; a grade that was given in five is what it was."""
    wanted: str = ""
    """What the requester is asked for while the state is ``needs_info``, an item a line; added words answer it."""
    wanted_by: datetime | None = None
    may_add_words: bool = False
    may_rate: bool = False


class Words(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words that the requester adds."""

    words: Annotated[str, Meta(max_length=2000)]


class Rating(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rating as it was given: four grades of the hotline, or the five national ones. Both are kept as they came."""

    grade: Literal[
        "satisfied", "basically_satisfied", "neutral", "dissatisfied", "very_satisfied", "very_dissatisfied",
    ]  # fmt: skip
    scale: Literal["four", "five"] = "four"
    words: Annotated[str, Meta(max_length=500)] = ""


class Done(Struct, frozen=True, kw_only=True):
    """It was done, now or by the same message before."""

    number: str
    is_repeat: bool


class Matter(Struct, frozen=True, kw_only=True):
    """A leaf of the catalogue with the two levels above it."""

    code: str
    name: Sentence
    group: Sentence
    division: Sentence


class Jurisdiction(Struct, frozen=True, kw_only=True):
    """A county or district with its townships."""

    code: str
    name: Sentence
    townships: list[Named]


class Unit(Struct, frozen=True, kw_only=True):
    """A body that handles requests."""

    code: str
    name: Sentence
    parent: str | None


class Health(Struct, frozen=True, kw_only=True):
    """Whether requests are taken: ``ok``, or ``spooling`` while the database is away."""

    status: Literal["ok", "spooling"]


class Failure(Struct, frozen=True, kw_only=True):
    """A refusal: a code, a sentence, and the fields to mend."""

    error: str
    say: Sentence
    fields: dict[str, Sentence]
