-- A draft is there from the ring on, one a call; it counts its savings, knows the window that writes it, and may be
-- kept for a time that was agreed with the caller.

ALTER TABLE draft
    ADD COLUMN version integer NOT NULL DEFAULT 0 CHECK (version >= 0),
    ADD COLUMN holder text NOT NULL DEFAULT '' CHECK (length(holder) <= 64),
    ADD COLUMN held_at timestamptz,
    ADD COLUMN call uuid,
    ADD COLUMN is_blank boolean NOT NULL DEFAULT false,
    ADD COLUMN planned_for timestamptz;

COMMENT ON COLUMN draft.version IS 'The last saving that was kept; an older one that arrives late changes nothing';
COMMENT ON COLUMN draft.holder IS 'The window that writes it: a token of that window''s own, empty when it was left';
COMMENT ON COLUMN draft.call IS 'The call it was opened for; calls are another app''s, hence no reference';
COMMENT ON COLUMN draft.is_blank IS 'Nothing was typed yet: gone once the call has an outcome';
COMMENT ON COLUMN draft.planned_for IS 'When the caller is to be called back about it';

CREATE UNIQUE INDEX draft_call ON draft (person, call) WHERE call IS NOT NULL;
