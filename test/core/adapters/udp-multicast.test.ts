import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { openMulticastSocket } from '../../../electron/core/adapters/multicast-socket.ts';
import { createUdpMulticast } from '../../../electron/core/adapters/udp-multicast.ts';
import type { Multicast } from '../../../electron/core/ports.ts';
import { link } from '../../fakes/air.ts';
import { until } from '../../fakes/homes.ts';

const GROUP = '224.0.0.251';
const loopback = link('lo', ['127.0.0.1/8']);
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

function opened(): { readonly multicast: Multicast; readonly heard: string[] } {
  const multicast = createUdpMulticast();
  closers.push(() => multicast.close());
  const heard: string[] = [];
  multicast.subscribe(({ message }) => {
    heard.push(message.kind === 'query' ? (message.questions[0]?.name ?? '') : message.kind);
  });
  return { multicast, heard };
}

/** Whatever bytes, to the group on loopback, from any port. */
async function stranger(): Promise<(bytes: Uint8Array) => Promise<void>> {
  const socket = createSocket('udp4');
  closers.push(() => socket.close());
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  socket.setMulticastInterface('127.0.0.1');
  return (bytes) => new Promise((resolve) => socket.send(bytes, 5353, GROUP, () => resolve()));
}

/** A query for one name of one label. */
function query(label: string, flags = 0): Uint8Array {
  const header = [0, 0, flags, 0, 0, 1, 0, 0, 0, 0, 0, 0];
  return Uint8Array.from([...header, label.length, ...Buffer.from(label), 0, 0, 12, 0, 1]);
}

/** Sent until it arrives: everything that was sent before has arrived then, or never will. */
async function mark(say: (bytes: Uint8Array) => Promise<void>, heard: string[], label: string) {
  await until(async () => {
    if (heard.includes(label)) return true;
    await say(query(label));
    return undefined;
  });
}

describe.skipIf(process.platform !== 'linux')('the sockets of multicast', () => {
  test('pass on what can be read, and drop what is broken, too long, or no question from there', async () => {
    const { multicast, heard } = opened();
    multicast.use([loopback]);
    const say = await stranger();
    await mark(say, heard, 'begin');
    await say(Uint8Array.from([1, 2, 3]));
    await say(new Uint8Array(12).fill(255));
    await say(query('answer', 0x84));
    await say(Uint8Array.from([...query('long'), ...new Uint8Array(10_000)]));
    await mark(say, heard, 'end');
    expect(new Set(heard)).toEqual(new Set(['begin', 'end']));
    expect(multicast.problems()).toEqual(new Map());
  });

  test('pass on two hundred packets in a second, and no more', async () => {
    const { multicast, heard } = opened();
    multicast.use([loopback]);
    const say = await stranger();
    await mark(say, heard, 'begin');
    const startedMs = performance.now();
    for (let count = 0; count < 2000; count += 1) await say(query('flood'));
    await mark(say, heard, 'end');
    const seconds = Math.floor((performance.now() - startedMs) / 1000) + 2;
    expect(heard.length).toBeLessThanOrEqual(200 * seconds);
  });

  test('are not kept busy by few packets that are much work, and hear again a second later', async () => {
    let nowMs = 0;
    const heard: string[] = [];
    const socket = openMulticastSocket({
      family: 4,
      at: '127.0.0.1',
      isFromHere: () => true,
      whyNotThere: () => undefined,
      clock: { monotonicMs: () => nowMs },
      onMessage: (message) => {
        heard.push(message.kind === 'query' ? (message.questions[0]?.name ?? '') : message.kind);
        nowMs += 60;
      },
    });
    closers.push(socket.close);
    const say = await stranger();
    let seconds = 0;
    const sayLater = async (bytes: Uint8Array) => {
      seconds += 1;
      nowMs = seconds * 1000;
      await say(bytes);
    };
    await mark(sayLater, heard, 'begin');
    const begunS = seconds;
    for (let count = 0; count < 100; count += 1) await say(query('heavy'));
    await mark(sayLater, heard, 'end');
    const heavy = heard.filter((name) => name === 'heavy').length;
    expect(heavy).toBeLessThanOrEqual(2 * (seconds - begunS + 1));
  });

  test('are told to belong to another program by a word, and speak once it is gone', async () => {
    const other: Socket = createSocket('udp4');
    other.bind(5353, '0.0.0.0');
    await once(other, 'listening');
    const { multicast, heard } = opened();
    multicast.use([loopback]);
    await until(() => multicast.problems().get('lo'));
    expect(multicast.problems()).toEqual(new Map([['lo', 'EADDRINUSE']]));
    await new Promise<void>((resolve) => other.close(() => resolve()));
    const name = '_back._tcp.local';
    await until(() => {
      multicast.send('lo', { kind: 'query', questions: [{ name, type: 'PTR' }] });
      return heard.includes(name) ? true : undefined;
    });
    expect(multicast.problems()).toEqual(new Map());
  });

  test('on a link that is not there have a problem, and send nothing elsewhere', async () => {
    const { multicast, heard } = opened();
    const ear = opened();
    ear.multicast.use([loopback]);
    const say = await stranger();
    await mark(say, ear.heard, 'begin');
    const gone = link('gone0', ['203.0.113.99/24', 'fe80::99/64']);
    multicast.use([gone]);
    multicast.send('gone0', { kind: 'query', questions: [{ name: 'x', type: 'PTR' }] });
    await until(() => multicast.problems().get('gone0'));
    await mark(say, ear.heard, 'end');
    expect([heard, ear.heard.includes('x')]).toEqual([[], false]);
    multicast.use([]);
    expect(multicast.problems()).toEqual(new Map());
  });
});
