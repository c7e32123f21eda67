-- Schema 17 as it was released, and rows as an installation of that version had them. Never edited.
-- Of each installation of this owner the newest that was seen; of this one itself the last that was made.
CREATE TABLE address_books (
  instance TEXT PRIMARY KEY CHECK (length(instance) = 32),
  sequence INTEGER NOT NULL CHECK (sequence > 0),
  book     TEXT NOT NULL,
  seen_ms  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- On a machine that came from words: which books lay in plots of this owner's, in protected ones also what they were before.
CREATE TABLE seen_books (
  plot     TEXT NOT NULL CHECK (length(plot) = 26),
  instance TEXT NOT NULL CHECK (length(instance) = 32),
  sequence INTEGER NOT NULL CHECK (sequence > 0),
  -- Since when it has lain there, by the word of whoever keeps it.
  from_ms  INTEGER NOT NULL,
  -- It was there when this machine looked there for the first time.
  first    INTEGER NOT NULL CHECK (first IN (0, 1)),
  book     TEXT NOT NULL,
  PRIMARY KEY (plot, instance, sequence)
) STRICT, WITHOUT ROWID;

-- Of these plots all was seen.
CREATE TABLE seen_plots (plot TEXT PRIMARY KEY CHECK (length(plot) = 26)) STRICT, WITHOUT ROWID;

-- What the person says about them: since when a computer was not in his hands, whom he knows after all ('' is everybody).
CREATE TABLE doubts (
  id        INTEGER PRIMARY KEY CHECK (id = 1),
  stolen_ms INTEGER
) STRICT;
CREATE TABLE believed (owner TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

-- What this installation's own book was when it was last written into a plot.
CREATE TABLE address_places (
  plot   TEXT PRIMARY KEY CHECK (length(plot) = 26),
  digest TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Config and keys (JSON, base64) of a set that began on a disk: at a friend's it becomes the same repository.
CREATE TABLE disk_starts (
  set_name TEXT PRIMARY KEY REFERENCES sets (name) ON DELETE CASCADE,
  start    TEXT NOT NULL
) STRICT, WITHOUT ROWID;
-- Rows.
INSERT INTO address_books VALUES ('33333333333333333333333333333333', 4, 'book', 80);
INSERT INTO seen_books VALUES ('ffffffffffffffffffffffffff', '33333333333333333333333333333333', 4, 79, 1, 'book');
INSERT INTO seen_plots VALUES ('ffffffffffffffffffffffffff');
INSERT INTO doubts VALUES (1, 78);
INSERT INTO believed VALUES ('');
INSERT INTO address_places VALUES ('ffffffffffffffffffffffffff', 'digest');
INSERT INTO disk_starts VALUES ('Photos', '{"config":"AA"}');
