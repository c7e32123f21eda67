import { randomBytes } from 'node:crypto';
import type { Randomness } from '../ports.ts';

export const systemRandomness: Randomness = { bytes: (count) => randomBytes(count) };
