"""Texts that come by Twilio: its form fields as ``Heard``, and its delivery states. No HTTP here."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping

from channels.heard import Heard, Medium
from channels.twilio_send import send
from channels.twilio_signature import Secrets, secrets_of
from hotline import city, clock, settings
from hotline.errors import Refusal, Say, invalid
from hotline.masks import normal_phone

__all__ = ["STATES", "check_account", "lang_of", "line_of", "secrets", "send", "status_of", "text_of"]

log = logging.getLogger(__name__)

MOST_MEDIA = 10
LONGEST_ID = 100
STATES = {
    "accepted": "", "queued": "", "sending": "", "scheduled": "", "receiving": "", "received": "",
    "sent": "sent", "delivered": "delivered", "read": "delivered",
    "undelivered": "failed", "failed": "failed", "canceled": "failed",
}  # fmt: skip
"""MessageStatus of a callback → the state of our row; "" says nothing that we do not know."""
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]{2,}\W+[A-Za-z]{2,}")


def secrets() -> Secrets:
    """What this installation's Twilio signs with; nothing set means that no signature is right."""
    one = settings.current()
    return secrets_of(one.twilio_token, one.twilio_second_token, one.twilio_signing_keys)


def text_of(fields: Mapping[str, str]) -> Heard:
    """An inbound text. Refuses with 403 another account's, 404 a number that is none of ours, 422 what lacks its id.

    Fields that we do not know are let be: Twilio adds some without notice.
    """
    check_account(fields)
    provider_id = fields.get("MessageSid") or fields.get("SmsSid") or ""
    sender = normal_phone(fields.get("From", "")) or fields.get("From", "").strip()
    _demand({"MessageSid": provider_id, "From": sender})
    line_of(fields.get("To", ""))
    words = fields.get("Body", "")
    return Heard(
        channel="sms", provider_id=provider_id, sender=sender, at=clock.now(), to=fields.get("To", ""), words=words,
        media=_media(fields), lang=lang_of(words),
    )  # fmt: skip


def check_account(fields: Mapping[str, str]) -> None:
    """Refuse (403) what another account sends, even with a signature that is right."""
    ours = settings.current().twilio_account
    if ours and fields.get("AccountSid") != ours:
        log.warning("a request of another Twilio account was refused")
        raise Refusal(403, "not_our_account", Say("这不是本系统的账号。", "That account is not ours."))


def line_of(to: str) -> str:
    """Which of our lines a number is: the line's own number, a former one, or the one that texts are sent from.

    Written as the world dials it: +86 310 12345 is line 12345. Refuses (404) a number that is none of ours.
    """
    number = normal_phone(to)
    for spelt in (number, number.removeprefix("0310"), number.removeprefix("310")):
        line = city.current().line(spelt)
        if line is not None:
            return line.number
    if number and number == normal_phone(settings.current().twilio_number):
        return "12345"
    log.warning("a message to a number that is none of ours was refused")
    raise Refusal(404, "unknown_number", Say("这个号码不是本系统的。", "That number is none of ours."))


def status_of(fields: Mapping[str, str]) -> tuple[str, str, str]:
    """Message id, the state of our row ("" for one that tells nothing new), and the provider's error code.

    Refuses with 403 another account's, 422 what has no id or a status that is none.
    """
    check_account(fields)
    provider_id, status = fields.get("MessageSid") or fields.get("SmsSid") or "", fields.get("MessageStatus", "")
    _demand({"MessageSid": provider_id, "MessageStatus": status if status in STATES else ""})
    code = fields.get("ErrorCode", "")
    return provider_id, STATES[status], code if code.isdigit() and len(code) <= 6 else ""


def lang_of(words: str) -> str:
    """The language to answer in: English when there are two Latin words (STOP is none) and no Chinese character."""
    return "en" if _LATIN.search(words) and not _CHINESE.search(words) else "zh"


def _demand(values: Mapping[str, str]) -> None:
    missing = [name for name, value in values.items() if not value or len(value) > LONGEST_ID]
    if missing:
        raise invalid({name: Say("缺这一项，或它不对。", "This is missing or wrong.") for name in missing})


def _media(fields: Mapping[str, str]) -> tuple[Medium, ...]:
    """What is attached; a count that is none counts what is there."""
    said = fields.get("NumMedia", "0")
    most = min(int(said), MOST_MEDIA) if said.isascii() and said.isdigit() else MOST_MEDIA
    kinds = [(fields.get(f"MediaUrl{n}", ""), fields.get(f"MediaContentType{n}", "")) for n in range(most)]
    return tuple(
        Medium(kind=kind.partition("/")[0] or "file", url=url, media_type=kind[:100]) for url, kind in kinds if url
    )


