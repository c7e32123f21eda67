import { randomBytes } from 'node:crypto';
import { type Fault, fault } from '../../../shared/fault.ts';
import type { DeviceId, PlotId, RequestId } from '../../../shared/ids.ts';
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
  type PlotStatus,
  PROTOCOL_VERSION,
  released,
} from '../../../shared/wire/messages.ts';
import type { Friend, FriendDevice } from '../friends/friend-book.ts';
import { type FriendRegistry, nameOf } from '../friends/friend-registry.ts';
import type { Identity } from '../identity/identity.ts';
import { createIdleSockets } from './idle-sockets.ts';
import { openPeerSession, type PeerSession } from './peer-client.ts';
import { type PeerFault, toFault } from './peer-fault.ts';

/** What one can ask of friends. Every fault names the friend. */
export type Peers = {
  readonly allocate: (
    host: Friend,
    request: Omit<AllocateRequest, 'v' | 'requestId'>,
  ) => Promise<Result<Answer, Fault>>;
  readonly quote: (
    host: Friend,
    request: Omit<AllocateRequest, 'v' | 'requestId'>,
  ) => Promise<Result<Answer, Fault>>;
  readonly renew: (
    host: Friend,
    plot: PlotId,
    duration: RenewRequest['duration'],
  ) => Promise<Result<Answer, Fault>>;
  readonly release: (host: Friend, plot: PlotId) => Promise<Result<undefined, Fault>>;
  readonly plots: (host: Friend) => Promise<Result<readonly PlotStatus[], Fault>>;
  readonly share: (host: Friend) => Promise<Result<ShareState, Fault>>;
  /** Tells one of a friend's devices what is new and brings back its news. */
  readonly news: (
    host: Friend,
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
  /** Connections to a friend, for the protocol of the repository. */
  readonly session: (host: Friend) => Result<PeerSession, Fault>;
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

/** What was learnt, the latest first, and then what the friend gave for reaching him from anywhere. */
function addressesOf({ givenAddress }: Friend, { addresses }: FriendDevice): readonly string[] {
  return givenAddress === undefined || addresses.includes(givenAddress)
    ? addresses
    : [...addresses, givenAddress];
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
  const sessions = new Map<DeviceId, PeerSession>();
  const idle = createIdleSockets();

  /** One session per device; its addresses may change while a backup runs through it. */
  function sessionOf(device: DeviceId): PeerSession {
    const open = sessions.get(device);
    if (open !== undefined) return open;
    const addresses = () => {
      const known = friends.knownDevice(device);
      return known === undefined ? [] : addressesOf(known.friend, known.device);
    };
    const session = openPeerSession(
      identity,
      { device, addresses },
      { onAnswer: (id, address) => friends.contacted(id, address), idle },
    );
    sessions.set(device, session);
    return session;
  }

  /** Devices that no longer count are not talked to, also not over what is still open. */
  function closeGone(): void {
    for (const [device, open] of sessions) {
      if (friends.byDevice(device) !== undefined) continue;
      open.close();
      sessions.delete(device);
    }
  }

  function session(host: Friend): Result<PeerSession, Fault> {
    const present = friends.friend(host.owner) ?? host;
    const devices = present.devices.filter(
      (each) => !each.revoked && addressesOf(present, each).length > 0,
    );
    const device = devices.find((each) => isOnline(each.device)) ?? devices[0];
    if (device === undefined) {
      const params = { friend: nameOf(present), detail: 'no address known' };
      return failed(fault('unreachable', params));
    }
    return ok(sessionOf(device.device));
  }

  async function send<T>(
    host: Friend,
    message: Parameters<PeerSession['send']>[0] & { readonly schema: { parse: (v: unknown) => T } },
  ): Promise<Result<T, Fault>> {
    const open = session(host);
    if (!open.ok) return open;
    const result = await open.value.send(message);
    if (!result.ok) return failed(toFault(result.fault, nameOf(host)));
    const device = open.value.device();
    if (device !== undefined) friends.contacted(device);
    return ok(result.value as T);
  }

  const stop = friends.subscribe(closeGone);
  /** A denial is an answer, whatever status carries it. */
  const decided = { schema: answer, isAnswer: () => true };
  return {
    allocate: (host, request) =>
      send<Answer>(host, {
        method: 'POST',
        path: '/v1/allocations',
        body: { v: 1, requestId: newRequestId(), ...request },
        ...decided,
      }),
    quote: async (host, request) => {
      const body = { v: 1, requestId: newRequestId(), ...request };
      const message = { method: 'POST', path: '/v1/quotes', body, schema: quote } as const;
      const result = await send<{ readonly answer: Answer }>(host, message);
      return result.ok ? ok(result.value.answer) : result;
    },
    renew: (host, plot, duration) =>
      send<Answer>(host, {
        method: 'POST',
        path: `/v1/plots/${plot}/renewals`,
        body: { v: 1, requestId: newRequestId(), duration, why: [] },
        ...decided,
      }),
    release: async (host, plot) => {
      const message = { method: 'DELETE', path: `/v1/plots/${plot}`, schema: released } as const;
      const result = await send<unknown>(host, message);
      return result.ok ? ok(undefined) : result;
    },
    plots: async (host) => {
      const message = { method: 'GET', path: '/v1/plots', schema: plotList } as const;
      const result = await send<{ readonly plots: readonly PlotStatus[] }>(host, message);
      return result.ok ? ok(result.value.plots) : result;
    },
    share: (host) =>
      send<ShareState>(host, { method: 'GET', path: '/v1/share', schema: shareState }),
    news: async (_host, device, told, how) => {
      const open = sessionOf(device);
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
      const answered = await sessionOf(device).send({
        method: 'POST',
        path: '/v1/devices',
        body: { v: PROTOCOL_VERSION, ...me(), statement: identity.statement },
        schema: introduced,
      });
      return answered.ok ? ok(answered.value.state) : answered;
    },
    session,
    closeIdle: () => {
      for (const open of sessions.values()) open.closeIdle();
    },
    idleSockets: idle.count,
    close: () => {
      stop();
      for (const open of sessions.values()) open.close();
      sessions.clear();
    },
  };
}
