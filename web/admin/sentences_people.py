"""Sentences of the log of acts: posts, acting for somebody, work handed on; and for whom somebody acted."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from uuid import UUID

from hotline import acts
from hotline.errors import Say

KINDS: dict[str, Say] = {
    "person_added": Say("新增人员", "added a person"),
    "person_changed": Say("改人员资料", "changed a person's record"),
    "person_left": Say("办理离开", "took a leaver off"),
    "role_granted": Say("授予角色", "granted a role"),
    "role_ended": Say("收回角色", "ended a role"),
    "unit_added": Say("新增单位", "added a unit"),
    "unit_changed": Say("改单位", "changed a unit"),
    "unit_ended": Say("撤并单位", "ended a unit"),
    "reach_chosen": Say("改自己的提醒方式", "chose how to be reminded"),
    "absence_noted": Say("登记外出和替班人", "noted an absence and who stands in"),
    "absence_ended": Say("撤销外出登记", "took an absence back"),
    "post_taken": Say("换岗位", "sat down at another post"),
    "acting_made": Say("授权代办，被代的是", "let somebody act for"),
    "acting_ended": Say("结束代办，被代的是", "ended the acting for"),
    "reach_proven": Say("核实自己的号码或邮箱", "proved a number or address"),
    "work_handed_over": Say("交接没办完的事，离岗的是", "handed on what was left open by"),
    "people_imported": Say("批量导入人员", "imported people"),
    "unit_desk_set": Say("定替班人和工作时间", "set substitute and hours of"),
    "unit_cases_moved": Say("停用前批量改派", "re-dispatched the open cases of"),
}
_NAMED = ("for", "delegate")


def named(rows: Iterable[acts.ActRow]) -> set[UUID]:
    """Whom the acts name in their details."""
    found = set()
    for row in rows:
        for key in _NAMED:
            with contextlib.suppress(ValueError):
                found.add(UUID(str(row.details.get(key, ""))))
    return found


def who(one: Say, row: acts.ActRow, names: Mapping[UUID, str]) -> Say:
    """The actor, with the one they acted for: 李某（代王某）."""
    behalf = _name(row, "for", names)
    return Say(f"{one.zh}（代{behalf}）", f"{one.en} (for {behalf})") if behalf else one


def told(say: Say, row: acts.ActRow, names: Mapping[UUID, str]) -> Say:
    """The sentence, with whoever acts or takes over."""
    other = _name(row, "delegate", names)
    return Say(f"{say.zh}（给{other}）", f"{say.en} ({other})") if other else say


def _name(row: acts.ActRow, key: str, names: Mapping[UUID, str]) -> str:
    with contextlib.suppress(ValueError):
        return names.get(UUID(str(row.details.get(key, ""))), "")
    return ""
