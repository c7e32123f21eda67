-- Schema 8 as it was released, and rows as an installation of that version had them. Never edited.
-- The keeper. open: reserved, or given out in tickets; held: what hosts have settled.
CREATE TABLE accounts (
  name   TEXT PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 80),
  plan   INTEGER NOT NULL CHECK (plan >= 0),
  closed INTEGER NOT NULL DEFAULT 0 CHECK (closed IN (0, 1)),
  open   INTEGER NOT NULL DEFAULT 0 CHECK (open >= 0),
  held   INTEGER NOT NULL DEFAULT 0 CHECK (held >= 0),
  -- It came with an older copy of these books, and its keeper has not looked at it since.
  restored INTEGER NOT NULL DEFAULT 0 CHECK (restored IN (0, 1))
) STRICT;

-- How often something was changed that nobody but these books knows (`book-mark.ts`).
CREATE TABLE account_changes (
  singleton INTEGER PRIMARY KEY CHECK (singleton = 1),
  changes   INTEGER NOT NULL
) STRICT;
INSERT INTO account_changes (singleton, changes) VALUES (1, 0);

CREATE TABLE account_members (
  account TEXT NOT NULL REFERENCES accounts (name) ON DELETE CASCADE,
  owner   TEXT NOT NULL CHECK (length(owner) = 52),
  PRIMARY KEY (account, owner)
) STRICT, WITHOUT ROWID;
CREATE INDEX account_members_by_owner ON account_members (owner);

-- Where the plan counts; none: everywhere. Whoever was struck off counts nowhere until he is named again.
CREATE TABLE account_hosts (
  account TEXT NOT NULL REFERENCES accounts (name) ON DELETE CASCADE,
  owner   TEXT NOT NULL CHECK (length(owner) = 52),
  PRIMARY KEY (account, owner)
) STRICT, WITHOUT ROWID;
CREATE TABLE account_struck (
  account TEXT NOT NULL REFERENCES accounts (name) ON DELETE CASCADE,
  owner   TEXT NOT NULL CHECK (length(owner) = 52),
  PRIMARY KEY (account, owner)
) STRICT, WITHOUT ROWID;

-- Each device of a host has books of its own, so what it owes is told by the device.
CREATE TABLE account_promises (
  device   TEXT NOT NULL CHECK (length(device) = 52),
  id       TEXT NOT NULL CHECK (length(id) = 22),
  host     TEXT NOT NULL CHECK (length(host) = 52),
  account  TEXT NOT NULL REFERENCES accounts (name) ON DELETE CASCADE,
  member   TEXT NOT NULL,
  kind     TEXT NOT NULL CHECK (kind IN ('reservation', 'ticket')),
  state    TEXT NOT NULL CHECK (state IN ('open', 'settled', 'void')),
  bytes    INTEGER NOT NULL CHECK (bytes >= 0),
  -- What a ticket is bound to, so that asking for it again gives the same one.
  request  TEXT,
  until_ms INTEGER,
  since_ms INTEGER NOT NULL,
  PRIMARY KEY (device, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX account_promises_open ON account_promises (account, host) WHERE state = 'open';
CREATE INDEX account_promises_by_request ON account_promises (member, request) WHERE request IS NOT NULL;

CREATE TRIGGER account_promises_fit BEFORE INSERT ON account_promises
WHEN NEW.state = 'open' AND
  (SELECT open + held + NEW.bytes > plan OR closed = 1 FROM accounts WHERE name = NEW.account)
BEGIN SELECT RAISE(ABORT, 'nothing is reserved beyond a plan'); END;
CREATE TRIGGER account_promises_end BEFORE UPDATE OF state, bytes, account ON account_promises
WHEN (OLD.state <> 'open' AND NEW.state = 'open') OR NEW.bytes <> OLD.bytes OR NEW.account <> OLD.account
BEGIN SELECT RAISE(ABORT, 'what was settled is not open again'); END;
-- Who holds how much where, so that nobody who looks goes through every plot.
CREATE TABLE account_use (
  account TEXT NOT NULL REFERENCES accounts (name) ON DELETE CASCADE,
  host    TEXT NOT NULL,
  member  TEXT NOT NULL,
  bytes   INTEGER NOT NULL DEFAULT 0,
  plots   INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (account, host, member)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER account_promises_charge AFTER INSERT ON account_promises WHEN NEW.state = 'open' BEGIN
  UPDATE accounts SET open = open + NEW.bytes WHERE name = NEW.account;
  INSERT INTO account_use (account, host, member, bytes) VALUES (NEW.account, NEW.host, NEW.member, NEW.bytes)
    ON CONFLICT DO UPDATE SET bytes = bytes + excluded.bytes;
END;
CREATE TRIGGER account_promises_discharge AFTER UPDATE OF state ON account_promises
WHEN OLD.state = 'open' AND NEW.state <> 'open' BEGIN
  UPDATE accounts SET open = open - NEW.bytes WHERE name = NEW.account;
  UPDATE account_use SET bytes = bytes - NEW.bytes
    WHERE account = NEW.account AND host = NEW.host AND member = NEW.member;
END;
CREATE TRIGGER account_use_ends AFTER UPDATE ON account_use WHEN NEW.bytes = 0 AND NEW.plots = 0 BEGIN
  DELETE FROM account_use WHERE account = NEW.account AND host = NEW.host AND member = NEW.member;
END;

-- What lies at hosts. bytes = 0: let go; the row stays so that a message that comes late changes nothing.
CREATE TABLE account_held (
  device  TEXT NOT NULL CHECK (length(device) = 52),
  plot    TEXT NOT NULL CHECK (length(plot) = 26),
  host    TEXT NOT NULL CHECK (length(host) = 52),
  account TEXT NOT NULL REFERENCES accounts (name) ON DELETE CASCADE,
  member  TEXT NOT NULL,
  bytes   INTEGER NOT NULL CHECK (bytes >= 0),
  seq     INTEGER NOT NULL,
  PRIMARY KEY (device, plot)
) STRICT, WITHOUT ROWID;
CREATE INDEX account_held_by_account ON account_held (account, host) WHERE bytes > 0;

CREATE TRIGGER account_held_charge AFTER INSERT ON account_held BEGIN
  UPDATE accounts SET held = held + NEW.bytes WHERE name = NEW.account;
  INSERT INTO account_use (account, host, member, bytes, plots)
    SELECT NEW.account, NEW.host, NEW.member, NEW.bytes, 1 WHERE NEW.bytes > 0
    ON CONFLICT DO UPDATE SET bytes = bytes + excluded.bytes, plots = plots + 1;
  UPDATE account_seen SET rows = rows + 1 WHERE device = NEW.device;
END;
CREATE TRIGGER account_held_forget AFTER DELETE ON account_held BEGIN
  UPDATE account_seen SET rows = rows - 1 WHERE device = OLD.device;
END;
CREATE TRIGGER account_held_recharge AFTER UPDATE OF bytes ON account_held WHEN NEW.bytes <> OLD.bytes BEGIN
  UPDATE accounts SET held = held - OLD.bytes + NEW.bytes WHERE name = NEW.account;
  INSERT INTO account_use (account, host, member, bytes, plots)
    VALUES (NEW.account, NEW.host, NEW.member, NEW.bytes - OLD.bytes, (NEW.bytes > 0) - (OLD.bytes > 0))
    ON CONFLICT DO UPDATE SET bytes = bytes + excluded.bytes, plots = plots + excluded.plots;
END;
CREATE TRIGGER account_held_stay BEFORE UPDATE OF account ON account_held WHEN NEW.account <> OLD.account
BEGIN SELECT RAISE(ABORT, 'a plot stays on its account'); END;

CREATE TABLE account_seen (
  device       TEXT PRIMARY KEY CHECK (length(device) = 52),
  host         TEXT NOT NULL,
  seq          INTEGER NOT NULL DEFAULT 0,
  -- As of which everything was compared: what comes later and is older tells nothing new.
  compared_seq INTEGER NOT NULL DEFAULT 0,
  compared_ms  INTEGER,
  -- Plots and promises that are written down for it, what is over among them: whoever floods has a bound of his own.
  rows         INTEGER NOT NULL DEFAULT 0,
  promises     INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TRIGGER account_promises_count AFTER INSERT ON account_promises BEGIN
  UPDATE account_seen SET promises = promises + 1 WHERE device = NEW.device;
END;
CREATE TRIGGER account_promises_forget AFTER DELETE ON account_promises BEGIN
  UPDATE account_seen SET promises = promises - 1 WHERE device = OLD.device;
END;

-- The host. An intent is written before the keeper is asked, so that a crash in between leads to a void.
CREATE TABLE account_counter (
  singleton INTEGER PRIMARY KEY CHECK (singleton = 1),
  seq       INTEGER NOT NULL
) STRICT;
INSERT INTO account_counter (singleton, seq) VALUES (1, 0);

CREATE TABLE account_intents (
  id       TEXT PRIMARY KEY CHECK (length(id) = 22),
  keeper   TEXT NOT NULL,
  device   TEXT NOT NULL,
  account  TEXT NOT NULL,
  since_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE account_plots (
  plot         TEXT PRIMARY KEY CHECK (length(plot) = 26),
  keeper       TEXT NOT NULL,
  device       TEXT NOT NULL,
  account      TEXT NOT NULL,
  member       TEXT NOT NULL,
  -- When the keeper last said that the account covers it, in service time; covered: what he said last.
  good_service INTEGER NOT NULL,
  covered      INTEGER NOT NULL DEFAULT 1 CHECK (covered IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE INDEX account_plots_by_keeper ON account_plots (device, plot);
CREATE INDEX account_plots_by_member ON account_plots (member, keeper, device, account);

CREATE TABLE account_spent (
  device TEXT NOT NULL,
  jti    TEXT NOT NULL,
  at_ms  INTEGER NOT NULL,
  PRIMARY KEY (device, jti)
) STRICT, WITHOUT ROWID;

CREATE TABLE account_outbox (
  seq    INTEGER PRIMARY KEY,
  keeper TEXT NOT NULL,
  device TEXT NOT NULL,
  item   TEXT NOT NULL
) STRICT;
CREATE INDEX account_outbox_by_keeper ON account_outbox (device, seq);

CREATE TABLE account_compared (
  device      TEXT PRIMARY KEY,
  keeper      TEXT NOT NULL,
  compared_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The member: what keepers said last.
CREATE TABLE memberships (
  device   TEXT NOT NULL,
  account  TEXT NOT NULL,
  keeper   TEXT NOT NULL,
  plan     INTEGER NOT NULL CHECK (plan >= 0),
  charged  INTEGER NOT NULL CHECK (charged >= 0),
  closed   INTEGER NOT NULL CHECK (closed IN (0, 1)),
  hosts    TEXT NOT NULL,
  PRIMARY KEY (device, account)
) STRICT, WITHOUT ROWID;
CREATE TABLE account_keepers (
  device   TEXT PRIMARY KEY,
  keeper   TEXT NOT NULL,
  -- His accounts count at this device too.
  counts_here INTEGER NOT NULL CHECK (counts_here IN (0, 1)),
  as_of_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- Rows.
INSERT INTO accounts (name, plan) VALUES ('Household', 1000000), ('Closed one', 5);
UPDATE accounts SET closed = 1 WHERE name = 'Closed one';
UPDATE account_changes SET changes = 7;
INSERT INTO account_members VALUES ('Household', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'), ('Household', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb');
INSERT INTO account_hosts VALUES ('Household', 'cccccccccccccccccccccccccccccccccccccccccccccccccccc');
INSERT INTO account_struck VALUES ('Household', 'dddddddddddddddddddddddddddddddddddddddddddddddddddd');
INSERT INTO account_seen (device, host, seq, compared_seq, compared_ms) VALUES ('gggggggggggggggggggggggggggggggggggggggggggggggggggg', 'cccccccccccccccccccccccccccccccccccccccccccccccccccc', 5, 4, 20);
INSERT INTO account_promises VALUES ('gggggggggggggggggggggggggggggggggggggggggggggggggggg', 'rrrrrrrrrrrrrrrrrrrrr5', 'cccccccccccccccccccccccccccccccccccccccccccccccccccc', 'Household', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'reservation', 'open', 1000, NULL, NULL, 16);
INSERT INTO account_promises VALUES ('gggggggggggggggggggggggggggggggggggggggggggggggggggg', 'rrrrrrrrrrrrrrrrrrrrr6', 'cccccccccccccccccccccccccccccccccccccccccccccccccccc', 'Household', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 'ticket', 'open', 500, 'rq', 99, 16);
UPDATE account_promises SET state = 'settled' WHERE id = 'rrrrrrrrrrrrrrrrrrrrr6';
INSERT INTO account_held VALUES ('gggggggggggggggggggggggggggggggggggggggggggggggggggg', 'kkkkkkkkkkkkkkkkkkkkkkkkkk', 'cccccccccccccccccccccccccccccccccccccccccccccccccccc', 'Household', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 500, 3);
UPDATE account_counter SET seq = 9;
INSERT INTO account_intents VALUES ('rrrrrrrrrrrrrrrrrrrrr7', 'cccccccccccccccccccccccccccccccccccccccccccccccccccc', 'gggggggggggggggggggggggggggggggggggggggggggggggggggg', 'Theirs', 17);
INSERT INTO plots (number, id, owner, ground, class, state, size, promised, written, from_ms, until_service, grace_s) VALUES
  (6, 'llllllllllllllllllllllllll', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 'account', 'guaranteed', 'active', 2000, 67110864, 0, 18, 2683400, 1209600);
INSERT INTO account_plots VALUES ('llllllllllllllllllllllllll', 'cccccccccccccccccccccccccccccccccccccccccccccccccccc', 'gggggggggggggggggggggggggggggggggggggggggggggggggggg', 'Theirs', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 4800, 1);
INSERT INTO account_spent VALUES ('gggggggggggggggggggggggggggggggggggggggggggggggggggg', 'ticket-1', 18);
INSERT INTO account_outbox VALUES (8, 'cccccccccccccccccccccccccccccccccccccccccccccccccccc', 'gggggggggggggggggggggggggggggggggggggggggggggggggggg', '{"kind":"settle"}');
INSERT INTO account_compared VALUES ('gggggggggggggggggggggggggggggggggggggggggggggggggggg', 'cccccccccccccccccccccccccccccccccccccccccccccccccccc', 19);
INSERT INTO memberships VALUES ('gggggggggggggggggggggggggggggggggggggggggggggggggggg', 'Theirs', 'cccccccccccccccccccccccccccccccccccccccccccccccccccc', 5000, 2000, 0, '[]');
INSERT INTO account_keepers VALUES ('gggggggggggggggggggggggggggggggggggggggggggggggggggg', 'cccccccccccccccccccccccccccccccccccccccccccccccccccc', 1, 19);
