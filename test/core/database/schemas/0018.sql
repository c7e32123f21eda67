-- Schema 18 as it was released, and rows as an installation of that version had them. Never edited.
-- There may be a million of them: they move over some at a time (`ledger/answer-book.ts`), and are found here meanwhile.
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
  UPDATE plots SET unlogged = 1 WHERE OLD.kind = 'erase' AND id = OLD.plot AND state = 'gone';
END;

-- A transfer outlives its plot's row; and of what nobody is shown only as much moves over as stays anyway.
ALTER TABLE transfers RENAME TO transfers_before;
CREATE TABLE transfers (
  number INTEGER PRIMARY KEY,
  at_ms  INTEGER NOT NULL,
  plot   INTEGER NOT NULL,
  kind   TEXT NOT NULL CHECK (kind IN ('post', 'void', 'removed', 'found', 'missing', 'erased')),
  type   INTEGER NOT NULL,
  name   BLOB NOT NULL,
  size   INTEGER NOT NULL
) STRICT;
INSERT INTO transfers SELECT number, at_ms, plot, kind, type, name, size FROM transfers_before
  WHERE number > (SELECT coalesce(max(number), 0) FROM transfers_before) - 200000;
DROP TABLE transfers_before;
CREATE TRIGGER transfers_append_only BEFORE UPDATE ON transfers
BEGIN SELECT RAISE(ABORT, 'transfers are append-only'); END;
CREATE TRIGGER transfers_are_kept BEFORE DELETE ON transfers
WHEN OLD.number > (SELECT min(number) FROM transfers) OR OLD.number = (SELECT max(number) FROM transfers)
BEGIN SELECT RAISE(ABORT, 'transfers are append-only, and only the oldest go'); END;
CREATE TRIGGER transfers_lose AFTER INSERT ON transfers WHEN NEW.kind = 'missing' BEGIN
  -- Lost a second time under another size, it is still the first that its guest wants back.
  INSERT OR IGNORE INTO missing (plot, type, name, size) VALUES (NEW.plot, NEW.type, NEW.name, NEW.size);
END;
CREATE TRIGGER transfers_bring_back AFTER INSERT ON transfers WHEN NEW.kind IN ('post', 'found', 'removed') BEGIN
  -- A file of another size under the old name is not what was lost.
  DELETE FROM missing WHERE plot = NEW.plot AND type = NEW.type AND name = NEW.name
    AND (NEW.kind <> 'found' OR size = NEW.size);
END;
CREATE TRIGGER transfers_give_up AFTER INSERT ON transfers WHEN NEW.kind = 'erased' BEGIN
  DELETE FROM missing WHERE plot = NEW.plot;
END;

-- A plot's row stays as long as the log says how it ended. The newest stays besides, so that no number comes twice.
ALTER TABLE plots ADD COLUMN unlogged INTEGER NOT NULL DEFAULT 0 CHECK (unlogged IN (0, 1));
CREATE INDEX plots_unlogged ON plots (ended_service, number) WHERE unlogged = 1;
DROP TRIGGER plots_are_kept;
CREATE TRIGGER plots_are_kept BEFORE DELETE ON plots
WHEN OLD.state <> 'gone' OR OLD.unlogged = 0 OR OLD.number = (SELECT max(number) FROM plots)
BEGIN SELECT RAISE(ABORT, 'plots are kept for the record'); END;
CREATE TRIGGER plots_go BEFORE DELETE ON plots BEGIN
  DELETE FROM damages WHERE plot = OLD.number;
  DELETE FROM delegates WHERE plot = OLD.number;
END;

DROP TRIGGER note_movements_are_kept;
CREATE TRIGGER note_movements_are_kept BEFORE DELETE ON note_movements
WHEN OLD.number > (SELECT min(number) FROM note_movements) OR OLD.number = (SELECT max(number) FROM note_movements)
BEGIN SELECT RAISE(ABORT, 'note movements are append-only, and only the oldest go'); END;
CREATE INDEX voucher_links_by_end ON voucher_links (until_ms);
-- It goes with its keyset; of some the keyset has gone before.
DELETE FROM mint_issues WHERE keyset IN (SELECT id FROM mint_keysets WHERE secret = zeroblob(32));

-- When a plan ends, by its keeper's clock; NULL: not by itself.
ALTER TABLE accounts ADD COLUMN until_ms INTEGER;
ALTER TABLE memberships ADD COLUMN until_ms INTEGER;
-- Rows.
INSERT INTO answers (owner, request_id, body_hash, status, answer, decision, plot, until_service, at_service) VALUES ('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 'rrrrrrrrrrrrrrrrrrrr12', x'000000000000000000000000000000000000000000000000000000000000000c', 507, '{"type":"denied","reasons":[{"code":"over-share","ground":"fair-share","params":{}}],"final":false}', 7, NULL, NULL, 4950);
UPDATE plots SET unlogged = 1 WHERE number = 4;
UPDATE log_before SET decisions = 0;
UPDATE accounts SET until_ms = 100000 WHERE name = 'Closed one';
UPDATE memberships SET until_ms = 100001;
