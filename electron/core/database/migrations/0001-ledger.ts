/**
 * The first schema. It defends itself: STRICT tables, CHECKs for what must hold in every row (I2),
 * triggers for what must never change, and counters kept by triggers, so that a quota check is O(1)
 * and a rolled back savepoint rolls its counters back with it (design §4).
 */
export const ledger = `
CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE friends (
  owner           TEXT PRIMARY KEY CHECK (length(owner) = 52),
  name            TEXT NOT NULL,
  pet_name        TEXT,
  since_ms        INTEGER NOT NULL,
  last_contact_ms INTEGER,
  blocked         INTEGER NOT NULL DEFAULT 0 CHECK (blocked IN (0, 1)),
  departed        INTEGER NOT NULL DEFAULT 0 CHECK (departed IN (0, 1)),
  policy          TEXT,
  weight          INTEGER NOT NULL DEFAULT 0 CHECK (weight >= 0)
) STRICT;

-- A friend without a policy of his own has the weight of the default policy.
CREATE TRIGGER friends_weigh AFTER INSERT ON friends WHEN NEW.policy IS NULL BEGIN
  UPDATE friends SET weight = coalesce((SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'default-weight'), 0)
    WHERE owner = NEW.owner;
END;

CREATE TABLE devices (
  device          TEXT PRIMARY KEY CHECK (length(device) = 52),
  owner           TEXT NOT NULL REFERENCES friends (owner),
  instance        TEXT NOT NULL,
  serial          INTEGER NOT NULL CHECK (serial >= 0),
  statement       TEXT NOT NULL,
  addresses       TEXT NOT NULL DEFAULT '[]',
  revoked         INTEGER NOT NULL DEFAULT 0 CHECK (revoked IN (0, 1)),
  last_contact_ms INTEGER
) STRICT;
CREATE INDEX devices_by_owner ON devices (owner);

-- Owners of plots may be unknown (a plot found on the disk after the database was lost), so no foreign key.
CREATE TABLE plots (
  number         INTEGER PRIMARY KEY,
  id             TEXT NOT NULL UNIQUE CHECK (length(id) = 26),
  owner          TEXT NOT NULL,
  ground         TEXT NOT NULL,
  class          TEXT NOT NULL CHECK (class IN ('guaranteed', 'borrowed')),
  state          TEXT NOT NULL CHECK (state IN ('active', 'grace', 'reclaimable', 'released', 'gone')),
  size           INTEGER NOT NULL CHECK (size > 0),
  promised       INTEGER NOT NULL CHECK (promised > size),
  written        INTEGER NOT NULL DEFAULT 0 CHECK (written >= 0),
  reserved       INTEGER NOT NULL DEFAULT 0 CHECK (reserved >= 0),
  from_ms        INTEGER NOT NULL,
  -- Seconds of service time, so that an outage is nobody's loss (design 3.4).
  until_service  INTEGER NOT NULL,
  grace_s        INTEGER NOT NULL CHECK (grace_s >= 0),
  renewals       INTEGER NOT NULL DEFAULT 0 CHECK (renewals >= 0),
  purpose        TEXT,
  ended_service  INTEGER,
  -- I2; a plot found fuller than its promise by reconciliation is corrected by raising the promise first.
  CONSTRAINT written_within_promise CHECK (written + reserved <= promised)
) STRICT;
CREATE INDEX plots_by_owner ON plots (owner, state);
CREATE INDEX plots_due ON plots (until_service) WHERE state IN ('active', 'grace');
CREATE INDEX plots_released ON plots (number) WHERE state = 'released';

CREATE TRIGGER plots_keep_identity BEFORE UPDATE OF id, owner, from_ms ON plots
WHEN NEW.id IS NOT OLD.id OR NEW.owner IS NOT OLD.owner OR NEW.from_ms IS NOT OLD.from_ms
BEGIN SELECT RAISE(ABORT, 'a plot keeps its id, its owner and its beginning'); END;

CREATE TRIGGER plots_stay_gone BEFORE UPDATE OF state ON plots
WHEN OLD.state = 'gone' OR (OLD.state = 'released' AND NEW.state <> 'gone' AND NEW.state <> 'released')
BEGIN SELECT RAISE(ABORT, 'a released plot never comes back'); END;

CREATE TRIGGER plots_go_empty BEFORE UPDATE OF state ON plots
WHEN NEW.state = 'gone' AND (NEW.written <> 0 OR NEW.reserved <> 0)
BEGIN SELECT RAISE(ABORT, 'a plot goes only when its bytes are off the disk'); END;

CREATE TRIGGER plots_are_kept BEFORE DELETE ON plots
BEGIN SELECT RAISE(ABORT, 'plots are kept for the record'); END;

-- What each friend is charged under each ground, and everybody together.
CREATE TABLE usage (
  owner    TEXT NOT NULL,
  ground   TEXT NOT NULL,
  promised INTEGER NOT NULL DEFAULT 0 CHECK (promised >= 0),
  plots    INTEGER NOT NULL DEFAULT 0 CHECK (plots >= 0),
  PRIMARY KEY (owner, ground)
) STRICT, WITHOUT ROWID;

CREATE TABLE totals (
  singleton INTEGER PRIMARY KEY CHECK (singleton = 1),
  promised  INTEGER NOT NULL DEFAULT 0 CHECK (promised >= 0),
  written   INTEGER NOT NULL DEFAULT 0 CHECK (written >= 0)
) STRICT;
INSERT INTO totals (singleton) VALUES (1);

CREATE TRIGGER plots_charge AFTER INSERT ON plots BEGIN
  INSERT INTO usage (owner, ground, promised, plots)
    VALUES (NEW.owner, NEW.ground, NEW.promised, 1)
    ON CONFLICT (owner, ground) DO UPDATE SET promised = promised + excluded.promised, plots = plots + 1;
  UPDATE totals SET promised = promised + NEW.promised, written = written + NEW.written;
END;

CREATE TRIGGER plots_recharge AFTER UPDATE OF promised, ground, state ON plots
WHEN NEW.promised <> OLD.promised OR NEW.ground <> OLD.ground OR (NEW.state = 'gone') <> (OLD.state = 'gone') BEGIN
  UPDATE usage SET promised = promised - OLD.promised, plots = plots - 1
    WHERE owner = OLD.owner AND ground = OLD.ground AND OLD.state <> 'gone';
  INSERT INTO usage (owner, ground, promised, plots)
    SELECT NEW.owner, NEW.ground, NEW.promised, 1 WHERE NEW.state <> 'gone'
    ON CONFLICT (owner, ground) DO UPDATE SET promised = promised + excluded.promised, plots = plots + 1;
  UPDATE totals SET promised = promised
    - CASE OLD.state WHEN 'gone' THEN 0 ELSE OLD.promised END
    + CASE NEW.state WHEN 'gone' THEN 0 ELSE NEW.promised END;
END;

CREATE TRIGGER plots_rewrite AFTER UPDATE OF written ON plots
WHEN NEW.written <> OLD.written BEGIN
  UPDATE totals SET written = written + NEW.written - OLD.written;
END;

-- Types are the index into objectTypes (shared/model/plot.ts); names are the 32 bytes of a SHA-256, empty for config.
CREATE TABLE objects (
  plot INTEGER NOT NULL REFERENCES plots (number),
  type INTEGER NOT NULL CHECK (type BETWEEN 0 AND 5),
  name BLOB NOT NULL CHECK (length(name) IN (0, 32)),
  size INTEGER NOT NULL CHECK (size >= 0),
  PRIMARY KEY (plot, type, name)
) STRICT, WITHOUT ROWID;

-- Uploads under way: bytes set aside before the first of them is read.
CREATE TABLE reservations (
  -- Never used again, so that a late void cannot hit somebody else.
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  plot   INTEGER NOT NULL REFERENCES plots (number),
  type   INTEGER NOT NULL CHECK (type BETWEEN 0 AND 5),
  name   BLOB NOT NULL CHECK (length(name) IN (0, 32)),
  size   INTEGER NOT NULL CHECK (size >= 0)
) STRICT;

-- Objects that are gone for everybody while their file may still lie on the disk.
CREATE TABLE removals (
  plot INTEGER NOT NULL REFERENCES plots (number),
  type INTEGER NOT NULL CHECK (type BETWEEN 0 AND 5),
  name BLOB NOT NULL CHECK (length(name) IN (0, 32)),
  size INTEGER NOT NULL CHECK (size >= 0),
  PRIMARY KEY (plot, type, name)
) STRICT, WITHOUT ROWID;

-- Append-only: every byte that came and went.
CREATE TABLE transfers (
  number INTEGER PRIMARY KEY,
  at_ms  INTEGER NOT NULL,
  plot   INTEGER NOT NULL REFERENCES plots (number),
  kind   TEXT NOT NULL CHECK (kind IN ('post', 'void', 'removed', 'found', 'missing', 'erased')),
  type   INTEGER NOT NULL,
  name   BLOB NOT NULL,
  size   INTEGER NOT NULL
) STRICT;
CREATE TRIGGER transfers_append_only BEFORE UPDATE ON transfers
BEGIN SELECT RAISE(ABORT, 'transfers are append-only'); END;
CREATE TRIGGER transfers_are_kept BEFORE DELETE ON transfers
BEGIN SELECT RAISE(ABORT, 'transfers are append-only'); END;

-- Append-only: every decision, with all its steps. Adding up promised_delta gives totals.promised.
CREATE TABLE decisions (
  number         INTEGER PRIMARY KEY,
  at_ms          INTEGER NOT NULL,
  owner          TEXT NOT NULL,
  kind           TEXT NOT NULL CHECK (kind IN ('allocate', 'renew', 'resize', 'release', 'lapse', 'reclaim', 'erase', 'adopt')),
  outcome        TEXT NOT NULL CHECK (outcome IN ('granted', 'counter', 'denied', 'done')),
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
CREATE INDEX decisions_by_owner ON decisions (owner, number);
CREATE TRIGGER decisions_append_only BEFORE UPDATE ON decisions
BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
CREATE TRIGGER decisions_are_kept BEFORE DELETE ON decisions
BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;

-- The answer to each request id, so that a repetition gets the same one (design 3.1).
CREATE TABLE answers (
  owner         TEXT NOT NULL,
  request_id    TEXT NOT NULL,
  body_hash     BLOB NOT NULL CHECK (length(body_hash) = 32),
  status        INTEGER NOT NULL,
  answer        TEXT NOT NULL,
  plot          TEXT,
  until_service INTEGER,
  at_service    INTEGER NOT NULL,
  PRIMARY KEY (owner, request_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX answers_by_age ON answers (at_service);
`;
