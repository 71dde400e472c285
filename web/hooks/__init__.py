"""The doors of providers: signed requests of Twilio and WeChat. Neither person nor form token is looked at here."""

from __future__ import annotations

from typing import Any

from web.hooks import twilio_sms

ROUTES: list[Any] = [twilio_sms.text, twilio_sms.status]
