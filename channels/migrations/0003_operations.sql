-- The operations page counts what went out lately and what did not, whatever the table has grown to.

CREATE INDEX outbox_sent ON outbox_message (sent_at) WHERE sent_at IS NOT NULL;
CREATE INDEX outbox_failed ON outbox_message (channel) WHERE state = 'failed';
