/**
 * What grows for ever no longer does, and what grows fastest takes less.
 *
 * Answers in a table with row ids, in the order in which they were given. In one without, a row of more than a kilobyte
 * needs a page of its own besides the one where its key belongs; here several share a page, and only the key has a place
 * to be found at.
 */
export const answers = `
-- There may be a million of them: they move over some at a time (\`ledger/answer-book.ts\`), and are found here meanwhile.
ALTER TABLE answers RENAME TO answers_before;
CREATE TABLE answers (
  number        INTEGER PRIMARY KEY,
  owner         TEXT NOT NULL,
  request_id    TEXT NOT NULL,
  body_hash     BLOB NOT NULL CHECK (length(body_hash) = 32),
  status        INTEGER NOT NULL,
  answer        TEXT NOT NULL,
  -- Where in the log its steps stand, which belong into the answer; NULL: it is whole.
  decision      INTEGER,
  plot          INTEGER,
  until_service INTEGER,
  at_service    INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX answers_by_request ON answers (owner, request_id);
CREATE INDEX answers_of_nothing ON answers (at_service) WHERE plot IS NULL;
CREATE INDEX answers_of_plot ON answers (plot) WHERE plot IS NOT NULL;
-- Requests that have their answer.
CREATE VIEW answered (owner, request_id) AS
  SELECT owner, request_id FROM answers UNION ALL SELECT owner, request_id FROM answers_before;

-- Both logs lose their oldest rows, no others and never all; what the decisions that are gone have promised stays counted.
CREATE TABLE log_before (
  singleton INTEGER PRIMARY KEY CHECK (singleton = 1),
  decisions INTEGER NOT NULL DEFAULT 0,
  promised  INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO log_before (singleton) VALUES (1);
DROP TRIGGER decisions_are_kept;
CREATE TRIGGER decisions_are_kept BEFORE DELETE ON decisions
WHEN OLD.number > (SELECT min(number) FROM decisions) OR OLD.number = (SELECT max(number) FROM decisions)
BEGIN SELECT RAISE(ABORT, 'decisions are append-only, and only the oldest go'); END;
CREATE TRIGGER decisions_go AFTER DELETE ON decisions BEGIN
  UPDATE log_before SET decisions = decisions + 1, promised = promised + OLD.promised_delta;
END;
DROP TRIGGER transfers_are_kept;
CREATE TRIGGER transfers_are_kept BEFORE DELETE ON transfers
WHEN OLD.number > (SELECT min(number) FROM transfers) OR OLD.number = (SELECT max(number) FROM transfers)
BEGIN SELECT RAISE(ABORT, 'transfers are append-only, and only the oldest go'); END;
`;
