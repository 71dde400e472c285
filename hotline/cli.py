"""The command `hotline`: what it can do, and in which file each command stands (imported when it is called)."""

from __future__ import annotations

import gc
import importlib
import sys

import click

from hotline import __version__

COMMANDS: dict[str, tuple[str, str]] = {
    "up": ("running", "开起来：数据库、网页、后台 / start everything and keep it running"),
    "web": ("running", "只开网页 / the web process alone"),
    "worker": ("running", "只开后台 / the worker alone"),
    "migrate": ("data", "把数据库升到本版结构 / bring the database to this version's schema"),
    "seed": ("data", "放入城市资料和演示人员 / put in the city, and the demo people"),
    "person": ("data", "人员：person add / people: person add"),
    "import": ("data", "导入旧系统的导出 / take in a legacy system's export"),
    "import-ratings": ("ratings", "导入窗口、第三方评价 / take in ratings of counters and third parties"),
    "knowledge": ("knowing", "知识：导入、导出 / articles of the knowledge: take in, give out"),
    "feed": ("data", "把一批来件送进受理 / put messages through intake"),
    "verify": ("data", "验证账本 / verify the ledger"),
    "verify-proof": ("checking", "离线查验一份办理记录的凭证 / check a citizen's proof of their case, offline"),
    "rebuild": ("data", "由账本重算现状 / compute the present from the ledger again"),
    "facts": ("figures", "数据库存：比对、重做 / the store of figures: compare, make anew"),
    "due": ("due", "某个时限到哪一刻、怎么算的 / when a promise is due, and why"),
    "sample": ("sampling", "按名单和种子重抽复核的样本 / draw an audit's sample again from its list and seed"),
    "score": ("scoring", "按办法算考核分，或重算公布的一期 / scores by a formula, or a published period again"),
    "simulate-promises": ("whatif", "换一套时限、日历或人力，过去会怎样 / what if: past cases under other promises"),
    "reminders-proof": ("proving", "提醒证明：到点该办的是否都办了 / was every act done that fell due"),
    "eval": ("evaluating", "检验文字判断事项的准确程度 / how well words are put to matters, on labelled data"),
    "simulate": ("simulating", "本机的电话、短信、微信替身 / a local Twilio and WeChat to try every door with"),
    "sweep": ("data", "马上做一遍定时的事 / do what is periodic once, now"),
    "doctor": ("upkeep", "检查这套安装哪里不对、怎么修 / what is wrong here and how to mend it"),
    "wechat-menu": ("wechat", "在公众号建菜单 / make the official account's menu"),
    "backup": ("upkeep", "备份（不含密钥）/ back up (without the keys)"),
    "restore": ("upkeep", "恢复，或演练恢复 / restore, or drill a restore"),
    "seal": ("upkeep", "马上封存台账 / seal the ledger now"),
    "upgrade-database": ("upkeep", "自带数据库换大版本 / the embedded database to a new major version"),
    "erasures": ("upkeep", "擦除记录：补写，恢复后重做 / the journal of erasures: written, replayed after a restore"),
}


class _Shelf(click.Group):
    """Takes a command off the shelf when it is asked for: `hotline --help` imports none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - the same
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"hotline.commands.{COMMANDS[cmd_name][0]}")
        found: click.Command = module.COMMANDS[cmd_name]
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - the same
        with formatter.section("命令 / Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=_Shelf)
@click.version_option(__version__, prog_name="hotline")
def hotline() -> None:
    """政务服务便民热线 / a city's public service hotline."""


_FEW = 50_000
"""Objects between two looks of the collector: a start makes a million that all stay, and walking through them took as
long as a third of the start."""


def main() -> None:
    """Run the command; a refusal is one sentence in both languages and exit code 1, never a traceback."""
    gc.set_threshold(_FEW)
    try:
        hotline(prog_name="hotline")
    except Exception as error:
        say = getattr(error, "say", None)
        if say is None:
            raise
        click.echo(f"{say.zh}\n{say.en}", err=True)
        for field, why in getattr(error, "fields", {}).items():
            click.echo(f"  {field}: {why.zh} / {why.en}", err=True)
        sys.exit(1)
