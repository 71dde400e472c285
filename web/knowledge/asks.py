"""What the forms of the knowledge ask for."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec

from hotline.errors import Say
from hotline.knowledge_rows import Version, Words
from web.forms import label


class Edit(msgspec.Struct, kw_only=True):
    """An article as its form has it: wordings and sources a line each."""

    owner: Annotated[str, label("归口单位", "Unit", most=40, missing=Say("请选归口单位。", "Choose the unit."))]
    wordings: Annotated[str, label("市民怎么问", "How people ask it", most=2600,
                                   missing=Say("请写市民会怎么问，一行一种问法。",
                                               "Write how people ask it, one wording a line."))]  # fmt: skip
    answer: Annotated[str, label("给市民的答复", "Answer for the public", most=4000)] = ""
    note: Annotated[str, label("坐席提示", "Note for the agent", most=4000)] = ""
    sources: Annotated[str, label("依据", "Sources", most=2000)] = ""
    matter: Annotated[str, label("事项", "Matter", most=6)] = ""
    county: Annotated[str, label("适用地方", "Where it applies", most=6)] = ""
    valid_from: Annotated[date, label("起始日", "Valid from")]
    valid_to: Annotated[date | None, label("截止日", "Valid to")] = None
    review_on: Annotated[date | None, label("复核日期", "Review date")] = None
    seen: str = ""
    then: Literal["", "submit"] = ""

    @property
    def words(self) -> Words:
        """What the version would say."""
        lines = tuple(dict.fromkeys(filter(None, (line.strip() for line in self.wordings.splitlines()))))
        return Words(
            wordings=lines, answer=self.answer.strip(), note=self.note.strip(), sources=self.sources.strip(),
            matter=self.matter, county=self.county, valid_from=self.valid_from, valid_to=self.valid_to,
            review_on=self.review_on,
        )  # fmt: skip


def filled(version: Version, owner: str, seen: str) -> dict[str, object]:
    """The form's fields as a version has them."""
    return {
        "owner": owner, "wordings": "\n".join(version.wordings), "answer": version.answer, "note": version.note,
        "sources": version.sources, "matter": version.matter, "county": version.county,
        "valid_from": version.valid_from, "valid_to": version.valid_to or "", "review_on": version.review_on or "",
        "seen": seen,
    }  # fmt: skip


class Act(msgspec.Struct, kw_only=True):
    """What the acts on an article ask for; each uses what it needs. ``seen`` is the article as the page showed it."""

    reason: Annotated[str, label("理由", "Reason", most=500)] = ""
    review_on: Annotated[date | None, label("下次复核日期", "Next review")] = None
    note: Annotated[str, label("复核说明", "Note", most=500)] = ""
    owner: Annotated[str, label("交给哪个单位", "Hand to", most=40)] = ""
    seen: str = ""


class Bring(msgspec.Struct, kw_only=True):
    """导入: all or nothing, or the good lines only."""

    rows: Annotated[Literal["all", "good"], label("有错时", "When lines are wrong")] = "all"
