"""Sentences of the log of acts: help, hand-overs, refused numbers, surge mode."""

from __future__ import annotations

from channels import refused, surge
from hotline.errors import Say

KINDS: dict[str, Say] = {
    "help_given": Say("应答坐席求助", "helped the agent"),
    "shift_handed_over": Say("交班", "handed over the shift"),
    "shift_taken_over": Say("接班", "took over the shift"),
    "refusal_proposed": Say("提请拒接一个号码", "proposed to refuse a number"),
    "refusal_extended": Say("提请续期拒接", "proposed to extend a refusal"),
    "refusal_made": Say("决定拒接一个号码", "refused a number"),
    "refusal_declined": Say("决定不拒接", "decided not to refuse a number"),
    "refusal_reviewed": Say("复核后维持拒接", "reviewed a refusal and let it stand"),
    "refusal_ended": Say("拒接到期解除", "ended a refusal at its time"),
    "refusal_lifted": Say("提前解除拒接", "lifted a refusal"),
    "refusal_objected": Say("记下对拒接的意见", "noted an objection to a refusal"),
    "refusal_objection_upheld": Say("认定对拒接的意见成立", "upheld an objection to a refusal"),
    "refusal_objection_dismissed": Say("认定对拒接的意见不成立", "dismissed an objection to a refusal"),
    "surge_on": Say("开高峰模式", "switched surge mode on"),
    "surge_prolonged": Say("延长高峰模式", "prolonged surge mode"),
    "surge_off": Say("关高峰模式", "switched surge mode off"),
    "surge_ended": Say("高峰模式到时自动关", "ended surge mode at its planned end"),
    "surge_called_in": Say("高峰叫人支援", "called people in"),
}
URLS = {"refused": "/shift/refused/{}", "shift": "/shift/notes/{}", "surge": "/shift/surge"}


def more(data: dict[str, object]) -> Say | None:
    """What the acts of a shift say besides: days, hours, why, how many."""
    parts = [
        Say(f"{data[key]} {zh}", f"{data[key]} {en}")
        for key, zh, en in (
            ("days", "天", "days"), ("hours", "小时", "hours"), ("items", "条", "items"), ("asked", "人", "people"),
        )
        if data.get(key) is not None
    ]  # fmt: skip
    parts += [surge.WHYS[str(data["surge_why"])]] if data.get("surge_why") in surge.WHYS else []
    parts += [refused.GROUNDS[str(data["ground"])]] if data.get("ground") in refused.GROUNDS else []
    return Say("，".join(one.zh for one in parts), ", ".join(one.en for one in parts)) if parts else None
