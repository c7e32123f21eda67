/** What a device that came back from 24 words still has to find. */
export const recovery = `
`;
