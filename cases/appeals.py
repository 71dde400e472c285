"""Words of an appeal of a rating: its grounds and how it stands."""

from __future__ import annotations

from hotline.errors import Say

GROUNDS: dict[str, Say] = {
    "slip": Say("误评（选错了档）", "Given by mistake"),
    "other_matter": Say("评的不是这件事", "About another matter"),
    "untrue": Say("与事实不符", "Not what happened"),
    "objective": Say("政策法规、客观条件所限", "Law or conditions did not allow it"),
    "malicious": Say("恶意评价", "Given in bad faith"),
}
STATES: dict[str, Say] = {
    "open": Say("待裁定", "To be decided"),
    "upheld": Say("成立，评价作废", "Upheld: annulled"),
    "refused": Say("不成立，评价照算", "Dismissed: it stands"),
}
UPHELD = "appeal"
"""The reason of an annulment that came of an appeal."""
