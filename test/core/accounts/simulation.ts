import { createRandom } from './random.ts';
import type { AllocateRequest } from '../../../shared/model/allocate.ts';
import { promisedBytes } from '../../../shared/model/plot.ts';
import type { AccountEvidence, AccountPlace } from '../../../shared/policy/grounds/account.ts';
import type { OwnerId, PlotId } from '../../../shared/ids.ts';
import { GB } from '../../../shared/units.ts';
import { hashOf, ROOMY, testOwnerId, testRequest } from '../../fakes/test-ledger.ts';
import {
  ACCOUNT,
  ANA,
  chargedOf,
  deviceOfOwner,
  DORA,
  EVE,
  held,
  momentAt,
  openHost,
  openKeeper,
  recounted,
  type TestHost,
  type TestKeeper,
  testPromise,
} from './world.ts';

/**
 * A keeper and three hosts on a network that loses, repeats and swaps messages, while hosts crash wherever they stand. The
 * books are the real ones; only who carries the messages is played here.
 */
export type World = {
  readonly keeper: TestKeeper;
  readonly hosts: readonly TestHost[];
  readonly step: () => string;
  /** Everything is told, compared, and tickets run out: nothing may be left between the two sides. */
  readonly settleAll: () => void;
  /** What must hold at every moment; an empty list: it does. */
  readonly problems: () => readonly string[];
};

const KEEPER = deviceOfOwner(ANA);
const MEMBERS = [DORA, EVE] as const;
const PLAN = 40n * GB;

export function createWorld(seed: number): World {
  const random = createRandom(seed);
  const keeper = openKeeper();
  const hosts = [2, 3, 6].map((number) => openHost(testOwnerId(number)));
  keeper.book.setAccount({ account: ACCOUNT, planBytes: PLAN, members: MEMBERS, hosts: [] });
  let nowS = 0;
  let promises = 0;
  let plan = PLAN;
  /** What was sent once and may come again at any time. */
  const echoes: (() => void)[] = [];
  const granted: { host: TestHost; plot: PlotId; member: OwnerId; size: bigint }[] = [];
  const tickets: {
    host: TestHost;
    request: AllocateRequest;
    evidence: AccountEvidence;
    atS: number;
  }[] = [];

  const place = (): AccountPlace => ({ keeper: ANA, device: KEEPER, account: ACCOUNT });
  const nowMs = () => momentAt(nowS).nowMs;
  const from = (host: TestHost) => ({ owner: host.owner, device: host.device });

  /** The answer, or nothing: lost on the way there (nothing happened) or back (it did). */
  function send<T>(act: () => T): T | undefined {
    if (random.chance(0.15)) return undefined;
    const answer = inTransaction(keeper, act);
    if (random.chance(0.3)) echoes.push(() => void inTransaction(keeper, act));
    return random.chance(0.15) ? undefined : answer;
  }

  function decide(
    host: TestHost,
    owner: OwnerId,
    request: AllocateRequest,
    gathered: { evidence: AccountEvidence; begun: readonly string[] },
  ): void {
    const { ledger } = host.books();
    const reply = inTransaction(host, () =>
      ledger.allocate({
        owner,
        request,
        bodyHash: hashOf(request),
        gathered: { account: gathered },
        moment: momentAt(nowS),
        disk: ROOMY,
      }),
    );
    const { answer } = reply;
    if (answer.type !== 'granted') return;
    const before = granted.find(({ plot, host: where }) => plot === answer.plot && where === host);
    if (before === undefined)
      granted.push({ host, plot: answer.plot, member: owner, size: answer.size });
    else before.size = answer.size;
  }

  function ask(): string {
    const host = random.pick(hosts);
    const own = granted.filter((each) => each.host === host);
    const grows = own.length > 0 && random.chance(0.3) ? random.pick(own) : undefined;
    const owner = grows?.member ?? random.pick(MEMBERS);
    const size = BigInt(random.upTo(6) + 1) * GB;
    const reason = {
      kind: 'account',
      server: { device: KEEPER, addresses: [] },
      account: ACCOUNT,
    } as const;
    const request = testRequest(size, {
      why: [reason],
      ...(grows === undefined ? {} : { plot: grows.plot }),
    });
    const bytes =
      grows === undefined
        ? promisedBytes(size)
        : promisedBytes(grows.size + size) - promisedBytes(grows.size);
    promises += 1;
    const id = testPromise(`${seed} ${promises}`);
    const { hosted } = host.books();
    const { requestId } = request;
    const intent = { id, place: place(), owner, requestId, nowMs: nowMs() };
    inTransaction(host, () => hosted.begin(intent));
    if (random.chance(0.05)) return crash(host);
    const said = send(() =>
      keeper.book.reserve({
        v: 1,
        reservation: id,
        account: ACCOUNT,
        member: owner,
        bytes,
        from: from(host),
        atMs: nowMs(),
      }),
    );
    if (random.chance(0.05)) return crash(host);
    const unheard = { type: 'refused', code: 'account-server-unreachable' } as const;
    const evidence: AccountEvidence =
      said?.ok === true
        ? { ...place(), type: 'reserved', promise: id, bytes, maxS: 1e9, others: [] }
        : unheard;
    // As the witness: a definite no is forgotten, whatever was not heard may have been done.
    if (said?.ok === false) inTransaction(host, () => host.books().hosted.refused(id));
    decide(host, owner, request, { evidence, begun: [id] });
    if (random.chance(0.03)) return crash(host);
    // The client may ask the same again.
    if (random.chance(0.1)) decide(host, owner, request, { evidence, begun: [] });
    return 'ask';
  }

  function crash(host: TestHost): string {
    host.crash();
    return 'crash';
  }

  function fetchTicket(): string {
    const host = random.pick(hosts);
    const member = random.pick(MEMBERS);
    const size = BigInt(random.upTo(4) + 1) * GB;
    const reason = {
      kind: 'account',
      server: { device: KEEPER, addresses: [] },
      account: ACCOUNT,
    } as const;
    const request = testRequest(size, { why: [reason] });
    const issued = send(() => {
      // Each call that arrives gets a number of its own, also one that comes again.
      promises += 1;
      return keeper.book.issue({
        v: 1,
        requestId: request.requestId,
        account: ACCOUNT,
        host: host.owner,
        device: host.device,
        bytes: promisedBytes(size),
        durationS: 86_400,
        requestHash: 'h'.repeat(43),
        keeper: KEEPER,
        member,
        newJti: testPromise(`${seed} ${promises}`),
        atMs: nowMs(),
      });
    });
    if (issued?.ok !== true) return 'ticket refused';
    const { jti, bytes } = issued.value;
    const evidence = {
      ...place(),
      type: 'ticket',
      promise: jti,
      bytes,
      maxS: 86_400,
      others: [],
    } as const;
    tickets.push({ host, request, evidence, atS: nowS });
    if (random.chance(0.7)) decide(host, member, request, { evidence, begun: [] });
    return 'ticket';
  }

  /** A ticket used once more, under another request. */
  function replayTicket(): string {
    if (tickets.length === 0) return 'no ticket';
    const { host, request, evidence, atS } = random.pick(tickets);
    const again = testRequest(request.size, { why: request.why });
    // Only within its time, as the witness sees to.
    if (nowS - atS < 300) decide(host, random.pick(MEMBERS), again, { evidence, begun: [] });
    return 'ticket replayed';
  }

  function deliver(host: TestHost): boolean {
    for (;;) {
      const { hosted } = host.books();
      const items = hosted.next(KEEPER);
      const upTo = items.at(-1)?.seq;
      if (upTo === undefined) return true;
      const said = send(() => keeper.book.settle({ from: from(host), items, atMs: nowMs() }));
      if (random.chance(0.03)) {
        crash(host);
        return false;
      }
      if (said === undefined) return false;
      inTransaction(host, () => hosted.told({ device: KEEPER, upTo, seq: said.seq }));
    }
  }

  function compare(host: TestHost): boolean {
    let after: PlotId | null = null;
    for (;;) {
      if (!deliver(host)) return false;
      const { hosted } = host.books();
      const page = inTransaction(host, () =>
        hosted.page({ device: KEEPER, after, nowMs: nowMs() }),
      );
      if (page === undefined) return false;
      const atMs = nowMs();
      const said = send(() => keeper.book.compare({ v: 1, ...page, from: from(host), atMs }));
      if (said === undefined) return false;
      inTransaction(host, () =>
        hosted.compared({
          from: { keeper: ANA, device: KEEPER },
          page,
          answer: said,
          isHonoured: true,
          serviceS: nowS,
          nowMs: nowMs(),
        }),
      );
      if (page.upTo === null) return deliver(host);
      after = page.upTo;
    }
  }

  function shrinkOrRelease(): string {
    if (granted.length === 0) return 'nothing there';
    const each = random.pick(granted);
    const { host, plot, member } = each;
    const { ledger } = host.books();
    const moment = momentAt(nowS);
    if (random.chance(0.5) && each.size > GB) {
      each.size = GB;
      const request = { v: 1, requestId: testRequest(1n).requestId, size: GB } as const;
      inTransaction(host, () =>
        ledger.resize({
          owner: member,
          plot,
          request,
          bodyHash: hashOf(request),
          moment,
          disk: ROOMY,
        }),
      );
      return 'resize';
    }
    granted.splice(granted.indexOf(each), 1);
    inTransaction(host, () => ledger.release({ owner: member, plot, moment }));
    return 'release';
  }

  function changePlan(): string {
    plan = BigInt(random.upTo(60) + 5) * GB;
    keeper.book.setAccount({ account: ACCOUNT, planBytes: plan, closed: random.chance(0.1) });
    return 'plan';
  }

  function echo(): string {
    if (echoes.length === 0) return 'no echo';
    random.pick(echoes)();
    return 'echo';
  }

  const acts: readonly (readonly [number, () => string])[] = [
    [30, ask],
    [8, fetchTicket],
    [6, replayTicket],
    [14, () => `deliver ${deliver(random.pick(hosts))}`],
    [6, () => `compare ${compare(random.pick(hosts))}`],
    [14, shrinkOrRelease],
    [2, () => crash(random.pick(hosts))],
    [4, changePlan],
    [8, echo],
    [6, () => passTime(random.upTo(900))],
  ];

  function passTime(s: number): string {
    nowS += s;
    return `time ${s}`;
  }

  let before = 0n;
  return {
    keeper,
    hosts,
    step: () => {
      before = chargedOf(keeper);
      return random.weighted(acts)();
    },
    settleAll: () => {
      for (const host of hosts) host.crash();
      passTime(3600);
      for (const host of hosts) {
        let rounds = 0;
        for (let whole = 0; whole < 2; rounds += 1) {
          if (compare(host)) whole += 1;
          if (rounds > 200) throw new Error('the two sides never came to an end');
        }
      }
    },
    problems: () => {
      const found: string[] = [];
      const charged = chargedOf(keeper);
      const lies = hosts.reduce((sum, host) => sum + held(host), 0n);
      if (charged > plan && charged > before) found.push(`${charged} of ${plan} are charged`);
      if (lies > charged) found.push(`${lies} lie at hosts, and ${charged} are charged`);
      if (recounted(keeper) !== charged) found.push('the counters are off');
      return found;
    },
  };
}

function inTransaction<T>({ sql }: Pick<TestHost, 'sql'>, act: () => T): T {
  return sql.transaction(act)();
}
