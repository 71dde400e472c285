"""What the acts on cases that are not routed plainly ask for."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from cases.states import TEXTS
from hotline.errors import Say
from web.cases.asks import Ask
from web.forms import label


class Summary(Ask, kw_only=True):
    """写转述."""

    summary: Annotated[str, label("给承办单位看的转述", "Summary for the unit", most=2000, missing=TEXTS["summary"])]


class About(Ask, kw_only=True):
    """记被投诉单位."""

    request: Annotated[UUID, label("哪个诉求", "Which request")]
    unit: Annotated[
        str,
        label("被投诉单位", "Unit complained about", most=20, missing=Say("请选被投诉单位。", "Choose the unit.")),
    ]
    person: Annotated[str, label("被投诉人员", "Person complained about", most=60)] = ""


class Flag(Ask, kw_only=True):
    """标记敏感."""

    kind: Annotated[
        str, label("哪种风险", "Kind of risk", missing=Say("请选是哪一种风险。", "Choose the kind of risk."))
    ]
    reason: Annotated[str, label("看出什么", "What you see", most=500, missing=TEXTS["reason"])]


class Seen(Ask, kw_only=True):
    """已知晓."""

    reason: Annotated[str, label("怎么处置", "What is being done", most=500)] = ""


class Clear(Ask, kw_only=True):
    """解除敏感."""

    reason: Annotated[str, label("为什么不是风险，或怎样化解了", "Why it is no risk, or how it ended", most=500,
                                 missing=TEXTS["reason"])]  # fmt: skip


class Police(Ask, kw_only=True):
    """通报 110."""

    number: Annotated[str, label("通报给", "Told to")] = "110"
    reference: Annotated[str, label("对方编号", "Their reference", most=60)] = ""
    reason: Annotated[str, label("说了什么", "What was said", most=500)] = ""


class Verify(Ask, kw_only=True):
    """记录核实."""

    finding: Annotated[str, label("属实吗", "Is it so?", missing=Say("请选属实、部分属实或不属实。", "Choose one."))]
    said: Annotated[str, label("核实情况", "What was found", most=2000, missing=TEXTS["finding"])]


class Statutory(Ask, kw_only=True):
    """转法定渠道."""

    target: Annotated[
        str, label("哪条渠道", "Which channel", most=20, missing=Say("请选渠道。", "Choose the channel."))
    ]
    reference: Annotated[str, label("对方编号", "Their reference", most=60)] = ""
    reply: Annotated[str, label("告诉诉求人的话", "What the requester is told", most=1000, missing=TEXTS["reply"])]


class Climb(Ask, kw_only=True):
    """提请上一级协调."""

    reason: Annotated[str, label("卡在哪里", "Where it is stuck", most=1000, missing=TEXTS["reason"])]


class Instruct(Ask, kw_only=True):
    """批示; its length is the city's to set."""

    instruction: Annotated[str, label("批示", "Instruction", most=4000, missing=TEXTS["instruction"])]
    days: Annotated[int, label("几个工作日内书面报告", "Working days to report in writing", least=1, most=60)] = 3
