"""What `hotline doctor` says of the doors: what is missing, and what a city must settle before it uses a carrier."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from channels import wechat_crypto
from channels.doors import DOORS
from hotline.errors import Refusal, Say
from hotline.finding import Finding
from hotline.settings import Settings

NAMES = {"sms": Say("短信", "SMS"), "wechat": Say("微信", "WeChat"), "email": Say("邮件", "e-mail")}
_HERE = {"localhost", "127.0.0.1", "::1"}


def findings(one: Settings) -> Iterator[Finding]:
    """Each door to a provider: open, half configured or shut; then what is wrong with those that are open."""
    for door in DOORS:
        if not door.wanted:
            continue
        name = NAMES[door.channel]
        if door.is_configured(one):
            yield Finding(door.channel, "good", Say(f"{name.zh}已接通", f"{name.en} has a provider"))
        else:
            yield _shut(one, name, door.channel, door.wanted)
    yield from _voice(one)
    yield from _abroad(one)
    yield from _wechat(one)
    yield from _hooks(one)
    yield from _mailbox(one)


def _shut(one: Settings, name: Say, channel: str, wanted: tuple[str, ...]) -> Finding:
    """No provider is a choice; half of one is a mistake."""
    held = [key for key in wanted if getattr(one, key.removeprefix("HOTLINE_").lower())]
    missing = " ".join(key for key in wanted if key not in held)
    return Finding(
        channel, "bad" if held else "warn",
        Say(f"没有接通{name.zh}：消息在队里等", f"no provider for {name.en}: messages wait in the queue"),
        Say(f"设 {missing}；试用可先运行 hotline simulate。", f"Set {missing}; to try it, run `hotline simulate`."),
    )  # fmt: skip


def _voice(one: Settings) -> Iterator[Finding]:
    """Calls go by the same account as SMS; the port of their own (``channels.phones``) asks for all three as well."""
    wanted = ("HOTLINE_TWILIO_ACCOUNT", "HOTLINE_TWILIO_TOKEN", "HOTLINE_TWILIO_NUMBER")
    missing = [key for key in wanted if not getattr(one, key.removeprefix("HOTLINE_").lower())]
    if not missing:
        yield Finding("voice", "good", Say("电话已接通", "calls have a carrier"))
        return
    yield Finding(
        "voice", "bad" if len(missing) < len(wanted) else "warn",
        Say("没有接通电话：来电排队也没有人能接，回拨打不出去",
            "no carrier for calls: no agent can be rung and nobody called back"),
        Say(f"设 {' '.join(missing)}，并在运营商处把号码指到 /hooks/twilio/voice；试用可先运行 hotline simulate。",
            f"Set {' '.join(missing)} and point the numbers to /hooks/twilio/voice at the carrier; to try it, run "
            "`hotline simulate`."),
    )  # fmt: skip


def _abroad(one: Settings) -> Iterator[Finding]:
    """Twilio is a carrier abroad: fine for a trial with invented numbers, not for a Chinese city's citizens."""
    if not one.twilio_account or urlsplit(one.twilio_url).hostname in _HERE:
        return
    yield Finding(
        "carrier abroad", "warn",
        Say("短信和通话经境外运营商：市民号码和内容会出境",
            "SMS and calls go by a carrier abroad: numbers and words leave China"),
        Say(
            "正式启用前须办妥：一、数据出境（个人信息保护法第38–40条、数据安全法第31条：安全评估、标准合同或认证，"
            "并告知市民、取得同意）；二、短信签名和模板须实名报备、逐条备案；三、12345 是核配的特服号，"
            "来去电须走本地运营商。通常的做法：语音用本地运营商 SIP 中继，短信用 CMPP 网关，"
            "各写一个 channels.carrier 的适配器。",
            "Settle first: (1) data leaving the country (Personal Information Protection Law art. 38-40, Data Security "
            "Law art. 31: security assessment, standard contract or certification, with notice and consent); (2) SMS "
            "signatures and templates, which are registered under a real name and filed one by one; (3) 12345 is an "
            "assigned service number, reached through the local carrier only. The usual way: the local carrier's SIP "
            "trunk for calls and its CMPP gateway for SMS, each an adapter to channels.carrier.",
        ),
    )  # fmt: skip


def _wechat(one: Settings) -> Iterator[Finding]:
    if one.wechat_app and not one.wechat_template:
        yield Finding(
            "wechat template", "warn",
            Say("没有微信模板：对方 48 小时没发过消息，答复就发不出去",
                "no WeChat template: whoever wrote nothing for 48 hours cannot be answered"),
            Say("在公众平台申请模板，设 HOTLINE_WECHAT_TEMPLATE。",
                "Apply for a template on the platform and set HOTLINE_WECHAT_TEMPLATE."),
        )  # fmt: skip
    if one.wechat_app and not one.wechat_token:
        yield Finding(
            "wechat token", "bad",
            Say("没有微信令牌：来信的签名无法核对，一律拒收",
                "no WeChat token: no signature can be checked, every message is refused"),
            Say("设 HOTLINE_WECHAT_TOKEN，与公众平台上的一致。", "Set HOTLINE_WECHAT_TOKEN as on the platform."),
        )  # fmt: skip
    if one.wechat_app and one.wechat_token and not one.wechat_aes_key:
        yield Finding(
            "wechat key", "warn",
            Say("公众号是明文模式：来信内容不加密，签名也不管内容",
                "the account is in plain mode: words come unencrypted, and the signature does not cover them"),
            Say("在公众平台选安全模式，设 HOTLINE_WECHAT_AES_KEY。",
                "Choose the secure mode on the platform and set HOTLINE_WECHAT_AES_KEY."),
        )  # fmt: skip
    elif one.wechat_aes_key:
        yield from _aes_key(one)


def _aes_key(one: Settings) -> Iterator[Finding]:
    try:
        wechat_crypto.key_of(one.wechat_aes_key)
    except Refusal as refusal:
        found = Say("微信密钥读不了，来信一律拒收", "the key is none; no message can be decrypted")
        yield Finding("wechat key", "bad", found, refusal.say)


def _hooks(one: Settings) -> Iterator[Finding]:
    """Twilio signs the whole address: without knowing our own from outside, every signature is wrong."""
    if (one.twilio_account or one.wechat_app) and not one.public_url:
        yield Finding(
            "public address", "bad",
            Say("不知道自己的外部网址：服务商的来信签名对不上",
                "the address seen from outside is not set: providers' signatures will not fit"),
            Say("设 HOTLINE_PUBLIC_URL，例如 https://12345.example.cn。",
                "Set HOTLINE_PUBLIC_URL, for example https://12345.example.cn."),
        )  # fmt: skip


def _mailbox(one: Settings) -> Iterator[Finding]:
    """Mail in without mail out leaves its writers without an answer; a password in the clear is anybody's."""
    if one.imap_url and not one.smtp_url:
        yield Finding(
            "mail out", "bad",
            Say("邮件能立案，但发不出回信", "mails make cases, but cannot be answered"),
            Say("设 HOTLINE_SMTP_URL 和 HOTLINE_EMAIL_FROM。", "Set HOTLINE_SMTP_URL and HOTLINE_EMAIL_FROM."),
        )  # fmt: skip
    parts = urlsplit(one.imap_url)
    if parts.scheme == "imap" and parts.hostname not in _HERE:
        yield Finding(
            "mailbox in the clear", "warn",
            Say("信箱可能不加密：对方不支持 STARTTLS 时口令是明文",
                "the mailbox is read in the clear where STARTTLS is not offered"),
            Say("HOTLINE_IMAP_URL 用 imaps://。", "Use imaps:// in HOTLINE_IMAP_URL."),
        )  # fmt: skip
