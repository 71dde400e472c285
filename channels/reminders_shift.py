"""What people are told of a shift: a surge that ends soon, being called in, refusals to decide or to look at again."""

from __future__ import annotations

from uuid import UUID

from channels import reminders
from channels.surge import WHYS, Surge
from hotline import clock
from hotline.errors import Say
from hotline.work import Work

SUPERVISOR = "shift_supervisor"


async def surge_ends(work: Work, one: Surge) -> None:
    """The planned end is near: prolong it or let it end."""
    at = clock.local(one.until)
    say = Say(
        f"高峰模式 {at:%H:%M} 自动关闭，需要继续请延长",
        f"surge mode ends by itself at {at:%H:%M}; prolong it if needed",
    )
    key = f"surge_ends:{one.id}:{int(one.until.timestamp())}"
    await reminders.remind(work, unit="", kind="surge_ends", case=None, text=say, to=SUPERVISOR, critical=True, key=key)


async def called_in(work: Work, one: Surge, person: UUID) -> None:
    """Somebody off duty who agreed is asked to come; at any hour, as they agreed."""
    until, why = clock.local(one.until), WHYS[one.why]
    say = Say(
        f"热线来电高峰（{why.zh}），请您支援到 {until:%H:%M}，登录“坐席”页回复能不能来",
        f"the hotline is overrun ({why.en}); please help until {until:%H:%M} and say on the page Seat whether you come",
    )
    key = f"surge_call_in:{one.id}:{person}"
    await reminders.remind_person(work, person, kind="surge_call_in", text=say, key=key, critical=True)


async def to_decide(work: Work, refused: UUID) -> None:
    """A refusal waits for a decision."""
    say = Say("有一个号码提请拒接，请决定", "a number is proposed to be refused; please decide")
    key = f"refusal_proposed:{refused}"
    await reminders.remind(work, unit="", kind="refusal_proposed", case=None, text=say, to=SUPERVISOR, key=key)


async def to_review(work: Work, refused: UUID, day: str) -> None:
    """A refusal's review is due."""
    say = Say("有一个拒接号码到了复核日期，请复核", "the review of a refused number is due")
    key = f"refusal_review:{refused}:{day}"
    await reminders.remind(work, unit="", kind="refusal_review", case=None, text=say, to=SUPERVISOR, key=key)
