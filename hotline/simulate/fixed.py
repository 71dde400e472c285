"""What the stand-ins are called and trust unless somebody says otherwise: a demo city knows it too."""

from __future__ import annotations

import msgspec

PORT = 8099
TWILIO_NUMBER = "+8631012345"
_AREA = "+86310"


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """The accounts of one stand-in, by the names of `hotline.settings`. They open nothing but the stand-in."""

    twilio_account: str = "AC0000000000000000000000000000c0de"
    twilio_token: str = "simulated-twilio-token"  # noqa: S105 - opens nothing but the stand-in
    twilio_signing_keys: str = ""
    twilio_number: str = TWILIO_NUMBER
    wechat_app: str = "wx00000000simulate"
    wechat_account: str = "gh_simulate961890"
    wechat_secret: str = "simulated-wechat-secret"  # noqa: S105 - the same
    wechat_token: str = "simulatedToken961890"  # noqa: S105 - the same
    wechat_aes_key: str = "c2ltdWxhdGVkLWFlcy1rZXktb2YtMzItYnl0ZXMhISE"
    wechat_template: str = "simulated-template"


def e164(number: str) -> str:
    """A number as carriers write it: a city line (12345), a mobile (138…) or one that is whole already."""
    if number.startswith("+") or not number.isdigit():
        return number
    return f"{_AREA}{number}" if len(number) < 8 else f"+86{number}"


def said(number: str) -> str:
    """The same as people say it: without country and area code."""
    if number.startswith(_AREA):
        return number.removeprefix(_AREA)
    return number.removeprefix("+86")
