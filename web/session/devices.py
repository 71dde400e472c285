"""What a browser calls itself, in plain words."""

from __future__ import annotations

from typing import Any

from litestar import Request

from hotline.errors import Say
from hotline.sessions import Origin

_BROWSERS = (
    ("micromessenger", Say("微信", "WeChat")), ("dingtalk", Say("钉钉", "DingTalk")),
    ("qihu", Say("360 浏览器", "360 browser")), ("360se", Say("360 浏览器", "360 browser")),
    ("qqbrowser", Say("QQ 浏览器", "QQ browser")), ("edg", Say("Edge", "Edge")), ("opr/", Say("Opera", "Opera")),
    ("firefox", Say("Firefox", "Firefox")), ("chrome", Say("Chrome", "Chrome")), ("crios", Say("Chrome", "Chrome")),
    ("safari", Say("Safari", "Safari")),
)  # fmt: skip
_SYSTEMS = (
    ("iphone", Say("苹果手机", "iPhone")), ("ipad", Say("苹果平板", "iPad")), ("harmony", Say("鸿蒙", "HarmonyOS")),
    ("android", Say("安卓", "Android")), ("windows", Say("Windows 电脑", "Windows")),
    ("mac os", Say("苹果电脑", "Mac")), ("kylin", Say("麒麟电脑", "Kylin")), ("uos", Say("统信电脑", "UOS")),
    ("linux", Say("Linux 电脑", "Linux")),
)  # fmt: skip
HOW = {
    "password": Say("密码", "password"),
    "oidc": Say("统一认证", "single sign-on"),
    "break_glass": Say("应急登录", "emergency sign-in"),
}


def named(agent: str) -> Say:
    """Browser and system of a User-Agent line, as far as they are known."""
    line = agent.lower()
    system = next((say for mark, say in _SYSTEMS if mark in line), None)
    browser = next((say for mark, say in _BROWSERS if mark in line), None)
    found = [say for say in (system, browser) if say is not None]
    if not found:
        return Say("没认出的设备", "An unknown device")
    return Say("，".join(say.zh for say in found), ", ".join(say.en for say in found))


def origin(request: Request[Any, Any, Any], how: str = "password") -> Origin:
    """Where this request comes from."""
    address = request.client.host if request.client else ""
    agent = "".join(one for one in request.headers.get("user-agent", "") if one.isprintable())
    return Origin(address=address, agent=agent[:300], how=how)
