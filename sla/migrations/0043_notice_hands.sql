-- Who ever wrote a notice: the version keeps the last writer only, and somebody whose words are still in it must not
-- approve it. And since when the centre knows that a notice in the open is not shown, because a case behind it is
-- shielded now.

ALTER TABLE notice
    ADD COLUMN writers uuid[] NOT NULL DEFAULT '{}',
    ADD COLUMN held_at timestamptz;
-- Approvals that were given before are history and stay: the rule holds for every later one.
UPDATE notice n SET writers = ARRAY(
    SELECT w.by FROM (SELECT n.author AS by UNION SELECT v.written_by FROM notice_version v WHERE v.notice_id = n.id
        UNION SELECT v.written_by FROM notice_version v WHERE n.source_kind = 'notice' AND v.notice_id = n.source_id) w
    WHERE w.by IS DISTINCT FROM n.approved_by AND w.by IS DISTINCT FROM n.cleared_by);
ALTER TABLE notice
    ADD CONSTRAINT notice_approved_by_others CHECK (approved_by <> ALL (writers)),
    ADD CONSTRAINT notice_cleared_by_others CHECK (cleared_by <> ALL (writers));
