import { randomBytes } from 'node:crypto';
import { systemRandomness } from '../../electron/core/adapters/system-randomness.ts';
import { toBase32 } from '../../electron/core/identity/base32.ts';
import { rootKeyOf } from '../../electron/core/identity/root-key.ts';
import {
  readStatement,
  type SignedStatement,
  type Statement,
  signStatement,
} from '../../electron/core/identity/statement.ts';
import type { Other } from '../../electron/core/friends/pairing-entry.ts';
import {
  createPairingTable,
  type PairingTable,
} from '../../electron/core/friends/pairing-table.ts';
import type { Clock } from '../../electron/core/ports.ts';
import type { DeviceId } from '../../shared/ids.ts';

/** Owners who sign for devices without any network, and the tables of two who pair. */
export type TestClock = Clock & { readonly pass: (ms: number) => void };

export function testClock(): TestClock {
  let nowMs = 1_000_000;
  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    pass: (ms) => {
      nowMs += ms;
    },
  };
}

export type TestRoot = ReturnType<typeof rootKeyOf>;

export function testRoot(): TestRoot {
  return rootKeyOf(randomBytes(32));
}

export function testDevice(): DeviceId {
  return toBase32(randomBytes(32)) as DeviceId;
}

export function testInstance(): string {
  return randomBytes(16).toString('hex');
}

export function certify(
  root: TestRoot,
  more: Partial<Statement> = {},
): { readonly statement: Statement; readonly signed: SignedStatement } {
  const device = testDevice();
  const plain = { owner: root.owner, device, instance: testInstance(), serial: 1, ...more };
  const signed = signStatement(plain, root);
  const statement = readStatement(signed);
  if (statement === undefined) throw new Error('a statement of ours is not believed');
  return { statement, signed };
}

export type TestParty = {
  readonly me: Other;
  readonly table: PairingTable;
};

export function testParty(name: string, clock: Clock, root = testRoot()): TestParty {
  const { statement, signed } = certify(root);
  const me = { name, kind: 'desktop', statement, signed, address: '127.0.0.1:1' } as const;
  return {
    me,
    table: createPairingTable({ me: statement, clock, randomness: systemRandomness }),
  };
}
