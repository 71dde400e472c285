"""What administration asks about a partner and its keys."""

from __future__ import annotations

import re
from typing import Annotated, Any

import msgspec

from channels import hook_target, partners, webhooks
from hotline.errors import Say
from web.forms import label


class Edit(msgspec.Struct, kw_only=True):
    """A partner's record. Its source stands for ever: repeats of its requests are known by it."""

    name_zh: Annotated[str, label("中文名", "Chinese name", most=60)]
    name_en: Annotated[str, label("英文名", "English name", most=120)]
    per_minute: Annotated[int, label("每分钟最多次数", "Calls a minute", least=1, most=60_000)] = 600
    is_on: Annotated[bool, label("启用", "In use")] = False
    hook_url: Annotated[str, label("回调地址", "Web hook address", most=hook_target.LONGEST)] = ""
    hook_events: Annotated[list[str], label("通知事项", "Events to tell")] = msgspec.field(default_factory=list)
    is_hook_on: Annotated[bool, label("回调启用", "Web hook on")] = False
    is_intranet: Annotated[bool, label("内网地址", "Intranet address")] = False
    version: str = ""

    def check(self) -> dict[str, Say]:
        """The address can be one, and what is asked to be told exists."""
        wrong: dict[str, Say] = {}
        if self.hook_url:
            found = hook_target.wrong(self.hook_url, is_intranet=self.is_intranet)
            if found is not None:
                wrong["hook_url"] = found
        elif self.is_hook_on:
            wrong["hook_url"] = Say("还没写回调地址，请填写。", "Enter the web hook address.")
        if not set(self.hook_events) <= set(webhooks.EVENTS):
            wrong["hook_events"] = Say("请从列出的里面选。", "Choose from the list.")
        elif self.is_hook_on and not self.hook_events:
            wrong["hook_events"] = Say("还没选通知事项，请至少选一项。", "Choose at least one event.")
        return wrong

    @property
    def row(self) -> dict[str, Any]:
        """The columns that this gives a partner."""
        return {
            "name_zh": self.name_zh.strip(), "name_en": self.name_en.strip(), "per_minute": self.per_minute,
            "is_on": self.is_on, "hook_url": self.hook_url, "hook_events": sorted(set(self.hook_events)),
            "is_hook_on": self.is_hook_on, "is_intranet": self.is_intranet,
        }  # fmt: skip


class New(msgspec.Struct, kw_only=True):
    """A partner to be added; its web hook comes afterwards."""

    code: Annotated[str, label("代码", "Code", most=32)]
    name_zh: Annotated[str, label("中文名", "Chinese name", most=60)]
    name_en: Annotated[str, label("英文名", "English name", most=120)]
    channel: Annotated[str, label("来源", "Source")]

    def check(self) -> dict[str, Say]:
        """The code is one, and the source exists."""
        wrong: dict[str, Say] = {}
        if not re.fullmatch(partners.CODE, self.code):
            wrong["code"] = Say("用小写字母开头，2 到 32 位字母、数字、下划线。",
                                "Begin with a small letter; 2 to 32 letters, digits, underscores.")  # fmt: skip
        if self.channel not in partners.SOURCES:
            wrong["channel"] = Say("请从列出的来源里选。", "Choose a source from the list.")
        return wrong

    @property
    def row(self) -> dict[str, Any]:
        """The columns that this gives a partner."""
        return {"name_zh": self.name_zh.strip(), "name_en": self.name_en.strip(), "channel": self.channel}


class KeyWanted(msgspec.Struct, kw_only=True):
    """What a new key shall open."""

    scopes: Annotated[
        list[str], label("权限", "It may", least=1, missing=Say("请至少选一项权限。", "Choose at least one."))
    ]

    def check(self) -> dict[str, Say]:
        """The scopes exist."""
        is_good = set(self.scopes) <= set(partners.SCOPES)
        return {} if is_good else {"scopes": Say("请从列出的里面选。", "Choose from the list.")}
