-- Schema 6 as it was released, and rows as an installation of that version had them. Never edited.
-- A decision can pend; a CHECK can't be changed, so the log moves into a table with the wider one.
DROP TRIGGER decisions_append_only;
DROP TRIGGER decisions_are_kept;
CREATE TABLE decisions_wider (
  number         INTEGER PRIMARY KEY,
  at_ms          INTEGER NOT NULL,
  owner          TEXT NOT NULL,
  kind           TEXT NOT NULL CHECK (kind IN ('allocate', 'renew', 'resize', 'release', 'lapse', 'reclaim', 'erase', 'adopt')),
  outcome        TEXT NOT NULL CHECK (outcome IN ('granted', 'counter', 'pending', 'denied', 'done')),
  code           TEXT,
  plot           TEXT,
  ground         TEXT,
  requested      INTEGER,
  requested_s    INTEGER,
  purpose        TEXT,
  promised_delta INTEGER NOT NULL,
  params         TEXT NOT NULL,
  steps          TEXT NOT NULL
) STRICT;
INSERT INTO decisions_wider SELECT number, at_ms, owner, kind, outcome, code, plot, ground, requested, requested_s,
  purpose, promised_delta, params, steps FROM decisions;
DROP TABLE decisions;
ALTER TABLE decisions_wider RENAME TO decisions;
CREATE INDEX decisions_by_kind ON decisions (kind, outcome);
CREATE INDEX decisions_by_kind_time ON decisions (kind, outcome, at_ms);
CREATE INDEX decisions_by_owner_kind ON decisions (owner, kind, outcome);
CREATE INDEX decisions_by_owner_kind_time ON decisions (owner, kind, outcome, at_ms);
CREATE TRIGGER decisions_append_only BEFORE UPDATE ON decisions
BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
CREATE TRIGGER decisions_are_kept BEFORE DELETE ON decisions
BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;

-- Of what is charged, what is lent: kept by the same triggers, so that it is never counted anew.
ALTER TABLE usage ADD COLUMN lent INTEGER NOT NULL DEFAULT 0 CHECK (lent >= 0);
ALTER TABLE totals ADD COLUMN lent INTEGER NOT NULL DEFAULT 0 CHECK (lent >= 0);
DROP TRIGGER plots_charge;
CREATE TRIGGER plots_charge AFTER INSERT ON plots BEGIN
  INSERT INTO usage (owner, ground, promised, plots, lent)
    VALUES (NEW.owner, NEW.ground, NEW.promised, 1, iif(NEW.class = 'borrowed', NEW.promised, 0))
    ON CONFLICT (owner, ground) DO UPDATE SET promised = promised + excluded.promised, plots = plots + 1,
      lent = lent + excluded.lent;
  UPDATE totals SET promised = promised + NEW.promised, written = written + NEW.written,
    lent = lent + iif(NEW.class = 'borrowed', NEW.promised, 0);
END;
DROP TRIGGER plots_recharge;
CREATE TRIGGER plots_recharge AFTER UPDATE OF promised, ground, class, state ON plots
WHEN NEW.promised <> OLD.promised OR NEW.ground <> OLD.ground OR NEW.class <> OLD.class
  OR (NEW.state = 'gone') <> (OLD.state = 'gone') BEGIN
  UPDATE usage SET promised = promised - OLD.promised, plots = plots - 1,
      lent = lent - iif(OLD.class = 'borrowed', OLD.promised, 0)
    WHERE owner = OLD.owner AND ground = OLD.ground AND OLD.state <> 'gone';
  INSERT INTO usage (owner, ground, promised, plots, lent)
    SELECT NEW.owner, NEW.ground, NEW.promised, 1, iif(NEW.class = 'borrowed', NEW.promised, 0) WHERE NEW.state <> 'gone'
    ON CONFLICT (owner, ground) DO UPDATE SET promised = promised + excluded.promised, plots = plots + 1,
      lent = lent + excluded.lent;
  UPDATE totals SET promised = promised
      - iif(OLD.state = 'gone', 0, OLD.promised) + iif(NEW.state = 'gone', 0, NEW.promised),
    lent = lent - iif(OLD.state = 'gone' OR OLD.class <> 'borrowed', 0, OLD.promised)
      + iif(NEW.state = 'gone' OR NEW.class <> 'borrowed', 0, NEW.promised);
END;
UPDATE usage SET lent = coalesce((SELECT sum(promised) FROM plots
  WHERE plots.owner = usage.owner AND plots.ground = usage.ground AND class = 'borrowed' AND state <> 'gone'), 0);
UPDATE totals SET lent = coalesce((SELECT sum(lent) FROM usage), 0);

-- Requests that pend. An answered one stays until nobody can ask for its answer any more.
CREATE TABLE waiting (
  ticket         TEXT PRIMARY KEY CHECK (length(ticket) = 26),
  owner          TEXT NOT NULL,
  request_id     TEXT NOT NULL,
  body_hash      BLOB NOT NULL CHECK (length(body_hash) = 32),
  -- The request as JSON, because it is decided again with each poll.
  request        TEXT NOT NULL,
  why            TEXT NOT NULL CHECK (why IN ('queue', 'owner-approval')),
  -- What its grant would add to the promises.
  wanted         INTEGER NOT NULL CHECK (wanted > 0),
  -- The order of the line.
  place          INTEGER NOT NULL UNIQUE,
  since_ms       INTEGER NOT NULL,
  polled_service INTEGER NOT NULL,
  open           INTEGER NOT NULL DEFAULT 1 CHECK (open IN (0, 1)),
  -- What the owner answered, if he did.
  approved       INTEGER CHECK (approved IN (0, 1)),
  UNIQUE (owner, request_id)
) STRICT, WITHOUT ROWID;
-- What I wait for at friends'.
CREATE TABLE wishes (
  ticket     TEXT PRIMARY KEY CHECK (length(ticket) = 26),
  host       TEXT NOT NULL,
  why        TEXT NOT NULL,
  size       INTEGER NOT NULL CHECK (size > 0),
  duration_s INTEGER NOT NULL,
  since_ms   INTEGER NOT NULL,
  set_name   TEXT,
  plot       TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX waiting_open ON waiting (why, place) WHERE open = 1;
-- Rows.
INSERT INTO decisions (at_ms, owner, kind, outcome, code, plot, ground, requested, requested_s, purpose, promised_delta, params, steps) VALUES
  (13, 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 'allocate', 'pending', 'only-lent', NULL, 'fair-share', 99, 1, NULL, 0, '{}', '[]');
INSERT INTO waiting VALUES ('hhhhhhhhhhhhhhhhhhhhhhhhhh', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 'rrrrrrrrrrrrrrrrrrrrr3', x'0000000000000000000000000000000000000000000000000000000000000003', '{"v":1,"requestId":"rrrrrrrrrrrrrrrrrrrrr3","size":"99","duration":{"want":1},"why":[]}', 'queue', 67108963, 1, 13, 5000, 1, NULL);
INSERT INTO waiting VALUES ('iiiiiiiiiiiiiiiiiiiiiiiiii', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'rrrrrrrrrrrrrrrrrrrrr4', x'0000000000000000000000000000000000000000000000000000000000000004', '{"v":1,"requestId":"rrrrrrrrrrrrrrrrrrrrr4","size":"5","duration":{"want":1},"why":[]}', 'owner-approval', 67108869, 2, 14, 5000, 0, 0);
INSERT INTO wishes VALUES ('jjjjjjjjjjjjjjjjjjjjjjjjjj', 'cccccccccccccccccccccccccccccccccccccccccccccccccccc', 'queue', 1000, 86400, 15, 'Photos', NULL);
