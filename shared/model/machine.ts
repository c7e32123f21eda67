import { z } from 'zod';

/** What sort of computer a device says it is: shown beside its name, decides nothing. */
export const MACHINE_KINDS = ['desktop', 'laptop', 'server'] as const;
export type MachineKind = (typeof MACHINE_KINDS)[number];

export function machineKindOf(text: unknown): MachineKind {
  return MACHINE_KINDS.find((kind) => kind === text) ?? 'desktop';
}

/** Untrusted: a kind that a later version knows is a computer too. */
export const machineKind = z.string().max(20).transform(machineKindOf);
