"""The steps that people take on papers: approve, call, hold, report, verify, decide, hand over, drop."""

from __future__ import annotations

import re
from datetime import date, datetime

from cases.demands_ladder import out_of_order, own_house
from cases.file import CaseFile
from hotline import city
from hotline.actor import Actor
from hotline.errors import Refusal, Say, conflict, forbidden, invalid
from hotline.work import Work
from sla import ladder_papers, ladder_rules, supervision
from sla.ladder_papers import demand, expect, step, take_effect, watch
from sla.rows_ladder import PaperRow

APPROVES = frozenset({"coordination"})
"""Roles that approve what the rule table leaves to the coordination office."""
GROUND = Say("请写明事由。", "Give the ground.")
PERSON = Say("请写明约谈谁。", "Name who is interviewed.")
REASON = Say("请写明理由。", "Give the reason.")


async def new(
    work: Work,
    file: CaseFile | None,
    *,
    measure: str,
    code: str,
    unit: str,
    ground: str,
    words: str = "",
    person: str = "",
    post: str = "",
) -> PaperRow:
    """A paper by hand under a rule of its measure. 422 for a rule or unit that is none, or without its ground."""
    rule = (await ladder_rules.of(work)).get(code)
    wrong: dict[str, Say] = {}
    if rule is None or rule.measure != measure or rule.issued_by == "system":
        wrong["rule"] = Say("请选依据的规则。", "Choose the rule it rests on.")
    if city.current().unit(unit) is None:
        wrong["unit"] = Say("请从列表里选单位。", "Choose the unit from the list.")
    if not ground.strip():
        wrong["ground"] = GROUND
    if rule is not None and rule.subject == "person" and not person.strip():
        wrong["person"] = Say("这条规则针对具体责任人，请写明姓名。", "This rule is about a person: name them.")
    if wrong or rule is None:
        raise invalid(wrong)
    if file is not None and (refusal := out_of_order(file, unit, rule.level)):
        raise refusal
    return await ladder_papers.draft(
        work, rule, unit=unit, file=file, ground=ground.strip(), words=words.strip(),
        person=ladder_papers.sealed(person), post=post.strip(),
    )  # fmt: skip


def approvers(rule: ladder_rules.Rule | None, actor: Actor) -> Refusal | None:
    """The 403 of a person whose role does not issue what this rule gives."""
    if rule is not None and rule.issued_by == "coordination" and not (APPROVES & actor.roles):
        return forbidden(Say("协调办公室批准", "approval by the coordination office"))
    return None


async def _may_issue(work: Work, row: PaperRow) -> None:
    rules = await ladder_rules.in_force(work.connection)
    if refusal := approvers(rules.get(row.rule), work.actor):
        raise refusal
    await _may_judge(work, row)


async def approve(work: Work, number: str, *, words: str, days: int = 10) -> PaperRow:
    """批准发出 a bulletin: in force from now, to be corrected within ``days`` working days.

    403 for a role that does not approve, 409 for whoever drafted it or a step that the ladder does not give.
    """
    file, row = await ladder_papers.of_number(work, number)
    expect(row, "draft")
    _is(row, "bulletin")
    await _may_issue(work, row)
    if row.drafted_by == work.actor.id:
        raise conflict("own_draft", "起草的人不能批准，请另一位来批。", "Whoever drafted it cannot approve it.")
    demand(words=(words, Say("还没写通报的内容。", "Write the text of the bulletin.")))
    if not 1 <= days <= 60:
        raise invalid({"days": Say("整改期限在 1 到 60 个工作日之间。", "Between 1 and 60 working days.")})
    row.words, row.state = words.strip(), "issued"
    await step(work, file, row, "approved", words)
    await take_effect(work, file, row)
    watch(row, supervision.later(work.now, days, row.unit))
    return row


async def call(
    work: Work, number: str, *, person: str, post: str, planned: datetime, place: str, interviewer: str
) -> PaperRow:
    """约谈通知: whom, when, where, by whom. The name is sealed; 422 for what is missing, 409 out of order."""
    file, row = await ladder_papers.of_number(work, number)
    expect(row, "draft", "called")
    _is(row, "interview")
    await _may_issue(work, row)
    demand(
        person=(person, PERSON), post=(post, Say("请写明职务。", "Give their post.")),
        place=(place, Say("请写明地点。", "Say where.")),
        interviewer=(interviewer, Say("请写明由谁约谈。", "Say who holds it.")),
    )  # fmt: skip
    _not_oneself(work.actor, person)
    if re.split(r"[\s，,、（(]", interviewer.strip(), maxsplit=1)[0] == person.strip():
        raise invalid({"interviewer": Say("约谈人不能是被约谈的人。", "Nobody holds their own interview.")})
    if planned <= work.now:
        raise invalid({"planned": Say("约谈时间要在现在以后。", "The interview is to come after now.")})
    is_first = row.state == "draft"
    row.person, row.post, row.place = ladder_papers.sealed(person), post.strip(), place.strip()
    row.planned_at, row.interviewer, row.state = planned, interviewer.strip(), "called"
    await step(work, file, row, "called")
    if is_first:
        await take_effect(work, file, row)
    return row


async def hold(work: Work, number: str, *, held: datetime, record: str, undertaking: str, due: date) -> PaperRow:
    """The interview was held: what was said, what was undertaken, until when. Both sides stand on it already."""
    file, row = await ladder_papers.of_number(work, number)
    expect(row, "called")
    await _may_judge(work, row)
    demand(
        record=(record, Say("还没写谈话记录。", "Write the record.")),
        undertaking=(undertaking, Say("还没写承诺。", "Write the undertaking.")),
    )
    if held > work.now:
        raise invalid({"held": Say("还没到的时间不能记为已约谈。", "It cannot have been held in the future.")})
    row.held_at, row.record, row.undertaking, row.state = held, record.strip(), undertaking.strip(), "held"
    watch(row, ladder_papers.due_after(work.now, due, row.unit), remind=True)
    await step(work, file, row, "held", undertaking)
    return row


async def report(work: Work, number: str, *, text: str) -> PaperRow:
    """The unit reports what it corrected or kept; its date is watched no more until it is found wanting."""
    file, row = await ladder_papers.of_number(work, number)
    expect(row, "issued", "held")
    demand(report=(text, Say("还没写整改情况。", "Write what was corrected.")))
    row.report, row.state = text.strip(), "reported"
    row.chase = row.chase_at = None
    await step(work, file, row, "reported", text)
    return row


async def verify(work: Work, number: str, *, is_done: bool, words: str, days: int = 3) -> PaperRow:
    """核查: done ends the paper; else it goes back with the reason and ``days`` working days."""
    file, row = await ladder_papers.of_number(work, number)
    expect(row, "reported")
    await _may_judge(work, row)
    demand(words=(words, REASON))
    if is_done:
        row.state, row.ended_at = "done", work.now
    else:
        row.state = "held" if row.measure == "interview" else "issued"
        watch(row, supervision.later(work.now, max(1, min(days, 60)), row.unit))
    await step(work, file, row, "done" if is_done else "sent_back", words)
    return row


async def decide(work: Work, number: str, *, decision: str, by: str, person: str = "", post: str = "") -> PaperRow:
    """问责决定: the measure and who decided. 403 for a role that does not; a person's name is sealed."""
    file, row = await ladder_papers.of_number(work, number)
    expect(row, "draft", "recorded")
    _is(row, "accountability")
    await _may_issue(work, row)
    demand(
        decision=(decision, Say("还没写问责方式。", "Write the measure.")),
        by=(by, Say("请写明由谁决定。", "Say who decided.")),
    )
    _not_oneself(work.actor, person)
    is_first = row.state == "draft"
    row.decision, row.decided_by, row.state = decision.strip(), by.strip(), "decided"
    if person.strip():
        row.person, row.post = ladder_papers.sealed(person), post.strip()
    await step(work, file, row, "decided", decision)
    if is_first:
        await take_effect(work, file, row)
    return row


async def hand_over(work: Work, number: str, *, to: str, words: str) -> PaperRow:
    """移交 a lead to the discipline body."""
    file, row = await ladder_papers.of_number(work, number)
    expect(row, "draft", "recorded", "decided")
    _is(row, "accountability")
    await _may_issue(work, row)
    if city.current().unit(to) is None:
        raise invalid({"to": Say("请选移交给哪个机关。", "Choose the body.")})
    demand(words=(words, Say("请写明移交的线索。", "Describe the lead.")))
    is_first = row.state == "draft"
    row.handed_to, row.state = to, "handed"
    await step(work, file, row, "handed", words)
    if is_first:
        await take_effect(work, file, row)
    return row


async def finish(work: Work, number: str, *, words: str) -> PaperRow:
    """了结 a record of accountability, with what came of it."""
    file, row = await ladder_papers.of_number(work, number)
    expect(row, "recorded", "decided", "handed")
    await _may_judge(work, row)
    demand(words=(words, Say("请写明结果。", "Write what came of it.")))
    row.state, row.ended_at = "done", work.now
    await step(work, file, row, "done", words)
    return row


async def drop(work: Work, number: str, *, words: str) -> PaperRow:
    """不予采用: a draft that nothing comes of, with the reason. It stays on record."""
    file, row = await ladder_papers.of_number(work, number)
    expect(row, "draft")
    await _may_judge(work, row)
    demand(words=(words, REASON))
    row.state, row.ended_at = "dropped", work.now
    await step(work, file, row, "dropped", words)
    return row


async def _may_judge(work: Work, row: PaperRow) -> None:
    """Never one of the unit concerned, nor of one above or below it; nor the person whom it is about."""
    if refusal := own_house(work.actor, row.unit):
        raise refusal
    _not_oneself(work.actor, ladder_papers.person_of(row))


def _not_oneself(actor: Actor, person: str) -> None:
    if person and person.strip() == actor.name.strip():
        raise conflict("own_case", "涉及本人，请另一位来办。", "It is about yourself: another person does it.")


def _is(row: PaperRow, measure: str) -> None:
    if row.measure != measure:
        raise conflict("paper_kind", "这份文书没有这一步。", "This paper has no such step.")
