-- Schema 12 as it was released, and rows as an installation of that version had them. Never edited.
CREATE TABLE note_movements (
  number      INTEGER PRIMARY KEY,
  at_ms       INTEGER NOT NULL,
  movement    TEXT NOT NULL CHECK (movement IN
    ('issued', 'withdrawn', 'swapped', 'sent', 'received', 'paid', 'redeemed', 'returned', 'expired')),
  -- An owner, or 'self' for notes of this device.
  issuer      TEXT NOT NULL,
  counterpart TEXT,
  units       INTEGER NOT NULL CHECK (units > 0),
  plot        TEXT
) STRICT;
CREATE INDEX note_movements_paid ON note_movements (at_ms) WHERE movement = 'paid';
CREATE TRIGGER note_movements_append_only BEFORE UPDATE ON note_movements
BEGIN SELECT RAISE(ABORT, 'note movements are append-only'); END;
CREATE TRIGGER note_movements_are_kept BEFORE DELETE ON note_movements
BEGIN SELECT RAISE(ABORT, 'note movements are append-only'); END;

CREATE TABLE note_issuers (
  issuer           TEXT PRIMARY KEY,
  honoured         INTEGER NOT NULL DEFAULT 0 CHECK (honoured >= 0),
  refused          INTEGER NOT NULL DEFAULT 0 CHECK (refused >= 0),
  refused_in_a_row INTEGER NOT NULL DEFAULT 0 CHECK (refused_in_a_row BETWEEN 0 AND refused),
  last_honoured_ms INTEGER,
  last_refused_ms  INTEGER,
  own_rate         REAL CHECK (own_rate >= 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE standing_orders (
  id          TEXT PRIMARY KEY CHECK (length(id) = 26),
  friend      TEXT NOT NULL,
  give        INTEGER NOT NULL CHECK (give >= 0),
  want        INTEGER NOT NULL CHECK (want >= 0),
  period_days INTEGER NOT NULL CHECK (period_days BETWEEN 1 AND 365),
  state       TEXT NOT NULL CHECK (state IN ('offered', 'asked', 'standing', 'ended')),
  translated  INTEGER NOT NULL CHECK (translated IN (0, 1)),
  made_ms     INTEGER NOT NULL,
  -- By this device's own clock: when the next instalment is due here. NULL: it does not stand.
  next_ms     INTEGER,
  -- Instalments that were put out to be fetched; fetched of those, as the mint last said; and fetched there, as the
  -- wallet did.
  serial      INTEGER NOT NULL DEFAULT 0 CHECK (serial >= 0),
  given       INTEGER NOT NULL DEFAULT 0 CHECK (given >= 0),
  got         INTEGER NOT NULL DEFAULT 0 CHECK (got >= 0),
  last_ms     INTEGER,
  -- Written by the wallet where notes of this order come in.
  came        INTEGER NOT NULL DEFAULT 0 CHECK (came >= 0),
  came_units  INTEGER NOT NULL DEFAULT 0 CHECK (came_units >= 0),
  came_ms     INTEGER,
  ended_ms    INTEGER,
  -- The order that this one takes the place of as soon as both have said yes.
  replaces    TEXT,
  -- What this side has still to tell the other.
  untold      TEXT CHECK (untold IN ('propose', 'accept', 'end')),
  -- Why it does not go on as agreed, as a word.
  problem     TEXT,
  CHECK (give > 0 OR want > 0),
  CHECK ((state = 'standing') = (next_ms IS NOT NULL)),
  CHECK ((state = 'ended') = (ended_ms IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX standing_orders_by_friend ON standing_orders (friend, state);

-- Of a claim that is an instalment: which order it belongs to.
ALTER TABLE wallet_errands ADD COLUMN order_id TEXT;

-- What the owner has set for the currency and the translator, and what the translator remembers.
CREATE TABLE barter_choices (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
-- Rows.
INSERT INTO note_movements (at_ms, movement, issuer, counterpart, units, plot) VALUES (51, 'issued', 'self', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 12, NULL), (52, 'paid', 'cccccccccccccccccccccccccccccccccccccccccccccccccccc', NULL, 2, 'ffffffffffffffffffffffffff');
INSERT INTO note_issuers VALUES ('cccccccccccccccccccccccccccccccccccccccccccccccccccc', 3, 2, 1, 51, 52, 0.5);
INSERT INTO standing_orders (id, friend, give, want, period_days, state, translated, made_ms, next_ms, serial, given, got, came, came_units) VALUES
  ('aaaaaaaaaaaaaaaaaaaaaaaaaa', 'cccccccccccccccccccccccccccccccccccccccccccccccccccc', 4, 4, 30, 'standing', 0, 53, 60, 2, 1, 1, 1, 4);
INSERT INTO standing_orders (id, friend, give, want, period_days, state, translated, made_ms, ended_ms, replaces, untold, problem) VALUES
  ('bbbbbbbbbbbbbbbbbbbbbbbbbb', 'cccccccccccccccccccccccccccccccccccccccccccccccccccc', 0, 4, 7, 'ended', 1, 53, 54, NULL, 'end', 'refused');
UPDATE wallet_errands SET order_id = 'aaaaaaaaaaaaaaaaaaaaaaaaaa';
INSERT INTO barter_choices VALUES ('currency', '"units"');
