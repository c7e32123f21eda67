-- Schema 11 as it was released, and rows as an installation of that version had them. Never edited.
-- The owner asked this friend to make do with less, and from then on nothing over his share is renewed.
ALTER TABLE friends ADD COLUMN asked_less_ms INTEGER;
ALTER TABLE friends ADD COLUMN over_ends_service INTEGER;
-- The newest list of what to keep that this friend sent: an older one says nothing any more.
ALTER TABLE friends ADD COLUMN keep_sequence INTEGER NOT NULL DEFAULT 0 CHECK (keep_sequence >= 0);

-- Not on that list: let go of at this second of service time.
ALTER TABLE plots ADD COLUMN leaves_service INTEGER;
CREATE INDEX plots_leaving ON plots (leaves_service)
  WHERE leaves_service IS NOT NULL AND state IN ('active', 'grace', 'reclaimable');

-- Who besides its owner may renew a plot, and nothing else.
CREATE TABLE delegates (
  plot          INTEGER NOT NULL REFERENCES plots (number),
  owner         TEXT NOT NULL CHECK (length(owner) = 52),
  until_service INTEGER NOT NULL,
  PRIMARY KEY (plot, owner)
) STRICT, WITHOUT ROWID;
CREATE INDEX delegates_by_owner ON delegates (owner);

-- Requests about many plots at once, so that a repetition is about the same ones and answered the same.
CREATE TABLE batches (
  owner      TEXT NOT NULL,
  request_id TEXT NOT NULL,
  body_hash  BLOB NOT NULL CHECK (length(body_hash) = 32),
  answer     TEXT NOT NULL,
  at_service INTEGER NOT NULL,
  PRIMARY KEY (owner, request_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX batches_by_age ON batches (at_service);

-- My side: when a plot of mine goes because my list does not name it, the number of my last list at each
-- friend's, and whom I asked to renew for me.
ALTER TABLE holdings ADD COLUMN leaves_ms INTEGER;
CREATE TABLE keep_lists (
  host     TEXT PRIMARY KEY,
  sequence INTEGER NOT NULL CHECK (sequence >= 0)
) STRICT, WITHOUT ROWID;
CREATE TABLE helpers (
  plot     TEXT NOT NULL CHECK (length(plot) = 26),
  owner    TEXT NOT NULL CHECK (length(owner) = 52),
  until_ms INTEGER NOT NULL,
  PRIMARY KEY (plot, owner)
) STRICT, WITHOUT ROWID;
-- Rows.
UPDATE friends SET asked_less_ms = 50, over_ends_service = 9000, keep_sequence = 4 WHERE owner = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa';
UPDATE plots SET leaves_service = 605000 WHERE number = 2;
INSERT INTO delegates VALUES (1, 'cccccccccccccccccccccccccccccccccccccccccccccccccccc', 9000);
INSERT INTO batches VALUES ('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'rrrrrrrrrrrrrrrrrrrr10', x'000000000000000000000000000000000000000000000000000000000000000a', '{}', 4800);
UPDATE holdings SET leaves_ms = 70 WHERE plot = 'gggggggggggggggggggggggggg';
INSERT INTO keep_lists VALUES ('cccccccccccccccccccccccccccccccccccccccccccccccccccc', 6);
INSERT INTO helpers VALUES ('ffffffffffffffffffffffffff', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 900);
