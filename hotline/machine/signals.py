"""What is watched: each signal with its name, its threshold's rule, its value in words, and what a person does then."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from hotline import city
from hotline.errors import Say

RULE = "alarm."
"""Rules ``alarm.<code of the signal>``: the value from which on it is an alarm."""
BLIND = "blind"
"""The signal that says how much of the round could not be measured."""


class Reading(msgspec.Struct, frozen=True):
    """One value as measured; None: there is nothing to measure yet. ``part`` names a door where there are several."""

    code: str
    value: float | None
    part: str = ""

    @property
    def key(self) -> str:
        """``outbox:sms``; the code alone where there is only one of it."""
        return f"{self.code}:{self.part}" if self.part else self.code


class Signal(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is watched. ``is_low``: bad below its threshold; ``url``: where something can be done about it."""

    name: Say
    say: Callable[[float], Say]
    mend: Say
    guide: str
    none: Say = Say("还没有数据", "nothing to measure yet")
    url: str = ""
    is_low: bool = False
    is_wanted: bool = False
    """Nothing to measure is not well either: a backup that was never made."""


def _seconds(value: float) -> Say:
    if value < 120:
        return Say(f"{value:.0f} 秒", f"{value:.0f} s")
    if value < 7200:
        return Say(f"{value / 60:.0f} 分钟", f"{value / 60:.0f} min")
    return Say(f"{value / 3600:.0f} 小时", f"{value / 3600:.0f} h")


def _behind(zh: str, en: str, factor: float = 1.0) -> Callable[[float], Say]:
    def say(value: float) -> Say:
        told = _seconds(value * factor)
        return Say(zh.format(told.zh), en.format(told.en))

    return say


def _count(zh: str, en: str) -> Callable[[float], Say]:
    return lambda value: Say(zh.format(f"{value:,.0f}"), en.format(f"{value:,.0f}"))


def _share(zh: str, en: str) -> Callable[[float], Say]:
    return lambda value: Say(zh.format(f"{value:.1f}%"), en.format(f"{value:.1f} %"))


SIGNALS: dict[str, Signal] = {
    BLIND: Signal(
        name=Say("巡查", "The round itself"), guide="round-blind",
        say=lambda value: Say(f"{value:.0f} 组测不了", f"{value:.0f} groups cannot be measured")
            if value else Say("都测得了", "all is measured"),
        mend=Say("有几项这会儿看不到：看日志里的 not_measured，运行 hotline doctor。",
                 "Some of it cannot be seen: look for not_measured in the log, run `hotline doctor`."),
    ),
    "worker": Signal(
        name=Say("后台", "Worker"), say=_behind("{}前报过到", "reported {} ago"), guide="worker-silent",
        mend=Say("启动 hotline worker（systemctl start hotline-worker），再看它的日志。",
                 "Start `hotline worker` (systemctl start hotline-worker), then read its log."),
    ),
    "sweep": Signal(
        name=Say("期限巡检", "Sweep of due dates"), say=_behind("最早一件晚了 {}", "the oldest act is {} late"),
        guide="sweep-late", url="/reminders/proof",
        mend=Say("看后台是否在跑、机器是否太忙；积下的会按顺序补办。",
                 "See whether the worker runs and the machine is too busy; what waits is done in order."),
    ),
    "facts": Signal(
        name=Say("数据汇总", "Figures"), say=_behind("{}前跟上", "up to date {} ago"), guide="facts-late",
        mend=Say("看后台是否在跑；数字页会显示截至时间。",
            "See whether the worker runs; pages of figures show as of when."),
    ),
    "outbox": Signal(
        name=Say("待发消息", "Messages waiting to leave"), guide="messages-wait", url="/admin/operations/letters",
        say=_behind("最早一条等了 {}", "the oldest waits since {}", 60), none=Say("没有等待的", "none waits"),
        mend=Say("看这个渠道的服务商是否通、额度是否用完。",
            "See whether the provider of this door answers and has credit."),
    ),
    "door": Signal(
        name=Say("渠道暂停", "Door resting"), say=_behind("暂停了 {}", "rests since {}", 60), guide="door-rests",
        none=Say("通", "open"),
        mend=Say("服务商连续失败：看最近的错误码，联系服务商。",
                 "The provider failed several times: look at the last code and call the provider."),
    ),
    "dead": Signal(
        name=Say("没发出的消息",
            "Dead letters"), say=_count("{} 条没发出", "{} could not be sent"), guide="dead-letters",
        url="/admin/operations/letters",
        mend=Say("查错误码，修好原因，再重发。", "Look the codes up, mend the cause, send again."),
    ),
    "parked": Signal(
        name=Say("搁置的来件", "Parked messages"), say=_count("{} 条来件没变成案件", "{} did not become cases"),
        guide="parked", url="/admin/operations#in-title",
        mend=Say("看原因，修好后点“再试一次”。", "Read the reason, mend it, press “Try again”."),
    ),
    "spool": Signal(
        name=Say("应急缓存", "Spool"), say=_count("{} 条待入库", "{} wait on disk"), guide="spool",
        mend=Say("数据库恢复后自动入库；一直不动就看日志。",
            "Read once the database is back; if it stays, see the log."),
    ),
    "damaged": Signal(
        name=Say("缓存读不出", "Spool unreadable"), say=_count("{} 条读不出", "{} cannot be read"), guide="spool",
        mend=Say("保留数据目录里 spool 的 damaged 文件，按手册处理。",
                 "Keep the file `damaged` in the data folder's spool and follow the guide."),
    ),
    "valkey": Signal(
        name=Say("Valkey", "Valkey"), say=lambda value: Say("连不上", "away") if value else Say("通", "answers"),
        guide="valkey-away",
        mend=Say("启动 Valkey；没有丢东西，只是慢了。", "Start Valkey; nothing is lost, things are only slower."),
    ),
    "queue": Signal(
        name=Say("任务队列",
            "Job queue"), say=_behind("最早的任务等了 {}", "the oldest job waits since {}"), guide="queue",
        none=Say("没有等待的", "none waits"),
        mend=Say("后台太忙或停了：看后台日志，必要时再开一个后台。",
                 "The worker is busy or stopped: read its log; start a second one if need be."),
    ),
    "seal": Signal(
        name=Say("台账封存", "Ledger seal"), say=_behind("最早一条等封 {}", "the oldest entry waits {} for it", 60),
        guide="seal-late", none=Say("全部封存", "all is sealed"),
        mend=Say("看后台是否在跑、密钥是否在。", "See whether the worker runs and the keys are there."),
    ),
    "backup": Signal(
        name=Say("备份", "Backup"), say=_behind("上次成功在 {}前", "the last good one is {} old", 3600),
        guide="backup-old", is_wanted=True, none=Say("还没备份过", "none was made yet"),
        mend=Say("没设 HOTLINE_BACKUP_DIR 就先设；设了就看文件夹能否写、磁盘是否够，再点“马上备份”。",
                 "Set HOTLINE_BACKUP_DIR; where it is set see whether the folder can be written and has room, then "
                 "press “Back up now”."),
    ),
    "drill": Signal(
        name=Say("恢复演练", "Restore drill"), guide="drill-failed", is_wanted=True,
        none=Say("还没演练过", "none was done yet"),
        say=lambda value: Say(f"上次成功在 {value:.0f} 天前", f"the last good one was {value:.0f} days ago"),
        mend=Say("有了备份就定期自动演练；失败了就运行 hotline restore --drill 备份文件，看哪一项不一致。",
                 "Done by itself once there is a backup; one that failed: run `hotline restore --drill FILE`, see "
                 "what differs."),
    ),
    "failed": Signal(
        name=Say("备份或演练失败", "Backup or drill failed"), guide="drill-failed",
        say=lambda value: Say("最近一次失败", "the last one failed") if value else Say("最近一次成功",
            "the last one was good"),
        none=Say("还没有", "none yet"),
        mend=Say("按下面“备份和演练”一栏的原因处理，再做一次。",
                 "Mend the reason shown under “Backups and drills”, then do it again."),
    ),
    "disk": Signal(
        name=Say("磁盘", "Disk"), say=_share("剩 {}", "{} free"), guide="disk-full", is_low=True,
        mend=Say("清理或换更大的盘；满了数据库会停。",
            "Free some space or move to a larger disk; a full one stops the database."),
    ),
    "connections": Signal(
        name=Say("数据库连接", "Database connections"), say=_share("用了 {}", "{} in use"), guide="connections",
        mend=Say("减少网页进程或 HOTLINE_POOL_SIZE，或调大 max_connections。",
                 "Fewer web processes, a smaller HOTLINE_POOL_SIZE, or a larger max_connections."),
    ),
    "locks": Signal(
        name=Say("登录锁定",
            "Sign-ins locked"), say=_count("{} 个账号或地址锁着", "{} logins or addresses are locked"),
        guide="locked", url="/people/locks",
        mend=Say("可能有人在猜密码：看操作日志里的来源。",
            "Somebody may be guessing passwords: see the log of acts."),
    ),
    "certificate": Signal(
        name=Say("证书", "Certificate"), guide="certificate", is_low=True, none=Say("本机不管证书",
            "none on this machine"),
        say=lambda value: Say(f"还有 {value:.0f} 天到期", f"ends in {value:.0f} days")
            if value >= 0 else Say("已过期，或读不了", "ended, or cannot be read"),
        mend=Say("换新证书，再重开网页进程或反向代理。", "Renew it, then restart the web process or the proxy."),
    ),
    "clock": Signal(
        name=Say("时钟",
            "Clock"), say=lambda value: Say(f"与数据库差 {value:.1f} 秒", f"{value:.1f} s off the database"),
        guide="clock",
        mend=Say("每台机器都用 NTP 校时（timedatectl set-ntp true）。",
            "Keep every machine on NTP (timedatectl set-ntp true)."),
    ),
    "jump": Signal(
        name=Say("时钟跳动", "Clock jumped"), guide="clock", none=Say("没有跳过", "it has not"),
        say=lambda value: Say(f"跳了 {value:.0f} 秒", f"by {value:.0f} s"),
        mend=Say("查谁改了时间；校准后核对这段时间的期限。",
                 "Find out who set it; once it is right, look through the promises of that time."),
    ),
    "ahead": Signal(
        name=Say("时钟落后于台账", "Clock behind the ledger"), guide="clock", none=Say("没有", "it is not"),
        say=_behind("比最新一条记录早 {}", "{} before its newest entry"),
        mend=Say("时钟被往回拨了：校准。新记录不会早于前一条。",
                 "The clock was set back: put it right. New entries are never before the last."),
    ),
    "mailbox": Signal(
        name=Say("信箱", "Mailbox"), say=_behind("{}前读过", "read {} ago", 60), guide="mailbox",
        none=Say("没有设置", "none is set"),
        mend=Say("检查 HOTLINE_IMAP_URL 和口令；邮件留在信箱里。",
            "Check HOTLINE_IMAP_URL and its password; mails wait there."),
    ),
}  # fmt: skip


def of(key: str) -> Signal:
    """The signal of a key."""
    return SIGNALS[key.partition(":")[0]]


def threshold(code: str) -> float:
    """From which value on it is an alarm: the city's rule."""
    return float(city.current().rule(RULE + code))


def is_bad(code: str, value: float | None) -> bool:
    """Whether the value is past its threshold."""
    if value is None:
        return False
    return value < threshold(code) if SIGNALS[code].is_low else value >= threshold(code)


def is_calm(code: str, value: float | None) -> bool:
    """Whether it is back by a tenth more than needed: what stands at the threshold neither opens nor clears."""
    if value is None:
        return True
    limit = threshold(code)
    return value >= limit * 1.1 if SIGNALS[code].is_low else value < limit * 0.9


def words(key: str, value: float | None) -> Say:
    """The value as people say it."""
    one = of(key)
    return one.none if value is None else one.say(value)
