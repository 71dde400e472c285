"""Acts on bulletins in words, for the log of acts."""

from __future__ import annotations

from hotline.errors import Say

KINDS: dict[str, Say] = {
    "bulletin.made": Say("起草通报", "drafted a bulletin"),
    "bulletin.computed": Say("重新取通报的数", "counted a bulletin's figures again"),
    "bulletin.edited": Say("改通报草稿", "edited a bulletin"),
    "bulletin.kept": Say("保留通报里的一处文字", "kept a passage of a bulletin"),
    "bulletin.sent": Say("通报送审", "sent a bulletin for review"),
    "bulletin.sent_back": Say("退回通报草稿", "sent a bulletin back"),
    "bulletin.approved": Say("通报业务审核通过", "approved a bulletin"),
    "bulletin.cleared": Say("通报保密审核通过", "cleared a bulletin"),
    "bulletin.issued": Say("签发通报", "issued a bulletin"),
    "bulletin.read": Say("签阅通报", "signed for having read a bulletin"),
    "bulletin.archived": Say("通报归档", "archived a bulletin"),
    "bulletin.dropped": Say("通报草稿作废", "dropped a bulletin's draft"),
    "bulletin.erratum_made": Say("起草通报的更正", "drafted an erratum of a bulletin"),
}
