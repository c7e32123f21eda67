import { expect, test } from 'vitest';
import type { CopyBook } from '../../../../electron/core/backup/copies/book.ts';
import type { Checking } from '../../../../electron/core/backup/copies/checking.ts';
import { createCopyChores } from '../../../../electron/core/backup/copies/chores.ts';
import { createTurns } from '../../../../electron/core/backup/copies/turns.ts';
import type { BackupSet } from '../../../../electron/core/backup/set-book.ts';
import type { Async } from '../../../../shared/async.ts';
import { carrying, fault } from '../../../../shared/fault.ts';
import { silent } from '../../../fakes/silent-logger.ts';
import { testOwnerId } from '../../../fakes/test-ledger.ts';

const HOST = testOwnerId(1);
const REPLACED = carrying(new Error('no such file'), fault('program-replaced'));

/** Two sets whose one copy is behind and was not looked at for long, and work on them that breaks. */
function broken(error: Error) {
  const asked: string[] = [];
  const clock = { now: 1_000_000_000 };
  const sets = ['letters', 'photos'].map(
    (name) => ({ name, hosts: [HOST], sequence: 2 }) as unknown as BackupSet,
  );
  const breaks = (what: string) => async (set: BackupSet) => {
    asked.push(`${what} ${set.name}`);
    throw error;
  };
  const chores = createCopyChores({
    sets: { sets: async () => sets },
    book: {
      retain: async () => undefined,
      copiesOf: async (set: string) => [{ set, host: HOST, sequence: 1, damagedObjects: 0 }],
    } as unknown as Async<CopyBook>,
    holdings: {
      holdings: async () => sets.map(({ name }) => ({ set: name, host: HOST })) as never,
    },
    turns: createTurns(),
    checking: { catchUp: breaks('catch up'), verify: breaks('verify') } as unknown as Checking,
    mayBegin: () => true,
    clock: { nowMs: () => clock.now, monotonicMs: () => clock.now },
    logger: silent,
  });
  return { chores, asked, clock };
}

test('copies that can’t be completed because the program was replaced rest, and keep no other set from its turn', async () => {
  const { chores, asked, clock } = broken(REPLACED);
  await chores.catchUpDue();
  expect(asked).toEqual(['catch up letters', 'catch up photos']);
  clock.now += 60_000;
  await chores.catchUpDue();
  expect(asked).toHaveLength(2);
  clock.now += 60_000;
  await chores.catchUpDue();
  expect(asked).toHaveLength(4);
});

test('nor do copies that can’t be looked through', async () => {
  const { chores, asked } = broken(REPLACED);
  await chores.verifyDue();
  expect(asked).toEqual(['verify letters', 'verify photos']);
});

test('a bug is told to whoever looks after the chores', async () => {
  const { chores } = broken(new TypeError('a bug'));
  await expect(chores.catchUpDue()).rejects.toThrow('a bug');
  await expect(chores.verifyDue()).rejects.toThrow('a bug');
});
