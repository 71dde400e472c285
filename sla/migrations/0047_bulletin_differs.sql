-- Since when a rendering comes out otherwise than when it was first made, so that the pages of an issue say so.

ALTER TABLE bulletin_file ADD COLUMN differs_at timestamptz;
