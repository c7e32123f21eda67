import { expect, test } from 'vitest';
import type { CommandContext } from '../../electron/headless/command.ts';
import { recoveryCommands } from '../../electron/headless/commands-recovery.ts';
import { createTranslator } from '../../electron/headless/translator.ts';
import type { RecoveryView } from '../../shared/contract/backup-views.ts';
import type { OwnerId } from '../../shared/ids.ts';
import { ok } from '../../shared/result.ts';

test('whom only doubtful books name is asked about, and what to do with either answer is said: he may be a friend here already', async () => {
  const mallory = { owner: 'm'.repeat(52) as OwnerId, name: 'Mallory', sinceMs: 0, host: 'Laptop' };
  const said: RecoveryView = {
    possible: true,
    state: 'found',
    friends: [],
    sets: [],
    doubtful: [mallory],
    fault: null,
  };
  const context = {
    call: async () => ok(said),
    t: await createTranslator(),
  } as unknown as CommandContext;
  const ended = await recoveryCommands['recovery']?.run(context);
  const text = ended?.ok === true ? ended.value.text : '';
  expect(text).toContain(`Mallory`);
  expect(text).toContain('allotment recovery believe FRIEND');
  expect(text).toContain('allotment friends leave FRIEND --now');
});
