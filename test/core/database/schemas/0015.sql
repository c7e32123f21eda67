-- Schema 15 as it was released, and rows as an installation of that version had them. Never edited.
-- JSON of shared/model/backup-plan.ts; what it does not say is PLAN_AT_FIRST's. 'exclude' of before stays as written.
ALTER TABLE sets ADD COLUMN plan TEXT NOT NULL DEFAULT '{}';
-- Of the manifest that was published last; 0: none.
ALTER TABLE sets ADD COLUMN sequence INTEGER NOT NULL DEFAULT 0;
-- Of the newest removals that are not listed in set_removals any more, because there were too many.
ALTER TABLE sets ADD COLUMN trimmed INTEGER NOT NULL DEFAULT 0;
-- A run is writing to copies, or was cut off: what one of them lacks it need not have lost.
ALTER TABLE sets ADD COLUMN writing INTEGER NOT NULL DEFAULT 0;
-- The repository's id, once there is one: a copy with another is not a copy.
ALTER TABLE sets ADD COLUMN repository TEXT;
ALTER TABLE sets ADD COLUMN paused_until_ms INTEGER;
ALTER TABLE sets ADD COLUMN paused_since_ms INTEGER;
-- When it was last begun or ended, whatever came of it, and how often in a row it has failed.
ALTER TABLE sets ADD COLUMN last_try_ms INTEGER;
ALTER TABLE sets ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sets ADD COLUMN pruned_ms INTEGER;
ALTER TABLE sets ADD COLUMN drilled_ms INTEGER;
-- A lower protection, and when it begins.
ALTER TABLE sets ADD COLUMN falls_to_days INTEGER;
ALTER TABLE sets ADD COLUMN falls_ms INTEGER;

CREATE TABLE copies (
  set_name    TEXT NOT NULL REFERENCES sets (name) ON DELETE CASCADE,
  host        TEXT NOT NULL,
  -- Of the manifest that is complete there.
  sequence    INTEGER NOT NULL DEFAULT 0 CHECK (sequence >= 0),
  -- When the newest backup that is whole there was made.
  complete_ms INTEGER,
  seen_ms     INTEGER,
  verified_ms INTEGER,
  -- The pass over all packs: its order (a seed) and how far it has come.
  pass_seed   TEXT,
  pass_share  REAL NOT NULL DEFAULT 0 CHECK (pass_share BETWEEN 0 AND 1),
  pass_ms     INTEGER,
  last_fault  TEXT,
  -- A run went on without what it has: nothing is deleted there until both have what either has.
  apart       INTEGER NOT NULL DEFAULT 0 CHECK (apart IN (0, 1)),
  -- Writer and sequence of the manifest that was seen or left there last.
  paper       TEXT,
  -- Since when the friend says that there is no such plot any more.
  gone_ms     INTEGER,
  -- When damage was repaired last, and the drive it was on.
  repaired_ms INTEGER,
  drive       TEXT,
  PRIMARY KEY (set_name, host)
) STRICT, WITHOUT ROWID;

-- Objects that were found damaged or missing in a copy and are not repaired yet.
CREATE TABLE copy_damage (
  set_name TEXT NOT NULL,
  host     TEXT NOT NULL,
  type     TEXT NOT NULL,
  name     TEXT NOT NULL,
  found_ms INTEGER NOT NULL,
  PRIMARY KEY (set_name, host, type, name),
  FOREIGN KEY (set_name, host) REFERENCES copies (set_name, host) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- What a prune removed, and with which manifest: a copy that was away learns of it.
CREATE TABLE set_removals (
  set_name TEXT NOT NULL REFERENCES sets (name) ON DELETE CASCADE,
  sequence INTEGER NOT NULL CHECK (sequence > 0),
  type     TEXT NOT NULL,
  name     TEXT NOT NULL,
  PRIMARY KEY (set_name, sequence, type, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE restores (
  id         TEXT PRIMARY KEY,
  -- JSON: what was asked for, with the snapshot's whole id.
  wish       TEXT NOT NULL,
  started_ms INTEGER NOT NULL,
  -- The person stopped it; otherwise it goes on by itself after a start.
  paused     INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0, 1))
) STRICT, WITHOUT ROWID;
-- Rows.
UPDATE sets SET plan = '{"every":"day"}', sequence = 3, trimmed = 1, repository = '5555555555555555555555555555555555555555555555555555555555555555', paused_until_ms = 900, paused_since_ms = 60, last_try_ms = 61, failures = 2, pruned_ms = 62, drilled_ms = 63, falls_to_days = 7, falls_ms = 9000 WHERE name = 'Photos';
INSERT INTO copies (set_name, host, sequence, complete_ms, seen_ms, verified_ms, pass_seed, pass_share, pass_ms, last_fault, apart, paper, gone_ms, repaired_ms, drive) VALUES
  ('Photos', 'cccccccccccccccccccccccccccccccccccccccccccccccccccc', 3, 60, 61, 62, 'seed', 0.25, 63, NULL, 0, '33333333333333333333333333333333 3', NULL, 64, 'Old drive'),
  ('Photos', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 2, NULL, NULL, NULL, NULL, 0, NULL, 'unreachable', 1, NULL, 65, NULL, NULL);
INSERT INTO copy_damage VALUES ('Photos', 'cccccccccccccccccccccccccccccccccccccccccccccccccccc', 'data', '6666666666666666666666666666666666666666666666666666666666666666', 66);
INSERT INTO set_removals VALUES ('Photos', 2, 'snapshots', '7777777777777777777777777777777777777777777777777777777777777777');
INSERT INTO restores VALUES ('rrrrrrrrrrrrrrrrrrrr11', '{"set":"Photos"}', 67, 1);
