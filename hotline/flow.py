"""The page to read first: each kind of event, and what follows from it, in order. Nothing else subscribes to anything.

A citizen's message goes web/hooks or a form → channels/acknowledge (stored, numbered) → channels/intake (request and
case) → cases/verbs → cases/ledger (check, chain, project) → the reactions below → routing/assign → sla/clocks →
the unit's workbench → cases/visits → cases/ratings → cases/notices. All reactions run inside the event's own
transaction; one that raises undoes it and a sweep tries again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cases import care, knowledge, notice_ratings, ratings, verbs_site
from channels import (
    arrivals,
    chat_sweep,
    notify,
    notify_extend,
    notify_merge,
    notify_outage,
    notify_pause,
    notify_rating,
    notify_theme,
    notify_visit,
    outbox,
    reminders,
    reminders_ladder,
    reminders_unit,
    tapes,
    webhooks,
)
from hotline import live, reactions
from hotline.reactions import Reaction
from routing import automatic, cluster_heads, conference, leaders, returns
from routing.assign import router
from sla import care as care_clocks
from sla import (
    claims,
    clocks,
    conferences,
    extending,
    findings,
    finish,
    handing,
    ladder_triggers,
    mass,
    merging,
    needs_info,
    pausing,
    revisits,
    supervision,
    withdrawals,
)

route = router(clocks.profile_of)
hooks = webhooks.teller(finish.finish_due)

FLOW: Mapping[str, Sequence[Reaction]] = {
    # Coming in
    "registered": (
        clocks.on_registered, clocks.show_next_after, notify.on_registered, hooks, care.on_words,
        automatic.on_registered, live.tell,
    ),
    "accepted": (clocks.on_accepted, hooks, route, clocks.show_next_after, live.tell),
    "declined": (clocks.on_ended, clocks.show_next_after, notify.on_declined, hooks, live.tell),
    "transferred": (clocks.on_ended, clocks.show_next_after, notify.on_transferred, hooks, live.tell),
    "answered": (
        clocks.on_ended, clocks.show_next_after, knowledge.on_answered, notify.on_answered, hooks, live.tell,
    ),
    "withdrawn": (
        clocks.on_ended, conference.on_withdrawn, clocks.show_next_after, hooks, care.on_words, live.tell,
    ),
    "imported": (),
    # To a unit
    "weighed": (),
    "urgency_set": (),
    "matter_corrected": (live.tell,),
    "corrected": (live.tell,),
    "routing_missed": (notify.on_routing_missed,),
    "dispatched": (
        clocks.on_dispatched, handing.on_left, mass.on_dispatched, care_clocks.on_dispatched, leaders.on_dispatched,
        clocks.show_next_after, notify.on_dispatched, hooks, reminders_unit.on_theirs, live.tell,
    ),
    "co_handler_added": (clocks.on_dispatched, clocks.show_next_after, reminders_unit.on_theirs, live.tell),
    "recalled": (clocks.on_left, handing.on_left, verbs_site.on_lead_left, clocks.show_next_after, live.tell),
    # At the unit
    "signed": (clocks.on_signed, clocks.show_next_after, live.tell),
    "contacted": (clocks.on_contacted, clocks.show_next_after, live.tell),
    "return_requested": (live.tell,),
    "return_approved": (
        clocks.on_left, handing.on_left, verbs_site.on_lead_left, clocks.show_next_after, returns.on_approved,
        live.tell,
    ),
    "return_refused": (returns.on_refused, ladder_triggers.on_return_refused, live.tell),
    "objected": (live.tell,),
    "objection_decided": (live.tell,),
    "co_handler_asked": (live.tell,),
    "co_ask_refused": (live.tell,),
    "co_handler_released": (clocks.on_left, handing.on_left, clocks.show_next_after, live.tell),
    # Down the tree and up again
    "handed_down": (handing.on_handed_down, clocks.show_next_after, reminders_unit.on_theirs, live.tell),
    "reported_up": (clocks.on_handled, clocks.show_next_after, live.tell),
    "sent_down": (handing.on_sent_down, clocks.show_next_after, live.tell),
    "taken_back": (clocks.on_left, handing.on_left, clocks.show_next_after, live.tell),
    "handed_back": (clocks.on_left, handing.on_left, clocks.show_next_after, live.tell),
    # Within the unit
    "head_asked": (reminders_unit.on_head_asked, live.tell),
    "head_approved": (),
    "head_refused": (live.tell,),
    "conference_called": (conferences.on_called, clocks.show_next_after, live.tell),
    "conference_withdrawn": (conference.on_withdrawn, clocks.show_next_after, live.tell),
    "conference_decided": (conferences.on_decided, verbs_site.on_lead_left, clocks.show_next_after, live.tell),
    "site_visit_planned": (notify.on_site_visit, live.tell),
    "site_visit_moved": (notify.on_site_visit, live.tell),
    "site_visit_answered": (live.tell,),
    "site_visit_held": (live.tell,),
    "site_visit_cancelled": (notify.on_site_visit, live.tell),
    "lead_due_moved": (clocks.show_next_after, notify.on_lead_due_moved, live.tell),
    "handled": (clocks.on_handled, clocks.show_next_after, live.tell),
    # Back at the centre
    "sent_back": (clocks.on_sent_back, clocks.show_next_after, live.tell),
    "approved": (
        clocks.on_approved, care_clocks.on_solved, clocks.show_next_after, notify.on_approved, hooks, live.tell,
    ),
    "visited": (clocks.on_visited, clocks.show_next_after, care.on_words, live.tell),
    "visit_missed": (
        clocks.on_visited, revisits.on_put_off, clocks.show_next_after, notify_visit.on_missed, live.tell,
    ),
    "visit_answered": (care.on_words, live.tell),  # partners hear of the grade once it counts, at the closing
    "visit_wished": (live.tell,),
    "cause_set": (live.tell,),
    "reworked": (
        clocks.on_reworked, revisits.on_reworked, leaders.on_reworked, clocks.show_next_after, notify.on_reworked,
        hooks, live.tell,
    ),
    "reopened": (
        clocks.on_reworked, revisits.on_reopened, revisits.on_reworked, leaders.on_reworked, clocks.show_next_after,
        notify.on_reworked, hooks, live.tell,
    ),
    "closed": (
        supervision.on_closed, clocks.on_ended, clocks.show_next_after, hooks, ratings.on_closed, notify.on_closed,
        live.tell,
    ),
    "rated": (revisits.on_rated, hooks, care.on_words, live.tell),
    "rating_followed": (revisits.on_followed, live.tell),
    # From the requester, any time
    "words_added": (notify.on_words_added, needs_info.on_words_added, hooks, care.on_words, live.tell),
    "urged": (notify.on_urged, hooks, live.tell),
    # The case stands and goes on (补正, 挂账)
    "info_asked": (pausing.on_pause, clocks.show_next_after, notify_pause.on_info_asked, hooks, live.tell),
    "info_ended": (clocks.show_next_after, notify_pause.on_info_ended, reminders.on_told, live.tell),
    "info_lapsed": (clocks.on_ended, clocks.show_next_after, notify_pause.on_info_lapsed, hooks, live.tell),
    "suspension_asked": (live.tell,),
    "suspension_refused": (reminders.on_told, live.tell),
    "suspended": (pausing.on_pause, clocks.show_next_after, notify_pause.on_suspended, reminders.on_told, live.tell),
    "review_due": (reminders.on_told, live.tell),
    "resumed": (clocks.show_next_after, notify_pause.on_resumed, reminders.on_told, live.tell),
    # Not routed plainly: who is complained about, risk, verifying first, an enterprise's levels
    "about_named": (live.tell,),
    "summarised": (live.tell,),
    "flagged": (care_clocks.on_flagged, clocks.show_next_after, live.tell, live.alarm),
    "risk_seen": (care_clocks.on_looked_at, clocks.show_next_after, live.tell, live.alarm),
    "flag_cleared": (care_clocks.on_looked_at, clocks.show_next_after, live.tell, live.alarm),
    "police_told": (live.tell,),
    "verified_facts": (care_clocks.on_verified, clocks.show_next_after, live.tell),
    "escalated": (care_clocks.on_escalated, clocks.show_next_after, live.tell),
    "instructed": (reminders.on_told, live.tell),
    # One piece of work of several, and back
    "merged": (merging.on_merged, clocks.show_next_after, live.tell),
    "joined": (merging.on_joined, clocks.show_next_after, notify_merge.on_joined, live.tell),
    "parted": (merging.on_parted, clocks.show_next_after, live.tell),
    "unmerged": (
        merging.on_unmerged, clocks.show_next_after, cluster_heads.on_unmerged, notify_merge.on_unmerged, live.tell,
    ),
    "split_off": (live.tell,),
    "split_from": (live.tell,),
    # Promises and the ladder
    "promised": (),
    "reminded": (reminders.on_told, live.tell),
    "due_soon": (reminders.on_told, live.tell),
    "overdue_told": (reminders.on_told, live.tell),
    "warned": (reminders.on_told, live.tell),
    "breached": (extending.on_breached, reminders.on_told, live.tell),
    "ordered": (supervision.on_ordered, reminders.on_told, reminders_ladder.on_joined, live.tell),
    # More time
    "extension_asked": (live.tell,),
    "extension_granted": (notify_extend.on_granted, reminders.on_told, live.tell),
    "extension_refused": (reminders.on_told, live.tell),
    "extension_lapsed": (reminders.on_told, live.tell),
    "law_applied": (notify_extend.on_law, reminders.on_told, live.tell),
    "admitted": (extending.on_admitted, clocks.show_next_after, live.tell),
    "order_signed": (),
    "order_answered": (live.tell,),
    # What an audit upsets: findings, ratings, withdrawals, claims
    "audit_found": (live.tell,),
    "finding_lifted": (live.tell,),
    "rating_annulled": (revisits.on_annulled, live.tell),
    "rating_restored": (live.tell,),
    "rating_appealed": (notify_rating.on_appealed, live.tell),
    "rating_appeal_decided": (notify_rating.on_decided, reminders.on_told, live.tell),
    "withdrawal_wished": (live.tell,),
    "withdrawal_checked": (
        withdrawals.on_checked, conference.on_withdrawal_checked, ladder_triggers.on_withdrawal_checked,
        clocks.show_next_after, live.tell,
    ),
    "withdrawal_struck": (live.tell,),
    "claimed": (live.tell,),
    "claim_decided": (claims.on_decided, clocks.show_next_after, notify.on_claim_decided, live.tell),
    "claim_reversed": (live.tell,),
    "order_reviewed": (reminders.on_told, live.tell),
    "order_joined": (reminders.on_told, reminders_ladder.on_joined, live.tell),
    "order_ended": (),
    "carded": (reminders.on_told, live.tell),
    "card_cancelled": (live.tell,),
    "alert_escalated": (reminders_ladder.on_escalated, live.tell),
    "measured": (reminders.on_told, live.tell),
    "measure_stepped": (reminders_ladder.on_stepped, live.tell),
    "instruction_reported": (live.tell,),
    "clustered": (mass.on_clustered, live.tell),
    # Outages of water, power, gas and heat
    "outage_linked": (live.tell,),
    "outage_unlinked": (live.tell,),
    "outage_over": (notify_outage.on_over, live.tell),
    "outage_still": (live.tell,),
    "article_drafted": (live.tell,),
    # In the open, and afterwards
    "noticed": (),
    "responded": (notify_theme.on_responded, live.tell),
    "erased": (
        outbox.on_erased, arrivals.on_erased, tapes.on_erased, chat_sweep.on_erased,
        supervision.on_erased, conference.on_erased,
        findings.on_erased, revisits.on_erased, notice_ratings.on_erased,
    ),
}


def fill() -> None:
    """Put the flow into the one slot; app, worker, command line and tests call this once at start."""
    reactions.fill(FLOW)
