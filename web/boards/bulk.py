"""Acting on many promises at once: first who can be reminded or supervised and who cannot and why, then each result.

The preview does each act for real in a transaction that is given up, so it says exactly what will happen. It carries
the case's last event: sent twice, or after somebody else acted, a case refuses instead of being reminded again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, post

from cases import verbs
from cases.file import CaseFile
from cases.rows import AssignmentRow
from hotline import db
from hotline.actor import Actor
from hotline.errors import Refusal, Say, conflict
from hotline.work import Work, work
from sla import board, figures, supervision
from web import forms
from web import worklists as split
from web.access import Who
from web.cases import asks
from web.cases_access import opened_for
from web.forms import Form, label
from web.render import render
from web.session.paths import own_path

MOST = 100
ACTS = {"remind": Say("催办", "Remind"), "order": Say("督办", "Supervise")}
RULES = {code: say for code, say in asks.ORDER_RULES.items() if code != "instruction"}
"""Grounds for many at once; a leader's instruction is about one case, with its own words."""


class Chosen(msgspec.Struct):
    """What is to be done to which promises; ``clock`` are ids, after the preview with the case's last event: id~seq."""

    act: Annotated[str, label("做什么", "What to do")]
    clock: Annotated[
        list[str], label("选中的", "Chosen", most=MOST, missing=Say("还没选，请先勾选。", "Choose some first."))
    ] = msgspec.field(default_factory=list)
    words: Annotated[str, label("催办的话", "The reminder", most=500)] = ""
    rule: Annotated[str, label("督办事由", "Ground")] = ""
    step: str = ""
    back: str = ""

    def check(self) -> dict[str, Say]:
        """An act there is, something chosen, and for the second step its words or its ground."""
        wrong: dict[str, Say] = {}
        if self.act not in ACTS:
            wrong["act"] = Say("请选催办或督办。", "Choose to remind or to supervise.")
        if not self.ids:
            wrong["clock"] = Say("还没选，请先勾选。", "Choose some first.")
        if self.step == "apply" and self.act == "remind" and not self.words.strip():
            wrong["words"] = Say("还没写催办的话。", "Write the reminder.")
        if self.step == "apply" and self.act == "order" and self.rule not in RULES:
            wrong["rule"] = Say("请选督办事由。", "Choose the ground.")
        return wrong

    @property
    def ids(self) -> dict[UUID, int | None]:
        """The clocks chosen, each with the last event that the preview saw."""
        found: dict[UUID, int | None] = {}
        for text in self.clock:
            head, _, seq = text.partition("~")
            try:
                found[UUID(head)] = int(seq) if seq else None
            except ValueError:
                continue
        return found


class Said(msgspec.Struct):
    """The second step's fields as the page shows them: one of them is needed."""

    words: Annotated[str, label("催办的话", "The reminder", most=500)]
    rule: Annotated[str, label("督办事由", "Ground")]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What happens, or happened, to one promise: ``why`` not, or None; ``seq`` of the case, after an act if kept."""

    promise: figures.Promise
    seq: int = 0
    why: Say | None = None


class _GivenUp(Exception):  # noqa: N818 - it undoes a rehearsal
    """The transaction of a preview is not kept."""


@post("/board/bulk", opt={"needs": "case.supervise"}, status_code=200)
async def bulk(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """Preview, or do it: every case by itself, so that one that refuses keeps no other from it."""
    form = await forms.read(request, Chosen)
    asked = form.value
    if asked is None or "act" in form.errors or "clock" in form.errors:
        return _page(request, form, (), status=422)
    is_doing = asked.step == "apply" and form.is_good
    outcomes: list[Outcome] = []
    now: dict[str, int] = {}
    for promise, seen in await _promises(actor, asked):
        one = await _one(actor, promise, asked, now.get(promise.number, seen), keep=is_doing)
        if is_doing and one.why is None:
            now[promise.number] = one.seq  # our own act on the case is no news to us
        outcomes.append(one)
    status = 422 if asked.step == "apply" and not form.is_good else 200
    return _page(request, form, outcomes, status=status, is_done=is_doing)


async def _promises(actor: Actor, asked: Chosen) -> list[tuple[figures.Promise, int | None]]:
    """The chosen promises within reach, one a unit and case: nobody is reminded twice of one thing."""
    async with db.reading() as connection:
        rows = await figures.promises(connection, actor, only=list(asked.ids), size=MOST)
    found: dict[tuple[str, str], tuple[figures.Promise, int | None]] = {}
    for row in rows:
        found.setdefault((row.number, row.unit), (row, asked.ids[row.id]))
    return list(found.values())


async def _one(actor: Actor, promise: figures.Promise, asked: Chosen, seen: int | None, *, keep: bool) -> Outcome:
    seq = 0
    try:
        async with work(actor) as w:
            file = await opened_for(w, promise.number, seen)
            seq = file.case.last_seq
            await _act(w, file, _share(file, promise), asked)
            _keep(keep)
            seq = file.case.last_seq
    except _GivenUp:
        pass
    except Refusal as refusal:
        why = next(iter(refusal.fields.values()), refusal.say)
        return Outcome(promise=promise, seq=seq, why=why)
    return Outcome(promise=promise, seq=seq)


def _keep(keep: bool) -> None:  # noqa: FBT001 - whether this is for real
    if not keep:
        raise _GivenUp


async def _act(w: Work, file: CaseFile, share: AssignmentRow, asked: Chosen) -> None:
    if asked.act == "remind":
        await verbs.remind(w, file, share, words=asked.words.strip() or "…")
    else:
        await supervision.order(w, file, share, rule=asked.rule if asked.rule in RULES else next(iter(RULES)))


def _share(file: CaseFile, promise: figures.Promise) -> AssignmentRow:
    """The unit's share that the promise is about; 409 for the centre's own stages and for one that is no more."""
    if not promise.unit:
        zh, en = "这一步是中心自己的，没有承办单位可催。", "This step is the centre's own; there is no unit to press."
        raise conflict("centre", zh, en)
    share = file.assignments.get(promise.subject_id) or file.assignment_of(promise.unit)
    if share is None:
        raise conflict("gone", "这个单位已不承办这件。", "The unit no longer has this case.")
    return share


def _page(
    request: Request[Any, Any, Any],
    form: Form[Chosen],
    outcomes: Sequence[Outcome],
    *,
    status: int = 200,
    is_done: bool = False,
) -> Response[str]:
    names: Mapping[str, Say] = ACTS
    said = Form(Said, form.typed)
    said.errors = form.errors
    return render(
        request, "boards/bulk.html", region="#r-bulk", status=status,
        focus="#r-errors" if status != 200 else "#r-outcome", form=said,
        able=[one for one in outcomes if one.why is None], unable=[one for one in outcomes if one.why is not None],
        is_done=is_done, act=form.text("act"), act_name=names.get(form.text("act"), Say("", "")), rules=RULES,
        back=own_path(form.text("back")) or "/board/promises", unit_name=split.unit_name, chip=split.chip,
        title_of=split.title_of, stage_name=board.stage_name,
    )  # fmt: skip


ROUTES = [bulk]
