-- Schema 3 as it was released, and rows as an installation of that version had them. Never edited.
-- Weights count halves from here on, so that shares are still worked out in whole numbers.
UPDATE friends SET weight = weight * 2;
UPDATE meta SET value = CAST(CAST(value AS INTEGER) * 2 AS TEXT) WHERE key = 'default-weight';

-- What was written and promised, and the limit there was; owner '' is everybody together.
CREATE TABLE samples (
  owner     TEXT NOT NULL,
  at_ms     INTEGER NOT NULL,
  -- Never goes back, unlike the clock: tells for how long the clock has been behind.
  service_s INTEGER NOT NULL,
  written   INTEGER NOT NULL CHECK (written >= 0),
  promised  INTEGER NOT NULL CHECK (promised >= 0),
  ceiling   INTEGER CHECK (ceiling >= 0),
  PRIMARY KEY (owner, at_ms)
) STRICT, WITHOUT ROWID;

-- One walk for each kind and outcome that is wanted, in the order of the log or of the clock; the
-- number is part of every index. A rare kind is found without passing the others by.
CREATE INDEX decisions_by_kind ON decisions (kind, outcome);
CREATE INDEX decisions_by_kind_time ON decisions (kind, outcome, at_ms);
CREATE INDEX decisions_by_owner_kind ON decisions (owner, kind, outcome);
CREATE INDEX decisions_by_owner_kind_time ON decisions (owner, kind, outcome, at_ms);
DROP INDEX decisions_by_owner;

-- Objects that the disk lost and nobody has brought back or given up: what the log of transfers says
-- of them, kept beside it, and counted at their plot.
CREATE TABLE missing (
  plot INTEGER NOT NULL REFERENCES plots (number),
  type INTEGER NOT NULL CHECK (type BETWEEN 0 AND 5),
  name BLOB NOT NULL CHECK (length(name) IN (0, 32)),
  size INTEGER NOT NULL CHECK (size >= 0),
  PRIMARY KEY (plot, type, name)
) STRICT, WITHOUT ROWID;
ALTER TABLE plots ADD COLUMN missing INTEGER NOT NULL DEFAULT 0 CHECK (missing >= 0);

CREATE TRIGGER missing_count AFTER INSERT ON missing BEGIN
  UPDATE plots SET missing = missing + 1 WHERE number = NEW.plot;
END;
CREATE TRIGGER missing_discount AFTER DELETE ON missing BEGIN
  UPDATE plots SET missing = missing - 1 WHERE number = OLD.plot;
END;
CREATE TRIGGER transfers_lose AFTER INSERT ON transfers WHEN NEW.kind = 'missing' BEGIN
  -- Lost a second time under another size, it is still the first that its guest wants back.
  INSERT OR IGNORE INTO missing (plot, type, name, size) VALUES (NEW.plot, NEW.type, NEW.name, NEW.size);
END;
CREATE TRIGGER transfers_bring_back AFTER INSERT ON transfers WHEN NEW.kind IN ('post', 'found', 'removed') BEGIN
  -- A file of another size under the old name is not what was lost.
  DELETE FROM missing WHERE plot = NEW.plot AND type = NEW.type AND name = NEW.name
    AND (NEW.kind <> 'found' OR size = NEW.size);
END;
CREATE TRIGGER transfers_give_up AFTER INSERT ON transfers WHEN NEW.kind = 'erased' BEGIN
  DELETE FROM missing WHERE plot = NEW.plot;
END;

-- What was lost before: the last word about the object is that it is missing.
INSERT INTO missing (plot, type, name, size)
  SELECT last.plot, last.type, last.name, last.size FROM (
    SELECT plot, type, name, size, kind, max(number) FROM transfers
    WHERE kind IN ('missing', 'post', 'found', 'removed')
      AND (plot, type, name) IN (SELECT plot, type, name FROM transfers WHERE kind = 'missing')
    GROUP BY plot, type, name
  ) AS last JOIN plots ON plots.number = last.plot
  WHERE last.kind = 'missing' AND plots.state <> 'gone';
-- Rows.
INSERT INTO samples VALUES ('', 100, 5000, 1887, 10301339592, 900000000000), ('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 100, 5000, 1810, 10167109864, NULL);
UPDATE friends SET weight = 3 WHERE owner = 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb';
