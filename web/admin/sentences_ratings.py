"""Words of the acts about ratings from elsewhere and about bounties."""

from __future__ import annotations

from hotline.errors import Say

ACTS: dict[str, Say] = {
    "ratings_imported": Say("导入外部评价", "imported ratings from elsewhere"),
    "bounty_started": Say("发布找茬活动", "started a bounty"),
    "bounty_changed": Say("改找茬活动", "changed a bounty"),
    "bounty_filed": Say("登记找茬线索", "filed a finding of a bounty"),
    "bounty_finder_forgotten": Say("按期删除找茬发现人的信息", "dropped who found something, in time"),
    "bounty_confirmed": Say("确认找茬线索", "confirmed a finding of a bounty"),
    "bounty_refused": Say("不确认找茬线索", "did not confirm a finding of a bounty"),
    "bounty_repeated": Say("认定重复的找茬线索", "found a finding of a bounty to be a repeat"),
    "bounty_published": Say("公开找茬线索", "published a finding of a bounty"),
    "bounty_appealed": Say("对找茬线索申诉", "appealed against a finding of a bounty"),
    "bounty_appeal_decided": Say("裁定找茬申诉", "decided the appeal of a finding of a bounty"),
    "bounty_overturned": Say("推翻找茬确认", "overturned a finding of a bounty"),
    "bounty_finder_seen": Say("查看找茬发现人", "looked at the finder of a bounty"),
    "bounty_payment_prepared": Say("制单：找茬奖金", "prepared the payment of a bounty"),
    "bounty_payment_paid": Say("付讫：找茬奖金", "paid a bounty"),
    "bounty_payment_stopped": Say("撤回找茬付款单", "stopped the payment of a bounty"),
    "bounty_recovery_decided": Say("决定追回找茬奖金", "decided to recover a bounty"),
}
