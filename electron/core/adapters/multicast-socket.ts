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

export const MDNS_PORT = 5353;
/** The longest that a packet may be (RFC 6762 §17). */
const PACKET_BYTES_MAX = 9000;
const PACKETS_PER_S_MAX = 200;
/** A system that neither sends nor refuses does not hold up the end. */
const LEAVES_MS = 1000;

export function openMulticastSocket({
  family,
  at,
  isFromHere,
  clock,
  onMessage,
}: {
  readonly family: 4 | 6;
  readonly at: string;
  readonly isFromHere: (from: string) => boolean;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly onMessage: (message: DnsMessage, from: string) => void;
}): MulticastSocket {
  const socket = createSocket({
    type: family === 4 ? 'udp4' : 'udp6',
    reuseAddr: true,
    ...(family === 6 ? { ipv6Only: true } : {}),
  });
  guard(socket, createGate(isFromHere, clock));
  const mdns = multicastDns({
    socket,
    port: MDNS_PORT,
    interface: at,
    ...(family === 4
      ? { bind: '0.0.0.0', ip: '224.0.0.251' }
      : { type: 'udp6', bind: '::', ip: 'ff02::fb' }),
  });
  /** That it can't hear stays so until it is opened anew; that it can't send until it can. */
  let deaf: string | undefined;
  let mute: string | undefined;
  let underWay = 0;
  let isClosed = false;
  const left = Promise.withResolvers<void>();

  mdns.on('error', (error) => {
    deaf = codeOf(error);
  });
  mdns.on('warning', (error) => {
    // Packets that can't be decoded come here too, and they are nobody's problem.
    const code = systemCodeOf(error);
    if (code !== undefined) deaf = code;
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

type Gate = (bytes: number, from: string) => boolean;

/** So many packets a second from one link and no more, none of them too long, none from elsewhere. */
function createGate(
  isFromHere: (from: string) => boolean,
  clock: Pick<Clock, 'monotonicMs'>,
): Gate {
  let second = 0;
  let count = 0;
  return (bytes, from) => {
    if (bytes > PACKET_BYTES_MAX || !isFromHere(from)) return false;
    const now = Math.floor(clock.monotonicMs() / 1000);
    if (now !== second) [second, count] = [now, 0];
    count += 1;
    return count <= PACKETS_PER_S_MAX;
  };
}

/** The library decodes whatever its socket hears; what is not for it must not be heard. */
function guard(socket: Socket, admits: Gate): void {
  const emit = socket.emit.bind(socket) as (event: string, ...args: unknown[]) => boolean;
  const guarded = (event: string, ...args: unknown[]): boolean => {
    if (event !== 'message') return emit(event, ...args);
    const [bytes, remote] = args as [Uint8Array, RemoteInfo];
    return admits(bytes.length, remote.address) && emit(event, ...args);
  };
  socket.emit = guarded as Socket['emit'];
}

function codeOf(error: Error): string {
  return systemCodeOf(error) ?? error.message;
}

function systemCodeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
