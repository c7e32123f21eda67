-- Schema 19 as it was released, and rows as an installation of that version had them. Never edited.
-- When parts of it were given up last, because no copy had them any more, and how many.
ALTER TABLE sets ADD COLUMN lost_ms INTEGER;
ALTER TABLE sets ADD COLUMN lost_objects INTEGER NOT NULL DEFAULT 0;
CREATE TABLE set_snapshots (
  set_name TEXT NOT NULL REFERENCES sets (name) ON DELETE CASCADE,
  name     TEXT NOT NULL,
  -- Copies at this sequence had it.
  sequence INTEGER NOT NULL CHECK (sequence > 0),
  PRIMARY KEY (set_name, name)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER removed_snapshots_go AFTER INSERT ON set_removals WHEN NEW.type = 'snapshots' BEGIN
  DELETE FROM set_snapshots WHERE set_name = NEW.set_name AND name = NEW.name;
END;
CREATE INDEX set_removals_by_name ON set_removals (set_name, type, name);
-- Another repository has others.
CREATE TRIGGER snapshots_go_with_their_repository AFTER UPDATE OF repository ON sets
WHEN OLD.repository IS NOT NULL AND NEW.repository IS NOT OLD.repository BEGIN
  DELETE FROM set_snapshots WHERE set_name = NEW.name;
END;
-- Rows.
INSERT INTO set_snapshots VALUES ('Photos', '9999999999999999999999999999999999999999999999999999999999999999', 2);
UPDATE sets SET lost_ms = 4000, lost_objects = 2 WHERE name = 'Photos';
