-- Schema 14 as it was released, and rows as an installation of that version had them. Never edited.
ALTER TABLE friends ADD COLUMN over_ends_share INTEGER;
-- Rows.
UPDATE friends SET over_ends_share = 123456 WHERE owner = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa';
