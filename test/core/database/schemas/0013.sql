-- Schema 13 as it was released, and rows as an installation of that version had them. Never edited.
-- The weights of all who share, and what is charged to their shares, theirs and what they vouched for.
ALTER TABLE totals ADD COLUMN weights INTEGER NOT NULL DEFAULT 0 CHECK (weights >= 0);
ALTER TABLE totals ADD COLUMN fair INTEGER NOT NULL DEFAULT 0 CHECK (fair >= 0);
UPDATE totals SET
  weights = (SELECT coalesce(sum(weight), 0) FROM friends WHERE departed = 0),
  fair = (SELECT coalesce(sum(usage.promised), 0) FROM usage JOIN friends USING (owner)
      WHERE usage.ground = 'fair-share' AND friends.weight > 0 AND friends.departed = 0)
    + (SELECT coalesce(sum(vouched.promised), 0) FROM vouched JOIN friends ON friends.owner = vouched.introducer
      WHERE vouched.ground = 'fair-share' AND friends.weight > 0 AND friends.departed = 0);

CREATE TRIGGER friends_come AFTER INSERT ON friends BEGIN
  UPDATE totals SET weights = weights + iif(NEW.departed = 0, NEW.weight, 0),
    fair = fair + iif(NEW.departed = 0 AND NEW.weight > 0,
      coalesce((SELECT promised FROM usage WHERE owner = NEW.owner AND ground = 'fair-share'), 0)
      + coalesce((SELECT promised FROM vouched WHERE introducer = NEW.owner AND ground = 'fair-share'), 0), 0);
END;
CREATE TRIGGER friends_reweigh AFTER UPDATE OF weight, departed ON friends
WHEN NEW.weight <> OLD.weight OR NEW.departed <> OLD.departed BEGIN
  UPDATE totals SET
    weights = weights - iif(OLD.departed = 0, OLD.weight, 0) + iif(NEW.departed = 0, NEW.weight, 0),
    fair = fair + (iif(NEW.departed = 0 AND NEW.weight > 0, 1, 0) - iif(OLD.departed = 0 AND OLD.weight > 0, 1, 0))
      * (coalesce((SELECT promised FROM usage WHERE owner = NEW.owner AND ground = 'fair-share'), 0)
      + coalesce((SELECT promised FROM vouched WHERE introducer = NEW.owner AND ground = 'fair-share'), 0));
END;
CREATE TRIGGER friends_go AFTER DELETE ON friends BEGIN
  UPDATE totals SET weights = weights - iif(OLD.departed = 0, OLD.weight, 0),
    fair = fair - iif(OLD.departed = 0 AND OLD.weight > 0,
      coalesce((SELECT promised FROM usage WHERE owner = OLD.owner AND ground = 'fair-share'), 0)
      + coalesce((SELECT promised FROM vouched WHERE introducer = OLD.owner AND ground = 'fair-share'), 0), 0);
END;
CREATE TRIGGER usage_begins AFTER INSERT ON usage WHEN NEW.ground = 'fair-share' BEGIN
  UPDATE totals SET fair = fair + NEW.promised
    WHERE EXISTS (SELECT 1 FROM friends WHERE owner = NEW.owner AND weight > 0 AND departed = 0);
END;
CREATE TRIGGER usage_changes AFTER UPDATE OF promised ON usage
WHEN NEW.ground = 'fair-share' AND NEW.promised <> OLD.promised BEGIN
  UPDATE totals SET fair = fair + NEW.promised - OLD.promised
    WHERE EXISTS (SELECT 1 FROM friends WHERE owner = NEW.owner AND weight > 0 AND departed = 0);
END;
CREATE TRIGGER vouched_begins AFTER INSERT ON vouched WHEN NEW.ground = 'fair-share' BEGIN
  UPDATE totals SET fair = fair + NEW.promised
    WHERE EXISTS (SELECT 1 FROM friends WHERE owner = NEW.introducer AND weight > 0 AND departed = 0);
END;
CREATE TRIGGER vouched_changes AFTER UPDATE OF promised ON vouched
WHEN NEW.ground = 'fair-share' AND NEW.promised <> OLD.promised BEGIN
  UPDATE totals SET fair = fair + NEW.promised - OLD.promised
    WHERE EXISTS (SELECT 1 FROM friends WHERE owner = NEW.introducer AND weight > 0 AND departed = 0);
END;

-- What each has written, beside what is promised: the history of use reads it for everybody.
ALTER TABLE usage ADD COLUMN written INTEGER NOT NULL DEFAULT 0 CHECK (written >= 0);
UPDATE usage SET written = coalesce((SELECT sum(written) FROM plots
  WHERE plots.owner = usage.owner AND plots.ground = usage.ground), 0);
CREATE TRIGGER plots_come_written AFTER INSERT ON plots WHEN NEW.written <> 0 BEGIN
  INSERT INTO usage (owner, ground, written) VALUES (NEW.owner, NEW.ground, NEW.written)
    ON CONFLICT (owner, ground) DO UPDATE SET written = written + excluded.written;
END;
CREATE TRIGGER plots_write AFTER UPDATE OF written, ground ON plots
WHEN NEW.written <> OLD.written OR NEW.ground <> OLD.ground BEGIN
  UPDATE usage SET written = written - OLD.written WHERE owner = OLD.owner AND ground = OLD.ground;
  INSERT INTO usage (owner, ground, written) VALUES (NEW.owner, NEW.ground, NEW.written)
    ON CONFLICT (owner, ground) DO UPDATE SET written = written + excluded.written;
END;

-- One friend's plots, without all that he ever had.
CREATE INDEX plots_there ON plots (owner, number) WHERE state <> 'gone';
-- And everybody's in turn, which are compared with the disk one after the other.
CREATE INDEX plots_in_turn ON plots (number) WHERE state <> 'gone';
-- Those whose time is over; of one index for both states the sweep could use nothing.
DROP INDEX plots_due;
CREATE INDEX plots_active_due ON plots (until_service) WHERE state = 'active';
CREATE INDEX plots_grace_due ON plots (until_service + grace_s) WHERE state = 'grace';
CREATE INDEX plots_lent ON plots (until_service, number)
  WHERE class = 'borrowed' AND ground = 'fair-share' AND state IN ('active', 'grace', 'reclaimable');
CREATE INDEX plots_lent_and_over ON plots (until_service, number) WHERE state = 'reclaimable' AND class = 'borrowed';
-- What the owner is told of: granted and never used, or over and not renewed.
CREATE INDEX plots_unused ON plots (from_ms, owner, promised) WHERE state = 'active' AND written = 0;
CREATE INDEX plots_unrenewed ON plots (owner, state, written) WHERE state IN ('grace', 'reclaimable');
CREATE INDEX plots_ended ON plots (ended_service) WHERE ended_service IS NOT NULL;

-- Who was refused for want of room.
CREATE INDEX decisions_for_room ON decisions (at_ms, owner)
  WHERE outcome <> 'granted' AND code IN ('no-space', 'over-share');

-- Answers without a plot go by their age, those with one after its end.
DROP INDEX answers_by_age;
CREATE INDEX answers_without_plot ON answers (at_service) WHERE plot IS NULL;
CREATE INDEX answers_by_plot ON answers (plot) WHERE plot IS NOT NULL;

CREATE INDEX waiting_in_line ON waiting (place, owner, wanted) WHERE open = 1 AND why = 'queue';
CREATE INDEX waiting_by_poll ON waiting (polled_service);
-- Rows.
UPDATE plots SET written = written + 10 WHERE number = 8;
INSERT INTO objects VALUES (8, 5, x'0000000000000000000000000000000000000000000000000000000000000028', 10);
UPDATE friends SET weight = 5 WHERE owner = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa';
