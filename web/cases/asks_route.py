"""What putting a matter right asks for."""

from __future__ import annotations

from typing import Annotated

from hotline.errors import Say
from web.cases.asks import Ask
from web.forms import label


class CorrectMatter(Ask, kw_only=True):
    """改事项."""

    matter: Annotated[str, label("改成", "Correct it to", most=20, missing=Say("请选一个事项。", "Choose a matter."))]
    reason: Annotated[str, label("为什么改", "Why", most=500)] = ""
