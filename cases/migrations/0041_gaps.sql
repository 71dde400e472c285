-- Which articles answered, and what the knowledge did not answer: each gap with its owner and due date.
CREATE TABLE article_use (
    case_id uuid PRIMARY KEY REFERENCES cases ON DELETE RESTRICT,
    article_id uuid NOT NULL REFERENCES article ON DELETE RESTRICT,
    version integer NOT NULL CHECK (version > 0),
    at timestamptz NOT NULL,
    person_id uuid NOT NULL
);
CREATE INDEX article_use_article ON article_use (article_id, version, at);

CREATE TABLE knowledge_gap (
    id uuid PRIMARY KEY,
    number text NOT NULL UNIQUE,
    question text NOT NULL CHECK (question <> ''),
    matter text NOT NULL DEFAULT '',
    county text NOT NULL DEFAULT '',
    why text NOT NULL CHECK (why IN ('no_answer', 'did_not_help', 'asked')),
    article_id uuid REFERENCES article ON DELETE RESTRICT,
    owner text NOT NULL CHECK (owner <> ''),
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'drafted', 'settled', 'refused')),
    due_at timestamptz NOT NULL,
    told smallint NOT NULL DEFAULT 0,
    times integer NOT NULL DEFAULT 1 CHECK (times > 0),
    raised_by uuid NOT NULL,
    raised_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    draft_id uuid REFERENCES article ON DELETE RESTRICT,
    decided_by uuid,
    decided_at timestamptz,
    reason text NOT NULL DEFAULT '',
    CHECK (why <> 'did_not_help' OR article_id IS NOT NULL),
    CHECK (state <> 'drafted' OR draft_id IS NOT NULL),
    CHECK ((state IN ('settled', 'refused')) = (decided_at IS NOT NULL)),
    CHECK (state <> 'refused' OR reason <> '')
);
CREATE INDEX knowledge_gap_open ON knowledge_gap (due_at) WHERE state IN ('open', 'drafted');
CREATE INDEX knowledge_gap_owner ON knowledge_gap (owner, state);
CREATE INDEX knowledge_gap_draft ON knowledge_gap (draft_id) WHERE state = 'drafted';

-- Each time that it was asked, by whom, after which version of which article, with their words if any.
CREATE TABLE gap_ask (
    id uuid PRIMARY KEY,
    gap_id uuid NOT NULL REFERENCES knowledge_gap ON DELETE RESTRICT,
    at timestamptz NOT NULL,
    person_id uuid NOT NULL,
    article_id uuid REFERENCES article ON DELETE RESTRICT,
    version integer,
    words text NOT NULL DEFAULT ''
);
CREATE INDEX gap_ask_gap ON gap_ask (gap_id, at);
CREATE INDEX gap_ask_article ON gap_ask (article_id, version, at) WHERE article_id IS NOT NULL;
