/** A notice is about what was over a friend's share when it was given: later joins make nobody's notice larger. */
export const notice = `
ALTER TABLE friends ADD COLUMN over_ends_share INTEGER;
`;
