-- Schema 10 as it was released, and rows as an installation of that version had them. Never edited.
-- Somebody with whom there is no friendship: a guest has a plot here on a voucher or notes, a host keeps one of mine.
ALTER TABLE friends ADD COLUMN relation TEXT NOT NULL DEFAULT 'friend' CHECK (relation IN ('friend', 'guest', 'host'));

CREATE INDEX friends_others ON friends (owner) WHERE relation <> 'friend';

-- Only friends have a share; whoever becomes one begins with the weight of the default policy.
DROP TRIGGER friends_weigh;
CREATE TRIGGER friends_weigh AFTER INSERT ON friends WHEN NEW.policy IS NULL AND NEW.relation = 'friend' BEGIN
  UPDATE friends SET weight = coalesce((SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'default-weight'), 0)
    WHERE owner = NEW.owner;
END;
CREATE TRIGGER friends_weigh_anew AFTER UPDATE OF relation ON friends WHEN NEW.relation <> OLD.relation BEGIN
  UPDATE friends SET policy = NULL, weight = iif(NEW.relation = 'friend',
      coalesce((SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'default-weight'), 0), 0)
    WHERE owner = NEW.owner;
END;

-- Whose share a plot on a voucher is charged to, under which of his grounds, and on which voucher it stands.
ALTER TABLE plots ADD COLUMN introducer TEXT;
ALTER TABLE plots ADD COLUMN introducer_ground TEXT;
ALTER TABLE plots ADD COLUMN voucher TEXT;
CREATE INDEX plots_by_voucher ON plots (voucher) WHERE voucher IS NOT NULL;
CREATE TRIGGER plots_keep_introducer BEFORE UPDATE OF introducer, introducer_ground, voucher ON plots
WHEN OLD.introducer IS NOT NULL AND (NEW.introducer IS NOT OLD.introducer
  OR NEW.introducer_ground IS NOT OLD.introducer_ground OR NEW.voucher IS NOT OLD.voucher)
BEGIN SELECT RAISE(ABORT, 'a plot stays charged to whoever vouched for it'); END;

-- What each friend has vouched for is charged to him like his own: kept by triggers, like usage.
CREATE TABLE vouched (
  introducer TEXT NOT NULL,
  ground     TEXT NOT NULL,
  promised   INTEGER NOT NULL DEFAULT 0 CHECK (promised >= 0),
  plots      INTEGER NOT NULL DEFAULT 0 CHECK (plots >= 0),
  PRIMARY KEY (introducer, ground)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER plots_vouch AFTER UPDATE OF introducer, promised, state ON plots
WHEN NEW.introducer IS NOT NULL AND (OLD.introducer IS NULL OR NEW.promised <> OLD.promised
  OR (NEW.state = 'gone') <> (OLD.state = 'gone')) BEGIN
  INSERT INTO vouched (introducer, ground) VALUES (NEW.introducer, NEW.introducer_ground) ON CONFLICT DO NOTHING;
  UPDATE vouched SET
    promised = promised - iif(OLD.introducer IS NULL OR OLD.state = 'gone', 0, OLD.promised)
      + iif(NEW.state = 'gone', 0, NEW.promised),
    plots = plots - iif(OLD.introducer IS NULL OR OLD.state = 'gone', 0, 1) + iif(NEW.state = 'gone', 0, 1)
  WHERE introducer = NEW.introducer AND ground = NEW.introducer_ground;
END;

-- The vouchers on which something was granted here; each names the one that it was narrowed from.
CREATE TABLE voucher_links (
  -- SHA-256 of what was signed, base64url.
  hash       TEXT PRIMARY KEY CHECK (length(hash) = 43),
  parent     TEXT REFERENCES voucher_links (hash),
  id         TEXT NOT NULL,
  introducer TEXT NOT NULL,
  -- The device that signed: struck off, it vouches for nobody any more.
  device     TEXT NOT NULL,
  instance   TEXT NOT NULL,
  serial     INTEGER NOT NULL,
  newcomer   TEXT NOT NULL,
  bytes      INTEGER NOT NULL CHECK (bytes > 0),
  until_ms   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX voucher_links_by_parent ON voucher_links (parent) WHERE parent IS NOT NULL;
CREATE INDEX voucher_links_by_introducer ON voucher_links (introducer);
-- Taken back by whoever gave it, whether it was ever shown here or not.
CREATE TABLE voucher_withdrawals (
  introducer TEXT NOT NULL,
  id         TEXT NOT NULL,
  at_ms      INTEGER NOT NULL,
  PRIMARY KEY (introducer, id)
) STRICT, WITHOUT ROWID;

-- What I vouched for at friends', and what was vouched for me.
CREATE TABLE vouchers_issued (
  id           TEXT PRIMARY KEY,
  host         TEXT NOT NULL,
  newcomer     TEXT NOT NULL,
  bytes        INTEGER NOT NULL CHECK (bytes > 0),
  until_ms     INTEGER NOT NULL,
  issued_ms    INTEGER NOT NULL,
  withdrawn_ms INTEGER,
  told         INTEGER NOT NULL DEFAULT 0 CHECK (told IN (0, 1)),
  used         INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE vouchers_held (
  hash       TEXT PRIMARY KEY CHECK (length(hash) = 43),
  id         TEXT NOT NULL,
  host       TEXT NOT NULL,
  introducer TEXT NOT NULL,
  -- What the introducer calls himself.
  name       TEXT NOT NULL,
  bytes      INTEGER NOT NULL CHECK (bytes > 0),
  until_ms   INTEGER NOT NULL,
  chain      TEXT NOT NULL,
  plots      TEXT NOT NULL DEFAULT '[]'
) STRICT, WITHOUT ROWID;

-- Plots of mine at friends', as far as random objects in them were fetched and were what they should be.
CREATE TABLE kept_for_me (
  plot           TEXT PRIMARY KEY CHECK (length(plot) = 26),
  host           TEXT NOT NULL,
  -- What my own sealed index says lies there.
  known          INTEGER NOT NULL CHECK (known >= 0),
  -- In service time, so that neither an outage nor a clock that jumps makes it older or younger.
  passed_service INTEGER,
  failed         INTEGER NOT NULL DEFAULT 0 CHECK (failed IN (0, 1))
) STRICT, WITHOUT ROWID;
-- Rows.
INSERT INTO friends (owner, name, since_ms, relation) VALUES ('hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh', 'Newcomer', 40, 'guest');
INSERT INTO plots (number, id, owner, ground, class, state, size, promised, from_ms, until_service, grace_s) VALUES
  (8, 'nnnnnnnnnnnnnnnnnnnnnnnnnn', 'hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh', 'voucher', 'guaranteed', 'active', 4000, 67112864, 41, 2683400, 1209600);
UPDATE plots SET introducer = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', introducer_ground = 'fair-share', voucher = 'vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv' WHERE number = 8;
INSERT INTO voucher_links VALUES ('vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv', NULL, 'v1', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee', '11111111111111111111111111111111', 1, 'hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh', 4000, 999999);
INSERT INTO voucher_withdrawals VALUES ('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'v0', 42);
INSERT INTO vouchers_issued VALUES ('v2', 'cccccccccccccccccccccccccccccccccccccccccccccccccccc', 'iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiii', 5000, 999999, 43, NULL, 1, 4000);
INSERT INTO vouchers_held VALUES ('wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww', 'v3', 'cccccccccccccccccccccccccccccccccccccccccccccccccccc', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'Ana', 6000, 999999, '[]', '[]');
INSERT INTO kept_for_me VALUES ('ffffffffffffffffffffffffff', 'cccccccccccccccccccccccccccccccccccccccccccccccccccc', 650, 4700, 0);
