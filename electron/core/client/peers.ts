import { randomBytes } from 'node:crypto';
import type { DenialCode } from '../../../shared/denial.ts';
import type { Fault } from '../../../shared/fault.ts';
import type { DeviceId, OwnerId, PlotId, RequestId, TicketId } from '../../../shared/ids.ts';
import {
  type AllocateRequest,
  type Answer,
  answer,
  quote,
  type RenewRequest,
  type ShareState,
  shareState,
} from '../../../shared/model/allocate.ts';
import type { MachineKind } from '../../../shared/model/machine.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import {
  introduced,
  type News,
  news,
  plotList,
  plotState,
  type PlotStatus,
  PROTOCOL_VERSION,
  type Released,
  released,
  withdrawn,
} from '../../../shared/wire/messages.ts';
import type { Friend } from '../friends/friend-book.ts';
import { type FriendRegistry, nameOf } from '../friends/friend-registry.ts';
import type { Identity } from '../identity/identity.ts';
import { createPlotDevices, whetherKept } from './plot-devices.ts';
import type { Message, PeerSession } from './connection/peer-client.ts';
import { NO_ADDRESS, type PeerFault, toFault } from './connection/peer-fault.ts';
import { addressesOf, createPeerSessions } from './connection/peer-sessions.ts';

/** What a friend keeps of mine. */
export type PlotsThere = {
  readonly plots: readonly PlotStatus[];
  /** False: one of several devices did not answer, and what it keeps is missing here. */
  readonly isWhole: boolean;
};

/** What one can ask of friends. Every fault names the friend. */
export type Peers = {
  readonly allocate: (
    host: Friend,
    request: Omit<AllocateRequest, 'v'>,
  ) => Promise<Result<Answer, Fault>>;
  readonly quote: (
    host: Friend,
    request: Omit<AllocateRequest, 'v'>,
  ) => Promise<Result<Answer, Fault>>;
  readonly renew: (
    host: Friend,
    plot: PlotId,
    duration: RenewRequest['duration'],
    /** What it is paid with, under an id that can be sent again. */
    paid?: Pick<RenewRequest, 'requestId' | 'why'>,
  ) => Promise<Result<Answer, Fault>>;
  /** Asks again about a request that pends there. */
  readonly poll: (host: Friend, ticket: TicketId) => Promise<Result<Answer, Fault>>;
  readonly withdraw: (host: Friend, ticket: TicketId) => Promise<Result<undefined, Fault>>;
  /** A protected one goes only later, and can be kept after all. */
  readonly release: (
    host: Friend,
    plot: PlotId,
  ) => Promise<Result<{ readonly leavesInS: number | undefined }, Fault>>;
  readonly plots: (host: Friend) => Promise<Result<PlotsThere, Fault>>;
  readonly share: (host: Friend) => Promise<Result<ShareState, Fault>>;
  /** One message to this very device of a friend, at the addresses that these books have of it. */
  readonly call: <T>(device: DeviceId, message: Message<T>) => Promise<Result<T, PeerFault>>;
  /** One message to each of a person's devices that may be reached: each keeps books of its own. */
  readonly toEach: <T>(host: Friend, message: Message<T>) => Promise<readonly Result<T, Fault>[]>;
  /** One message to each device that keeps some of these plots, about those; who can't be found out is a fault. */
  readonly toPlotDevices: <T>(
    host: Friend,
    plots: readonly PlotId[],
    messageOf: (plots: readonly PlotId[]) => Message<T>,
  ) => Promise<readonly { readonly plots: readonly PlotId[]; readonly result: Result<T, Fault> }[]>;
  /** Tells one of a friend's devices what is new and brings back its news. */
  readonly news: (
    device: DeviceId,
    told: News,
    how?: {
      /** Where it was sighted: tried first. */
      readonly sighted: readonly string[];
      readonly signal: AbortSignal;
    },
  ) => Promise<Result<{ readonly news: News; readonly address: string }, PeerFault>>;
  /** "This device is my owner's too": to a device that knows our owner, but not this device. */
  readonly introduce: (device: DeviceId) => Promise<Result<'known' | 'added', PeerFault>>;
  /** A friend's devices that count and may be reached, the likeliest to answer first. */
  readonly devices: (host: Friend) => readonly DeviceId[];
  /** The one of them that decides about a request: it keeps the plot, or had more to say to the last one than that it offers nothing. */
  readonly decider: (host: Friend, plot: PlotId | undefined) => Promise<DeviceId | undefined>;
  /** The protocol of the repository, at whichever of a friend's devices keeps the plot. */
  readonly session: (host: Friend) => Result<Pick<PeerSession, 'stream'>, Fault>;
  /** Kept connections may lead nowhere any more: networks changed, or this computer slept. */
  readonly closeIdle: () => void;
  /** Kept connections at the moment; for whoever counts them. */
  readonly idleSockets: () => number;
  readonly close: () => void;
};

export function newRequestId(): RequestId {
  return randomBytes(16).toString('base64url') as RequestId;
}

/** News are read from memory: whoever takes longer is not there, or as good as not. */
const NEWS_MS = 8000;

type Quote = { readonly answer: Answer };
type PlotList = { readonly plots: readonly PlotStatus[] };

/** Refusals of one device that say nothing of what another of the same person's would answer. */
const KNOWS_NOTHING: ReadonlySet<DenialCode> = new Set(['ticket-unknown', 'unknown-peer']);
const OFFERS_NOTHING: ReadonlySet<DenialCode> = new Set(['no-offer', 'unknown-peer']);

function isDeniedBy(said: Answer, codes: ReadonlySet<DenialCode>): boolean {
  const nearest = said.type === 'denied' ? said.reasons[0] : undefined;
  return nearest !== undefined && codes.has(nearest.code);
}

function isPerhapsHeard(peer: PeerFault): boolean {
  return peer.code === 'unreachable' && peer.mayBeHeard === true;
}

function plotIn(path: string): PlotId | undefined {
  return /^\/v1\/plots\/([0-9a-z]+)/.exec(path)?.[1] as PlotId | undefined;
}

export function createPeers({
  identity,
  me,
  friends,
  isOnline = () => false,
}: {
  readonly identity: Pick<Identity, 'keyPem' | 'certificatePem' | 'statement'>;
  /** What this device says of itself when it introduces itself. */
  readonly me: () => { readonly name: string; readonly kind: MachineKind };
  readonly friends: FriendRegistry;
  /** Of several devices of a friend those that are known to be there are called. */
  readonly isOnline?: (device: DeviceId) => boolean;
}): Peers {
  const sessions = createPeerSessions({ identity, friends });

  /** Those of a friend that count and may be reached; what is there goes before what may be. */
  function devicesOf(host: Friend): readonly DeviceId[] {
    const present = friends.person(host.owner) ?? host;
    return present.devices
      .filter((each) => !each.revoked && addressesOf(present, each).length > 0)
      .map(({ device }) => device)
      .sort((one, other) => Number(isOnline(other)) - Number(isOnline(one)));
  }

  const plotDevices = createPlotDevices({
    devicesOf,
    has: async (device, plot) => {
      const message = { method: 'GET', path: `/v1/plots/${plot}`, schema: plotState } as const;
      return whetherKept(await sessions.of(device).send(message));
    },
  });

  async function sendTo<T>(
    host: Friend,
    device: DeviceId,
    message: Message<T>,
  ): Promise<Result<T, Fault>> {
    const result = await sessions.of(device).send(message);
    if (!result.ok) return failed(toFault(result.fault, nameOf(host)));
    friends.contacted(device);
    return result;
  }

  /** To the device that keeps the plot. */
  async function sendAbout<T>(
    host: Friend,
    plot: PlotId,
    message: Message<T>,
  ): Promise<Result<T, Fault>> {
    const known = await plotDevices.of(host, plot);
    if (!known.ok) return failed(toFault(known.fault, nameOf(host)));
    return sendTo(host, known.value, message);
  }

  function noAddress(host: Friend): Result<never, Fault> {
    return failed(toFault(NO_ADDRESS.fault, nameOf(host)));
  }

  const offerers = new Map<OwnerId, DeviceId>();

  /** A friend may offer space on one device and only bring another along: the first that offers some. */
  async function sendToOfferer<T>(
    host: Friend,
    message: Message<T>,
    { answerOf, isBinding }: { answerOf: (value: T) => Answer; isBinding: boolean },
  ): Promise<Result<T, Fault>> {
    let result: Result<T, Fault> = noAddress(host);
    for (const device of devicesOf(host)) {
      const said = await sessions.of(device).send(message);
      if (said.ok) friends.contacted(device);
      const next = said.ok ? said : failed(toFault(said.fault, nameOf(host)));
      // It may have said yes, and another one's yes would be a second plot.
      if (isBinding && !said.ok && isPerhapsHeard(said.fault)) return next;
      if (next.ok || !result.ok) result = next;
      if (!next.ok) continue;
      const decision = answerOf(next.value);
      if (decision.type === 'granted') plotDevices.keeps(device, decision.plot);
      if (isDeniedBy(decision, OFFERS_NOTHING)) continue;
      offerers.set(host.owner, device);
      break;
    }
    return result;
  }

  /** Whoever is no friend does not know whose device this is. */
  function introducing({ relation }: Friend): Pick<AllocateRequest, 'from'> {
    if (relation === undefined) return {};
    return { from: { name: me().name, statement: identity.statement } };
  }

  /** A denial is an answer, whatever status carries it. */
  const decided = { schema: answer, isAnswer: () => true };
  return {
    allocate: (host, request) => {
      const message = {
        method: 'POST',
        path: '/v1/allocations',
        body: { v: PROTOCOL_VERSION, ...request, ...introducing(host) },
        ...decided,
      } as const;
      return request.plot === undefined
        ? sendToOfferer<Answer>(host, message, { answerOf: (said) => said, isBinding: true })
        : sendAbout<Answer>(host, request.plot, message);
    },
    quote: async (host, request) => {
      const body = { v: PROTOCOL_VERSION, ...request };
      const message = { method: 'POST', path: '/v1/quotes', body, schema: quote } as const;
      const result = await (request.plot === undefined
        ? sendToOfferer<Quote>(host, message, { answerOf: (said) => said.answer, isBinding: false })
        : sendAbout<Quote>(host, request.plot, message));
      return result.ok ? ok(result.value.answer) : result;
    },
    renew: (host, plot, duration, paid = { requestId: newRequestId(), why: [] }) =>
      sendAbout<Answer>(host, plot, {
        method: 'POST',
        path: `/v1/plots/${plot}/renewals`,
        body: { v: PROTOCOL_VERSION, duration, ...paid },
        ...decided,
      }),
    poll: async (host, ticket) => {
      const message = { method: 'GET', path: `/v1/allocations/${ticket}`, ...decided } as const;
      let silent: Result<Answer, Fault> | undefined;
      let unknown: Result<Answer, Fault> | undefined;
      for (const device of devicesOf(host)) {
        const next = await sendTo<Answer>(host, device, message);
        if (next.ok && next.value.type === 'granted') plotDevices.keeps(device, next.value.plot);
        if (next.ok && !isDeniedBy(next.value, KNOWS_NOTHING)) return next;
        if (next.ok) unknown = next;
        else silent = next;
      }
      // While one of his devices is silent, it may be the one that knows.
      return silent ?? unknown ?? noAddress(host);
    },
    withdraw: async (host, ticket) => {
      const path = `/v1/allocations/${ticket}`;
      const message = { method: 'DELETE', path, schema: withdrawn } as const;
      let result: Result<undefined, Fault> = noAddress(host);
      for (const device of devicesOf(host)) {
        const next = await sendTo<unknown>(host, device, message);
        result = next.ok ? ok(undefined) : next;
      }
      return result;
    },
    release: async (host, plot) => {
      const message = { method: 'DELETE', path: `/v1/plots/${plot}`, schema: released } as const;
      const result = await sendAbout<Released>(host, plot, message);
      return result.ok ? ok({ leavesInS: result.value.leavesInS }) : result;
    },
    plots: async (host) => {
      const message = { method: 'GET', path: '/v1/plots', schema: plotList } as const;
      const plots: PlotStatus[] = [];
      const silent: Fault[] = [];
      const devices = devicesOf(host);
      for (const device of devices) {
        const result = await sendTo<PlotList>(host, device, message);
        if (!result.ok) silent.push(result.fault);
        else plots.push(...result.value.plots);
      }
      if (devices.length === silent.length) {
        const [first] = silent;
        return first === undefined ? noAddress(host) : failed(first);
      }
      return ok({ plots, isWhole: silent.length === 0 });
    },
    share: (host) => {
      const [device] = devicesOf(host);
      if (device === undefined) return Promise.resolve(noAddress(host));
      const message = { method: 'GET', path: '/v1/share', schema: shareState } as const;
      return sendTo<ShareState>(host, device, message);
    },
    call: async (device, message) => {
      if (friends.byDevice(device) === undefined) return NO_ADDRESS;
      const answered = await sessions.of(device).send(message);
      if (answered.ok) friends.contacted(device);
      return answered;
    },
    toEach: async (host, message) => {
      const results = [];
      for (const device of devicesOf(host)) results.push(await sendTo(host, device, message));
      return results;
    },
    toPlotDevices: async (host, plots, messageOf) => {
      const byDevice = new Map<DeviceId, PlotId[]>();
      const results = [];
      for (const plot of plots) {
        const known = await plotDevices.of(host, plot);
        if (known.ok) byDevice.set(known.value, [...(byDevice.get(known.value) ?? []), plot]);
        else results.push({ plots: [plot], result: failed(toFault(known.fault, nameOf(host))) });
      }
      for (const [device, kept] of byDevice)
        results.push({ plots: kept, result: await sendTo(host, device, messageOf(kept)) });
      return results;
    },
    news: async (device, told, how) => {
      const open = sessions.of(device);
      const answered = await open.send({
        method: 'POST',
        path: '/v1/news',
        body: told,
        schema: news,
        first: how?.sighted,
        signal: how?.signal,
        answerMs: NEWS_MS,
      });
      // What was kept may be why nobody answered.
      if (!answered.ok && answered.fault.code === 'unreachable') open.closeIdle();
      if (!answered.ok) return answered;
      friends.contacted(device);
      return ok({ news: answered.value, address: open.address() ?? '' });
    },
    introduce: async (device) => {
      const answered = await sessions.of(device).send({
        method: 'POST',
        path: '/v1/devices',
        body: { v: PROTOCOL_VERSION, ...me(), statement: identity.statement },
        schema: introduced,
      });
      return answered.ok ? ok(answered.value.state) : answered;
    },
    devices: devicesOf,
    decider: async (host, plot) => {
      if (plot !== undefined) {
        const keeper = await plotDevices.of(host, plot);
        return keeper.ok ? keeper.value : undefined;
      }
      const devices = devicesOf(host);
      return devices.find((device) => device === offerers.get(host.owner)) ?? devices[0];
    },
    session: (host) => {
      if (devicesOf(host).length === 0) return noAddress(host);
      return ok({
        stream: async (wish) => {
          const plot = plotIn(wish.path);
          const [first] = devicesOf(host);
          const known = plot === undefined ? undefined : await plotDevices.of(host, plot);
          if (known?.ok === false) return known;
          const device = known?.value ?? first;
          if (device === undefined) return NO_ADDRESS;
          return sessions.of(device).stream(wish);
        },
      });
    },
    closeIdle: sessions.closeIdle,
    idleSockets: sessions.idleSockets,
    close: sessions.close,
  };
}
