import type { EntryView } from '../../../shared/contract/backup-views.ts';
import type { ChannelName } from '../../../shared/contract/channels.ts';
import type { InputOf, ResultOf } from '../../../shared/contract/contract.ts';
import type {
  AppSnapshot,
  DecisionView,
  SharePreview,
  TroubleView,
} from '../../../shared/contract/views.ts';
import { space } from './household-worlds.ts';
import { DAY_MS, DAY_S, gb, NOW_MS, ownerId, type World } from './world-parts.ts';

/**
 * What any core could answer, worked out of the world: queries only. What changes something is for the
 * test to answer, because what it should lead to is what the test is about.
 */
type Standing = readonly (readonly [ChannelName, (args: unknown) => unknown])[];

export function standingAnswers(world: World, current: () => World['snapshot']): Standing {
  return [
    given('state.snapshot', current),
    given('settings.get', () => current().settings),
    given('decisions.list', (args) => decisionsOf(world, args)),
    given('usage.history', (args) => historyOf(world, args)),
    given('barter.log', ({ before = Infinity, limit = 50 }) =>
      (world.notes ?? []).filter(({ number }) => number < before).slice(0, limit),
    ),
    given('shares.preview', () => current().friends.map(previewOf)),
    given('policy.get', ({ friend }) => policyOf(current(), friend)),
    given('policy.try', triedAs),
    given('offer.look', ({ folder }) => ({
      folder: folder === '' ? '/home/kim/Allotment' : folder,
      exists: false,
      freeBytes: gb(1200),
      diskBytes: gb(1800),
      mostBytes: gb(1150),
      suggestedBytes: gb(500),
      keepFreeBytes: gb(50),
    })),
    given('folders.list', ({ folder }) => ({
      folder: folder === '' ? '/home/kim' : folder,
      parent: '/home',
      folders: ['Documents', 'Music', 'Photos'],
    })),
    given('sets.snapshots', () =>
      [1, 2, 9, 40].map((days) => ({
        id: `${days}`.padStart(64, 'a'),
        atMs: NOW_MS - days * DAY_MS,
        paths: ['/home/kim/Photos'],
        host: 'Kim',
        tags: [],
        files: 12_000,
        bytes: '38200000000',
      })),
    ),
    given('sets.browse', browsed),
    given('sets.find', ({ text }) => foundOf(text)),
    given('sets.measure', ({ paths }) => ({
      files: paths === undefined ? 12_000 : paths.length * 40,
      bytes: paths === undefined ? gb(38.2) : gb(paths.length * 0.2),
    })),
    given('sets.trash', () => [
      {
        owner: ownerId('Ben'),
        plot: ownerId('Photos at Ben').slice(0, 26),
        friend: 'Ben',
        objects: 214,
        bytes: gb(2.1),
        firstGoesMs: NOW_MS + 3 * DAY_MS,
        lastGoesMs: NOW_MS + 28 * DAY_MS,
      },
    ]),
    given('restores.list', () => current().restores),
    given('recovery.get', () => current().recovery),
    given('recovery.sheet', () => sheetOf(current())),
    given('household.get', () => current().household),
    given('vouchers.list', () => current().vouchers),
    given('shares.over', () => current().overShare),
    given('space.get', () => space()),
    given('troubles.look', ({ address }) => troublesOf(address)),
    given('phrase.show', () => ({
      words: current().status.phraseSaved ? null : WORDS,
      instance: '0'.repeat(32),
    })),
  ];
}

function given<C extends ChannelName>(
  channel: C,
  answer: (args: InputOf<C>) => ResultOf<C>,
): Standing[number] {
  // Arguments were parsed by the contract before they come here.
  return [channel, (args) => answer(args as InputOf<C>)];
}

/** Pages of the log with the filters that the contract has; within bounds of time by the clock, as in the core. */
function decisionsOf(
  { decisions }: World,
  { friend, kinds, outcomes, sinceMs, untilMs, before, limit = 50 }: InputOf<'decisions.list'>,
): ResultOf<'decisions.list'> {
  const isByClock = sinceMs !== undefined || untilMs !== undefined;
  const order = (one: DecisionView, other: DecisionView) =>
    (isByClock ? other.atMs - one.atMs : 0) || other.number - one.number;
  const last = decisions.find(({ number }) => number === before);
  return decisions
    .toSorted(order)
    .filter(
      (each) =>
        (friend === undefined || each.owner === friend || each.friend === friend) &&
        (kinds === undefined || kinds.includes(each.kind)) &&
        (outcomes === undefined || outcomes.includes(each.outcome)) &&
        each.atMs >= (sinceMs ?? 0) &&
        each.atMs <= (untilMs ?? Infinity) &&
        (last === undefined || order(each, last) > 0),
    )
    .slice(0, limit);
}

/** A friend has about a fifth of what all have together. */
function historyOf({ history }: World, { friend, sinceMs = 0 }: InputOf<'usage.history'>) {
  const since = history.filter(({ atMs }) => atMs >= sinceMs);
  if (friend === undefined) return since;
  const part = (bytes: string) => `${BigInt(bytes) / 5n}`;
  return since.map(({ atMs, writtenBytes, promisedBytes, limitBytes }) => ({
    atMs,
    writtenBytes: part(writtenBytes),
    promisedBytes: part(promisedBytes),
    limitBytes: limitBytes === null ? null : part(limitBytes),
  }));
}

function previewOf({ owner, name, here }: AppSnapshot['friends'][number]): SharePreview {
  const { promisedBytes, shareBytes, mayAskBytes } = here;
  return {
    owner,
    name,
    promisedBytes,
    shareBytes,
    mayAskBytes,
    presentShareBytes: shareBytes,
    lentBytes: here.lentBytes,
    mayBorrowBytes: '0',
  };
}

function policyOf(snapshot: AppSnapshot, friend: string | undefined): ResultOf<'policy.get'> {
  const here = snapshot.friends.find(
    ({ owner, name }) => owner === friend || name === friend,
  )?.here;
  const guards = {};
  switch (here?.ground) {
    case 'always':
      return { policy: { guards, grounds: [{ kind: 'always' }] }, own: here.ownPolicy };
    case 'quota':
      return {
        policy: { guards, grounds: [{ kind: 'quota', bytes: here.shareBytes ?? '0' }] },
        own: here.ownPolicy,
      };
    default:
      return {
        policy: { guards, grounds: [{ kind: 'fair-share', weight: here?.weight ?? 1 }] },
        own: here?.ownPolicy ?? false,
      };
  }
}

/** Half of it, and the steps that led there. */
function triedAs({ size, durationS }: InputOf<'policy.try'>): ResultOf<'policy.try'> {
  const steps = [
    { by: 'known', verdict: 'pass' },
    { by: 'longest-lease', verdict: 'limit' },
    { by: 'fair-share', verdict: 'limit' },
  ] as const;
  const half = `${BigInt(size) / 2n}`;
  const params = { shareBytes: gb(100), useBytes: gb(80), mayAskBytes: half };
  return {
    answer: {
      type: 'counter',
      offer: { size: half, duration: Math.min(durationS, 31 * DAY_S), class: 'guaranteed' },
      validFor: 0,
      reasons: [{ code: 'over-share', ground: 'fair-share', params }],
      share: { useBytes: gb(80), mayAskBytes: half },
      steps,
    },
    steps,
  };
}

/** A computer on which some things are well, some are not, and each kind of advice is given. */
function troublesOf(address: string | undefined): ResultOf<'troubles.look'> {
  const found: readonly TroubleView[] = [
    { id: 'called', state: 'bad', params: { friend: 'Ana', port: '24816' } },
    { id: 'home', state: 'doubtful', params: { network: '10.0.0.0/24' } },
    { id: 'others', state: 'doubtful', params: {} },
    { id: 'listening', state: 'good', params: { port: '24816' } },
    { id: 'network', state: 'good', params: { network: '192.168.1.0/24' } },
    { id: 'multicast', state: 'good', params: {} },
  ];
  const asked: readonly TroubleView[] =
    address === undefined
      ? []
      : [{ id: 'address', state: 'bad', params: { context: 'near', address } }];
  return { troubles: [...asked, ...found], asOfMs: NOW_MS };
}

export const FILES = [
  '2025',
  '2026',
  'Holiday',
  'cover.jpg',
  'index.html',
  'notes.txt',
  'letter.odt',
];

/** What was chosen for the set; in it a few folders and files; in each of those a hundred and more pictures. */
function browsed({ path, after, limit = 100 }: InputOf<'sets.browse'>): ResultOf<'sets.browse'> {
  if (path === '') return { entries: [entry('/home/kim/Photos', 'folder')], next: null };
  const depth = path.split('/').length;
  const all =
    depth < 5
      ? FILES.map((name) => entry(`${path}/${name}`, name.includes('.') ? 'file' : 'folder'))
      : Array.from({ length: 130 }, (_, index) =>
          entry(`${path}/IMG_${`${index + 1}`.padStart(4, '0')}.jpg`, 'file'),
        );
  const first = after === undefined ? 0 : Number(after);
  const entries = all.slice(first, first + limit);
  const next = first + entries.length;
  return { entries, next: next < all.length ? `${next}` : null };
}

function entry(path: string, kind: EntryView['kind']): EntryView {
  const name = path.split('/').at(-1) ?? path;
  return {
    path,
    name,
    kind,
    bytes: kind === 'file' ? `${3_200_000 + name.length * 1000}` : null,
    mtimeMs: NOW_MS - 30 * DAY_MS,
  };
}

function foundOf(text: string): ResultOf<'sets.find'> {
  const found = FILES.filter((name) => name.includes(text)).flatMap((name) =>
    [1, 9].map((days) => ({
      ...entry(`/home/kim/Photos/${name}`, name.includes('.') ? 'file' : 'folder'),
      snapshot: `${days}`.padStart(64, 'a'),
      atMs: NOW_MS - days * DAY_MS,
    })),
  );
  return { found, stopped: null };
}

function sheetOf({ status, sets, friends }: AppSnapshot): ResultOf<'recovery.sheet'> {
  return {
    owner: status.owner,
    name: status.name,
    instance: '0'.repeat(32),
    sets: sets.map(({ name, folders }) => ({ name, folders })),
    friends: friends.map(({ owner, name, devices }) => ({
      name,
      owner,
      device: devices[0]?.device ?? '',
      addresses: devices[0]?.addresses ?? [],
      keepsSets: sets.filter(({ to }) => to.includes(name)).map((set) => set.name),
    })),
    madeMs: NOW_MS,
  };
}

/** The first words of the list; nobody's. */
const WORDS = `abandon ability able about above absent absorb abstract absurd abuse access accident
  account accuse achieve acid acoustic acquire across act action actor actress actual`.split(/\s+/);
