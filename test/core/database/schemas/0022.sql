-- Schema 22 as it was released, and rows as an installation of that version had them. Never edited.
-- Nobody held him back but what was thought of address books; it goes with that.
ALTER TABLE friends ADD COLUMN held_back INTEGER NOT NULL DEFAULT 0 CHECK (held_back IN (0, 1));
-- Rows.
INSERT INTO friends (owner, name, since_ms, blocked, held_back) VALUES ('iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiii', 'Held back', 50, 1, 1);
