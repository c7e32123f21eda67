import type { Async } from '../../../../shared/async.ts';
import { type Fault, fault } from '../../../../shared/fault.ts';
import type { OwnerId } from '../../../../shared/ids.ts';
import type { Answer } from '../../../../shared/model/allocate.ts';
import { GUARANTEED_LEASE_S, largestSizeBytes } from '../../../../shared/model/plot.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import { DAY_MS, HOUR_MS } from '../../../../shared/units.ts';
import { hello, PROTOCOL_VERSION, withdrawn } from '../../../../shared/wire/messages.ts';
import { vouched, WITHDRAWALS_AT_ONCE } from '../../../../shared/wire/voucher-messages.ts';
import type { Friend } from '../../friends/friend-book.ts';
import { type FriendRegistry, nameOf } from '../../friends/friend-registry.ts';
import { toBase32 } from '../../identity/base32.ts';
import type { Identity } from '../../identity/identity.ts';
import { readStatement } from '../../identity/statement.ts';
import type { Clock, Randomness } from '../../ports.ts';
import {
  type Introduction,
  readIntroduction,
  writeIntroduction,
} from '../../vouchers/introduction-text.ts';
import {
  LINKS_MAX,
  readChain,
  readVoucher,
  signVoucher,
  type Voucher,
} from '../../vouchers/voucher.ts';
import { CHAINS_MAX } from '../../vouchers/voucher-witness.ts';
import type { HeldVoucher, IssuedVoucher, VoucherBook } from '../../vouchers/voucher-book.ts';
import type { Asking } from './asking.ts';
import type { HoldingsBook } from '../holdings/holdings-book.ts';
import { openPeerSession } from '../connection/peer-client.ts';
import { NO_ADDRESS, toFault } from '../connection/peer-fault.ts';
import type { Peers } from '../peers.ts';
import type { ReasonSource } from './reasons.ts';
import type { WishKeeper } from './wish-keeper.ts';

/** The two people who are not the host: who vouches for somebody there, and who comes with a voucher (design §3.7). */
export type Introductions = {
  readonly issue: (wish: {
    readonly host: Friend;
    readonly newcomer: OwnerId;
    readonly bytes: bigint;
    readonly days: number;
    readonly delegable: boolean;
  }) => Promise<Result<{ readonly voucher: IssuedVoucher; readonly text: string }, Fault>>;
  readonly withdraw: (id: string) => Promise<Result<IssuedVoucher, Fault>>;
  readonly take: (text: string, sizeBytes: bigint | undefined) => Promise<Result<Answer, Fault>>;
  /** Tells hosts what was taken back, and hears what was used. Once a minute; most of them do nothing. */
  readonly tick: () => Promise<void>;
  /** What was vouched for me, for whoever I ask. */
  readonly source: ReasonSource;
};

const ID_BYTES = 16;
const LOOKS_EVERY_MS = 6 * HOUR_MS;
/** A host that is off is told again then. */
const RETRY_MS = 600_000;
/** A counter-offer is taken; a host who goes on bargaining is not. */
const ATTEMPTS_MAX = 3;
/** The host counts by its own clock when a voucher ends. */
const CLOCKS_DIFFER_S = 60;

export function createIntroductions({
  identity,
  me,
  book,
  friends,
  peers,
  asking,
  holdings,
  wishes,
  clock,
  randomness,
}: {
  readonly identity: Pick<
    Identity,
    'owner' | 'keyPem' | 'certificatePem' | 'statement' | 'sign' | 'device'
  >;
  readonly me: () => string;
  readonly book: Async<VoucherBook>;
  readonly friends: FriendRegistry;
  readonly peers: Pick<Peers, 'toEach' | 'introduce'>;
  readonly asking: () => Asking;
  readonly holdings: Pick<Async<HoldingsBook>, 'keep'>;
  readonly wishes: Pick<WishKeeper, 'note'>;
  readonly clock: Clock;
  readonly randomness: Randomness;
}): Introductions {
  const nextMs = new Map<OwnerId, number>();

  async function heldFor(host: OwnerId): Promise<readonly HeldVoucher[]> {
    const nowMs = clock.nowMs();
    return (await book.held()).filter((each) => each.host === host && each.untilMs > nowMs);
  }

  /** Whoever is a friend there vouches himself; whoever was introduced passes on what he may pass on. */
  async function rootFor(host: Friend, bytes: bigint): Promise<Result<readonly string[], Fault>> {
    if (host.relation === undefined) return ok([]);
    const held = (await heldFor(host.owner)).filter(({ chain }) => {
      const last = readVoucher(chain.at(-1) ?? '');
      return last?.delegable === true && chain.length < LINKS_MAX;
    });
    const [best] = held.toSorted((one, other) => (one.bytes < other.bytes ? 1 : -1));
    if (best === undefined) return failed(fault('friend-unknown', { friend: nameOf(host) }));
    if (best.bytes < bytes)
      return failed(fault('bad-arguments', { field: 'bytes', problem: NARROWER }));
    return ok(best.chain);
  }

  async function greet(host: Introduction['host']): Promise<Result<Friend, Fault>> {
    let last = toFault(NO_ADDRESS.fault, host.name);
    for (const { device, addresses } of host.devices) {
      const session = openPeerSession(identity, { device, addresses });
      const greeting = await session.send({ method: 'GET', path: '/v1/hello', schema: hello });
      session.close();
      if (!greeting.ok) {
        last = toFault(greeting.fault, host.name);
        continue;
      }
      const { name, kind, statement: signed } = greeting.value;
      const statement = signed === undefined ? undefined : readStatement(signed);
      if (signed === undefined || statement?.owner !== host.owner || statement.device !== device) {
        last = fault('wrong-key', { friend: host.name });
        continue;
      }
      // Of a friend's device the books know more than this text does.
      const known = friends.byDevice(device);
      if (known !== undefined) return ok(known);
      const common = { name, kind, statement, signed, addresses, atMs: clock.nowMs() };
      const added = await friends.add({ ...common, relation: 'host' });
      const person = friends.person(host.owner);
      // Where another device of mine has a plot already, this one is its owner's too; else nobody knows me yet.
      if (added.ok) await peers.introduce(device);
      if (added.ok && person !== undefined) return ok(person);
      last = fault('wrong-key', { friend: host.name });
    }
    return failed(last);
  }

  async function ask(
    host: Friend,
    voucher: Pick<Voucher, 'bytes' | 'untilMs'>,
    sizeBytes: bigint | undefined,
  ): Promise<Result<Answer, Fault>> {
    const leftS = Math.floor((voucher.untilMs - clock.nowMs()) / 1000);
    let size = sizeBytes ?? largestSizeBytes(voucher.bytes);
    let wantS = Math.max(1, Math.min(GUARANTEED_LEASE_S, leftS - CLOCKS_DIFFER_S));
    for (let attempt = 1; ; attempt += 1) {
      const askedAtMs = clock.nowMs();
      const minSize = sizeBytes ?? 1n;
      const wish = { size, minSize, duration: { want: wantS, min: 1 } };
      const answered = await asking().allocate(host, wish);
      if (!answered.ok) return answered;
      const answer = answered.value;
      if (answer.type === 'granted')
        await holdings.keep({ host: host.owner, granted: answer, askedAtMs });
      if (answer.type === 'pending') {
        const common = { host: host.owner, sizeBytes: size, durationS: wantS };
        await wishes.note(answer, { ...common, set: undefined, plot: undefined });
      }
      const isLess =
        answer.type === 'counter' && (answer.offer.size < size || answer.offer.duration < wantS);
      if (!isLess || attempt === ATTEMPTS_MAX) return answered;
      size = answer.offer.size;
      wantS = answer.offer.duration;
    }
  }

  async function tell(host: Friend, issued: readonly IssuedVoucher[]): Promise<void> {
    const untold = issued.filter((each) => each.withdrawnMs !== undefined && !each.told);
    const ids = untold.slice(0, WITHDRAWALS_AT_ONCE).map(({ id }) => id);
    if (ids.length > 0) {
      const told = await peers.toEach(host, {
        method: 'POST',
        path: '/v1/vouchers/withdrawals',
        body: { v: PROTOCOL_VERSION, ids },
        schema: withdrawn,
      });
      // One of his devices that didn't hear it may be the one that keeps the plot.
      if (told.length > 0 && told.every((each) => each.ok)) await book.told(ids);
    }
    const message = { method: 'GET', path: '/v1/vouchers', schema: vouched } as const;
    const looked = await peers.toEach(host, message);
    const whole = looked.flatMap((each) => (each.ok ? [each.value.vouchers] : []));
    if (whole.length === 0 || whole.length < looked.length) return;
    const there = whole.flat();
    await book.noteUsed(
      issued.map(({ id }) => ({
        id,
        usedBytes: there.reduce((sum, each) => (each.id === id ? sum + each.used : sum), 0n),
      })),
    );
    const isTold = !(await book.issued()).some(
      (each) => each.host === host.owner && each.withdrawnMs !== undefined && !each.told,
    );
    if (isTold) nextMs.set(host.owner, clock.monotonicMs() + LOOKS_EVERY_MS);
  }

  async function tellHost(owner: OwnerId, issued: readonly IssuedVoucher[]): Promise<void> {
    const host = friends.person(owner);
    if (host === undefined || host.departed) return;
    nextMs.set(owner, clock.monotonicMs() + RETRY_MS);
    await tell(host, issued);
  }

  return {
    issue: async ({ host, newcomer, bytes, days, delegable }) => {
      const before = await rootFor(host, bytes);
      if (!before.ok) return before;
      const parent = readVoucher(before.value.at(-1) ?? '');
      const nowMs = clock.nowMs();
      const wantedMs = nowMs + days * DAY_MS;
      const voucher: Voucher = {
        host: host.owner,
        introducer: identity.owner,
        newcomer,
        bytes,
        untilMs: parent === undefined ? wantedMs : Math.min(wantedMs, parent.untilMs),
        id: toBase32(randomness.bytes(ID_BYTES)),
        delegable,
        ...(parent === undefined ? {} : { parent: parent.hash }),
      };
      const chain = [...before.value, signVoucher(voucher, identity)];
      // What the host would not take, nobody is sent off with.
      if (!readChain(chain, { host: host.owner, newcomer, nowMs }).ok)
        return failed(fault('bad-arguments', { field: 'newcomer', problem: NOBODY_TWICE }));
      await book.issue({ ...voucher, issuedMs: nowMs });
      const text = writeIntroduction({
        v: 1,
        host: {
          owner: host.owner,
          name: host.name,
          devices: host.devices
            .filter(({ revoked, addresses }) => !revoked && addresses.length > 0)
            .map(({ device, addresses }) => ({ device, addresses: [...addresses] })),
        },
        by: me(),
        chain,
      });
      const issued = (await book.issued()).find(({ id }) => id === voucher.id);
      if (issued === undefined) throw new Error('a voucher that was written down is not there');
      return ok({ voucher: issued, text });
    },
    withdraw: async (id) => {
      const taken = await book.withdraw({ id, atMs: clock.nowMs() });
      if (taken === undefined) return failed(fault('voucher-unknown'));
      const all = (await book.issued()).filter(({ host }) => host === taken.host);
      await tellHost(taken.host, all);
      return ok((await book.issued()).find((each) => each.id === id) ?? taken);
    },
    take: async (text, sizeBytes) => {
      const read = readIntroduction(text);
      if (read === undefined) return failed(fault('bad-voucher'));
      const { host, by, chain } = read;
      const at = { host: host.owner, newcomer: identity.owner, nowMs: clock.nowMs() };
      const links = readChain(chain, at);
      if (!links.ok && links.fault === 'voucher-expired')
        return failed(fault('refused', { friend: host.name, denial: 'voucher-expired' }));
      const last = links.ok ? links.value.at(-1) : undefined;
      if (last === undefined) return failed(fault('bad-voucher'));
      const greeted = await greet(host);
      if (!greeted.ok) return greeted;
      const { hash, id, introducer, bytes, untilMs } = last;
      const voucher = { hash, id, host: host.owner, introducer, introducerName: by, bytes };
      const held = { ...voucher, untilMs, chain };
      await book.hold(held);
      const answered = await ask(greeted.value, last, sizeBytes);
      if (answered.ok && answered.value.type === 'granted')
        await book.hold({ ...held, plot: answered.value.plot });
      return answered;
    },
    tick: async () => {
      const issued = await book.issued();
      const nowMs = clock.monotonicMs();
      const live = issued.filter(
        (each) => each.untilMs > clock.nowMs() || (each.withdrawnMs !== undefined && !each.told),
      );
      for (const owner of new Set(live.map(({ host }) => host)))
        if (nowMs >= (nextMs.get(owner) ?? nowMs))
          await tellHost(
            owner,
            issued.filter(({ host }) => host === owner),
          );
    },
    source: {
      cost: 'free',
      reasons: async ({ owner }) =>
        (await heldFor(owner))
          .toSorted(likelierFirst)
          .slice(0, CHAINS_MAX)
          .map(({ chain }) => ({ kind: 'voucher' as const, chain: [...chain] })),
    },
  };
}

/** A host looks at few: first those on which nothing of mine stands yet, and of these the ones that run longest. */
function likelierFirst(one: HeldVoucher, other: HeldVoucher): number {
  const isUsed = ({ plots }: HeldVoucher) => (plots.length > 0 ? 1 : 0);
  return isUsed(one) - isUsed(other) || other.untilMs - one.untilMs;
}

const NARROWER = 'what you pass on can’t be more than was given to you';
const NOBODY_TWICE = 'nobody can stand in it twice, neither you nor whoever keeps it';
