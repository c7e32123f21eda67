/** Who is blocked by nobody's word, only because no book that is believed names him any more. */
export const heldBack = `
-- Nobody held him back but what was thought of address books; it goes with that.
ALTER TABLE friends ADD COLUMN held_back INTEGER NOT NULL DEFAULT 0 CHECK (held_back IN (0, 1));
`;
