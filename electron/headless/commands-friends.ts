import type { FriendView } from '../../shared/contract/views.ts';
import { type Fault, fault } from '../../shared/fault.ts';
import { failed, ok, type Result } from '../../shared/result.ts';
import { whoIsMeant } from '../../shared/who-is-meant.ts';
import { badArguments, type Command, type CommandContext, textOption } from './command.ts';
import { dateTime, plainText, size } from './output.ts';

/** How a friendship ends from the command line: what it costs is said before anything is deleted. */
export const friendCommands: Readonly<Record<string, Command>> = {
  'friends leave': {
    usage: 'friends leave FRIEND --days 30 | friends leave FRIEND --now [--name FRIEND]',
    help: 'end a friendship at a date, until when both can fetch what they have; or at once',
    options: { days: { type: 'string' }, now: { type: 'boolean' }, name: { type: 'string' } },
    words: [1, 1],
    run: async (context) => {
      const { values, words } = context;
      const [friend = ''] = words;
      const days = textOption(values, 'days');
      const isNow = values['now'] === true;
      if (isNow === (days !== undefined))
        return badArguments('say when: --days 30 (1 to 365), or --now');
      if (isNow) return leaveNow(context, friend);
      if (!/^[0-9]{1,3}$/.test(days ?? '') || Number(days) < 1 || Number(days) > 365)
        return badArguments(
          '--days wants a number from 1 to 365; to end it at once there is --now',
        );
      const left = await context.call('friends.leave', { friend, days: Number(days) });
      if (!left.ok) return left;
      const { name, leaving } = left.value;
      const text = `The friendship with ${plainText(name)} ends on ${dateTime(leaving?.atMs ?? null)}. Until then nothing new is kept, and what is here can be fetched. “allotment friends stay” takes it back.`;
      return ok({ value: left.value, text });
    },
  },
  'friends stay': {
    usage: 'friends stay FRIEND',
    help: 'the friendship goes on after all',
    words: [1, 1],
    run: async ({ call, words: [friend = ''] }) => {
      const stays = await call('friends.stay', { friend });
      return stays.ok
        ? ok({
            value: stays.value,
            text: `The friendship with ${plainText(stays.value.name)} goes on.`,
          })
        : stays;
    },
  },
};

async function leaveNow(
  { call, values, ask, note }: CommandContext,
  friend: string,
): ReturnType<Command['run']> {
  const named = textOption(values, 'name');
  const found = await findFriend(call, friend);
  if (!found.ok) return found;
  note(await losses(call, found.value));
  const name = named ?? (await ask('To end it now, write the friend’s name: ')) ?? '';
  const left = await call('friends.leave', { friend: found.value.owner, days: 0, name });
  if (!left.ok) return left;
  const text = `The friendship with ${plainText(left.value.name)} is over.`;
  return ok({ value: left.value, text });
}

type Call = CommandContext['call'];

/** As the core finds friends; it is asked again, and by its id, when something is to happen. */
async function findFriend(call: Call, friend: string): Promise<Result<FriendView, Fault>> {
  const all = await call('friends.list', {});
  if (!all.ok) return all;
  const present = all.value.filter(({ departed }) => !departed);
  const [first, second] = whoIsMeant(present, friend);
  if (first === undefined) return failed(fault('friend-unknown', { friend }));
  return second === undefined ? ok(first) : failed(fault('friend-ambiguous', { friend }));
}

async function losses(call: Call, { owner, name, here }: FriendView): Promise<string> {
  const mine = await call('plots.mine', {});
  const there = mine.ok ? mine.value.filter((plot) => plot.owner === owner) : [];
  const bytes = there.reduce((sum, { writtenBytes }) => sum + BigInt(writtenBytes), 0n);
  const who = plainText(name);
  return [
    `At once, this deletes ${size(here.writtenBytes)} that ${who} keeps here.`,
    `${size(`${bytes}`)} of yours at ${who}’s are given up.`,
  ].join('\n');
}
