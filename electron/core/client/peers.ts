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
import { failed, ok, type Result } from '../../../shared/result.ts';
import {
  type News,
  news,
  plotList,
  type PlotStatus,
  released,
} from '../../../shared/wire/messages.ts';
import type { Friend, FriendDevice } from '../friends/friend-book.ts';
import { type FriendRegistry, nameOf } from '../friends/friend-registry.ts';
import type { Identity } from '../identity/identity.ts';
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
  ) => Promise<Result<{ readonly news: News; readonly address: string }, PeerFault>>;
  /** Connections to a friend, for the protocol of the repository. */
  readonly session: (host: Friend) => Result<PeerSession, Fault>;
  readonly close: () => void;
};

export function newRequestId(): RequestId {
  return randomBytes(16).toString('base64url') as RequestId;
}

/** What was learnt, the latest first, and then what the friend gave for reaching him from anywhere. */
function addressesOf({ givenAddress }: Friend, { addresses }: FriendDevice): readonly string[] {
  return givenAddress === undefined || addresses.includes(givenAddress)
    ? addresses
    : [...addresses, givenAddress];
}

export function createPeers({
  identity,
  friends,
}: {
  readonly identity: Pick<Identity, 'keyPem' | 'certificatePem'>;
  readonly friends: FriendRegistry;
}): Peers {
  const sessions = new Map<DeviceId, { readonly key: string; readonly session: PeerSession }>();

  /** One session per device, opened again when its addresses have changed and it isn't answering. */
  function sessionOf(host: Friend, device: Friend['devices'][number]): PeerSession {
    const addresses = addressesOf(host, device);
    const key = [...addresses].sort().join(' ');
    const open = sessions.get(device.device);
    if (open?.key === key) return open.session;
    open?.session.close();
    const peer = { device: device.device, addresses };
    const session = openPeerSession(identity, peer, (id, address) =>
      friends.contacted(id, address),
    );
    sessions.set(device.device, { key, session });
    return session;
  }

  function session(host: Friend): Result<PeerSession, Fault> {
    const present = friends.friend(host.owner) ?? host;
    const device = present.devices.find(
      (each) => !each.revoked && addressesOf(present, each).length > 0,
    );
    if (device === undefined) {
      const params = { friend: nameOf(present), detail: 'no address known' };
      return failed(fault('unreachable', params));
    }
    return ok(sessionOf(present, device));
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
    news: async (host, device, told) => {
      const known = host.devices.find((each) => each.device === device);
      if (known === undefined) return failed({ code: 'unreachable', detail: 'no address known' });
      const open = sessionOf(host, known);
      const message = { method: 'POST', path: '/v1/news', body: told, schema: news } as const;
      const answered = await open.send(message);
      if (!answered.ok) return answered;
      return ok({ news: answered.value, address: open.address() ?? '' });
    },
    session,
    close: () => {
      for (const { session: open } of sessions.values()) open.close();
      sessions.clear();
    },
  };
}
