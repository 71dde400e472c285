"""How a model's figures and states are called. Data."""

from __future__ import annotations

from typing import Any

from hotline.errors import Say

STATES = {
    "live": Say("在用", "Live"), "retired": Say("已换下", "Retired"), "refused": Say("未采用", "Refused"),
    "candidate": Say("待训练", "Waiting"),
}  # fmt: skip
LOOKS = {"live": "good", "refused": "danger"}
ROWS = (
    ("accuracy", Say("首选对的比例", "First guess right"), ""),
    ("top_3", Say("前三个里有对的", "Right one among the first three"), ""),
    ("macro_f1", Say("各事项平均 F1", "Macro-F1"), Say("少见的和常见的同样计", "rare ones count as much")),
    ("coverage_95", Say("按 95% 准确可自动定的比例", "Share decided at 95 % precision"), ""),
    ("coverage_97", Say("按 97% 准确可自动定的比例", "Share decided at 97 % precision"), ""),
    ("surest_80", Say("最有把握的八成里对的比例", "Right on the surest 80 %"), ""),
    ("ece", Say("概率误差（ECE）", "Calibration error (ECE)"), Say("越小越可信", "the smaller, the truer")),
)  # fmt: skip
"""Field of Figures, its name, and what helps to read it."""


def percent(value: float) -> str:
    """A share as people read it."""
    return f"{100 * value:.1f}%"


def f1(one: dict[str, Any]) -> float:
    """Of a matter's row: between found and rightly taken."""
    return 2 * one["right"] / (one["n"] + one["taken"]) if one["right"] else 0.0
