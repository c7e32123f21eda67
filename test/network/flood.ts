import { createSocket, type Socket } from 'node:dgram';

/**
 * Says hostile things over multicast DNS: `node flood.ts SOURCE PORT FROM`, where PORT is what the
 * adverts name. A hundred thousand names, numbered on from FROM, texts of 60 kB, packets cut off and
 * packets of noise. Writes DNS by hand, since no library lets one write what is wrong.
 */
const GROUP = '224.0.0.251';
const NAMES = 100_000;
const NAMES_EACH = 20;
const [source = '', port = '0', from = '0'] = process.argv.slice(2);
const TYPE = { A: 1, PTR: 12, TXT: 16, SRV: 33 } as const;
const SERVICE = '_allotment._tcp.local';

function name(text: string): Buffer {
  const labels = text.split('.').map((label) => Buffer.from(label));
  const parts = labels.flatMap((label) => [Buffer.from([label.length]), label]);
  return Buffer.concat([...parts, Buffer.from([0])]);
}

function record(owner: string, type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(10);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(1, 2);
  head.writeUInt32BE(4_000_000_000, 4);
  head.writeUInt16BE(data.length, 8);
  return Buffer.concat([name(owner), head, data]);
}

function texts(all: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(
    all.flatMap((text) => {
      const bytes = Buffer.from(text);
      return [Buffer.from([bytes.length]), bytes];
    }),
  );
}

function advert(id: string, txt: Buffer): readonly Buffer[] {
  const place = Buffer.alloc(6);
  place.writeUInt16BE(Number(port), 4);
  return [
    record(SERVICE, TYPE.PTR, name(`${id}.${SERVICE}`)),
    record(`${id}.${SERVICE}`, TYPE.SRV, Buffer.concat([place, name(`${id}.local`)])),
    record(`${id}.${SERVICE}`, TYPE.TXT, txt),
    record(`${id}.local`, TYPE.A, Buffer.from(source.split('.').map(Number))),
  ];
}

function response(records: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0x8400, 2);
  head.writeUInt16BE(records.length, 6);
  return Buffer.concat([head, ...records]);
}

/** A tag as honest ones look, another for each number. */
function tag(number: number): string {
  const letter = (_: unknown, place: number) =>
    String.fromCharCode(97 + (Math.floor(number / 26 ** place) % 26));
  return Array.from({ length: 16 }, letter).join('');
}

function send(socket: Socket, packet: Buffer): Promise<void> {
  return new Promise((resolve) => socket.send(packet, 5353, GROUP, () => resolve()));
}

const socket = createSocket({ type: 'udp4', reuseAddr: true });
await new Promise<void>((resolve) => socket.bind(5353, () => resolve()));
socket.setMulticastInterface(source);
socket.setMulticastTTL(255);

const honest = (id: string) => texts(['v=1', `n=Computer ${id}`, 'k=desktop', `t=${id}`]);
const good = response(advert(tag(1), honest(tag(1))));
for (let end = 1; end < good.length; end += 1) await send(socket, good.subarray(0, end));
for (let seed = 0; seed < 500; seed += 1)
  await send(
    socket,
    Buffer.from(good.map((byte, at) => ((at * 31 + seed * 17) % 23 === 0 ? byte ^ seed : byte))),
  );
// A name that points at itself, and one that never ends.
await send(
  socket,
  Buffer.concat([response([]).fill(1, 6, 8), Buffer.from([0xc0, 12, 0, 12, 0, 1])]),
);
await send(socket, Buffer.concat([response([]).fill(1, 6, 8), Buffer.alloc(4000, 63)]));
const huge = texts([
  `t=${tag(2)}`,
  'v=1',
  'k=desktop',
  ...Array.from({ length: 235 }, () => `n=${'x'.repeat(250)}`),
]);
await send(socket, response(advert(tag(2), huge)));
const controls = texts(['v=1', `t=${tag(3)}`, 'n=\u001b[2J\u202emoc.live\u0000<b>', 'k=\u0007']);
await send(socket, response(advert(tag(3), controls)));
for (let first = 10; first < NAMES; first += NAMES_EACH) {
  const ids = Array.from({ length: NAMES_EACH }, (_, index) => tag(Number(from) + first + index));
  await send(socket, response(ids.flatMap((id) => advert(id, honest(id)))));
}
socket.close();
process.stdout.write('said\n');
