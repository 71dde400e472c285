"""Golden vectors of working days that every way of reckoning has to give.

Source: the official arrangement of rest days and made-up days of 2026 (国办发明电〔2025〕7号, 4 November 2025),
counted on the fingers and not by our code.
"""

from __future__ import annotations

OFFICIAL_2026 = (
    ("2025-12-31", 1, "2026-01-04"),
    ("2025-12-31", 3, "2026-01-06"),
    ("2026-02-12", 3, "2026-02-24"),
    ("2026-02-13", 1, "2026-02-14"),
    ("2026-02-13", 5, "2026-02-27"),
    ("2026-04-30", 5, "2026-05-11"),
    ("2026-06-18", 1, "2026-06-22"),
    ("2026-09-18", 1, "2026-09-20"),
    ("2026-09-30", 5, "2026-10-13"),
    ("2026-10-09", 1, "2026-10-10"),
)
"""A day on which something begins, a number of working days, and the day at whose close it is due."""
