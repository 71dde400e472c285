"""An invented export of a former hotline, as large as asked for, in the columns of the example mapping."""

from __future__ import annotations

import csv
import random
from datetime import datetime, timedelta
from pathlib import Path

HEADER = (
    "工单编号", "受理时间", "承诺时限", "办结时间", "状态", "办结方式", "办理情况", "标题", "诉求内容", "补充内容", "地点", "诉求分类",
    "承办单位", "诉求类型", "满意度", "来电号码", "来电人", "来源",
)  # fmt: skip
STREETS = ("人民东路", "和平路", "滏东大街", "中华大街", "陵西大街", "展览路", "青年路", "光明大街", "雪驰路", "联纺路")
COUNTIES = ("丛台区", "复兴区", "邯山区", "武安市", "永年区", "肥乡区", "磁县", "大名县", "魏县", "涉县")
TROUBLES = (
    ("路灯不亮", "路灯连着{n}天不亮，晚上骑车看不清，老人出门害怕，请尽快派人来修。"),
    ("占道经营", "每天傍晚有{n}来个摊位占着人行道，行人只能走到机动车道上，存在安全隐患，请有关部门管一管。"),
)


def write(path: Path, count: int, seed: int = 11) -> Path:
    """Write ``count`` rows, sorted by opening time; the same seed gives the same file."""
    rng = random.Random(seed)
    step = timedelta(days=365) / max(count, 1)
    opened = datetime(2021, 1, 1, 8)  # noqa: DTZ001 - a wall clock's time, as the file has it
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(HEADER)
        for n in range(count):
            opened += step
            table.writerow(_row(rng, n, opened))
    return path


def _row(rng: random.Random, n: int, opened: datetime) -> list[str]:
    matter, words = TROUBLES[rng.random() < 0.4]
    place = f"{rng.choice(COUNTIES)}{rng.choice(STREETS)}"
    target = opened + timedelta(days=rng.choice([1, 5, 15]))
    is_closed = rng.random() < 0.84
    closed = opened + timedelta(hours=rng.expovariate(1 / 60))
    phone = f"1{rng.choice('3578')}{rng.randrange(10**9):09d}" if rng.random() < 0.7 else ""
    return [
        f"HX{n:08d}", f"{opened:%Y-%m-%d %H:%M:%S}", f"{target:%Y-%m-%d %H:%M:%S}" if rng.random() < 0.8 else "",
        f"{closed:%Y-%m-%d %H:%M:%S}" if is_closed else "", "已办结" if is_closed else "办理中",
        rng.choice(["已解决", "解释说明"]) if is_closed else "", "已到现场处理，并电话告知来电人。" if is_closed else "",
        "", f"{place}{words.format(n=rng.randint(2, 30))}", "", place, matter, rng.choice(["城管局", "丛台区"]),
        rng.choice(["求助", "投诉", "建议"]), rng.choice(["满意", "基本满意", "一般", "不满意", ""]) if is_closed else "",
        phone, rng.choice(["李小红", "王建国", "赵敏", ""]), "电话",
    ]  # fmt: skip
