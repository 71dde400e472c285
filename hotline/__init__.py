"""The ground and the roof of the house: what every floor stands on, and what puts the floors together."""
from __future__ import annotations

__version__ = "0.1.0"
