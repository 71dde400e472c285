"""What the ladder's acts on the case page ask for."""

from __future__ import annotations

from typing import Annotated

from cases.states import TEXTS
from hotline.errors import Say
from web.cases.asks import Ask
from web.forms import label


class Direct(Ask, kw_only=True):
    """交办批示: what a leader wrote elsewhere, recorded by the supervision office; its length is the city's to set."""

    leader: Annotated[
        str, label("批示领导（职务、姓名）", "Leader (post and name)", most=60,
                   missing=Say("请写明哪位领导。", "Name the leader.")),
    ]  # fmt: skip
    instruction: Annotated[str, label("批示", "Instruction", most=4000, missing=TEXTS["instruction"])]
    days: Annotated[int, label("几个工作日内书面报告", "Working days to report in writing", least=1, most=60)] = 3
