/** Filled in with the feature; an empty step keeps the order of those after it. */
export const barter = '';
