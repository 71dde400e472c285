-- A caller and an agent agree on a time: a task like those of missed calls, with the draft that comes back with it.

ALTER TABLE callback_task ALTER COLUMN call DROP NOT NULL;
ALTER TABLE callback_task
    ADD COLUMN draft uuid,
    ADD COLUMN planned_at timestamptz,
    ADD COLUMN asked_by uuid REFERENCES person ON DELETE RESTRICT;
ALTER TABLE callback_task DROP CONSTRAINT callback_task_why_check;
ALTER TABLE callback_task
    ADD CONSTRAINT callback_task_why_check CHECK (why IN ('missed', 'abandoned', 'away', 'planned')),
    ADD CONSTRAINT callback_task_origin CHECK (call IS NOT NULL OR why = 'planned'),
    ADD CONSTRAINT callback_task_planned CHECK ((why = 'planned') = (planned_at IS NOT NULL));

COMMENT ON COLUMN callback_task.draft IS 'What was typed so far, the agent''s draft; drafts are another app''s and are swept, hence no reference';

COMMENT ON COLUMN call.settled IS 'How the wrap-up ended: case, answered, later, transferred, wrong_number, silent, nuisance, other';
