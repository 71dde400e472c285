"""Reminders to people: who is told, on which door, who stands in; the proof that every act was done."""

from __future__ import annotations

from web.reminders import notices, own, proof

ROUTES = [*notices.ROUTES, *own.ROUTES, *proof.ROUTES]
