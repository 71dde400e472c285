"""What is wrong with this installation and how to mend it: machine and folders. The servers: `hotline.ward`."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from importlib import metadata, util
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from channels import advice
from hotline import backup, place, ward
from hotline.errors import Say
from hotline.finding import Finding
from hotline.servers import EngineError
from hotline.settings import Settings

OURS = ("hotline", "cases", "routing", "sla", "channels", "web")
DISTRIBUTION = "city-hotline"
_LEAST_DISK = 1_000_000_000  # bytes under which PostgreSQL may soon stop


def examine(one: Settings) -> list[Finding]:
    """Look at everything, in the order in which mending makes sense. Starts the embedded servers if they rest."""
    findings = [finding for check in LOCAL for finding in check(one)]
    try:
        with place.opened(one.data_dir) as served:
            findings += asyncio.run(ward.examine(served))
    except EngineError as error:
        again = Say("照上面说的做，再检查一次。", "Do as it says, then run doctor again.")
        findings.append(Finding("servers", "bad", error.say, again))
    return findings


def _data(one: Settings) -> Iterator[Finding]:
    folder = one.data_dir
    if not folder.is_dir():
        yield Finding(
            "data", "bad", Say(f"没有数据目录 {folder}", f"there is no data folder {folder}"),
            Say("先运行 hotline up，或用 --data 指明。", "Run `hotline up` first, or name it with --data."),
        )  # fmt: skip
        return
    if not os.access(folder, os.W_OK | os.X_OK):
        yield Finding(
            "data", "bad", Say(f"写不进 {folder}", f"{folder} cannot be written"),
            Say("以它的主人身份运行，或改它的权限。", "Run as its owner, or change its permissions."),
        )  # fmt: skip
        return
    yield Finding("data", "good", Say(f"数据目录 {folder}", f"data folder {folder}"))


def _disk(one: Settings) -> Iterator[Finding]:
    if not one.data_dir.is_dir():
        return
    room = shutil.disk_usage(one.data_dir)
    free = Say(f"还剩 {room.free / 1e9:.1f} GB", f"{room.free / 1e9:.1f} GB left")
    mend = Say("清理磁盘或换更大的盘。", "Free some space or move to a larger disk.")
    if room.free < _LEAST_DISK:
        yield Finding("disk", "bad", free, mend)
    elif room.free < room.total * 0.1:
        yield Finding("disk", "warn", free, mend)
    else:
        yield Finding("disk", "good", free)


def _keys(one: Settings) -> Iterator[Finding]:
    folder = one.key_dir
    held = backup.keys_held(folder)
    if not held:
        yield Finding(
            "keys", "bad", Say(f"{folder} 里没有密钥", f"there are no keys in {folder}"),
            Say(
                "把另存的密钥放回去；新安装由 hotline up 或 hotline seed 生成。",
                "Put back the keys kept elsewhere; a new install gets them from `hotline up` or `hotline seed`.",
            ),
        )  # fmt: skip
        return
    if folder.resolve().is_relative_to(one.data_dir.resolve()):
        yield Finding(
            "keys", "bad", Say(f"密钥在数据目录里面（{folder}）", f"the keys lie inside the data folder ({folder})"),
            Say("移到外面，设 HOTLINE_KEY_DIR。", "Move them out and set HOTLINE_KEY_DIR."),
        )  # fmt: skip
    loose = [path for path in (folder, *folder.iterdir()) if path.stat().st_mode & 0o077]
    if loose:
        names = " ".join(str(path) for path in loose)
        yield Finding(
            "keys", "bad", Say(f"别人也读得了密钥：{names}", f"others can read the keys: {names}"),
            Say(f"chmod -R go-rwx {folder}", f"chmod -R go-rwx {folder}"),
        )  # fmt: skip
    else:
        yield Finding("keys", "good", Say(f"{len(held)} 把密钥在 {folder}", f"{len(held)} keys in {folder}"))


def _packages(_: Settings) -> Iterator[Finding]:
    """Django Channels and web.py install packages of our names and overwrite ours without a word."""
    root = Path(__file__).resolve().parent.parent
    owners = metadata.packages_distributions()
    wrong = False
    for name in OURS:
        strangers = sorted({owner for owner in owners.get(name, []) if owner.lower() != DISTRIBUTION})
        spec = util.find_spec(name)
        is_ours = spec is not None and spec.origin is not None and Path(spec.origin).resolve().parent.parent == root
        if strangers or not is_ours:
            wrong = True
            who = ", ".join(strangers) or str(spec and spec.origin)
            yield Finding(
                "packages", "bad",
                Say(f"包 {name} 被别的软件占用：{who}", f"the package {name} belongs to something else: {who}"),
                Say(
                    f"pip uninstall {' '.join(strangers)}，再重装 {DISTRIBUTION}；最好给它单独的环境。",
                    f"pip uninstall {' '.join(strangers)}, install {DISTRIBUTION} again, in an environment of its own.",
                ),
            )  # fmt: skip
    if not wrong:
        yield Finding("packages", "good", Say("程序包都是自己的", "all packages are our own"))


def _zones(_: Settings) -> Iterator[Finding]:
    try:
        ZoneInfo("Asia/Shanghai")
    except ZoneInfoNotFoundError:
        yield Finding(
            "time zone", "bad", Say("没有时区数据", "there are no time zone data"),
            Say("pip install tzdata", "pip install tzdata"),
        )  # fmt: skip
        return
    yield Finding("time zone", "good", Say("时区数据在", "time zone data are there"))


def _version(_: Settings) -> Iterator[Finding]:
    told = ".".join(str(part) for part in sys.version_info[:3])
    yield Finding("python", "good", Say(f"Python {told}", f"Python {told}"))


LOCAL: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
    _version, _packages, _zones, _data, _disk, _keys, advice.findings,
)  # fmt: skip
