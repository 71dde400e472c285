-- When a finder's name, number and account were dropped (rule bounty.keep_days); the finding stays for the figures.

ALTER TABLE bounty_finding ADD COLUMN forgotten_at timestamptz;
CREATE INDEX bounty_finding_known ON bounty_finding (filed_at) WHERE forgotten_at IS NULL AND state <> 'filed';
