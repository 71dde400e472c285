"""Sentences of the log of acts: the machine room."""

from __future__ import annotations

from hotline.errors import Say
from hotline.machine import signals

KINDS: dict[str, Say] = {
    "alarm_acknowledged": Say("接手系统告警", "took the alarm"),
    "backup_asked": Say("要求马上备份", "asked for a backup"),
    "drill_asked": Say("要求马上演练恢复", "asked for a restore drill"),
    "window_announced": Say("公布维护窗口", "announced planned work"),
    "window_withdrawn": Say("撤回维护窗口", "took planned work back"),
}


def subject(kind: str, key: str) -> Say:
    """The signal of an alarm by its name; every other key as it stands."""
    code = key.partition(":")[0]
    return signals.SIGNALS[code].name if kind == "alarm" and code in signals.SIGNALS else Say(key, key)
