"""What was sent to the requesters of a case: kind, door, how it stands, and for the centre its words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from cases.wording import CHANNELS
from channels import webhooks
from hotline import clock, db, vault
from hotline.errors import Refusal, Say

_MESSAGES = """
    SELECT m.key, m.name, m.channel, m.state, m.created_at, m.next_at, m.sent_at, m.status_at, m.error, m.body,
        m.is_waking, m.tries, r.receipt_no
    FROM outbox_message m LEFT JOIN request r ON r.id = m.request_id WHERE m.case_id = $1 ORDER BY m.created_at, m.id
"""
STATES = {
    "queued": Say("排队中", "queued"), "sent": Say("已发出", "sent"), "delivered": Say("已送达", "delivered"),
    "failed": Say("没发出", "failed"), "dropped": Say("没发", "not sent"),
}  # fmt: skip
DROPPED = {
    "silent": Say("对方不再接收这个渠道的消息", "they want no messages by this door"),
    "erased": Say("个人信息已删除", "personal data were erased"),
    "recalled": Say("情况有变，没有发出", "things changed before it left"),
}
MESSAGES = {
    "received": Say("收到来件", "we have it"), "accepted": Say("已受理、何时答复", "accepted, and until when"),
    "dispatched": Say("交谁办、何时答复", "who has it and until when"), "answered": Say("答复", "the answer"),
    "declined": Say("不予受理", "not taken up"), "transferred": Say("已转接", "transferred"),
    "replied": Say("已有答复", "there is a reply"), "replied_sealed": Say("已有答复", "there is a reply"),
    "extended": Say("改期答复", "the new date"), "extended_sealed": Say("改期答复", "the new date"),
    "rework": Say("退回重办", "back for rework"), "missed": Say("回访未接通", "we could not reach you"),
    "moved": Say("改期答复", "a new answer date"), "visit_planned": Say("约好上门", "a visit is arranged"),
    "visit_moved": Say("上门改期", "the visit moved"), "visit_cancelled": Say("上门取消", "the visit is cancelled"),
    "rate": Say("请评价", "please rate"), "words_received": Say("补充已收到", "words received"),
    "urged": Say("催办已收到", "reminder received"), "progress": Say("进展", "how it stands"),
    "notice_confirm": Say("请确认订阅公示", "confirm the subscription"),
    "notice_published": Say("有新公示", "a new notice"), "notice_verified": Say("公示的事已纠正", "put right"),
    "notice_rate": Say("请评价公示的纠正", "please rate the correction"),
    "notice_followed": Say("已订阅公示", "subscribed to notices"),
    "notice_ended": Say("已退订公示", "unsubscribed from notices"),
    "progress_sealed": Say("进展", "how it stands"), "progress_done": Say("进展", "how it stands"),
    "wrong_code": Say("编号或查询码不对", "number or code not right"), "locked": Say("停用查询", "look-up paused"),
    "rated": Say("谢谢评价", "thanks for the rating"), "rated_before": Say("已评价过", "rated before"),
    "rate_closed": Say("评价期已过", "too late to rate"), "stopped": Say("停发确认", "stopped"),
    "started": Say("恢复确认", "started again"), "call_back": Say("给您回电", "we call back"),
    "welcome": Say("欢迎", "welcome"), "help": Say("用法", "how to use it"),
    "place_wanted": Say("请发位置", "where is it"), "words_wanted": Say("请写何事何处", "what happened, and where"),
    "emergency": Say("紧急，请拨专线", "emergency: whom to call"), "progress_early": Say("进展", "how it stands"),
    "media_lost": Say("附件没收下", "an attachment was lost"),
    "attachments_refused": Say("附件没收下", "attachments not taken"),
    "call_missed": Say("没联系上", "could not be reached"), "account_code": Say("账户验证码", "account code"),
    "account_reset": Say("设新密码的验证码", "code for a new password"),
    "merged": Say("合并办理", "handled together"), "parted": Say("改为单独办理", "handled by itself again"),
    "split": Say("两件事分开办理", "two matters, apart"),
    "theme_answered": Say("统一答复", "the official answer"),
    "outage_over": Say("停供恢复", "outage over"),
    "outage_wrong": Say("停供消息更正", "outage news corrected"),
    "account_known": Say("已有账户", "there is an account"), "needs_info": Say("请补充", "please tell us more"),
    "info_lapsed": Say("没等到补充，已办结", "closed for want of an answer"),
    "rate_anew": Say("评价未计入，请重新评价", "rating not counted; please rate anew"),
    "rate_gone": Say("评价未计入", "rating not counted"),
    "bounty_filed": Say("找茬线索已收到", "finding received"),
    "bounty_confirmed": Say("找茬线索已确认", "finding confirmed"),
    "bounty_refused": Say("找茬线索未确认", "finding not confirmed"),
    "bounty_repeated": Say("找茬线索重复", "finding filed before"),
    "bounty_paid": Say("找茬奖金已付", "bounty paid"),
    "bounty_overturned": Say("找茬确认已改变", "confirmation changed"),
    "planned": Say("列入计划", "put on the plan"), "resumed": Say("继续办理", "being done again"),
}  # fmt: skip
"""What each text of ``channels.texts`` is called among staff."""
_CODES = re.compile(r"((?:查询码|[Cc]ode)\s?)\d{6}")


_LEFT = frozenset({"sent", "delivered"})


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message to a requester: what kind, by which door, how it stands; ``words`` for who may read them."""

    at: datetime
    say: Say
    words: str
    has_left: bool


async def of_case(connection: db.Connection, case_id: UUID) -> Sequence[Message]:
    """Everything that was sent about a case or waits to be, oldest first. For the centre: a unit sees none of it."""
    return [_message(row) for row in await connection.fetch(_MESSAGES, case_id)]


def _message(row: Mapping[str, Any]) -> Message:
    if row["channel"] == webhooks.CHANNEL:
        return _hook(row)
    kind = MESSAGES.get(row["name"] or row["key"].partition(":")[0], Say("消息", "message"))
    door, how = CHANNELS.get(row["channel"], Say(row["channel"], row["channel"])), _how(row)
    return Message(
        at=row["sent_at"] or row["created_at"], words=words(row["body"]),
        has_left=row["state"] in _LEFT,
        say=Say(f"{door.zh}“{kind.zh}”{how.zh}", f"{door.en} “{kind.en}” {how.en}"),
    )  # fmt: skip


def _hook(row: Mapping[str, Any]) -> Message:
    """What a partner's machine was told: the event, and no body, which is for machines."""
    event, how = webhooks.EVENTS.get(row["name"], Say(row["name"], row["name"])), _how(row)
    return Message(
        at=row["sent_at"] or row["created_at"], words="", has_left=False,  # to a machine: no requester reads it
        say=Say(f"通知协作单位“{event.zh}”{how.zh}", f"told the partner “{event.en}”: {how.en}"),
    )  # fmt: skip


def _how(row: Mapping[str, Any]) -> Say:
    """How it stands, with why it does not go on."""
    state = STATES[row["state"]]
    if row["state"] == "delivered" and row["status_at"]:
        return _with(state, _moment(row["status_at"]))
    if row["state"] == "dropped":
        return _with(state, DROPPED.get(row["error"] or ""))
    if row["state"] == "failed":
        return _with(state, Say(f"试了 {row['tries']} 次", f"tried {row['tries']} times"))
    if row["state"] == "queued" and row["is_waking"] and row["next_at"] and row["next_at"] > clock.now():
        at = _moment(row["next_at"])
        return _with(state, Say(f"{at.zh} 后发", f"goes after {at.en}"))
    return state


def _with(state: Say, why: Say | None) -> Say:
    return state if why is None else Say(f"{state.zh}（{why.zh}）", f"{state.en} ({why.en})")


def _moment(at: datetime) -> Say:
    local = clock.local(at)
    return Say(f"{local:%m-%d %H:%M}", f"{local:%d %b %H:%M}")


def words(body: bytes) -> str:
    """The words without the query code, which is the requester's alone; "" when erased or unreadable."""
    if not body:
        return ""
    try:
        return _CODES.sub(r"\1******", vault.unseal(body, "outbox"))
    except Refusal:
        return ""
