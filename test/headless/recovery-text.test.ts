import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CommandContext } from '../../electron/headless/command.ts';
import { recoveryCommands } from '../../electron/headless/commands-recovery.ts';
import { createTranslator } from '../../electron/headless/translator.ts';
import type { RecoveryView } from '../../shared/contract/backup-views.ts';
import type { OwnerId } from '../../shared/ids.ts';
import { ok } from '../../shared/result.ts';
import { typedDay } from '../../shared/words/typed-day.ts';
import { scratch } from '../fakes/homes.ts';

const said: RecoveryView = {
  possible: true,
  state: 'found',
  friends: [],
  sets: [],
  doubtful: [],
  fault: null,
};

test('whom only doubtful books name is asked about, and what to do with either answer is said: he may be a friend here already', async () => {
  const mallory = { owner: 'm'.repeat(52) as OwnerId, name: 'Mallory', sinceMs: 0, host: 'Laptop' };
  const context = {
    call: async () => ok({ ...said, doubtful: [mallory] }),
    t: await createTranslator(),
  } as unknown as CommandContext;
  const ended = await recoveryCommands['recovery']?.run(context);
  const text = ended?.ok === true ? ended.value.text : '';
  expect(text).toContain(`Mallory`);
  expect(text).toContain('allotment recovery believe FRIEND');
  expect(text).toContain('allotment friends leave FRIEND --now');
});

describe('the day since when a computer was stolen', () => {
  /** What is sent with that day; the fault's words where nothing is sent. */
  async function begun(stolen: string): Promise<unknown> {
    const place = await scratch();
    const file = join(place.folder, 'words');
    await writeFile(file, 'one two three');
    const sent: unknown[] = [];
    const context = {
      call: async (_name: string, wish: unknown) => {
        sent.push(wish);
        return ok(said);
      },
      values: { 'words-file': file, stolen },
      words: [],
      t: await createTranslator(),
    } as unknown as CommandContext;
    const ended = await recoveryCommands['recovery begin']?.run(context);
    await place.remove();
    return ended?.ok === false ? [ended.fault.params, sent] : sent;
  }

  test.each(['2026-03-05', '05.03.2026'])('begins at its midnight on the wall: %s', async (day) => {
    const stolenMs = new Date(2026, 2, 5).getTime();
    expect(await begun(day)).toEqual([{ words: 'one two three', stolenMs }]);
  });

  test('may be the one that it is', async () => {
    const now = new Date();
    const stolenMs = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime();
    expect(await begun(typedDay(now.getTime()))).toMatchObject([{ stolenMs }]);
  });

  test.each(['2026-02-30', '05/03/2026', '5 March 2026', 'yesterday', '', '2999-01-01'])(
    'is nothing else: %j',
    async (day) => {
      const problem = '--stolen is a day that has begun, like 2026-01-31';
      expect(await begun(day)).toEqual([expect.objectContaining({ problem }), []]);
    },
  );
});
