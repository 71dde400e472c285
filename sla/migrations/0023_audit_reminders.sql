-- Whoever answers for a finding or for a rating "dissatisfied" is told once when its limit comes near or has passed.
ALTER TABLE finding ADD COLUMN reminded_at timestamptz;
CREATE INDEX finding_to_remind ON finding (due_at) WHERE state = 'open' AND due_at IS NOT NULL AND reminded_at IS NULL;
ALTER TABLE rectification ADD COLUMN told integer NOT NULL DEFAULT 0 CHECK (told BETWEEN 0 AND 2);
CREATE INDEX rectification_to_tell ON rectification (due_at) WHERE ended_at IS NULL AND told < 2;
