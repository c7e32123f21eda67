-- Schema 21 as it was released, and rows as an installation of that version had them. Never edited.
-- What is there and what lies in the trash; kept by triggers.
ALTER TABLE plots ADD COLUMN object_count INTEGER NOT NULL DEFAULT 0 CHECK (object_count >= 0);
UPDATE plots SET object_count = (SELECT count(*) FROM objects WHERE plot = plots.number)
                              + (SELECT count(*) FROM trash WHERE plot = plots.number);
CREATE TRIGGER objects_count AFTER INSERT ON objects BEGIN
  UPDATE plots SET object_count = object_count + 1 WHERE number = NEW.plot;
END;
CREATE TRIGGER objects_discount AFTER DELETE ON objects BEGIN
  UPDATE plots SET object_count = object_count - 1 WHERE number = OLD.plot;
END;
CREATE TRIGGER objects_count_trash AFTER INSERT ON trash BEGIN
  UPDATE plots SET object_count = object_count + 1 WHERE number = NEW.plot;
END;
CREATE TRIGGER objects_discount_trash AFTER DELETE ON trash BEGIN
  UPDATE plots SET object_count = object_count - 1 WHERE number = OLD.plot;
END;
-- Rows.
