-- By which doors a request is answered: the one it came by, and a second one where its requester chose one (seed 000-01).
-- Addresses other than the telephone (an openid, an e-mail address) are sealed; reply_index finds them again.

ALTER TABLE request
    ADD COLUMN reply_to bytea,
    ADD COLUMN reply_index bytea,
    ADD COLUMN second_by text NOT NULL DEFAULT 'none'
        CHECK (second_by IN ('none', 'phone', 'sms', 'wechat', 'web', 'email', 'mail')),
    ADD COLUMN second_to bytea,
    ADD COLUMN account_id uuid,
    ADD COLUMN portal text,
    ADD CONSTRAINT reply_index_of_address CHECK (reply_to IS NOT NULL OR reply_index IS NULL);

CREATE INDEX request_reply ON request (reply_index, filed_at) WHERE reply_index IS NOT NULL;
CREATE INDEX request_account ON request (account_id, filed_at) WHERE account_id IS NOT NULL;
CREATE INDEX request_portal ON request (portal, filed_at) WHERE portal IS NOT NULL;
