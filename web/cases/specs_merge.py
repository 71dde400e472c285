"""Acts on the case page of merging, unmerging and splitting."""

from __future__ import annotations

from collections.abc import Mapping

from cases import events as e
from cases.events_merge import Joined, Marks, Parted, SplitOff
from web.cases import asks_merge as asks
from web.cases.choices import Standing
from web.cases.spec import Spec, act


def _joined(at: Standing) -> e.Event | None:
    case = at.view.case
    if not case.is_open:
        return None
    return Joined(child=case.id, number="", seq=1, hash="", requests=(), marks=Marks(), before=Marks())


def _parted(at: Standing) -> e.Event | None:
    case = at.view.case
    if all(one.home_id is None or one.visited_at is not None for one in at.view.file.requests.values()):
        return None
    return Parted(child=case.id, number="", seq=1, hash="", requests=(), marks=Marks())


def _split(at: Standing) -> e.Event | None:
    own = next(iter(at.view.file.requests.values()), None)
    if own is None or at.view.case.state not in ("registered", "accepted"):
        return None  # once a unit has it, it stays one case; nobody looks for the act there
    return SplitOff(case=at.view.case.id, number="", request=own.id)


def _words(at: Standing) -> Mapping[str, object]:
    """Both begin with all that was said: whoever splits takes out of each what belongs to the other."""
    said = at.view.words[0] if at.view.words else ""
    return {"first": said, "second": said}


SPECS: tuple[Spec, ...] = (
    act("merge", "merge", "并单", "Merge", "case.dispatch", asks.Merge, _joined),
    act("unmerge", "parting", "拆回", "Unmerge", "case.dispatch", asks.Unmerge, _parted),
    act("split", "splitting", "拆单", "Split in two", "case.accept", asks.Split, _split, start=_words),
)
