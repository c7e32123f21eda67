import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { z } from 'zod';
import type { DeviceId } from '../../../../shared/ids.ts';
import { type Denied, denied } from '../../../../shared/model/allocate.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import { encodeJson, jsonOf } from '../../../../shared/wire/json.ts';
import type { Identity } from '../../identity/identity.ts';
import { exchange } from './exchange.ts';
import type { IdleSockets } from './idle-sockets.ts';
import type { PeerFault } from './peer-fault.ts';
import { PinnedAgent, WrongKeyError } from './pinned-agent.ts';

/** A device and where it may be found; the first address that answers with the right key is taken. */
export type Peer = {
  /** Undefined only while pairing: then whoever answers is told by `device()` of the session. */
  readonly device: DeviceId | undefined;
  /** A function where they may change while the session is open. */
  readonly addresses: readonly string[] | (() => readonly string[]);
};

export type Message<T> = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  readonly schema: z.ZodType<T>;
  /**
   * Statuses besides 2xx whose body is an answer too: a denial of an allocation is one. Everything
   * else is a `refused`.
   */
  readonly isAnswer?: ((status: number) => boolean) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Addresses to try before those that are known. */
  readonly first?: readonly string[] | undefined;
  /** How long the answer may take, where it is not a decision. */
  readonly answerMs?: number | undefined;
};

export type Stream = {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | number>> | undefined;
  readonly body?: readonly Uint8Array[] | Readable | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly first?: readonly string[] | undefined;
  readonly answerMs?: number | undefined;
};

/** Calls to one device over a few kept connections. */
export type PeerSession = {
  /** Who answers: the pinned device, or, while pairing, whoever was met first. */
  readonly device: () => DeviceId | undefined;
  /** The address that answered last. */
  readonly address: () => string | undefined;
  readonly send: <T>(message: Message<T>) => Promise<Result<T, PeerFault>>;
  /** The repository's protocol: bodies as they are. The caller must read the response or destroy it. */
  readonly stream: (stream: Stream) => Promise<Result<IncomingMessage, PeerFault>>;
  /** The next call connects anew. */
  readonly closeIdle: () => void;
  readonly close: () => void;
};

/** The longest message: a list of ten thousand plots. */
const ANSWER_BYTES_MAX = 4 * 1024 * 1024;
/** Whoever gives a message byte by byte is left: what waits for it would wait for as long as he likes. */
const TEXT_MS = 120_000;
/** A decision waits for one flush of the host's disk, an upload for its rename. */
const ANSWER_MS = 30_000;

export function openPeerSession(
  identity: Pick<Identity, 'keyPem' | 'certificatePem'>,
  { device, addresses }: Peer,
  {
    onAnswer = () => undefined,
    idle,
  }: {
    /** It answered at an address at which it did not answer last. */
    readonly onAnswer?: ((device: DeviceId, address: string) => void) | undefined;
    readonly idle?: IdleSockets | undefined;
  } = {},
): PeerSession {
  const known = typeof addresses === 'function' ? addresses : () => addresses;
  let good: string | undefined;
  const agent = new PinnedAgent({
    identity,
    expected: device,
    addresses: () => inOrder(known(), good),
    idle,
  });

  async function stream(wish: Stream): Promise<Result<IncomingMessage, PeerFault>> {
    try {
      const response = await onFreshSocket(agent, wish);
      const address = agent.addressOf(response.socket);
      if (address !== undefined && address !== good) {
        good = address;
        if (agent.device !== undefined) onAnswer(agent.device, address);
      }
      return ok(response);
    } catch (error) {
      return failed(wish.signal?.aborted === true ? { code: 'cancelled' } : faultOf(error));
    }
  }

  async function send<T>(message: Message<T>): Promise<Result<T, PeerFault>> {
    const body =
      message.body === undefined ? undefined : [Buffer.from(encodeJson(message.body), 'utf8')];
    const { method, path, signal, first, answerMs } = message;
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const answered = await stream({ method, path, headers, body, signal, first, answerMs });
    if (!answered.ok) return answered;
    const text = await readText(answered.value, ANSWER_BYTES_MAX);
    if (!text.ok) return text;
    return read(message, answered.value.statusCode ?? 0, text.value);
  }

  return {
    device: () => agent.device,
    address: () => good,
    send,
    stream,
    closeIdle: () => agent.closeIdle(),
    close: () => agent.destroy(),
  };
}

/** A kept socket may have been closed by the other side just now; that is worth one more try. */
async function onFreshSocket(agent: PinnedAgent, wish: Stream): Promise<IncomingMessage> {
  const { body, signal, answerMs = ANSWER_MS } = wish;
  try {
    return await exchange(agent, { ...wish, answerMs });
  } catch (error) {
    const isStale = (error as NodeJS.ErrnoException).code === 'ECONNRESET';
    const isRepeatable = body === undefined || Array.isArray(body);
    if (!isStale || !isRepeatable || signal?.aborted === true) throw error;
    // It may have been heard the first time, and the answer lost with the host's end.
    const { mayBeHeard = false } = error as { readonly mayBeHeard?: boolean };
    return exchange(agent, { ...wish, answerMs }).catch(
      (again: Error & { mayBeHeard?: boolean }) => {
        throw Object.assign(again, { mayBeHeard: mayBeHeard || again.mayBeHeard === true });
      },
    );
  }
}

/** What answered last stays ahead while it is known. */
function inOrder(addresses: readonly string[], good: string | undefined): readonly string[] {
  return good === undefined || !addresses.includes(good)
    ? addresses
    : [good, ...addresses.filter((each) => each !== good)];
}

function faultOf(error: unknown): PeerFault {
  if (error instanceof WrongKeyError) return { code: 'wrong-key' };
  const { code, message, mayBeHeard } = error as NodeJS.ErrnoException & { mayBeHeard?: boolean };
  const heard = mayBeHeard === true ? { mayBeHeard } : {};
  return { code: 'unreachable', detail: code ?? message, ...heard };
}

/** A whole body as text, if it stays within `mostBytes` and comes in time. */
export async function readText(
  response: IncomingMessage,
  mostBytes: number,
  withinMs = TEXT_MS,
): Promise<Result<string, PeerFault>> {
  const chunks: Buffer[] = [];
  let length = 0;
  const late = setTimeout(() => response.destroy(new Error('no answer in time')), withinMs);
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > mostBytes) return failed({ code: 'protocol', detail: 'answer too long' });
      chunks.push(chunk);
    }
  } catch (error) {
    return failed(faultOf(Object.assign(error as Error, { mayBeHeard: true })));
  } finally {
    clearTimeout(late);
  }
  return ok(Buffer.concat(chunks).toString('utf8'));
}

function read<T>(message: Message<T>, status: number, text: string): Result<T, PeerFault> {
  const value = jsonOf(text);
  if (value === undefined)
    return failed({ code: 'protocol', detail: `status ${status} without JSON` });
  const isGood = status >= 200 && status < 300;
  if (isGood || message.isAnswer?.(status) === true) {
    const parsed = message.schema.safeParse(value);
    if (parsed.success) return ok(parsed.data);
    if (isGood) return failed({ code: 'protocol', detail: parsed.error.issues[0]?.message ?? '' });
  }
  const refusal = denied.safeParse(value);
  return failed(
    refusal.success
      ? { code: 'refused', status, denied: refusal.data satisfies Denied }
      : { code: 'protocol', detail: `status ${status}` },
  );
}
