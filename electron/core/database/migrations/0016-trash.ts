/** Protected plots at a host: what their guests delete stays for a while. */
export const trash = `
`;
