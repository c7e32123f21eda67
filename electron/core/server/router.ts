import type { DeviceId, PlotId } from '../../../shared/ids.ts';
import { plotId } from '../../../shared/model/ids.ts';
import type { Friend } from '../friends/friend-book.ts';

/** Who calls: the key comes from the connection, the friend from our own books, never from the message. */
export type Caller = {
  /** Undefined if the client showed no certificate. */
  readonly device: DeviceId | undefined;
  readonly friend: Friend | undefined;
  /** No friend, but with a plot here. */
  readonly guest?: Friend | undefined;
  /** The network address: it proves nothing, it only counts for limits. */
  readonly address: string;
};

export type Call = {
  readonly caller: Caller;
  /** What stood in the path for `:name`. */
  readonly params: Readonly<Record<string, string>>;
  /** The raw body; empty where there is none. */
  readonly body: Buffer;
};

export type Response = { readonly status: number; readonly body: unknown };

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** A friend's route gets a friend, a guest's either of them; the compiler sees to it. */
export type FriendCall = Call & { readonly friend: Friend };
export type Route =
  | {
      readonly method: Method;
      readonly path: string;
      readonly access: 'anyone';
      readonly handle: (call: Call) => Response | Promise<Response>;
    }
  | {
      readonly method: Method;
      readonly path: string;
      /** `guest`: friends, and guests as far as it is about what is theirs. */
      readonly access: 'friend' | 'guest';
      /** Each is written down for good, whatever the answer. */
      readonly isKept?: true;
      readonly handle: (call: FriendCall) => Response | Promise<Response>;
      /** What everybody else hears, where it is not what strangers hear. */
      readonly ofStranger?: ((call: Call) => Promise<Response>) | undefined;
    };

export type Match =
  | {
      readonly type: 'route';
      readonly route: Route;
      readonly params: Readonly<Record<string, string>>;
    }
  | {
      readonly type: 'repository';
      readonly plot: string;
      readonly part: 'repository' | 'papers';
      readonly path: string;
    }
  | { readonly type: 'none' };

const REPOSITORY = /^\/v1\/plots\/([^/]{1,60})\/(repository|papers)(\/.*)$/;

/** Finds the route of a request. Paths are literal: no escapes, no dots, no query but the repository's. */
export function matchRoute(routes: readonly Route[], method: string, target: string): Match {
  const repository = REPOSITORY.exec(target);
  if (repository !== null) {
    const [, plot = '', part, path = '/'] = repository;
    return {
      type: 'repository',
      plot,
      part: part === 'papers' ? 'papers' : 'repository',
      path,
    };
  }
  const segments = target.split('/');
  for (const route of routes) {
    if (route.method !== method) continue;
    const params = matchSegments(route.path.split('/'), segments);
    if (params !== undefined) return { type: 'route', route, params };
  }
  return { type: 'none' };
}

function matchSegments(
  pattern: readonly string[],
  segments: readonly string[],
): Readonly<Record<string, string>> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const segment = segments[index] ?? '';
    if (expected.startsWith(':')) params[expected.slice(1)] = segment;
    else if (expected !== segment) return undefined;
  }
  return params;
}

/** The plot that a path like `/v1/plots/:plot` names; `undefined` for what can't be one. */
export function plotIn(params: Call['params']): PlotId | undefined {
  return plotId.safeParse(params['plot']).data;
}
