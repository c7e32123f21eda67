import { writeFile } from 'node:fs/promises';
import { z } from 'zod';
import type { InputOf, ResultOf } from '../../shared/contract/contract.ts';
import type { Fault } from '../../shared/fault.ts';
import { policy as policySchema } from '../../shared/model/policy.ts';
import { ok, type Result } from '../../shared/result.ts';
import { parseDurationS, parseSize } from '../../shared/units.ts';
import {
  badArguments,
  type Command,
  type CommandContext,
  NO_THOUSANDS,
  type Outcome,
  readJson,
  systemCode,
  textOption,
  type Values,
} from './command.ts';
import {
  GROUND_EXAMPLES,
  GROUND_WORDS,
  type GroundInput,
  groundOfWord,
  type Known,
  namesAccounts,
} from './ground-words.ts';
import { plainText } from './output.ts';
import { policyText } from './policy-text.ts';
import { readHours } from './time-of-day.ts';

/** Commands about what speaks for a yes here, and what limits it; policies are data and fit in a file. */
export const policyCommands: Readonly<Record<string, Command>> = {
  'policy show': {
    usage: 'policy show FRIEND|default|guests',
    help: 'what speaks for a yes, and what limits it',
    words: [1, 1],
    run: async ({ call, words: [who = ''] }) => {
      const policy = await call('policy.get', who === 'default' ? {} : { friend: who });
      return policy.ok ? shown(call, who, policy.value) : policy;
    },
  },
  'policy set': {
    usage: `policy set FRIEND|default|guests ${GROUND_WORDS} … [ask-above=10GB] [quiet=22:00-07:00] [--max-size 10GB] [--max-duration 60d] [--max-plots 5] [--paused] [--stop-renewing] | policy set FRIEND inherit`,
    help: 'the grounds, in their order, and the guards; strict: nothing is lent; ask-above: beyond that you are asked',
    options: {
      'max-size': { type: 'string' },
      'max-duration': { type: 'string' },
      'max-plots': { type: 'string' },
      paused: { type: 'boolean' },
      'stop-renewing': { type: 'boolean' },
    },
    words: [1, 12],
    run: async ({ call, words: [who = '', ...grounds], values }) => {
      // Whose accounts count is said by names, and kept by who they are.
      const friends = namesAccounts(grounds) ? await call('friends.list', {}) : ok([]);
      if (!friends.ok) return friends;
      const policy =
        grounds[0] === 'inherit' ? null : policyOf(grounds, { values, friends: friends.value });
      if (typeof policy === 'string') return badArguments(policy);
      const set = await call('policy.set', {
        ...(who === 'default' ? {} : { friend: who }),
        policy,
      });
      return set.ok ? shown(call, who, set.value) : set;
    },
  },
  'policy export': {
    usage: 'policy export FILE',
    help: 'the default and what is set for single friends, by their names',
    words: [1, 1],
    run: exportPolicies,
  },
  'policy import': {
    usage: 'policy import FILE',
    help: 'sets what such a file says; all of it, or nothing where something in it is wrong',
    words: [1, 1],
    run: importPolicies,
  },
};

async function shown(
  call: CommandContext['call'],
  who: string,
  value: ResultOf<'policy.get'>,
): Promise<Result<Outcome, Fault>> {
  const names = new Map<string, string>();
  if (value.policy.grounds.some(({ kind }) => kind === 'account')) {
    const friends = await call('friends.list', {});
    if (!friends.ok) return friends;
    const household = await call('household.get', {});
    if (!household.ok) return household;
    const own = household.value.keepers.filter(({ self }) => self === true);
    for (const { owner, name } of [...own, ...friends.value]) names.set(owner, name);
  }
  const nameOf = (owner: string) => names.get(owner) ?? 'somebody who is no friend any more';
  return ok({ value, text: policyText(who, value, nameOf) });
}

type PolicyInput = NonNullable<InputOf<'policy.set'>['policy']>;

/** Grounds stay as they were written until they are looked at one by one, so that the words name the place. */
const policyFile = z.strictObject({
  v: z.literal(1),
  default: z.unknown(),
  /** Absent in files of before there were guests: what is set for them stays. */
  guests: z.unknown().optional(),
  friends: z.array(z.strictObject({ friend: z.string().min(1), policy: z.unknown() })).max(10_000),
});

async function exportPolicies({ call, words: [file = ''] }: CommandContext) {
  const friends = await call('friends.list', {});
  if (!friends.ok) return friends;
  const general = await call('policy.get', {});
  if (!general.ok) return general;
  const guests = await call('policy.get', { friend: 'guests' });
  if (!guests.ok) return guests;
  const own = [];
  for (const { owner, name, departed, here } of friends.value) {
    if (departed || !here.ownPolicy) continue;
    const policy = await call('policy.get', { friend: owner });
    if (!policy.ok) return policy;
    own.push({ friend: name, policy: policy.value.policy });
  }
  const value = {
    v: 1,
    default: general.value.policy,
    guests: guests.value.policy,
    friends: own,
  };
  try {
    await writeFile(file, `${JSON.stringify(value, undefined, 2)}\n`);
  } catch (error) {
    return badArguments(`${file} can’t be written (${systemCode(error)})`);
  }
  const count = own.length === 1 ? 'one friend' : `${own.length} friends`;
  return ok({ value, text: `The default and what is set for ${count} are in ${plainText(file)}.` });
}

async function importPolicies({
  call,
  words: [file = ''],
}: CommandContext): Promise<Result<Outcome, Fault>> {
  const read = await readPolicies(file);
  if (!read.ok) return read;
  const { general, guests, friends } = read.value;
  for (const { friend } of friends) {
    // Says which friend is unknown, or that there are two of that name, before anything is set.
    const known = await call('policy.get', { friend });
    if (!known.ok) return known;
  }
  // The one that can still be refused goes first: guests come in on some grounds only.
  const forGuests = guests && (await call('policy.set', { friend: 'guests', policy: guests }));
  if (forGuests?.ok === false) return forGuests;
  const set = await call('policy.set', { policy: general });
  if (!set.ok) return set;
  for (const each of friends) {
    const done = await call('policy.set', each);
    if (!done.ok) return done;
  }
  const count = friends.length === 1 ? 'one friend' : `${friends.length} friends`;
  return ok({
    value: { default: general, ...(guests === undefined ? {} : { guests }), friends },
    text: `The default and what ${plainText(file)} says of ${count} are set.`,
  });
}

type Read = {
  readonly general: PolicyInput;
  readonly guests: PolicyInput | undefined;
  readonly friends: readonly { readonly friend: string; readonly policy: PolicyInput }[];
};

async function readPolicies(file: string): Promise<Result<Read, Fault>> {
  const content = await readJson(file);
  if (!content.ok) return content;
  const parsed = policyFile.safeParse(content.value);
  if (!parsed.success) return badArguments(`${file}: ${problemIn(parsed.error)}`);
  const wrong = [
    ['default', parsed.data.default] as const,
    ...(parsed.data.guests === undefined ? [] : [['guests', parsed.data.guests] as const]),
    ...parsed.data.friends.map(({ friend, policy }) => [friend, policy] as const),
  ].flatMap(([who, policy]) => {
    const checked = policySchema.safeParse(policy);
    return checked.success ? [] : [`${who}: ${problemIn(checked.error)}`];
  });
  if (wrong[0] !== undefined) return badArguments(`${file}, ${plainText(wrong[0])}`);
  // Just now found to be what the contract wants, which parses it again at the other side.
  return ok({
    general: parsed.data.default as PolicyInput,
    guests: parsed.data.guests as PolicyInput | undefined,
    friends: parsed.data.friends.map(({ friend, policy }) => ({
      friend,
      policy: policy as PolicyInput,
    })),
  });
}

function problemIn({ issues: [issue] }: z.ZodError): string {
  return `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`;
}

/** The policy, or what is wrong with the words. */
function policyOf(
  words: readonly string[],
  { values, friends }: { readonly values: Values; readonly friends: Known },
): PolicyInput | string {
  const grounds: GroundInput[] = [];
  let guards: PolicyInput['guards'] | string = guardsOf(values);
  for (const word of words) {
    const [kind = '', amount = ''] = word.split('=');
    const bytes = parseSize(amount);
    const last = grounds.at(-1);
    const quiet = kind === 'quiet' ? quietHoursOf(amount) : undefined;
    if (typeof guards === 'string') return guards;
    const ground = groundOfWord(word, friends);
    if (typeof ground === 'string') return ground;
    if (ground !== undefined) grounds.push(ground);
    else if (word === 'strict' && last?.kind === 'fair-share')
      grounds.splice(-1, 1, { ...last, strict: true });
    else if (kind === 'ask-above' && (bytes !== undefined || amount === '0'))
      guards = { ...guards, askAboveBytes: `${bytes ?? 0n}` };
    else if (quiet !== undefined) guards = { ...guards, quietHours: quiet };
    else return wrongWord(word, kind);
  }
  return typeof guards === 'string' ? guards : { guards, grounds };
}

function wrongWord(word: string, kind: string): string {
  switch (kind) {
    case 'strict':
      return '“strict” stands behind the fair-share that it makes strict';
    case 'ask-above':
      return `“${word}” wants a size like ask-above=10GB, ${NO_THOUSANDS}, or ask-above=0 for every request`;
    case 'quiet':
      return `“${word}” wants two times of day like quiet=22:00-07:00`;
    case 'quota':
    case 'notes':
    case 'voucher':
      return `“${word}” wants a size like ${kind}=50GB, ${NO_THOUSANDS}`;
    default:
      return `“${word}” is no ground; there are ${GROUND_EXAMPLES}`;
  }
}

/** The same minute twice would be the whole day, which is what --paused says. */
function quietHoursOf(text: string): PolicyInput['guards']['quietHours'] {
  const hours = readHours(text);
  return hours?.fromMin === hours?.untilMin ? undefined : hours;
}

function guardsOf(values: Values): PolicyInput['guards'] | string {
  const maxSize = textOption(values, 'max-size');
  const maxDuration = textOption(values, 'max-duration');
  const maxPlots = textOption(values, 'max-plots');
  const bytes = maxSize === undefined ? undefined : parseSize(maxSize);
  const seconds = maxDuration === undefined ? undefined : parseDurationS(maxDuration);
  if (maxSize !== undefined && bytes === undefined)
    return `--max-size wants a size like 10GB, ${NO_THOUSANDS}`;
  if (maxDuration !== undefined && seconds === undefined)
    return '--max-duration wants a duration like 60d';
  if (maxPlots !== undefined && !/^[0-9]{1,6}$/.test(maxPlots)) return '--max-plots wants a number';
  return {
    ...(bytes === undefined ? {} : { maxSize: `${bytes}` }),
    ...(seconds === undefined ? {} : { maxDurationS: seconds }),
    ...(maxPlots === undefined ? {} : { maxPlots: Number(maxPlots) }),
    ...(values['paused'] === true ? { paused: true } : {}),
    ...(values['stop-renewing'] === true ? { stopRenewing: true } : {}),
  };
}
