import { describe, expect, it } from 'vitest';
import { openNoticeBook } from '../../../electron/core/notices/notice-book.ts';
import { openNoticeKeeper } from '../../../electron/core/notices/notice-keeper.ts';
import type { OwnerId } from '../../../shared/ids.ts';
import type { NoticeFacts } from '../../../shared/notices/facts.ts';
import { until } from '../../fakes/homes.ts';
import { ANA, NOON_MS, quiet, someRequest } from '../../fakes/notice-facts.ts';
import { silent } from '../../fakes/silent-logger.ts';
import { openTestLedger } from '../../fakes/test-ledger.ts';

/** A keeper over a real book, with the state of the world in a test's hands. */
async function keeperOver(first: NoticeFacts = quiet()) {
  const { sql } = openTestLedger();
  const book = openNoticeBook(sql);
  const world = {
    facts: first,
    looks: 0,
    changes: 0,
    since: [] as number[],
    refused: [] as OwnerId[],
  };
  const keeper = await openNoticeKeeper({
    book: {
      decision: async () => book.decision(),
      notices: async () => book.notices(),
      look: async (call) => book.look(call),
      dismiss: async (id) => book.dismiss(id),
    },
    gather: async ({ decision, diskRefused }) => {
      world.looks += 1;
      world.since.push(decision);
      world.refused = [...diskRefused];
      return { ...world.facts, diskRefused: diskRefused.map((owner) => ({ owner, name: 'Ana' })) };
    },
    clock: { nowMs: () => NOON_MS, monotonicMs: () => performance.now() },
    logger: silent,
    onChange: () => {
      world.changes += 1;
    },
  });
  return { keeper, world };
}

describe('the keeper of notices', () => {
  it('looks once at what changed many times, and says so only if there is news', async () => {
    const { keeper, world } = await keeperOver();
    for (let at = 0; at < 1000; at += 1) keeper.touch();
    await until(() => (world.looks > 0 ? true : undefined));
    await keeper.close();
    expect(world.looks).toBe(1);
    expect(world.changes).toBe(0);
  });

  it('shows what is to be told until it is no longer so', async () => {
    const { keeper, world } = await keeperOver(quiet({ pairings: [{ id: '1', name: 'Cleo' }] }));
    await keeper.look();
    expect(keeper.list()).toMatchObject([{ kind: 'pairing-asks' }]);
    expect(world.changes).toBe(1);
    world.facts = quiet();
    await keeper.look();
    expect(keeper.list()).toEqual([]);
    expect(world.changes).toBe(2);
    await keeper.close();
  });

  it('puts away what is there, and only that', async () => {
    const { keeper, world } = await keeperOver(quiet({ pairings: [{ id: '1', name: 'Cleo' }] }));
    await keeper.look();
    expect(await keeper.dismiss('pairing-asks:2')).toBe(false);
    expect(await keeper.dismiss('pairing-asks:1')).toBe(true);
    expect(keeper.list()).toMatchObject([{ dismissed: true }]);
    expect(world.changes).toBe(2);
    await keeper.close();
  });

  it('asks for requests since the last one it looked at', async () => {
    const { keeper, world } = await keeperOver(quiet({ requests: [someRequest(9)] }));
    await keeper.look();
    await keeper.look();
    expect(world.since).toEqual([0, 9]);
    await keeper.close();
  });

  it('tells once of a disk that turned a friend away', async () => {
    const { keeper, world } = await keeperOver();
    keeper.diskWasFull(ANA);
    keeper.diskWasFull(ANA);
    await keeper.look();
    expect(world.refused).toEqual([ANA]);
    expect(keeper.list()).toMatchObject([{ kind: 'disk-fills', params: { context: 'full' } }]);
    await keeper.look();
    expect(world.refused).toEqual([]);
    await keeper.close();
  });

  it('looks no more once it is closed', async () => {
    const { keeper, world } = await keeperOver();
    keeper.touch();
    await keeper.close();
    await keeper.look();
    expect(world.looks).toBe(0);
  });
});
