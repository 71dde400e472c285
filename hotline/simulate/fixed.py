"""What the stand-ins are called and trust unless somebody says otherwise: a demo city knows it too."""

from __future__ import annotations

import msgspec

from hotline.settings import Settings

PORT = 8099
TWILIO_NUMBER = "+8631012345"
_AREA = "+86310"


ADDRESS = f"http://127.0.0.1:{PORT}"


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


def lent(one: Settings) -> Settings:
    """A demo city's settings: each provider for which nothing is set is the stand-in at ``simulate_url``.

    The stand-in answers to the public address; a demo's is the one on this machine, where nothing else is set.
    """
    fields = msgspec.structs.asdict(Credentials())
    where = one.simulate_url or ADDRESS
    given: dict[str, str] = {}
    for name, address in (("twilio", "twilio_url"), ("wechat", "wechat_url")):
        own = {field: value for field, value in fields.items() if field.startswith(f"{name}_")}
        if not any(getattr(one, field) for field in own):
            given |= {**own, address: where}
    if not given:
        return one
    host = "127.0.0.1" if one.host in {"0.0.0.0", "::"} else one.host  # noqa: S104 - compared, not bound
    public = one.public_url or f"{one.scheme}://{host}:{one.port}"
    return msgspec.structs.replace(one, simulate_url=where, public_url=public, **given)


def credentials(one: Settings) -> Credentials:
    """The accounts that the settings name, for a stand-in that shall play them; ours where they name none."""
    ours = Credentials()
    given = {name: getattr(one, name) or getattr(ours, name) for name in Credentials.__struct_fields__}
    return Credentials(**given)


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
