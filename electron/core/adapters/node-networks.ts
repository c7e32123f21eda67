import type { Networks } from '../ports.ts';

/** The links of this computer. */
export const nodeNetworks: Networks = { read: async () => [] };
