-- Schema 9 as it was released, and rows as an installation of that version had them. Never edited.
CREATE TABLE mint_keysets (
  id         TEXT PRIMARY KEY CHECK (length(id) = 26),
  public     BLOB NOT NULL CHECK (length(public) = 32),
  secret     BLOB NOT NULL CHECK (length(secret) = 32),
  begun_ms   INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL UNIQUE CHECK (expires_ms > begun_ms),
  -- ended: its time is over. closed: this book was found to be an older copy, which may not know what was spent.
  state      TEXT NOT NULL DEFAULT 'live' CHECK (state IN ('live', 'ended', 'closed')),
  -- When it was first found to be over; it ends for good only when it still is after a day of service.
  over_service INTEGER,
  issued     INTEGER NOT NULL DEFAULT 0 CHECK (issued >= 0),
  redeemed   INTEGER NOT NULL DEFAULT 0 CHECK (redeemed >= 0),
  CONSTRAINT redeemed_was_issued CHECK (redeemed <= issued)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER mint_keysets_stay_over BEFORE UPDATE OF state ON mint_keysets
WHEN OLD.state <> 'live' AND NEW.state <> OLD.state
BEGIN SELECT RAISE(ABORT, 'a keyset that is over stays over'); END;

-- owed: units that wait to be fetched. outstanding = issued - redeemed - expired + owed.
CREATE TABLE mint_totals (
  singleton INTEGER PRIMARY KEY CHECK (singleton = 1),
  issued    INTEGER NOT NULL DEFAULT 0 CHECK (issued >= 0),
  redeemed  INTEGER NOT NULL DEFAULT 0 CHECK (redeemed >= 0),
  expired   INTEGER NOT NULL DEFAULT 0 CHECK (expired >= 0),
  owed      INTEGER NOT NULL DEFAULT 0 CHECK (owed >= 0),
  -- How often anything was issued or taken in; compared with the mark beside the book.
  count     INTEGER NOT NULL DEFAULT 0 CHECK (count >= 0),
  closed_ms INTEGER
) STRICT;
INSERT INTO mint_totals (singleton) VALUES (1);

CREATE TABLE mint_claims (
  id      TEXT PRIMARY KEY CHECK (length(id) = 26),
  owner   TEXT NOT NULL,
  units   INTEGER NOT NULL CHECK (units > 0),
  -- Change and refunds are of the keyset that was paid with; presents of whichever is used when they are fetched.
  keyset  TEXT REFERENCES mint_keysets (id),
  plot    TEXT,
  why     TEXT NOT NULL CHECK (why IN ('present', 'order', 'change', 'refund')),
  order_id TEXT,
  part    INTEGER,
  made_ms INTEGER NOT NULL,
  made_service INTEGER NOT NULL,
  state   TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'fetched', 'void')),
  UNIQUE (order_id, part)
) STRICT, WITHOUT ROWID;
CREATE INDEX mint_claims_open ON mint_claims (owner) WHERE state = 'open';
CREATE TRIGGER mint_claims_owe AFTER INSERT ON mint_claims WHEN NEW.state = 'open' BEGIN
  UPDATE mint_totals SET owed = owed + NEW.units;
END;
CREATE TRIGGER mint_claims_settle AFTER UPDATE OF state ON mint_claims
WHEN OLD.state = 'open' AND NEW.state <> 'open' BEGIN
  UPDATE mint_totals SET owed = owed - NEW.units;
END;
CREATE TRIGGER mint_claims_settle_once BEFORE UPDATE ON mint_claims
WHEN OLD.state <> 'open' OR NEW.units <> OLD.units OR NEW.owner <> OLD.owner
BEGIN SELECT RAISE(ABORT, 'a claim is settled once and does not change'); END;

-- Requests that moved notes, with what was asked to be made and, once it was, what was made.
CREATE TABLE mint_requests (
  owner      TEXT NOT NULL,
  request_id TEXT NOT NULL CHECK (length(request_id) = 22),
  body_hash  BLOB NOT NULL CHECK (length(body_hash) = 32),
  blanks     TEXT NOT NULL,
  answer     TEXT,
  -- It can be asked for again as long as what it brings is worth something.
  keyset     TEXT NOT NULL REFERENCES mint_keysets (id),
  at_ms      INTEGER NOT NULL,
  PRIMARY KEY (owner, request_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX mint_requests_by_keyset ON mint_requests (keyset);

CREATE TABLE mint_issues (
  number INTEGER PRIMARY KEY,
  keyset TEXT NOT NULL REFERENCES mint_keysets (id),
  owner  TEXT NOT NULL,
  units  INTEGER NOT NULL CHECK (units > 0),
  at_ms  INTEGER NOT NULL
) STRICT;
CREATE TRIGGER mint_issues_while_live BEFORE INSERT ON mint_issues
WHEN (SELECT state FROM mint_keysets WHERE id = NEW.keyset) <> 'live'
BEGIN SELECT RAISE(ABORT, 'nothing is issued in a keyset that is over'); END;
CREATE TRIGGER mint_issues_count AFTER INSERT ON mint_issues BEGIN
  UPDATE mint_keysets SET issued = issued + NEW.units WHERE id = NEW.keyset;
  UPDATE mint_totals SET issued = issued + NEW.units;
END;
CREATE TRIGGER mint_issues_are_kept BEFORE UPDATE ON mint_issues
BEGIN SELECT RAISE(ABORT, 'what was issued is append-only'); END;

-- Each note that came back: held until the plot it paid for is used, then spent. Dropped long after its keyset is over.
CREATE TABLE mint_spent (
  keyset    TEXT NOT NULL REFERENCES mint_keysets (id),
  nullifier BLOB NOT NULL CHECK (length(nullifier) = 32),
  units     INTEGER NOT NULL CHECK (units > 0),
  state     TEXT NOT NULL CHECK (state IN ('held', 'spent')),
  plot      TEXT,
  PRIMARY KEY (keyset, nullifier)
) STRICT, WITHOUT ROWID;
CREATE INDEX mint_spent_held ON mint_spent (plot) WHERE state = 'held';
CREATE TRIGGER mint_spent_while_live BEFORE INSERT ON mint_spent
WHEN (SELECT state FROM mint_keysets WHERE id = NEW.keyset) <> 'live'
BEGIN SELECT RAISE(ABORT, 'nothing is taken in of a keyset that is over'); END;
CREATE TRIGGER mint_spent_count AFTER INSERT ON mint_spent BEGIN
  UPDATE mint_keysets SET redeemed = redeemed + NEW.units WHERE id = NEW.keyset;
  UPDATE mint_totals SET redeemed = redeemed + NEW.units;
END;
CREATE TRIGGER mint_spent_stays BEFORE UPDATE ON mint_spent
WHEN OLD.state = 'spent' OR NEW.keyset <> OLD.keyset OR NEW.nullifier <> OLD.nullifier OR NEW.units <> OLD.units
BEGIN SELECT RAISE(ABORT, 'a spent note stays spent'); END;
CREATE TRIGGER mint_spent_kept BEFORE DELETE ON mint_spent
WHEN (SELECT state FROM mint_keysets WHERE id = OLD.keyset) = 'live'
BEGIN SELECT RAISE(ABORT, 'a spent note is remembered as long as its keyset lives'); END;

-- What is over is owed to nobody any more.
CREATE TRIGGER mint_keysets_end AFTER UPDATE OF state ON mint_keysets
WHEN OLD.state = 'live' AND NEW.state <> 'live' BEGIN
  UPDATE mint_totals SET expired = expired + NEW.issued - NEW.redeemed;
  UPDATE mint_claims SET state = 'void' WHERE keyset = NEW.id AND state = 'open';
END;

-- What a plot cost, change taken off, while nothing lies in it: that is what comes back if it ends unused.
CREATE TABLE mint_plot_holds (
  plot   TEXT NOT NULL,
  keyset TEXT NOT NULL REFERENCES mint_keysets (id),
  owner  TEXT NOT NULL,
  units  INTEGER NOT NULL CHECK (units > 0),
  PRIMARY KEY (plot, keyset)
) STRICT, WITHOUT ROWID;

-- What was paid for until a time that is over goes when its room is wanted (design 3.4).
CREATE INDEX plots_paid_and_over ON plots (until_service, number) WHERE state = 'reclaimable' AND ground = 'notes';

-- Notes of others.
CREATE TABLE wallet_keysets (
  id         TEXT PRIMARY KEY CHECK (length(id) = 26),
  owner      TEXT NOT NULL,
  device     TEXT NOT NULL,
  public     BLOB NOT NULL CHECK (length(public) = 32),
  expires_ms INTEGER NOT NULL,
  seen_ms    INTEGER NOT NULL,
  -- Two that end at the same time would tell the people apart who hold their notes.
  UNIQUE (device, expires_ms)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER wallet_keysets_stay BEFORE UPDATE ON wallet_keysets
BEGIN SELECT RAISE(ABORT, 'the key that was seen first counts'); END;

CREATE TABLE wallet_notes (
  secret BLOB PRIMARY KEY CHECK (length(secret) = 32),
  keyset TEXT NOT NULL REFERENCES wallet_keysets (id),
  k      INTEGER NOT NULL CHECK (k BETWEEN 0 AND 20),
  output BLOB NOT NULL CHECK (length(output) = 64),
  state  TEXT NOT NULL CHECK (state IN ('free', 'held', 'spent', 'expired')),
  errand TEXT,
  CHECK (state <> 'held' OR errand IS NOT NULL)
) STRICT, WITHOUT ROWID;
CREATE INDEX wallet_notes_by_keyset ON wallet_notes (keyset, state);
CREATE INDEX wallet_notes_by_errand ON wallet_notes (errand) WHERE errand IS NOT NULL;
CREATE TRIGGER wallet_notes_stay_spent BEFORE UPDATE OF state ON wallet_notes
WHEN OLD.state IN ('spent', 'expired') AND NEW.state <> OLD.state
BEGIN SELECT RAISE(ABORT, 'a note that is gone does not come back'); END;

CREATE TABLE wallet_errands (
  request_id TEXT PRIMARY KEY CHECK (length(request_id) = 22),
  kind       TEXT NOT NULL CHECK (kind IN ('withdraw', 'swap', 'change', 'receive', 'send', 'pay', 'recover')),
  owner      TEXT NOT NULL,
  device     TEXT NOT NULL,
  partner    TEXT,
  -- With secrets and blinds, as long as it is open.
  blinds     TEXT NOT NULL,
  message    TEXT NOT NULL,
  units      INTEGER NOT NULL CHECK (units > 0),
  plot       TEXT,
  began_ms   INTEGER NOT NULL,
  ended_ms   INTEGER,
  state      TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done', 'undone', 'spent')),
  -- Of one that another device asked for: its request, so that a repetition is answered the same.
  asked_by   TEXT,
  asked_id   TEXT,
  asked_hash BLOB,
  UNIQUE (asked_by, asked_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX wallet_errands_open ON wallet_errands (began_ms) WHERE state = 'open';
-- Rows.
INSERT INTO mint_keysets (id, public, secret, begun_ms, expires_ms) VALUES ('aaaaaaaaaaaaaaaaaaaaaaaaaa', x'0000000000000000000000000000000000000000000000000000000000000014', x'0000000000000000000000000000000000000000000000000000000000000015', 1, 7776000000), ('bbbbbbbbbbbbbbbbbbbbbbbbbb', x'0000000000000000000000000000000000000000000000000000000000000016', x'0000000000000000000000000000000000000000000000000000000000000017', 1, 5);
INSERT INTO mint_issues (keyset, owner, units, at_ms) VALUES ('aaaaaaaaaaaaaaaaaaaaaaaaaa', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 12, 30), ('bbbbbbbbbbbbbbbbbbbbbbbbbb', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 4, 3);
UPDATE mint_keysets SET state = 'ended', over_service = 4000 WHERE id = 'bbbbbbbbbbbbbbbbbbbbbbbbbb';
UPDATE mint_totals SET count = 3;
INSERT INTO mint_claims VALUES ('cccccccccccccccccccccccccc', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 2, 'aaaaaaaaaaaaaaaaaaaaaaaaaa', 'aaaaaaaaaaaaaaaaaaaaaaaaaa', 'change', NULL, NULL, 31, 4100, 'open');
INSERT INTO mint_claims VALUES ('dddddddddddddddddddddddddd', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 8, NULL, NULL, 'present', NULL, NULL, 32, 4100, 'open');
UPDATE mint_claims SET state = 'fetched' WHERE id = 'dddddddddddddddddddddddddd';
INSERT INTO mint_requests VALUES ('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'rrrrrrrrrrrrrrrrrrrrr8', x'0000000000000000000000000000000000000000000000000000000000000008', '[]', NULL, 'aaaaaaaaaaaaaaaaaaaaaaaaaa', 33);
INSERT INTO mint_spent VALUES ('aaaaaaaaaaaaaaaaaaaaaaaaaa', x'0000000000000000000000000000000000000000000000000000000000000018', 4, 'held', 'mmmmmmmmmmmmmmmmmmmmmmmmmm'), ('aaaaaaaaaaaaaaaaaaaaaaaaaa', x'0000000000000000000000000000000000000000000000000000000000000019', 1, 'spent', NULL);
INSERT INTO plots (number, id, owner, ground, class, state, size, promised, from_ms, until_service, grace_s) VALUES
  (7, 'mmmmmmmmmmmmmmmmmmmmmmmmmm', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'notes', 'guaranteed', 'reclaimable', 3000, 67111864, 34, 4000, 10);
INSERT INTO mint_plot_holds VALUES ('mmmmmmmmmmmmmmmmmmmmmmmmmm', 'aaaaaaaaaaaaaaaaaaaaaaaaaa', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 4);
INSERT INTO wallet_keysets VALUES ('eeeeeeeeeeeeeeeeeeeeeeeeee', 'cccccccccccccccccccccccccccccccccccccccccccccccccccc', 'gggggggggggggggggggggggggggggggggggggggggggggggggggg', x'000000000000000000000000000000000000000000000000000000000000001a', 7776000000, 35);
INSERT INTO wallet_notes VALUES (x'000000000000000000000000000000000000000000000000000000000000001b', 'eeeeeeeeeeeeeeeeeeeeeeeeee', 3, x'0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001c', 'free', NULL), (x'000000000000000000000000000000000000000000000000000000000000001d', 'eeeeeeeeeeeeeeeeeeeeeeeeee', 0, x'0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001e', 'held', 'rrrrrrrrrrrrrrrrrrrrr9'), (x'000000000000000000000000000000000000000000000000000000000000001f', 'eeeeeeeeeeeeeeeeeeeeeeeeee', 1, x'00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000020', 'spent', NULL);
INSERT INTO wallet_errands (request_id, kind, owner, device, blinds, message, units, began_ms) VALUES ('rrrrrrrrrrrrrrrrrrrrr9', 'pay', 'cccccccccccccccccccccccccccccccccccccccccccccccccccc', 'gggggggggggggggggggggggggggggggggggggggggggggggggggg', '[]', '{}', 1, 36);
