/** Books that bear one number and say different things are told apart: at least one of them is forged. */
export const seen = `
ALTER TABLE seen_books RENAME TO seen_before;
CREATE TABLE seen_books (
  plot     TEXT NOT NULL CHECK (length(plot) = 26),
  instance TEXT NOT NULL CHECK (length(instance) = 32),
  sequence INTEGER NOT NULL CHECK (sequence > 0),
  -- Of what it says; '': it was seen when none was kept.
  digest   TEXT NOT NULL CHECK (length(digest) IN (0, 64)),
  -- Since when it has lain there, by the word of whoever keeps it.
  from_ms  INTEGER NOT NULL,
  -- It was there when this machine looked there for the first time.
  first    INTEGER NOT NULL CHECK (first IN (0, 1)),
  book     TEXT NOT NULL,
  PRIMARY KEY (plot, instance, sequence, digest)
) STRICT, WITHOUT ROWID;
INSERT INTO seen_books SELECT plot, instance, sequence, '', from_ms, first, book FROM seen_before;
DROP TABLE seen_before;
`;
