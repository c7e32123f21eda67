/** What opens a repository is half a kilobyte; where the only friend who keeps a set has lost it, all of the set is lost. */
export const openings = `
-- Config and key file of a set's repository, sealed as they lie in its copies.
CREATE TABLE set_openings (
  set_name   TEXT PRIMARY KEY REFERENCES sets (name) ON DELETE CASCADE,
  repository TEXT NOT NULL CHECK (length(repository) = 64),
  config     BLOB NOT NULL CHECK (length(config) BETWEEN 1 AND 16384),
  key_name   TEXT NOT NULL CHECK (length(key_name) = 64),
  key_file   BLOB NOT NULL CHECK (length(key_file) BETWEEN 1 AND 16384)
) STRICT, WITHOUT ROWID;
-- Another repository has others.
CREATE TRIGGER openings_go_with_their_repository AFTER UPDATE OF repository ON sets
WHEN NEW.repository IS NOT OLD.repository BEGIN
  DELETE FROM set_openings WHERE set_name = NEW.name;
END;
`;
