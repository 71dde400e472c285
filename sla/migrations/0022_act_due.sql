-- What the ladder and the pauses let fall due stands in columns that the next step overwrites. Each moment that was ever
-- set is kept here, by the database and not by whoever does the acts, so that the proof of reminders can ask of each
-- whether it was done. A moment that was taken back, or that is no more because the thing ended, is over.

CREATE TABLE act_due (
    subject_id uuid NOT NULL,
    act text NOT NULL,
    due_at timestamptz NOT NULL,
    case_id uuid REFERENCES cases ON DELETE RESTRICT,
    is_over boolean NOT NULL DEFAULT false,
    PRIMARY KEY (subject_id, act, due_at)
);
CREATE INDEX act_due_at ON act_due (due_at);
CREATE INDEX act_due_case ON act_due (case_id) WHERE case_id IS NOT NULL;

-- A paper may be about no case: its reminders are acts like the others.
ALTER TABLE act_done ALTER COLUMN case_id DROP NOT NULL;

CREATE FUNCTION keep_moment(
    old_act text, old_moment timestamptz, new_act text, new_moment timestamptz, subject uuid, of_case uuid
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF old_moment IS NOT DISTINCT FROM new_moment AND old_act IS NOT DISTINCT FROM new_act THEN
        RETURN;
    END IF;
    IF old_moment IS NOT NULL THEN
        UPDATE act_due SET is_over = true WHERE subject_id = subject AND act = old_act AND due_at = old_moment;
    END IF;
    IF new_moment IS NOT NULL THEN
        INSERT INTO act_due (subject_id, act, due_at, case_id) VALUES (subject, new_act, new_moment, of_case)
        ON CONFLICT (subject_id, act, due_at) DO UPDATE SET is_over = false;
    END IF;
END $$;

CREATE FUNCTION clock_moment(k clock) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS
    $$ SELECT CASE WHEN k.stopped_at IS NULL THEN k.chase_at END $$;
CREATE FUNCTION order_moment(o supervision_order) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS
    $$ SELECT CASE WHEN o.answered_at IS NULL AND o.ended_at IS NULL THEN o.chase_at END $$;
CREATE FUNCTION alert_moment(a alert) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS
    $$ SELECT CASE WHEN a.answered_at IS NULL THEN a.escalate_at END $$;
CREATE FUNCTION pause_act(c cases) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN c.paused = 'needs_info' THEN 'info_lapsed' WHEN c.paused_until = c.review_at THEN 'review_due'
        WHEN c.paused IS NOT NULL THEN 'review_lapsed' END $$;

CREATE FUNCTION keep_clock_moment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM keep_moment('long_overdue', clock_moment(OLD), 'long_overdue', clock_moment(NEW), NEW.id, NEW.case_id);
    RETURN NULL;
END $$;
CREATE TRIGGER clock_moment_is_kept AFTER UPDATE OF chase_at, stopped_at ON clock FOR EACH ROW
    WHEN (OLD.chase_at IS NOT NULL OR NEW.chase_at IS NOT NULL) EXECUTE FUNCTION keep_clock_moment();

CREATE FUNCTION keep_order_moment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM keep_moment('order_ignored', order_moment(OLD), 'order_ignored', order_moment(NEW), NEW.id, NEW.case_id);
    RETURN NULL;
END $$;
CREATE TRIGGER order_moment_is_kept AFTER UPDATE OF chase_at, answered_at, ended_at ON supervision_order FOR EACH ROW
    WHEN (OLD.chase_at IS NOT NULL OR NEW.chase_at IS NOT NULL) EXECUTE FUNCTION keep_order_moment();

CREATE FUNCTION keep_alert_moment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM keep_moment('alert_escalated', CASE WHEN TG_OP = 'UPDATE' THEN alert_moment(OLD) END, 'alert_escalated',
        alert_moment(NEW), NEW.id, NEW.case_id);
    RETURN NULL;
END $$;
CREATE TRIGGER alert_moment_is_kept AFTER INSERT OR UPDATE OF escalate_at, answered_at ON alert FOR EACH ROW
    EXECUTE FUNCTION keep_alert_moment();

CREATE FUNCTION keep_paper_moment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM keep_moment('paper_' || CASE OLD.chase WHEN 'remind' THEN 'reminder' ELSE OLD.chase END, OLD.chase_at,
        'paper_' || CASE NEW.chase WHEN 'remind' THEN 'reminder' ELSE NEW.chase END, NEW.chase_at, NEW.id, NEW.case_id);
    RETURN NULL;
END $$;
CREATE TRIGGER paper_moment_is_kept AFTER UPDATE OF chase, chase_at ON ladder_paper FOR EACH ROW
    EXECUTE FUNCTION keep_paper_moment();

CREATE FUNCTION keep_pause_moment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM keep_moment(pause_act(OLD), OLD.paused_until, pause_act(NEW), NEW.paused_until, NEW.id, NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER pause_moment_is_kept AFTER UPDATE OF paused, paused_until, review_at ON cases FOR EACH ROW
    WHEN (OLD.paused_until IS NOT NULL OR NEW.paused_until IS NOT NULL) EXECUTE FUNCTION keep_pause_moment();

-- What waits now, and what was done before this: the moments in between are not known.
INSERT INTO act_due (subject_id, act, due_at, case_id)
    SELECT id, 'long_overdue', clock_moment(k), case_id FROM clock k WHERE clock_moment(k) IS NOT NULL
    UNION ALL SELECT id, 'order_ignored', order_moment(o), case_id FROM supervision_order o
        WHERE order_moment(o) IS NOT NULL
    UNION ALL SELECT id, 'alert_escalated', alert_moment(a), case_id FROM alert a WHERE alert_moment(a) IS NOT NULL
    UNION ALL SELECT id, 'paper_' || CASE chase WHEN 'remind' THEN 'reminder' ELSE chase END, chase_at, case_id
        FROM ladder_paper WHERE chase_at IS NOT NULL
    UNION ALL SELECT id, pause_act(c), paused_until, id FROM cases c WHERE paused_until IS NOT NULL;
INSERT INTO act_due (subject_id, act, due_at, case_id, is_over)
    SELECT subject_id, act, due_at, case_id, true FROM act_done WHERE act NOT IN ('warn', 'breach', 'overdue_told')
    ON CONFLICT DO NOTHING;
