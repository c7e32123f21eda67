-- Schema 4 as it was released, and rows as an installation of that version had them. Never edited.
CREATE TABLE notices (
  singleton INTEGER PRIMARY KEY CHECK (singleton = 1),
  -- The last decision that was looked at: what was refused before anybody could be told is no news.
  decision  INTEGER NOT NULL,
  -- Thresholds, refusals and the list itself, small and always read as a whole.
  memory    TEXT NOT NULL
) STRICT;
INSERT INTO notices (singleton, decision, memory)
  SELECT 1, coalesce(max(number), 0), '{}' FROM decisions;
-- Rows.
UPDATE notices SET memory = '{"list":[]}';
