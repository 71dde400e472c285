-- Whether a unit's replies wait for its head before they leave, and only its head hands cases down.

ALTER TABLE unit ADD COLUMN needs_head boolean NOT NULL DEFAULT false;
