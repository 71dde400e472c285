"""What people do with a cluster: merge its cases into the head, take one out, set it aside, write the report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from cases import merging, scope
from hotline import acts
from hotline.errors import Say, conflict, invalid, not_found
from hotline.work import Work
from routing import cluster_heads

MOST = 50
"""Cases merged in one step: one transaction locks them all."""


async def _locked(work: Work, cluster: UUID) -> Any:
    row = await work.connection.fetchrow("SELECT * FROM cluster WHERE id = $1 FOR UPDATE", cluster)
    if row is None:
        raise not_found()
    return row


def _still_open(row: Any) -> None:
    if row["state"] != "open":
        raise conflict(
            "cluster_done", "这一组已经处理过了，请刷新再看。", "This group has been dealt with. Refresh the page."
        )


async def merge(work: Work, cluster: UUID, cases: Sequence[UUID], *, reason: str = "") -> int:
    """Merge the chosen cases into the head (rules.md 3); returns how many.

    The group is settled once no other open one is left, a mass request once its report was sent as well.
    422 when none is chosen, 409 with the reason for one that cannot be merged: nothing is merged then.
    """
    _still_open(await _locked(work, cluster))
    head = await cluster_heads.succeed(work, cluster)
    chosen = [one for one in dict.fromkeys(cases) if one != head]
    if not chosen:
        raise invalid({"cases": Say("请选要并入的诉求。", "Choose the cases to be merged.")})
    if len(chosen) > MOST:
        said = Say(f"一次最多并 {MOST} 件，请分几次。", f"At most {MOST} at once; do it in several steps.")
        raise invalid({"cases": said})
    known = await work.connection.fetch(
        "SELECT case_id FROM cluster_member WHERE cluster_id = $1 AND left_at IS NULL AND case_id = ANY($2::uuid[])",
        cluster, chosen,
    )  # fmt: skip
    if len(known) != len(chosen):
        raise conflict("not_member", "有的诉求已经不在这一组里了。", "One of them is no longer in this group.")
    assert head is not None  # noqa: S101 - the cluster is open
    files = await merging.opened(work, [head, *chosen])
    parent = files[head]
    await _within_reach(work, chosen)
    for one in chosen:
        await merging.merge(work, parent, files[one], reason=reason)
    await work.flush()
    await cluster_heads.settle(work, cluster)
    return len(chosen)


async def _within_reach(work: Work, cases: Sequence[UUID]) -> None:
    """404 for a case that is not the actor's to see, like everywhere: its page would not have offered it."""
    where, args = scope.condition(work.actor, first=2)
    seen = await work.connection.fetchval(
        f"SELECT count(*) FROM cases c WHERE c.id = ANY($1::uuid[]) AND {where}", list(cases), *args
    )
    if seen != len(cases):
        raise not_found()


async def take_out(work: Work, cluster: UUID, case: UUID) -> None:
    """不是同一件: the case leaves the group and is not put into one again by itself."""
    row = await _locked(work, cluster)
    if case == row["parent_id"]:
        raise conflict(
            "cluster_head",
            "这是主件，不能移出；整组都不是一回事，请选“不是同一件事”。",
            "It is the first one. If the whole group is not one thing, say so below.",
        )
    taken = await work.connection.fetchval(
        "UPDATE cluster_member SET left_at = $3, left_by = $4 WHERE cluster_id = $1 AND case_id = $2 "
        "AND left_at IS NULL RETURNING case_id",
        cluster, case, work.now, work.actor.id,
    )  # fmt: skip
    if taken is None:
        raise conflict("not_member", "这件诉求已经不在这一组里了。", "It is no longer in this group.")
    await cluster_heads.settle(work, cluster)
    await acts.note(work, work.actor, "cluster_member_left", f"cluster:{cluster}", {"case": str(case)})


async def dismiss(work: Work, cluster: UUID, *, reason: str) -> None:
    """整组不是同一件事: nothing is merged; these cases do not gather again."""
    _still_open(await _locked(work, cluster))
    if not reason.strip():
        raise invalid({"why": Say("请写明为什么不是同一件事。", "Say why they are not the same.")})
    await work.connection.execute(
        "UPDATE cluster SET state = 'dismissed', reason = $2, settled_at = $3, settled_by = $4 WHERE id = $1",
        cluster, reason.strip(), work.now, work.actor.id,
    )  # fmt: skip
    await acts.note(work, work.actor, "cluster_dismissed", f"cluster:{cluster}", {})


async def report(work: Work, cluster: UUID, *, text: str) -> None:
    """送专报: the special report of a mass request, in the officer's words beside the figures. May be sent again."""
    row = await _locked(work, cluster)
    if row["size"] != "mass":
        raise conflict("not_mass", "还不是群体诉求，不用专报。", "It is no mass request; no special report is due.")
    if not text.strip():
        raise invalid({"report": Say("请写明情况和建议。", "Write what happened and what is proposed.")})
    await work.connection.execute(
        "UPDATE cluster SET report = $2, reported_at = $3, reported_by = $4 WHERE id = $1",
        cluster, text.strip(), work.now, work.actor.id,
    )  # fmt: skip
    await cluster_heads.settle(work, cluster)
    await acts.note(work, work.actor, "cluster_reported", f"cluster:{cluster}", {"number": row["report_no"]})
