"""What stands in a bulletin of each kind, in which order: the computed parts, and the editor's words between them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec

from hotline import city, db
from hotline.canon import moment
from hotline.errors import Say
from sla import (
    bulletin_hot,
    bulletin_scores,
    bulletin_special,
    bulletin_supervision,
    bulletin_units,
    bulletin_volume,
    facts,
)
from sla.bulletin_document import Column, Document, Section, Table
from sla.bulletin_periods import KINDS, Span
from sla.bulletin_reading import Asking
from sla.bulletin_special import Topic
from sla.measures import MEASURES

Part = Callable[[Asking], Awaitable[Section]]
_SHORT: tuple[Part, ...] = (
    bulletin_volume.overview, bulletin_volume.ways, bulletin_volume.matters, bulletin_volume.rising,
)  # fmt: skip
_WEEK: tuple[Part, ...] = (*_SHORT, bulletin_units.units, bulletin_units.floor)
_END: tuple[Part, ...] = (
    bulletin_units.praise, bulletin_units.carried, bulletin_supervision.ladder, bulletin_supervision.accountability,
    bulletin_supervision.exposure,
)  # fmt: skip
_FULL: tuple[Part, ...] = (
    *_SHORT, bulletin_hot.themes, bulletin_supervision.instructions, bulletin_units.units, bulletin_scores.rankings,
    bulletin_units.floor, bulletin_scores.lists, *_END,
)  # fmt: skip
PARTS: dict[str, tuple[Part, ...]] = {
    "daily": (*_SHORT, bulletin_supervision.ladder),
    "weekly": (*_WEEK, bulletin_units.carried, bulletin_supervision.ladder),
    "monthly": _FULL,
    "quarterly": _FULL,
    "yearly": _FULL,
    "inspection": (
        bulletin_supervision.inspections, bulletin_units.floor, bulletin_supervision.ladder,
        bulletin_supervision.accountability, bulletin_supervision.exposure,
    ),
    "special": (),
}  # fmt: skip


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """What the editor writes, each with its English where there is one."""

    introduction: str = ""
    introduction_en: str = ""
    cases: str = ""
    cases_en: str = ""
    comments: str = ""
    comments_en: str = ""


WORDS: dict[str, tuple[Say, str]] = {
    "introduction": (Say("编者按", "From the editor"), ""),
    "cases": (Say("典型案例和结果", "Typical cases and what came of them"), "rising"),
    "comments": (Say("工作要求", "What is asked of the units"), "proviso"),
}
"""The editor's sections: title, and after which computed one they stand ("" first; before the proviso)."""
RECOMMENDED = Say("对策建议", "Recommendations")


async def computed(connection: db.Connection, span: Span, audience: str, topic: Topic) -> Document:
    """Everything that is counted, as of now. Costs some twenty reads of the fact store."""
    began = await connection.fetchval("SELECT min(day) FROM fact")
    ask = Asking(connection=connection, span=span, is_public=audience == "public", began=began)
    sections = [await part(ask) for part in PARTS[span.kind]]
    if span.kind == "special":
        sections += await bulletin_special.topic(ask, topic)
    at = await facts.as_of(connection)
    office, office_en = (str(city.current().rule(key)) for key in ("bulletin.office", "bulletin.office_en"))
    return Document(
        kind=span.kind, audience=audience, title=title(span, topic),
        office=Say(office, office_en),
        first=span.first.isoformat(), last=span.last.isoformat(), facts_at=moment(at) if at else "",
        sections=(*sections, proviso(sections)),
    )  # fmt: skip


def title(span: Span, topic: Topic) -> Say:
    """12345 热线运行月报（2026 年 10 月）."""
    zh, en = span.name
    if span.kind == "special":
        about = bulletin_special.name(topic)
        return Say(f"关于{about.zh}的专报（{zh}）", f"Special report: {about.en} ({en})")
    if span.kind == "inspection":
        return Say(f"12345 热线督查通报（{zh}）", f"Inspection bulletin of the 12345 hotline ({en})")
    kind = KINDS[span.kind]
    return Say(f"12345 热线运行{kind.zh}（{zh}）", f"The 12345 hotline: {kind.en.lower()}, {en}")


def proviso(sections: list[Section]) -> Section:
    """口径: every measure that is shown, with what it counts."""
    said = {one.name for section in sections for table in section.tables for one in table.columns}
    said |= {cell for section in sections for table in section.tables for row in table.rows
             for cell in row[:1] if isinstance(cell, Say)}  # fmt: skip
    formulas = {one.formula for section in sections for table in section.tables for one in table.columns}
    rows = tuple(
        (one.name, one.counts)
        for one in MEASURES.values() if one.name in said or one.counts in formulas
    )  # fmt: skip
    words = Say(
        "各项数据取自热线数据库，按当地日期计；评价作废、不合理诉求、超职责等不计入的件不在任何分子分母里。"
        "公开版中小于 5 的数写作 <5，为防推算另隐去的写作 *。",
        "Figures come from the hotline's fact store, by local day; what is annulled or put aside counts nowhere."
        " In a public issue numbers below 5 read <5; a second one hidden so that none can be worked out reads *.",
    )
    return Section(
        key="proviso", title=Say("数据口径", "How the figures are counted"), words=(words,),
        tables=(
            Table(
                key="proviso", title=Say("每个数怎么来的？", "What does each figure count?"),
                columns=(Column(name=Say("指标", "Figure")), Column(name=Say("怎么算", "What it counts"))),
                rows=rows,
            ),
        ),
    )  # fmt: skip


def assembled(document: Document, words: Words) -> Document:
    """The document with the editor's words in their places; empty ones are left out."""
    sections = list(document.sections)
    for key, (heading, after) in WORDS.items():
        zh, en = getattr(words, key), getattr(words, f"{key}_en")
        if not zh.strip():
            continue
        if key == "comments" and document.kind == "special":
            heading = RECOMMENDED  # noqa: PLW2901 - a special report recommends
        paragraphs = _paragraphs(zh, en or zh)
        own = Section(key=key, title=heading, words=paragraphs, is_words=True)
        sections.insert(_place([one.key for one in sections], after), own)
    return msgspec.structs.replace(document, sections=tuple(sections))


def _place(keys: list[str], after: str) -> int:
    if not after:
        return 0
    if after in keys and after != "proviso":
        return keys.index(after) + 1
    return keys.index("proviso") if "proviso" in keys else len(keys)


def _paragraphs(zh: str, en: str) -> tuple[Say, ...]:
    """Paragraph by paragraph; where the languages differ in number each has its own text whole."""
    ours, theirs = ([line.strip() for line in text.splitlines() if line.strip()] for text in (zh, en))
    if len(ours) == len(theirs):
        return tuple(Say(*pair) for pair in zip(ours, theirs, strict=True))
    return (Say("\n".join(ours), "\n".join(theirs)),)
