"""The shares of a case as a tree: what was handed down to whom, and whose share an actor acts on. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from cases.file import CaseFile
from cases.rows import AssignmentRow
from cases.states import AT_UNIT
from hotline.actor import Actor


def below(file: CaseFile, share: UUID) -> list[AssignmentRow]:
    """What was handed down from this share, hop after hop, the nearest first; those taken back are left out."""
    found = children(file, share)
    for one in found:
        found.extend(children(file, one.id))
    return found


def open_below(file: CaseFile, share: UUID) -> list[AssignmentRow]:
    """What was handed down from it and has not been reported up."""
    return [one for one in below(file, share) if one.state in AT_UNIT]


def own(file: CaseFile, actor: Actor) -> AssignmentRow | None:
    """The live share that the actor acts on: of their own unit, else the highest of a unit below theirs.

    Where a unit has two (what another unit handed down to it, and the case itself), the one still to be done.
    """
    live = [one for one in file.live if one.unit in actor.units]
    here = [one for one in live if one.unit == actor.unit] or live
    return next((one for one in here if one.state in AT_UNIT), here[0] if here else None)


def path(assignments: Iterable[AssignmentRow]) -> list[AssignmentRow]:
    """The leads one after the other: who had it, and who has it now."""
    return [one for one in assignments if one.role == "lead"]


def children(file: CaseFile, share: UUID) -> list[AssignmentRow]:
    """What was handed down from this share directly and is still there."""
    return [one for one in file.live if one.parent_assignment == share]
