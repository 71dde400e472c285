-- A case at the head of a mass request stays marked, so that whoever gets it gets the supervision order too.
ALTER TABLE cases ADD COLUMN is_mass boolean NOT NULL DEFAULT false;
