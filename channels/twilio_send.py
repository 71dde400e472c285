"""Texts that leave by Twilio's REST interface, and what its refusals mean for a message. Media that it keeps for us."""

from __future__ import annotations

import asyncio
import base64
import re
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from channels.carrier import Later, Never, Outgoing, Silent
from channels.heard import Medium
from channels.media import FETCHERS, Fetched, Gone
from hotline import settings
from hotline.errors import Refusal, Say

PATIENCE = aiohttp.ClientTimeout(total=15, connect=5)
SILENT = frozenset({"21610"})
"""They sent STOP to this number; Twilio sends them nothing before START."""
LATER = frozenset([
    "14107", "20003", "20005", "20429", "21212", "21603", "21606", "21611", "21659", "21660", "21730",
    "30001", "30002", "30003", "30008", "30022",
])  # fmt: skip
"""Too many at once, their trouble, or ours to mend (a wrong token, a sender that is not ours): the message can wait.

What is left (no such number, a landline, no permission for that country, refused content) stays refused.
"""
_MEDIA_HOSTS = (".twilio.com", ".twiliocdn.com")
_BUCKETS = re.compile(r"s3[a-z0-9-]*\.amazonaws\.com")
_REDIRECTS = 3
_session: aiohttp.ClientSession | None = None


def _client() -> aiohttp.ClientSession:
    """The one session of this process and loop: connections are kept."""
    global _session
    if _session is None or _session.closed or _session._loop is not asyncio.get_running_loop():  # noqa: SLF001 - no other way to ask
        _session = aiohttp.ClientSession(timeout=PATIENCE)
    return _session


async def close() -> None:
    """Close what is kept open."""
    if _session is not None:
        await _session.close()


async def send(message: Outgoing) -> str:
    """Hand a text to Twilio; its id. Raises Later, Never or Silent with Twilio's code, never its words.

    Its delivery states come to our public address, where there is one.
    """
    one = settings.current()
    form = {"To": _dialled(message.address), "From": one.twilio_number.replace(" ", ""), "Body": message.text}
    if one.public_url:
        form["StatusCallback"] = f"{one.public_url.rstrip('/')}/hooks/twilio/status"
    url = f"{one.twilio_url.rstrip('/')}/2010-04-01/Accounts/{one.twilio_account}/Messages.json"
    try:
        async with _client().post(url, data=form, headers=_credentials(), allow_redirects=False) as answer:
            body = await answer.json(content_type=None) if answer.status < 500 else {}
            status, after = answer.status, answer.headers.get("Retry-After", "")
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise Later(type(error).__name__) from None
    told = body if isinstance(body, dict) else {}
    if status in {200, 201} and told.get("sid"):
        return str(told["sid"])
    raise _refused(status, str(told.get("code") or ""), float(after) if re.fullmatch(r"[0-9]{1,9}", after) else None)


def _refused(status: int, code: str, after: float | None) -> Exception:
    code = code[:10] if code.isdigit() else ""
    if code in SILENT:
        return Silent(code)
    if status >= 500 or status in {401, 403, 408, 429} or code in LATER:
        return Later(code or str(status), after=after)
    return Never(code or str(status))


def _dialled(number: str) -> str:
    """The number as the world dials it."""
    return number if number.startswith("+") else f"+86{number.removeprefix('0')}"


def _credentials() -> dict[str, str]:
    one = settings.current()
    pair = f"{one.twilio_account}:{one.twilio_token}".encode()
    return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}


async def fetch(medium: Medium) -> Fetched:
    """A picture or film that came with a text. Only from Twilio's own hosts, at most one upload in size.

    Our credentials go to Twilio's interface alone, never where it sends us on. Raises Gone for another host's address
    and for what is deleted, the 422 refusal for what is too big.
    """
    url = medium.url
    for _ in range(_REDIRECTS):
        _demand_theirs(url)
        is_own = urlsplit(url).netloc == urlsplit(settings.current().twilio_url).netloc
        async with _client().get(url, headers=_credentials() if is_own else {}, allow_redirects=False) as answer:
            if answer.status in {301, 302, 303, 307, 308}:
                url = str(answer.url.join(URL(answer.headers.get("Location", ""))))
                continue
            if answer.status in {404, 410}:
                raise Gone(str(answer.status))
            answer.raise_for_status()
            data = await _limited(answer)
            return data, answer.content_type, ""
    raise Gone("redirects")


async def _limited(answer: aiohttp.ClientResponse) -> bytes:
    limit, data = settings.current().upload_limit, bytearray()
    async for some in answer.content.iter_chunked(64 * 1024):
        data += some
        if len(data) > limit:
            raise Refusal(422, "file_too_big", Say("文件太大。", "The file is too big."))
    return bytes(data)


def _demand_theirs(url: str) -> None:
    """Whoever can forge nothing can still write an address into a field: only Twilio's own are asked."""
    parts, own = urlsplit(url), urlsplit(settings.current().twilio_url)
    host = parts.hostname or ""
    if parts.netloc == own.netloc and parts.scheme == own.scheme:
        return
    is_stored = _BUCKETS.fullmatch(host) is not None and parts.path.startswith("/media.twiliocdn.com/")
    if parts.scheme != "https" or parts.port not in {None, 443} or not (host.endswith(_MEDIA_HOSTS) or is_stored):
        raise Gone("not_theirs")


FETCHERS["sms"] = fetch
