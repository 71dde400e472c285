-- What is added to a public theme (a step, how it ended) is read by somebody else before everybody reads it.
ALTER TABLE theme_step ADD made_by uuid, ADD passed_by uuid, ADD CHECK (passed_by IS NULL OR passed_by <> made_by);
ALTER TABLE theme ADD closing_passed_by uuid, ADD CHECK (closing_passed_by IS NULL OR closing_passed_by <> closed_by);
UPDATE theme_step s SET passed_by = t.published_by FROM theme t WHERE t.id = s.theme_id AND t.published_at IS NOT NULL;
UPDATE theme SET closing_passed_by = published_by
WHERE published_at IS NOT NULL AND closed_at IS NOT NULL AND published_by <> closed_by;
