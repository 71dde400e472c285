"""Which providers this installation has: settings with credentials open a door, nothing else does."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable
from typing import cast

import msgspec

from channels import outbox
from channels.carrier import Sender
from hotline import settings
from hotline.settings import Settings

log = logging.getLogger(__name__)


class Door(msgspec.Struct, frozen=True):
    """A way out: the module whose ``send`` speaks to its provider, and whether the settings name one."""

    channel: str
    module: str
    is_configured: Callable[[Settings], bool]
    wanted: tuple[str, ...]
    """Settings that open it."""


DOORS = (
    Door("sms", "channels.twilio", lambda one: bool(one.twilio_account and one.twilio_token and one.twilio_number),
         ("HOTLINE_TWILIO_ACCOUNT", "HOTLINE_TWILIO_TOKEN", "HOTLINE_TWILIO_NUMBER")),
    Door("wechat", "channels.wechat", lambda one: bool(one.wechat_app and one.wechat_secret),
         ("HOTLINE_WECHAT_APP", "HOTLINE_WECHAT_SECRET")),
    Door("email", "channels.email", lambda one: bool(one.smtp_url and one.email_from),
         ("HOTLINE_SMTP_URL", "HOTLINE_EMAIL_FROM")),
    Door("webhook", "channels.webhooks", lambda _: True, ()),
)  # fmt: skip
"""Partners' web hooks need no credentials: each partner's address and secret stand in the database."""


def open_doors() -> None:
    """Fill ``outbox.SENDERS`` from the settings; called once by each process at its start, and safe twice.

    A configured door whose module is missing in a reduced build stays shut, and the log says so.
    """
    one = settings.current()
    for door in DOORS:
        outbox.SENDERS.pop(door.channel, None)
        if not door.is_configured(one):
            continue
        try:
            module = importlib.import_module(door.module)
        except ModuleNotFoundError as error:
            if error.name != door.module:
                raise
            if door.wanted:
                log.warning("the door %s is configured, but %s is not part of this build", door.channel, door.module)
            continue
        outbox.SENDERS[door.channel] = cast("Sender", module.send)
