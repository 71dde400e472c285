"""The open interface: JSON in, JSON out. What it takes and gives is written in docs/api.md."""

from __future__ import annotations

from web.api import requests

ROUTES = [requests.create]
