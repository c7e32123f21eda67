import { EventEmitter } from 'node:events';
import multicastDns from 'multicast-dns';
import { messageOf } from '../../../electron/core/adapters/dns-packets.ts';
import { parseAddress, formatAddress } from '../../../shared/address.ts';
import { isAskedFor } from '../../../electron/core/discovery/adverts.ts';
import { readAdverts } from '../../../electron/core/discovery/read-adverts.ts';
import type { Tag } from '../../../electron/core/discovery/tag.ts';
import { parseRange } from '../../../electron/core/plots/repository-handler.ts';
import { parseMessage } from '../../../electron/core/server/message-body.ts';
import { SERVER_LIMITS } from '../../../electron/core/server/limits.ts';
import { plainText } from '../../../electron/headless/output.ts';
import * as allocate from '../../../shared/model/allocate.ts';
import { refusalParams } from '../../../shared/refusal-params.ts';
import * as accounts from '../../../shared/wire/accounts.ts';
import * as messages from '../../../shared/wire/messages.ts';
import * as mint from '../../../shared/wire/mint.ts';
import * as orders from '../../../shared/wire/orders.ts';
import { plotFaults } from '../../../shared/wire/plot-faults.ts';
import * as protection from '../../../shared/wire/protection.ts';
import * as upkeep from '../../../shared/wire/upkeep.ts';
import * as vouchers from '../../../shared/wire/voucher-messages.ts';
import { nameInSentence, shortName, tameText } from '../../../shared/words/short-name.ts';
import { denials } from '../../../shared/denial.ts';
import { z } from 'zod';
import { examplesOf } from '../examples.ts';
import { insist, json, type Target, text } from '../target.ts';

/** Packets of multicast DNS, from the bytes on: the library's decoder, ours, and what is made of it. */
export const adverts: Target = {
  name: 'adverts',
  kind: 'bytes',
  cases: 100_000,
  casesInCi: 2000,
  guided: true,
  open: async () => {
    const socket = new EventEmitter();
    const heard: object[] = [];
    const mdns = multicastDns({ socket: socket as never, bind: false as never, multicast: false });
    mdns.on('packet', (packet: object) => heard.push(packet));
    const tag = 'abcdefghijklmnop' as Tag;
    const packets: Buffer[] = [];
    Object.assign(socket, {
      send: (bytes: Buffer) => packets.push(bytes),
      close: () => undefined,
    });
    const name = `${tag}._allotment._tcp.local`;
    mdns.respond([
      { name: '_allotment._tcp.local', type: 'PTR', ttl: 120, data: name },
      { name, type: 'SRV', ttl: 120, data: { target: `${tag}.local`, port: 4321 } },
      {
        name,
        type: 'TXT',
        ttl: 120,
        data: ['v=1', 'n=Ben', 'k=desktop', `t=${tag}`].map((part) => text(part)),
      },
      { name: `${tag}.local`, type: 'A', ttl: 120, data: '192.168.1.7' },
      { name: `${tag}.local`, type: 'AAAA', ttl: 120, data: 'fe80::1' },
    ]);
    mdns.query([{ name: '_allotment._tcp.local', type: 'PTR' }]);
    while (packets.length < 2) await new Promise((resolve) => setImmediate(resolve));
    return {
      seeds: packets,
      run: (input) => {
        heard.length = 0;
        socket.emit('message', Buffer.from(input), { address: '127.0.0.1', port: 5353 });
        for (const packet of heard) {
          const message = messageOf(packet);
          if (message === undefined) continue;
          isAskedFor(message, tag);
          const read = readAdverts(message);
          insist(read.adverts.length <= 8 && read.goodbyes.length <= 8, 'adverts without end');
          for (const { name: said, hosts, port } of read.adverts)
            insist(said.length <= 80 && hosts.length <= 8 && port > 0, 'an advert without bounds');
        }
      },
      close: () => mdns.destroy(),
    };
  },
};

const modules = {
  ...allocate,
  ...accounts,
  ...messages,
  ...mint,
  ...orders,
  ...protection,
  ...upkeep,
  ...vouchers,
};
const schemas = Object.entries(modules).flatMap(([name, schema]) =>
  schema instanceof z.ZodType ? [{ name, schema }] : [],
);

/** Everything that devices say to each other, as requests and as answers: parsed as the server and the client do. */
export const deviceMessages: Target = {
  name: 'device-messages',
  kind: 'json',
  words: Object.keys(denials),
  cases: 20_000,
  casesInCi: 400,
  guided: true,
  open: async () => ({
    seeds: schemas.flatMap(({ schema }) => examplesOf(schema).map(json)),
    run: (input) => {
      // Some of them, others for each length: all at once would take a hundred times as long as the rest.
      for (const { schema } of schemas.filter((_each, at) => (at + input.length) % 8 === 0)) {
        const parsed = parseMessage<unknown>(Buffer.from(input), schema, SERVER_LIMITS);
        if (parsed.ok) continue;
        const { code, params } = parsed.fault;
        insist(Object.hasOwn(denials, code), `the code ${code}`);
        insist(json(params).length < 1500, 'a refusal that repeats what it was told');
      }
    },
    close: () => undefined,
  }),
};

/** What strangers' words must never have where they are shown: it moves the cursor or turns the line round. */
const ACTIVE = /(?![\t\n])\p{Cc}|[\u202a-\u202e\u2066\u2067]/u;
const MOVES = /(?![\t\n])\p{Cc}/u;

export const shownText: Target = {
  name: 'shown-text',
  kind: 'text',
  words: [
    '\u00e2\u0080\u00ae',
    '\u001b[31m',
    '\u00f0\u009f\u0091\u00a8\u00e2\u0080\u008d',
    '\u00d7\u0090',
    '\u00cc\u0081',
  ],
  cases: 60_000,
  casesInCi: 1500,
  guided: true,
  open: async () => ({
    seeds: [
      text('Ana'),
      text('Ana \u202e נעמי 👨‍👩‍👧 e\u0301\u0301\u0301'),
      text('127.0.0.1:4321'),
      text('bytes=0-99'),
      text('[fe80::1]:80'),
    ],
    run: (input) => {
      const said = Buffer.from(input).toString('utf8');
      for (const shown of [shortName(said), nameInSentence(said), tameText(said, 200)]) {
        insist(!ACTIVE.test(shown), 'text that does something');
        insist(shown.length <= 1000, 'a name without end');
      }
      insist(!MOVES.test(plainText(said)), 'what moves a cursor');
      for (const code of [...Object.keys(denials), ...Object.keys(plotFaults)].slice(0, 8))
        refusalParams(code, { freeBytes: said, name: said, problem: said });
      const address = parseAddress(said);
      if (address !== undefined) {
        // Capitals of a name mean nothing, and are let go of once.
        const written = formatAddress(address);
        const again = parseAddress(written);
        insist(again !== undefined && formatAddress(again) === written, 'an address that changes');
      }
      const range = parseRange(said, 1000n);
      if (typeof range === 'object')
        insist(
          range.from >= 0n && range.from < range.to && range.to <= 1000n,
          'bytes beyond the end',
        );
    },
    close: () => undefined,
  }),
};
