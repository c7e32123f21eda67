-- Schema 1 as it was released, and rows as an installation of that version had them. Never edited.
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
-- Rows.
INSERT INTO meta VALUES ('default-policy', '{"guards":{"maxPlots":40},"grounds":[{"kind":"fair-share","weight":2}]}');
INSERT INTO meta VALUES ('default-weight', '2');
INSERT INTO meta VALUES ('offer', '{"folder":"/srv/spare","offerBytes":"900000000000","keepFreeBytes":"1000","volume":"00000000000000000000000000000000"}');
INSERT INTO meta VALUES ('service-s', '5000');
INSERT INTO friends (owner, name, pet_name, since_ms, last_contact_ms, blocked) VALUES ('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'Ana', 'Mum', 1, 9000, 0);
INSERT INTO friends (owner, name, since_ms, blocked) VALUES ('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 'Ben Öztürk 🌱', 2, 1);
INSERT INTO friends (owner, name, since_ms, policy) VALUES ('cccccccccccccccccccccccccccccccccccccccccccccccccccc', 'Cleo', 3, '{"guards":{},"grounds":[{"kind":"always"}]}');
INSERT INTO friends (owner, name, since_ms, departed) VALUES ('dddddddddddddddddddddddddddddddddddddddddddddddddddd', 'Dan', 4, 1);
INSERT INTO devices VALUES ('eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', '11111111111111111111111111111111', 1, '{}', '["10.0.0.1:7"]', 0, 9000);
INSERT INTO devices VALUES ('ffffffffffffffffffffffffffffffffffffffffffffffffffff', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', '22222222222222222222222222222222', 2, '{}', '[]', 1, NULL);
INSERT INTO plots (number, id, owner, ground, class, state, size, promised, written, reserved, from_ms, until_service, grace_s, renewals, purpose) VALUES
  (1, 'aaaaaaaaaaaaaaaaaaaaaaaaaa', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'fair-share', 'guaranteed', 'active', 10000000000, 10100000000, 0, 0, 5, 2683400, 1209600, 3, 'photos'),
  (2, 'bbbbbbbbbbbbbbbbbbbbbbbbbb', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'fair-share', 'borrowed', 'grace', 1000, 67109864, 0, 0, 6, 4000, 172800, 0, NULL),
  (3, 'cccccccccccccccccccccccccc', 'cccccccccccccccccccccccccccccccccccccccccccccccccccc', 'always', 'guaranteed', 'released', 5000, 67113864, 0, 0, 7, 9000, 1209600, 0, NULL),
  (4, 'dddddddddddddddddddddddddd', 'dddddddddddddddddddddddddddddddddddddddddddddddddddd', 'always', 'guaranteed', 'active', 6000, 67114864, 0, 0, 8, 9000, 1209600, 0, NULL),
  (5, 'eeeeeeeeeeeeeeeeeeeeeeeeee', 'zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz', 'always', 'guaranteed', 'reclaimable', 7000, 67115864, 0, 0, 9, 10, 10, 0, NULL);
UPDATE plots SET state = 'gone', ended_service = 4500 WHERE number = 4;
UPDATE plots SET ended_service = 4900 WHERE number = 3;
UPDATE plots SET written = 1510, reserved = 40 WHERE number = 1;
UPDATE plots SET written = 300 WHERE number = 2;
UPDATE plots SET written = 77 WHERE number = 5;
INSERT INTO objects VALUES (1, 0, x'', 155), (1, 1, x'0000000000000000000000000000000000000000000000000000000000000001', 455), (1, 4, x'0000000000000000000000000000000000000000000000000000000000000002', 100), (1, 5, x'0000000000000000000000000000000000000000000000000000000000000003', 700), (1, 5, x'0000000000000000000000000000000000000000000000000000000000000004', 0),
  (2, 3, x'0000000000000000000000000000000000000000000000000000000000000005', 300), (5, 5, x'0000000000000000000000000000000000000000000000000000000000000006', 77);
INSERT INTO reservations (plot, type, name, size) VALUES (1, 5, x'0000000000000000000000000000000000000000000000000000000000000007', 40);
INSERT INTO removals VALUES (1, 5, x'0000000000000000000000000000000000000000000000000000000000000008', 100);
INSERT INTO transfers (at_ms, plot, kind, type, name, size) VALUES (10, 1, 'post', 5, x'0000000000000000000000000000000000000000000000000000000000000003', 700), (11, 1, 'void', 5, x'0000000000000000000000000000000000000000000000000000000000000009', 5),
  (12, 1, 'removed', 5, x'000000000000000000000000000000000000000000000000000000000000000a', 6), (13, 1, 'missing', 5, x'000000000000000000000000000000000000000000000000000000000000000b', 8), (14, 1, 'missing', 4, x'000000000000000000000000000000000000000000000000000000000000000c', 9), (15, 1, 'found', 4, x'000000000000000000000000000000000000000000000000000000000000000c', 9),
  (16, 4, 'missing', 5, x'000000000000000000000000000000000000000000000000000000000000000d', 9), (17, 4, 'erased', 0, x'', 0);
INSERT INTO decisions (at_ms, owner, kind, outcome, code, plot, ground, requested, requested_s, purpose, promised_delta, params, steps) VALUES
  (5, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'allocate', 'granted', NULL, 'aaaaaaaaaaaaaaaaaaaaaaaaaa', 'fair-share', 10000000000, 2678400, 'photos', 10100000000, '{}', '[]'),
  (6, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'allocate', 'granted', NULL, 'bbbbbbbbbbbbbbbbbbbbbbbbbb', 'fair-share', 1000, 604800, NULL, 67109864, '{}', '[]'),
  (7, 'cccccccccccccccccccccccccccccccccccccccccccccccccccc', 'allocate', 'granted', NULL, 'cccccccccccccccccccccccccc', 'always', 5000, 4000, NULL, 67113864, '{}', '[]'),
  (8, 'dddddddddddddddddddddddddddddddddddddddddddddddddddd', 'adopt', 'done', NULL, 'dddddddddddddddddddddddddd', 'always', 6000, NULL, NULL, 67114864, '{}', '[]'),
  (9, 'zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz', 'adopt', 'done', NULL, 'eeeeeeeeeeeeeeeeeeeeeeeeee', 'always', 7000, NULL, NULL, 67115864, '{}', '[]'),
  (10, 'dddddddddddddddddddddddddddddddddddddddddddddddddddd', 'erase', 'done', NULL, 'dddddddddddddddddddddddddd', 'always', NULL, NULL, NULL, -67114864, '{}', '[]'),
  (11, 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 'allocate', 'denied', 'over-share', NULL, NULL, 99, 1, NULL, 0, '{"shareBytes":"5"}', '[]'),
  (12, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'lapse', 'done', NULL, 'bbbbbbbbbbbbbbbbbbbbbbbbbb', 'fair-share', NULL, NULL, NULL, 0, '{"state":"grace"}', '[]');
INSERT INTO answers VALUES ('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'rrrrrrrrrrrrrrrrrrrrr1', x'0000000000000000000000000000000000000000000000000000000000000001', 200, '{"type":"granted","plot":"aaaaaaaaaaaaaaaaaaaaaaaaaa","size":"10000000000","class":"guaranteed","ttl":1000,"expiresAt":"2026-11-26T00:00:00.000Z","serverTime":"2026-11-26T00:00:00.000Z","grace":1209600,"renewFrom":500,"share":{"shareBytes":"500","useBytes":"100","mayAskBytes":"300"},"steps":[],"receipt":{"signed":"AA","signature":"AA"}}', 'aaaaaaaaaaaaaaaaaaaaaaaaaa', 2683400, 3000);
INSERT INTO answers VALUES ('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 'rrrrrrrrrrrrrrrrrrrrr2', x'0000000000000000000000000000000000000000000000000000000000000002', 507, '{"type":"denied","reasons":[{"code":"over-share","ground":"fair-share","params":{}}],"final":false,"steps":[]}', NULL, NULL, 4000);
