"""The menu of the official account: 我要反映 · 查进度 · 公示 (ux.md 7). Its keys are answered in ``wechat_prompts``."""

from __future__ import annotations

from typing import Any

from channels import wechat_api as api
from channels import wechat_prompts as prompts
from channels import wechat_token
from hotline import settings
from hotline.errors import Refusal, Say


def menu(root: str) -> dict[str, Any]:
    """The menu as WeChat takes it; ``root`` is the installation's own address. Names: 4 characters, below them 8."""
    return {
        "button": [
            {
                "name": "我要反映",
                "sub_button": [
                    _click("反映问题", prompts.REPORT),
                    _click("我要咨询", prompts.ENQUIRE),
                    _view("网页填写", f"{root}/ask"),
                ],
            },
            {
                "name": "查进度",
                "sub_button": [
                    _click("查进度", prompts.TRACK),
                    _click("我要评价", prompts.RATE),
                    _view("网页查询", f"{root}/track"),
                ],
            },
            _view("公示", f"{root}/notices"),
        ]
    }


async def create() -> dict[str, Any]:
    """Make the menu at WeChat, in the place of the one before; the menu. Raises a refusal that says what is missing."""
    config = settings.current()
    missing = [
        f"HOTLINE_{name.upper()}"
        for name in ("wechat_app", "wechat_secret", "public_url")
        if not getattr(config, name)
    ]
    if missing:
        names = "、".join(missing), ", ".join(missing)
        raise Refusal(422, "not_set", Say(f"还没有设置 {names[0]}。", f"Not set: {names[1]}."))
    wanted = menu(config.public_url.rstrip("/"))
    try:
        await wechat_token.call(lambda token: api.post("/cgi-bin/menu/create", wanted, access_token=token))
    except api.Refused as refused:
        zh = f"微信没有接受菜单（{refused.code}），请对照它的错误码表检查公众号权限和网址。"
        en = f"WeChat refused the menu ({refused.code}); look that code up: permissions of the account, or the address."
        raise Refusal(502, "refused", Say(zh, en)) from None
    return wanted


def _click(name: str, key: str) -> dict[str, str]:
    return {"type": "click", "name": name, "key": key}


def _view(name: str, url: str) -> dict[str, str]:
    return {"type": "view", "name": name, "url": url}
