import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pause } from '../fakes/homes.ts';
import {
  callAllHome,
  friendOf,
  type LabHome,
  networksOf,
  pairNearby,
  sees,
  startLabHome,
} from '../network/lab-home.ts';
import {
  createLab,
  type Lab,
  type LabHost,
  noNamespaces,
  type Plug,
} from '../network/namespaces.ts';

/**
 * How soon friends find each other on a network, and what it costs that they look: real apps, each in
 * a network namespace. Part of `npm run bench`; alone with `node test/bench/nearness.ts`, as root.
 */
export type NearnessFigure = {
  readonly what: string;
  readonly ours: string;
  readonly wanted: string;
  /** How much better than wanted; 1 is just enough. */
  readonly ratio: number;
};

const STARTS = 50;
const FRIENDS = 4;
/** Of each of the friends. */
const CUTS = 5;
const DEVICES = 20;
const SOON_MS = 2000;
/** How often is looked while something is measured. */
const QUICK_MS = 10;
/** Longer than the longest gap between two tellings of news, so that everybody has told everybody. */
const IDLE_S = 390;
const SETTLE_MS = 60_000;
/** What a device may cost that does nothing: a photograph or two in an hour; design §10 for the others. */
const BYTES_PER_HOUR = 10_000_000;
const CPU_SHARE = 0.005;
const MEMORY_MB = 150;
/** Linux counts processor time in hundredths of a second. */
const TICKS_PER_S = 100;

export async function measureNearness(): Promise<readonly NearnessFigure[]> {
  if (noNamespaces !== undefined) {
    note(`SKIPPED: how soon friends find each other, since ${noNamespaces}.`);
    return [];
  }
  const place = mkdtempSync(join(tmpdir(), 'allotment-nearness-'));
  try {
    const returns = await inLab((lab) => measureReturns(lab, join(place, 'five')));
    return [...returns, ...(await inLab((lab) => measureIdle(lab, join(place, 'twenty'))))];
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

/** It takes a quarter of an hour; somebody may be watching. */
function note(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
}

async function inLab<T>(measure: (lab: Lab) => Promise<T>): Promise<T> {
  const lab = createLab();
  try {
    return await measure(lab);
  } finally {
    lab.remove();
  }
}

/** Ana is there all the time; one friend starts again and again, then the cables of all are pulled. */
async function measureReturns(lab: Lab, place: string): Promise<readonly NearnessFigure[]> {
  const network = lab.network({ ipv4: '192.168.7', ipv6: 'fd07::', router: true });
  const anas = lab.host('Ana');
  anas.plug(network);
  const ana = await startLabHome(anas, place);
  await callAllHome(ana);
  const friends = [];
  for (let index = 0; index < FRIENDS; index += 1) {
    const host = lab.host(`Friend ${index}`);
    const cable = host.plug(network);
    const home = await startLabHome(host, place);
    await callAllHome(home);
    await pairNearby(ana, home);
    friends.push({ host, cable, home });
  }
  const back = await cutAndMend(ana, friends);
  const [first] = friends;
  if (first === undefined) throw new Error('nobody is there');
  const { fromStart, fromReady } = await startAgain(ana, { ...first, place });
  return [
    soon(`a friend's program starts until he is shown online, ${STARTS} starts, ms`, fromStart),
    soon('the same, from when it is ready', fromReady),
    soon(`a cable is back until both show the other online, ${back.length} cuts, ms`, back),
  ];
}

async function startAgain(
  ana: LabHome,
  { host, home, place }: { readonly host: LabHost; readonly home: LabHome; readonly place: string },
): Promise<{ readonly fromStart: readonly number[]; readonly fromReady: readonly number[] }> {
  const fromStart: number[] = [];
  const fromReady: number[] = [];
  let running = home;
  note(`nearness: a friend starts ${STARTS} times`);
  for (let start = 0; start < STARTS; start += 1) {
    await running.stop();
    await sees(ana, home.name, 'away');
    const startedMs = performance.now();
    const online = sees(ana, home.name, 'online', QUICK_MS).then(() => performance.now());
    running = await startLabHome(host, place);
    const readyMs = performance.now();
    fromStart.push((await online) - startedMs);
    fromReady.push(Math.max(0, (await online) - readyMs));
  }
  return { fromStart, fromReady };
}

/** That nobody answers takes a while to be sure of, so all cables are pulled together; each comes back alone. */
async function cutAndMend(
  ana: LabHome,
  friends: readonly { readonly home: LabHome; readonly cable: Plug }[],
): Promise<readonly number[]> {
  const back: number[] = [];
  for (let cut = 0; cut < CUTS; cut += 1) {
    note(`nearness: cables are pulled, ${cut + 1} of ${CUTS} times`);
    for (const { cable } of friends) cable.cut();
    await Promise.all(
      friends.map(async ({ home }) => {
        await networksOf(home, 0);
        await ana.call('friends.try', { friend: home.name }).catch(() => undefined);
        await Promise.all([sees(ana, home.name, 'away'), sees(home, 'Ana', 'away')]);
      }),
    );
    for (const { home, cable } of friends) {
      cable.mend();
      const mendedMs = performance.now();
      await Promise.all([
        sees(ana, home.name, 'online', QUICK_MS),
        sees(home, 'Ana', 'online', QUICK_MS),
      ]);
      back.push(performance.now() - mendedMs);
    }
  }
  return back;
}

/** Twenty devices that are all friends do nothing. */
async function measureIdle(lab: Lab, place: string): Promise<readonly NearnessFigure[]> {
  const network = lab.network({ ipv4: '192.168.7', ipv6: 'fd07::', router: true });
  const homes: LabHome[] = [];
  for (let index = 0; index < DEVICES; index += 1) {
    const host = lab.host(`Friend ${index}`);
    host.plug(network);
    homes.push(await startLabHome(host, place));
  }
  await Promise.all(homes.map((home) => callAllHome(home)));
  note(`nearness: ${DEVICES} devices become friends`);
  await befriendAll(homes);
  for (const home of homes)
    for (const other of homes) if (other !== home) await sees(home, other.name, 'online');
  note(`nearness: nothing happens for ${IDLE_S + SETTLE_MS / 1000} s`);
  await pause(SETTLE_MS);
  const before = { traffic: network.traffic(), cpuS: homes.map(cpuSeconds) };
  await pause(IDLE_S * 1000);
  const { sent, received } = network.traffic();
  const perHour = (bytes: number) => (bytes / DEVICES / IDLE_S) * 3600;
  const sentPerHour = perHour(sent - before.traffic.sent);
  const receivedPerHour = perHour(received - before.traffic.received);
  const cpuS = homes.map((home, index) => cpuSeconds(home) - (before.cpuS[index] ?? 0));
  const cpu = median(cpuS) / IDLE_S;
  const memoryMB = median(homes.map(residentMB));
  const idle = `${DEVICES} devices, all friends, idle for ${IDLE_S} s`;
  return [
    {
      what: `${idle}: traffic of each, MB per hour`,
      ours: `${mega(sentPerHour)} sent, ${mega(receivedPerHour)} received`,
      wanted: `${mega(BYTES_PER_HOUR)} in all at most`,
      ratio: BYTES_PER_HOUR / (sentPerHour + receivedPerHour),
    },
    {
      what: `${idle}: processor of each, % of one core`,
      ours: `${(cpu * 100).toFixed(2)}, worst ${((Math.max(...cpuS) / IDLE_S) * 100).toFixed(2)}`,
      wanted: `${CPU_SHARE * 100} at most`,
      ratio: CPU_SHARE / cpu,
    },
    {
      what: `${idle}: memory of each, MB`,
      ours: `${Math.round(memoryMB)}, worst ${Math.round(Math.max(...homes.map(residentMB)))}`,
      wanted: `${MEMORY_MB} at most`,
      ratio: MEMORY_MB / memoryMB,
    },
  ];
}

/** As a tournament is played: in each round everybody meets somebody else. */
async function befriendAll(homes: readonly LabHome[]): Promise<void> {
  const [first, ...others] = homes;
  if (first === undefined) return;
  for (let round = 0; round < others.length; round += 1) {
    const table = [first, ...others.slice(round), ...others.slice(0, round)];
    const pairs = Array.from({ length: table.length / 2 }, (_, index) => ({
      one: table[index],
      other: table[table.length - 1 - index],
    }));
    await Promise.all(
      pairs.map(async ({ one, other }) => {
        if (one === undefined || other === undefined) return;
        await pairNearby(one, other);
        if ((await friendOf(one, other.name)) === undefined) throw new Error('they did not pair');
      }),
    );
  }
}

function cpuSeconds({ process: { pid } }: LabHome): number {
  // After the name, which stands in brackets: fields 14 and 15 are the time in and under the program.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S;
}

function residentMB({ process: { pid } }: LabHome): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+([0-9]+) kB/.exec(status)?.[1] ?? 0) / 1000;
}

function soon(what: string, times: readonly number[]): NearnessFigure {
  const worst = Math.max(...times);
  return {
    what,
    ours: `median ${median(times).toFixed(0)}, worst ${worst.toFixed(0)}`,
    wanted: `under ${SOON_MS}`,
    ratio: SOON_MS / worst,
  };
}

function mega(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}

async function alone(): Promise<void> {
  for (const { what, ours, wanted, ratio } of await measureNearness())
    process.stdout.write(`| ${what} | ${ours} | ${wanted} | ${ratio.toFixed(2)} |\n`);
}

if (import.meta.main) await alone();
