-- Schema 16 as it was released, and rows as an installation of that version had them. Never edited.
-- Small sealed things beside a repository, one of each name; what is set aside is for the one that replaces it.
CREATE TABLE papers (
  plot     INTEGER NOT NULL REFERENCES plots (number),
  name     TEXT NOT NULL CHECK (name IN ('manifest', 'address-book')),
  -- NULL: none is there.
  size     INTEGER CHECK (size >= 0),
  reserved INTEGER CHECK (reserved >= 0),
  -- Since when the one that is there has been, by this host's clock.
  from_ms  INTEGER,
  -- Versions that were kept are numbered; while one is replaced that is to be kept, the number it gets.
  last     INTEGER NOT NULL DEFAULT 0,
  keeps    INTEGER,
  PRIMARY KEY (plot, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX papers_unsettled ON papers (plot) WHERE reserved IS NOT NULL;

-- What lies beside a repository comes by itself; used is a plot when there is data in it.
DROP INDEX plots_unused;
CREATE INDEX plots_unused ON plots (from_ms, owner, promised) WHERE state = 'active' AND begun = 0;

ALTER TABLE plots ADD COLUMN protect_days INTEGER NOT NULL DEFAULT 0 CHECK (protect_days BETWEEN 0 AND 365);
-- A lower protection and a smaller size that were asked for, and when they begin, in service time.
ALTER TABLE plots ADD COLUMN falls_to INTEGER CHECK (falls_to >= 0);
ALTER TABLE plots ADD COLUMN falls_service INTEGER;
ALTER TABLE plots ADD COLUMN shrinks_to INTEGER CHECK (shrinks_to > 0);
ALTER TABLE plots ADD COLUMN shrinks_service INTEGER;
-- It leaves because its guest let go of it, not because a list does not name it.
ALTER TABLE plots ADD COLUMN let_go INTEGER NOT NULL DEFAULT 0 CHECK (let_go IN (0, 1));
-- Of what is written, what lies in the trash; kept by triggers.
ALTER TABLE plots ADD COLUMN trashed INTEGER NOT NULL DEFAULT 0 CHECK (trashed BETWEEN 0 AND written);
CREATE INDEX plots_falling ON plots (falls_service) WHERE falls_service IS NOT NULL;
CREATE INDEX plots_shrinking ON plots (shrinks_service) WHERE shrinks_service IS NOT NULL;
CREATE INDEX plots_with_trash ON plots (trashed) WHERE trashed > 0;

-- Deleted by their guest, and not there for him any more; the file lies where it lay, and goes when its time is over.
CREATE TABLE trash (
  plot          INTEGER NOT NULL REFERENCES plots (number),
  type          INTEGER NOT NULL CHECK (type BETWEEN 0 AND 5),
  name          BLOB NOT NULL CHECK (length(name) IN (0, 32)),
  size          INTEGER NOT NULL CHECK (size >= 0),
  since_service INTEGER NOT NULL,
  goes_service  INTEGER NOT NULL,
  PRIMARY KEY (plot, type, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX trash_due ON trash (goes_service);
CREATE INDEX trash_latest ON trash (plot, since_service);
CREATE INDEX trash_soonest ON trash (plot, goes_service);

CREATE TRIGGER trash_count AFTER INSERT ON trash BEGIN
  UPDATE plots SET trashed = trashed + NEW.size WHERE number = NEW.plot;
END;
CREATE TRIGGER trash_discount AFTER DELETE ON trash BEGIN
  UPDATE plots SET trashed = trashed - OLD.size WHERE number = OLD.plot;
END;
CREATE TRIGGER trash_keeps_identity BEFORE UPDATE ON trash
BEGIN SELECT RAISE(ABORT, 'what lies in the trash is brought back or goes'); END;

-- What a paper was before it was replaced in a protected plot; the file lies beside the repository, and goes when its time is over.
CREATE TABLE paper_versions (
  plot          INTEGER NOT NULL REFERENCES plots (number),
  name          TEXT NOT NULL CHECK (name IN ('manifest', 'address-book')),
  version       INTEGER NOT NULL CHECK (version > 0),
  size          INTEGER NOT NULL CHECK (size >= 0),
  -- When it was left there and when another took its place, by this host's clock.
  from_ms       INTEGER,
  until_ms      INTEGER NOT NULL,
  until_service INTEGER NOT NULL,
  goes_service  INTEGER NOT NULL,
  -- Beside the one a day that is always kept.
  extra         INTEGER NOT NULL DEFAULT 0 CHECK (extra IN (0, 1)),
  PRIMARY KEY (plot, name, version)
) STRICT, WITHOUT ROWID;
CREATE INDEX paper_versions_due ON paper_versions (goes_service);
-- Of what is written, what these take; kept by triggers.
ALTER TABLE plots ADD COLUMN papers_kept INTEGER NOT NULL DEFAULT 0 CHECK (papers_kept >= 0);
CREATE INDEX plots_with_kept_papers ON plots (papers_kept) WHERE papers_kept > 0;
CREATE TRIGGER paper_versions_count AFTER INSERT ON paper_versions BEGIN
  UPDATE plots SET papers_kept = papers_kept + NEW.size WHERE number = NEW.plot;
END;
CREATE TRIGGER paper_versions_discount AFTER DELETE ON paper_versions BEGIN
  UPDATE plots SET papers_kept = papers_kept - OLD.size WHERE number = OLD.plot;
END;
CREATE TRIGGER paper_versions_keep_identity BEFORE UPDATE ON paper_versions
BEGIN SELECT RAISE(ABORT, 'what was kept is as it was, or goes'); END;

-- What guests found damaged here and this host's own disk confirmed, by plot: drives seldom lose one file only.
CREATE TABLE damages (
  plot    INTEGER PRIMARY KEY REFERENCES plots (number),
  objects INTEGER NOT NULL CHECK (objects > 0),
  drive   TEXT,
  last_ms INTEGER NOT NULL
) STRICT;

-- The same as its guest sees it.
ALTER TABLE holdings ADD COLUMN trash INTEGER NOT NULL DEFAULT 0 CHECK (trash >= 0);
ALTER TABLE holdings ADD COLUMN protect_days INTEGER NOT NULL DEFAULT 0;
ALTER TABLE holdings ADD COLUMN falls_to INTEGER;
ALTER TABLE holdings ADD COLUMN falls_ms INTEGER;
-- Rows.
INSERT INTO papers VALUES (8, 'manifest', 21, NULL, 70, 2, NULL), (8, 'address-book', NULL, NULL, NULL, 0, NULL);
UPDATE plots SET protect_days = 30, falls_to = 7, falls_service = 9100, shrinks_to = 1000, shrinks_service = 9200, written = written + 66 WHERE number = 8;
INSERT INTO trash VALUES (8, 5, x'0000000000000000000000000000000000000000000000000000000000000029', 25, 4900, 9300);
INSERT INTO paper_versions VALUES (8, 'manifest', 1, 20, 70, 71, 4900, 9300, 0);
INSERT INTO damages VALUES (8, 2, 'Old drive', 72);
UPDATE holdings SET trash = 5, protect_days = 30, falls_to = 7, falls_ms = 9000 WHERE plot = 'ffffffffffffffffffffffffff';
