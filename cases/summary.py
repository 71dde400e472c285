"""What a summary for units may not hold: the name or the number that a requester left."""

from __future__ import annotations

from cases.file import CaseFile
from hotline import vault
from hotline.errors import Say

TELLS = Say("转述里有诉求人的姓名或号码，请去掉。", "It holds the requester's name or number; take it out.")


def tells_requester(file: CaseFile, text: str) -> bool:
    """Whether a text holds the name or number that a requester of the case left."""
    digits = "".join(c for c in text if c.isdigit())
    for one in file.requests.values():
        name = vault.unseal(one.name, "case_text.name").strip() if one.name else ""
        if len(name) > 1 and name in text:
            return True
        number = "".join(c for c in vault.unseal(one.phone, "case_text.phone") if c.isdigit()) if one.phone else ""
        if len(number) >= 7 and number in digits:
            return True
    return False
