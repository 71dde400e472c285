"""What to do when: the steps behind each alarm, as the operations page shows them; at length: docs/operations.md."""

from __future__ import annotations

from hotline.errors import Say

GUIDE: dict[str, tuple[Say, ...]] = {
    "worker-silent": (
        Say("来件不立案、期限不催、消息不发，但都不会丢；后台一恢复就按顺序补办。",
            "Messages make no cases, promises are not watched and nothing is sent; none of it is lost and all "
            "is done in order later."),
        Say("systemctl status hotline-worker；没有用 systemd 的，看数据目录里的 worker.log。",
            "systemctl status hotline-worker; without systemd read worker.log in the data folder."),
        Say("启动后，运行 hotline doctor 看是否还有别的毛病。",
            "Once it runs, `hotline doctor` tells what else is wrong."),
    ),
    "round-blind": (
        Say("这几项的告警这会儿发不出，别的照常。看日志里 not_measured 一行的 part 和 kind。",
            "No alarm can come of what is not measured; the rest goes on. `not_measured` in the log names the part."),
        Say("多半是数据目录或 spool 文件夹没了、没有权限，或数据库太忙、查一次超过几秒。",
            "Mostly the data or spool folder is gone or may not be read, or the database takes more than seconds."),
    ),
    "sweep-late": (
        Say("黄牌、红牌、提醒会晚。看后台是否在跑、CPU 和磁盘是否太忙。",
            "Cards and reminders are late. See whether the worker runs and whether CPU or disk are too busy."),
        Say("某一件办不成，后台日志有一行“the sweep could not do case …”，它不挡别的件。",
            "A case that cannot be done is a line in the worker's log; it holds up no other."),
    ),
    "facts-late": (
        Say("数字页落后于台账，案件不受影响。后台恢复后自己跟上；不跟上就运行 hotline facts。",
            "Pages of figures are behind the ledger; cases are not touched. They catch up by themselves, else "
            "run `hotline facts`."),
    ),
    "messages-wait": (
        Say("这个渠道的消息在排队。看服务商的状态页、余额和签名是否到期。",
            "Messages of this door queue up. Look at the provider's state page, its credit and whether "
            "signatures ran out."),
        Say("消息一条不少，通了就接着发。", "None is lost; they go on as soon as it answers."),
    ),
    "door-rests": (
        Say("服务商连续失败，系统先停一停，隔一阵试一条。查“最近的错误”里的码。",
            "The provider failed several times; one message is tried from time to time. Look up the code under "
            "“Last error”."),
    ),
    "dead-letters": (
        Say("在“没发出”里按渠道看错误码，修好原因（号码错的请联系诉求人），再重发；每次重发都有记录。",
            "Under dead letters look at the codes by door, mend the cause (call the requester where the number "
            "is wrong), send again; each is logged."),
    ),
    "parked": (
        Say("这条来件试了三次都没成。看原因；多半是数据或规则的问题，修好后点“再试一次”。",
            "It failed three times. Read the reason, mostly data or a rule; mend it and press “Try again”."),
    ),
    "spool": (
        Say("数据库不在时，服务商送来的消息先加密存在磁盘上；数据库恢复后自动入库。",
            "While the database is away providers' messages wait on disk, encrypted, and are read once it is back."),
        Say("读不出的另存在 spool 文件夹里，不要删；请服务商按时间重送，再联系维护单位。",
            "What cannot be read lies apart in the spool folder. Do not delete it; ask the provider to send "
            "again and call support."),
    ),
    "valkey-away": (
        Say("实时提醒和任务排队停了，案件照常，后台按时巡检。启动 Valkey 即可，不用补做什么。",
            "Live news and nudges stop; cases go on and the worker sweeps by time. Start Valkey; nothing has "
            "to be made up."),
    ),
    "queue": (
        Say("任务排队太久：后台在忙一件大事（训练、推演）或停了。可以再开一个 hotline worker，两个不会重做。",
            "Jobs wait too long: the worker is busy with something large or stopped. A second `hotline worker` "
            "is safe."),
    ),
    "seal-late": (
        Say("台账的新记录没有及时封存。看后台和密钥（hotline doctor）。封存之前的记录照样连着前一条的哈希。",
            "New entries of the ledger wait for their seal. See worker and keys (`hotline doctor`). They are "
            "chained all the same."),
    ),
    "backup-old": (
        Say("HOTLINE_BACKUP_DIR 要设在另一块盘或另一台机器的挂载上；密钥目录另存，备份里没有密钥。",
            "HOTLINE_BACKUP_DIR belongs on another disk or a mounted share; keep the key folder elsewhere, it "
            "is in no backup."),
        Say("马上做一份：点“马上备份”，或 hotline backup --scheduled。",
            "To make one now: the button, or `hotline backup --scheduled`."),
    ),
    "drill-failed": (
        Say("在终端运行 hotline restore --drill 备份文件，看哪一项不一致。",
            "Run `hotline restore --drill FILE` in a terminal and see what differs."),
        Say("账本根不一致：先别覆盖旧备份，运行 hotline verify，两份都留着。",
            "Ledger roots differ: keep the old backups, run `hotline verify` and keep both."),
        Say("没有空间或写不进，也会失败：看磁盘和文件夹的权限。",
            "A full disk or a folder without rights fails too."),
    ),
    "disk-full": (
        Say("先看大的：备份文件夹、PostgreSQL 的 pg_wal、日志、附件。满了数据库会停止写入。",
            "Look at what is large: backups, PostgreSQL's pg_wal, logs, attachments. A full disk stops the "
            "database."),
        Say("不要手工删数据目录里的文件；旧备份和旧日志可以移走。",
            "Delete nothing by hand in the data folder; old backups and logs may go."),
    ),
    "connections": (
        Say("网页进程数乘以 HOTLINE_POOL_SIZE，加上后台，要小于 max_connections。",
            "Web processes times HOTLINE_POOL_SIZE, and the worker's, must stay below max_connections."),
    ),
    "locked": (
        Say("同时锁住很多登录，多半有人在猜口令。看操作日志里的失败记录，在防火墙或反向代理上拦住来源。",
            "Many locked sign-ins mostly mean that somebody guesses passwords. See the log of acts, stop the "
            "source at firewall or proxy."),
        Say("反向代理要写进 HOTLINE_PROXIES，不然所有人看起来是同一个地址，会一起被锁。",
            "Name the reverse proxy in HOTLINE_PROXIES, else everybody seems to come from one address and is "
            "locked together."),
    ),
    "certificate": (
        Say("换证书文件，再 systemctl restart hotline-web-public hotline-web-staff，或 nginx -s reload。",
            "Put the new files in place, then restart the web units, or `nginx -s reload`."),
    ),
    "clock": (
        Say("timedatectl 看是否同步；每台机器用同一个 NTP 源。虚拟机挂起恢复后最容易跳。",
            "`timedatectl` shows whether it is synchronised; use one NTP source for all. A resumed virtual "
            "machine jumps most often."),
        Say("往回拨：台账的新记录不会早于前一条；期限按墙上的时钟算，拨错期间的时限请核对。",
            "Set back: new entries are never before the last one; promises follow the wall clock, so look "
            "through those of that time."),
        Say("往前拨：校准前可能已提前发出黄牌、红牌，按督办页的办法取消，写明原因。",
            "Set forward: cards may have gone out early; take them back on the ladder's pages with the reason."),
    ),
    "mailbox": (
        Say("检查 HOTLINE_IMAP_URL、口令是否过期、信箱是否满。邮件留在信箱里，恢复后自动读取。",
            "Look at HOTLINE_IMAP_URL, whether the password ran out or the mailbox is full. Mails wait there."),
    ),
}  # fmt: skip
