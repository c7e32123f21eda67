/** Address books: what a device that comes back from 24 words, or a second one, finds its way by. */
export const recovery = `
-- Of each installation of this owner the newest that was seen; of this one itself the last that was made.
CREATE TABLE address_books (
  instance TEXT PRIMARY KEY CHECK (length(instance) = 32),
  sequence INTEGER NOT NULL CHECK (sequence > 0),
  book     TEXT NOT NULL,
  seen_ms  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

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
`;
