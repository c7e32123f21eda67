-- Schema 7 as it was released, and rows as an installation of that version had them. Never edited.
-- The first object of data came to lie in it: what was held for it is spent (design 3.6).
ALTER TABLE plots ADD COLUMN begun INTEGER NOT NULL DEFAULT 0 CHECK (begun IN (0, 1));
UPDATE plots SET begun = 1 WHERE EXISTS (SELECT 1 FROM objects WHERE objects.plot = plots.number AND objects.type = 5);
-- Rows.
UPDATE plots SET begun = 1 WHERE number = 2;
