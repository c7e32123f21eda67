-- Schema 2 as it was released, and rows as an installation of that version had them. Never edited.
CREATE TABLE holdings (
  plot     TEXT PRIMARY KEY CHECK (length(plot) = 26),
  -- The friend who keeps it.
  host     TEXT NOT NULL,
  class    TEXT NOT NULL CHECK (class IN ('guaranteed', 'borrowed')),
  size     INTEGER NOT NULL CHECK (size > 0),
  written  INTEGER NOT NULL DEFAULT 0 CHECK (written >= 0),
  -- By my own clock, from the relative ttl of the answer.
  until_ms INTEGER NOT NULL,
  grace_s  INTEGER NOT NULL CHECK (grace_s >= 0),
  receipt  TEXT NOT NULL,
  -- The backup set that lives there; NULL for a plot asked for by hand.
  set_name TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE sets (
  name        TEXT PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 80),
  folders     TEXT NOT NULL,
  exclude     TEXT NOT NULL,
  hosts       TEXT NOT NULL,
  created_ms  INTEGER NOT NULL,
  last_run_ms INTEGER,
  last_bytes  INTEGER,
  last_fault  TEXT
) STRICT, WITHOUT ROWID;
-- Rows.
INSERT INTO holdings VALUES ('ffffffffffffffffffffffffff', 'cccccccccccccccccccccccccccccccccccccccccccccccccccc', 'guaranteed', 800, 700, 99999, 1209600, '{"signed":"AA","signature":"AA"}', 'Photos');
INSERT INTO holdings VALUES ('gggggggggggggggggggggggggg', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'borrowed', 900, 0, 99999, 172800, '{"signed":"AA","signature":"AA"}', NULL);
INSERT INTO sets VALUES ('Photos', '["/home/me/Photos"]', '["*.tmp"]', '["cccccccccccccccccccccccccccccccccccccccccccccccccccc"]', 50, 60, 700, NULL);
INSERT INTO sets VALUES ('Letters “old”', '["/home/me/Letters"]', '[]', '[]', 51, NULL, NULL, 'unreachable');
