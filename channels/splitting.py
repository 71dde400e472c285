"""One message about two things becomes two cases: each with its own receipt, both of the same requester (拆单)."""

from __future__ import annotations

from cases import verbs
from cases.demands import Ask, check
from cases.events_merge import SplitFrom, SplitOff
from cases.file import CaseFile, Text
from cases.ledger import append
from cases.register import Said, register, short_title
from cases.rows import RequestRow
from channels import notify, numbers, ways
from hotline import clock, vault
from hotline.errors import Say, invalid
from hotline.work import Work

SPLIT = "split"


async def split(
    work: Work, file: CaseFile, receipt: tuple[str, str], *, first: str, second: str, matter: str = "",
    reason: str = "",
) -> CaseFile:  # fmt: skip
    """Split the second matter off before any unit has the case; the new case, under a number and code of ``receipt``.

    ``first`` and ``second`` are the words of each, as the agent parts them; what was said at first stays in the ledger.
    With a ``matter`` the new one is accepted, and dispatched as the house dispatches. The requester is told both
    numbers. Raises the refusals of the moves; 422 for a part that is empty.
    """
    _check(first, second)
    request = file.first_request
    number, code = receipt
    said = _said(file, request, number, numbers.code_hash(number, code), second.strip(), matter)
    _may(work, file, number, request)
    new, _ = await register(work, said)
    cut = await append(
        work, file, SplitOff(case=new.case.id, number=number, request=request.id),
        {
            "words": Text(value=first.strip(), audience="requester", request=request.id),
            "title": Text(value="" if file.case.is_sealed else short_title(first)),
            "reason": Text(value=reason.strip()),
        },
    )  # fmt: skip
    await append(
        work, new,
        SplitFrom(
            case=file.case.id, number=file.case.number, seq=cut.row.seq, hash=cut.row.hash.hex(),
            request=new.first_request.id,
        ),
        {"reason": Text(value=reason.strip())},
    )  # fmt: skip
    notify.send(work, file, request, SPLIT, key=f"{SPLIT}:{number}", second=number, code=code)
    if matter and not new.case.is_sealed:
        await verbs.accept(
            work, new, matter=matter, county=new.case.county, township=new.case.township, place=new.case.place,
            urgency=new.case.urgency, no_place=None if new.case.county != "city" else "原件地点不详",
        )  # fmt: skip
    return new


async def receipt() -> tuple[str, str]:
    """A number and a query code for the second matter; taken before the transaction, for the counter is hot."""
    return await numbers.receipt_no(clock.today()), numbers.new_code()


def is_told(request: RequestRow) -> bool:
    """Whether a message can reach this requester; if not, whoever splits has to tell them number and code."""
    return bool(list(ways.of(request)))


def _check(first: str, second: str) -> None:
    wrong = {}
    if not first.strip():
        wrong["first"] = Say("请写这件保留的内容。", "Write what stays in this case.")
    if not second.strip():
        wrong["second"] = Say("请写另一件事。", "Write the second matter.")
    if wrong:
        raise invalid(wrong, "text_missing")


def _may(work: Work, file: CaseFile, number: str, request: RequestRow) -> None:
    """Refuse before anything is made: the move is asked of the ledger with the event that it is going to be."""
    event = SplitOff(case=file.case.id, number=number, request=request.id)
    check(Ask(file=file, event=event, texts={}, actor=work.actor, now=work.now))


def _said(file: CaseFile, request: RequestRow, number: str, code: bytes, words: str, matter: str) -> Said:
    """The requester and the place as they were given, with the second matter's words."""
    case = file.case

    def plain(field: str) -> str:
        value = getattr(request, field)
        return vault.unseal(value, f"case_text.{field}") if value is not None else ""

    return Said(
        receipt_no=number, code_hash=code, kind=request.kind, words=words, channel=request.channel,
        filed_at=request.filed_at, filed_by=request.filed_by, line=request.line, urgency=case.urgency,
        place=case.place, point=f"{case.lat},{case.lon}" if case.lat is not None else "", county=case.county,
        township=case.township, matter=matter or None, name=plain("name"), phone=plain("phone"),
        address=plain("address"), proxy_name=plain("proxy_name"), organisation_code=request.organisation_code,
        reply_by=request.reply_by, reply_to=plain("reply_to"), second_by=request.second_by,
        second_to=plain("second_to"), account=request.account_id, portal=request.portal, lang=request.lang,
        about_unit=request.about_unit, about_person=plain("about_person"), is_anonymous=request.is_anonymous,
        is_confidential=case.is_confidential, is_minor=case.is_minor, is_investigation=case.is_investigation,
        is_vulnerable=case.is_vulnerable,
    )  # fmt: skip
