-- Schema 5 as it was released, and rows as an installation of that version had them. Never edited.
-- Told apart by their router where there is one; what is not home is forgotten first.
CREATE TABLE networks (
  id      TEXT PRIMARY KEY,
  label   TEXT NOT NULL,
  home    INTEGER CHECK (home IN (0, 1)),
  seen_ms INTEGER NOT NULL
) STRICT;

ALTER TABLE friends ADD COLUMN given_address TEXT;
-- I end it at this second of service time: an outage of mine is not the friend's loss (design 3.4).
ALTER TABLE friends ADD COLUMN leaving_service INTEGER;
-- The friend ended it without a word, and it was found out then.
ALTER TABLE friends ADD COLUMN leaves_ms INTEGER;
-- What the friend said last of my share there, as JSON with its time.
ALTER TABLE friends ADD COLUMN told TEXT;

ALTER TABLE devices ADD COLUMN name TEXT;
ALTER TABLE devices ADD COLUMN kind TEXT NOT NULL DEFAULT 'desktop';
ALTER TABLE devices ADD COLUMN added_ms INTEGER NOT NULL DEFAULT 0;
-- The installation whose place this one took: it is struck off for good.
ALTER TABLE devices ADD COLUMN replaces TEXT;
-- Another device claimed this one's installation and serial then.
ALTER TABLE devices ADD COLUMN clash_ms INTEGER;
-- What it said last of when its friendship ends, by this clock; another device of the owner says nothing of it.
ALTER TABLE devices ADD COLUMN leaves_ms INTEGER;
-- How it came: with it the friendship began, digits were compared later, or its owner's word brought it;
-- and then it was heard of as a friend's.
ALTER TABLE devices ADD COLUMN came TEXT NOT NULL DEFAULT 'first'
  CHECK (came IN ('first', 'compared', 'introduced', 'heard'));
UPDATE devices SET added_ms = coalesce((SELECT since_ms FROM friends WHERE friends.owner = devices.owner), 0);
-- Rows.
INSERT INTO networks VALUES ('router:aa', 'Home', 1, 70), ('router:bb', 'Café', 0, 71), ('router:cc', 'new', NULL, 72);
UPDATE friends SET given_address = 'ana.example:7', leaving_service = 9999, leaves_ms = 88, told = '{"atMs":1}' WHERE owner = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa';
INSERT INTO devices (device, owner, instance, serial, statement, name, kind, added_ms, replaces, clash_ms, leaves_ms, came) VALUES
  ('gggggggggggggggggggggggggggggggggggggggggggggggggggg', 'cccccccccccccccccccccccccccccccccccccccccccccccccccc', '33333333333333333333333333333333', 1, '{}', 'Laptop', 'laptop', 6, '44444444444444444444444444444444', 77, 78, 'compared');
