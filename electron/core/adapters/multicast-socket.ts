import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import multicastDns from 'multicast-dns';
import type { Clock, DnsMessage } from '../ports.ts';
import { messageOf, sentRecord } from './dns-packets.ts';

/** One socket for multicast DNS on one link, in one family. Whatever goes wrong is a word, never a crash. */
export type MulticastSocket = {
  readonly send: (message: DnsMessage) => void;
  /** What the system said last, while it says it. */
  readonly problem: () => string | undefined;
  /** After what was sent has left. */
  readonly close: () => Promise<void>;
};

const MDNS_PORT = 5353;
/** The longest that a packet may be (RFC 6762 §17). */
const PACKET_BYTES_MAX = 9000;
const PACKETS_PER_S_MAX = 200;
/** What is short enough can still be long work, and all else waits for it: six hundred names of a hundred parts each fit into one packet. */
const WORK_MS_PER_S_MAX = 100;
/** A system that neither sends nor refuses does not hold up the end. */
const LEAVES_MS = 1000;

export function openMulticastSocket({
  family,
  at,
  isFromHere,
  whyNotThere,
  clock,
  onMessage,
}: {
  readonly family: 4 | 6;
  readonly at: string;
  readonly isFromHere: (from: string) => boolean;
  /** The system takes a zone that is gone for any zone. */
  readonly whyNotThere: () => string | undefined;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly onMessage: (message: DnsMessage, from: string) => void;
}): MulticastSocket {
  const socket = createSocket({
    type: family === 4 ? 'udp4' : 'udp6',
    reuseAddr: true,
    ...(family === 6 ? { ipv6Only: true } : {}),
  });
  /** Why it can't hear, until it has joined after all, and why it can't send, until it could. */
  let deaf: string | undefined;
  let mute: string | undefined;
  let hasJoined = false;
  let underWay = 0;
  let isClosed = false;
  const left = Promise.withResolvers<void>();
  guardEar(socket, createGate(isFromHere, clock), clock);
  guardMouth(socket, () => hasJoined);
  const mdns = multicastDns({
    socket,
    port: MDNS_PORT,
    interface: at,
    ...(family === 4
      ? { bind: '0.0.0.0', ip: '224.0.0.251' }
      : { type: 'udp6', bind: '::', ip: 'ff02::fb' }),
  });

  mdns.on('error', (error) => {
    deaf = codeOf(error);
  });
  mdns.on('warning', (error) => {
    // Packets that can't be decoded come here too, and they are nobody's problem.
    const code = systemCodeOf(error);
    if (code !== undefined) deaf = code;
  });
  mdns.on('networkInterface', () => {
    deaf = whyNotThere() ?? whyNot(() => socket.setMulticastInterface(at));
    hasJoined = deaf === undefined;
  });
  mdns.on('packet', (packet: object, { address, port }: RemoteInfo) => {
    const message = messageOf(packet);
    // Answers come from the port itself, or from somebody who has no business there (RFC 6762 §6).
    if (message === undefined || (message.kind === 'response' && port !== MDNS_PORT)) return;
    onMessage(message, address);
  });

  function sent(error: Error | null): void {
    underWay -= 1;
    mute = error === null || error === undefined ? undefined : codeOf(error);
    if (isClosed && underWay === 0) left.resolve();
  }

  return {
    send: (message) => {
      if (isClosed) return;
      underWay += 1;
      // Who is there is all that is ever asked from here.
      if (message.kind === 'query')
        mdns.query(
          message.questions.map(({ name }) => ({ name, type: 'PTR' })),
          sent,
        );
      else mdns.respond(message.records.map(sentRecord), sent);
    },
    problem: () => deaf ?? mute,
    close: async () => {
      isClosed = true;
      if (underWay === 0) left.resolve();
      const timer = setTimeout(left.resolve, LEAVES_MS);
      await left.promise;
      clearTimeout(timer);
      await new Promise<void>((resolve) => mdns.destroy(resolve));
    },
  };
}

type Gate = {
  readonly admits: (bytes: number, from: string) => boolean;
  /** What was admitted took so long. */
  readonly worked: (ms: number) => void;
};

/** So many packets a second from one link and so much work with them and no more, none of them too long, none from elsewhere. */
function createGate(
  isFromHere: (from: string) => boolean,
  clock: Pick<Clock, 'monotonicMs'>,
): Gate {
  let second = 0;
  let count = 0;
  let workMs = 0;
  return {
    admits: (bytes, from) => {
      if (bytes > PACKET_BYTES_MAX || !isFromHere(from)) return false;
      const now = Math.floor(clock.monotonicMs() / 1000);
      if (now !== second) [second, count, workMs] = [now, 0, 0];
      count += 1;
      return count <= PACKETS_PER_S_MAX && workMs < WORK_MS_PER_S_MAX;
    },
    worked: (ms) => {
      workMs += ms;
    },
  };
}

/** The library decodes whatever its socket hears; what is not for it must not be heard. */
function guardEar(socket: Socket, gate: Gate, clock: Pick<Clock, 'monotonicMs'>): void {
  const emit = socket.emit.bind(socket) as (event: string, ...args: unknown[]) => boolean;
  const guarded = (event: string, ...args: unknown[]): boolean => {
    if (event !== 'message') return emit(event, ...args);
    const [bytes, remote] = args as [Uint8Array, RemoteInfo];
    if (!gate.admits(bytes.length, remote.address)) return false;
    const beganMs = clock.monotonicMs();
    const isHeard = emit(event, ...args);
    gate.worked(clock.monotonicMs() - beganMs);
    return isHeard;
  };
  socket.emit = guarded as Socket['emit'];
}

/** And it sends before it has joined; the system would choose a network for that, perhaps a café's. */
function guardMouth(socket: Socket, may: () => boolean): void {
  const send = socket.send.bind(socket) as (...args: unknown[]) => void;
  const guarded = (...args: unknown[]): void => {
    const done = args.at(-1);
    if (may()) send(...args);
    else if (typeof done === 'function') done(new Error('ENODEV'));
  };
  socket.send = guarded as Socket['send'];
}

/** The system's word for why something can't be done; undefined: it could. */
function whyNot(act: () => void): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    return error instanceof Error ? codeOf(error) : String(error);
  }
}

function codeOf(error: Error): string {
  return systemCodeOf(error) ?? error.message;
}

function systemCodeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
