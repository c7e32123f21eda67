import { expect, test } from 'vitest';
import type { Command, CommandContext } from '../../electron/headless/command.ts';
import { accountCommands } from '../../electron/headless/commands-accounts.ts';
import { guestCommands } from '../../electron/headless/commands-guest.ts';
import { createTranslator } from '../../electron/headless/translator.ts';
import { ok } from '../../shared/result.ts';

/** What a command says where the program answers that. */
async function saidBy(command: Command | undefined, answer: unknown): Promise<string> {
  const context = { call: async () => ok(answer), words: ['one'], t: await createTranslator() };
  const ended = await command?.run(context as unknown as CommandContext);
  return ended?.ok === true ? ended.value.text : '';
}

test('a command that is said to be typed does what it says, whatever a friend calls himself', async () => {
  const keepers = [{ owner: 'm'.repeat(52), name: "Mum; rm -rf 'x'", honoured: false }];
  expect(
    await saidBy(accountCommands['accounts'], { kept: [], memberships: [], keepers, untold: 0 }),
  ).toContain(String.raw`allotment accounts honour 'Mum; rm -rf '\''x'\'''`);
});

test('what is protected is not said to be gone', async () => {
  const release = guestCommands['release'];
  expect(await saidBy(release, { released: true })).toBe('Let go.');
  expect(await saidBy(release, { released: true, leavesMs: Date.UTC(2030, 0, 2, 12) })).toMatch(
    /^It is protected: what lies there stays until 2030-01-0\d \d\d:\d\d, and goes then\.$/,
  );
});
