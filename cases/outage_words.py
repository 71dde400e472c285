"""What is said of an outage: the sentence that the agent reads out and that goes to the requester, and the title."""

from __future__ import annotations

from datetime import datetime

from cases import outage_areas
from cases.outage_rows import BACK, KINDS, Outage
from hotline import clock
from hotline.errors import Say


def moment(at: datetime) -> Say:
    """When, as citizens read it: 今天 18:00, 11月27日 8:00."""
    local, today = clock.local(at), clock.today()
    hour = f"{local.hour}:{local:%M}"
    if local.date() == today:
        return Say(f"今天 {hour}", f"{hour} today")
    return Say(f"{local.month}月{local.day}日 {hour}", f"{hour} on {local.day} {local:%B}")


def title(one: Outage) -> Say:
    """Kind and place: 停水：丛台区和平路."""
    where = outage_areas.say_all(one.areas)
    return Say(f"{KINDS[one.kind].zh}：{where.zh}", f"{KINDS[one.kind].en}: {where.en}")


def answer(one: Outage, now: datetime) -> Say:
    """What is read out to a caller, and what stands as the answer of the case: where, why, since when, until when."""
    where, kind, back = outage_areas.say_all(one.areas), KINDS[one.kind], BACK[one.kind]
    cause = one.cause.strip().rstrip("。.；;")
    since = moment(one.since)
    is_ahead = one.since > now
    zh = f"{where.zh}{'将于' if is_ahead else '从'}{since.zh}{'起' if not is_ahead else ''}{kind.zh}，原因是{cause}。"
    en = f"{kind.en}{' from' if is_ahead else ' since'} {since.en}: {where.en}. Reason: {cause}."
    if one.expected is None:
        return Say(zh + "恢复时间还没定，正在抢修。", en + " It is being repaired; the end is not known yet.")
    end = moment(one.expected)
    if one.expected <= now:
        late = f" It was expected back by {end.en} and is late."
        return Say(zh + f"原定{end.zh}恢复，还没有恢复，正在抢修。", en + late)
    ahead = f" {back.en[0].upper()}{back.en[1:]} is expected back by {end.en}."
    return Say(zh + f"预计{end.zh}恢复{back.zh}。", en + ahead)


def over(one: Outage) -> Say:
    """That it is over, with what was said at the end."""
    back, words = BACK[one.kind], one.over_words.strip()
    zh = f"{back.zh}已恢复。" + (words.rstrip("。") + "。" if words else "")
    en = f"{back.en[0].upper()}{back.en[1:]} is back. " + words
    return Say(zh, en.strip())
