import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createServer, type TLSSocket } from 'node:tls';
import * as allocate from '../../../shared/model/allocate.ts';
import type { ChannelName } from '../../../shared/contract/channels.ts';
import { callThroughDoor } from '../../../shared/contract/door.ts';
import { faults } from '../../../shared/fault.ts';
import * as accounts from '../../../shared/wire/accounts.ts';
import * as messages from '../../../shared/wire/messages.ts';
import * as mint from '../../../shared/wire/mint.ts';
import * as upkeep from '../../../shared/wire/upkeep.ts';
import * as protection from '../../../shared/wire/protection.ts';
import { plotFaults } from '../../../shared/wire/plot-faults.ts';
import { offer, pair, startHome } from '../../fakes/homes.ts';
import { keysOf } from '../../fakes/raw-friend.ts';
import { examplesOf } from '../examples.ts';
import { insist, json, type Target, text } from '../target.ts';

/**
 * A friend's device with the right key that answers whatever it likes: each case is one answer, given to everything
 * that is asked while one call of the window runs.
 */
const ANSWERS = [
  allocate.answer,
  allocate.quote,
  messages.hello,
  messages.news,
  messages.plotState,
  messages.plotList,
  messages.released,
  mint.mintInfo,
  mint.settled,
  accounts.memberAccounts,
  upkeep.renewedMany,
  upkeep.keptOnly,
  upkeep.delegated,
  protection.protection,
  protection.trashPage,
];

function answerText(status: number, body: Uint8Array, more = ''): Buffer {
  const head = `HTTP/1.1 ${status} X\r\ncontent-type: application/json\r\n${more}content-length: ${body.length}\r\n\r\n`;
  return Buffer.concat([text(head), body]);
}

export const hostileHost: Target = {
  name: 'hostile-host',
  kind: 'text',
  words: [
    'HTTP/1.1 100 Continue\r\n\r\n',
    'HTTP/1.1 101 Switching Protocols\r\n\r\n',
    'transfer-encoding: chunked\r\n\r\nffffffff\r\n',
    'content-length: 99999999999999999999',
    'content-length: 1',
    'content-encoding: gzip',
    'location: http://evil.example/',
    'connection: upgrade',
    ...Object.keys(plotFaults).map((code) => `"code":"${code}"`),
  ],
  cases: 6000,
  casesInCi: 40,
  open: async (scratch) => {
    const [files, store] = [join(scratch, 'files'), join(scratch, 'spare')];
    mkdirSync(files);
    mkdirSync(store);
    writeFileSync(join(files, 'letter.txt'), 'Dear Ben');
    const ana = await startHome('Ana', scratch);
    const ben = await startHome('Ben', scratch);
    await pair(ana, ben);
    await offer(ben, store);
    await ana.call('sets.create', { name: 'all', folders: [files], to: ['Ben'] });
    await ana.job(await ana.call('sets.run', { name: 'all' }));
    const plot = (await ana.call('plots.mine'))[0]?.plot ?? '';
    const port = Number(ben.address.split(':')[1]);
    const { key = '', cert = '' } = await keysOf(ben, 'Ben');
    await ben.close();

    let now: Uint8Array = Buffer.alloc(0);
    const sockets = new Set<TLSSocket>();
    const impostor = createServer(
      { key, cert, requestCert: true, rejectUnauthorized: false, minVersion: 'TLSv1.3' },
      (socket) => {
        sockets.add(socket);
        socket.on('error', () => undefined);
        socket.once('close', () => sockets.delete(socket));
        socket.on('data', () => socket.end(now));
      },
    );
    await new Promise<void>((resolve) => impostor.listen(port, '127.0.0.1', resolve));

    const calls: readonly (readonly [ChannelName, object])[] = [
      ['friends.try', { friend: 'Ben' }],
      ['allocations.quote', { friend: 'Ben', size: '1000', durationS: 3600 }],
      ['allocations.ask', { friend: 'Ben', size: '1000', durationS: 3600 }],
      ['plots.renew', { plot, durationS: 3600 }],
      ['plots.delegate', { plot, to: 'me', days: 1 }],
      ['sets.trash', { name: 'all' }],
      ['sets.untrash', { name: 'all', sinceMs: 0 }],
      ['memberships.look', {}],
      ['plots.mine', {}],
    ];
    let turn = 0;
    return {
      seeds: [
        ...ANSWERS.flatMap((schema) =>
          examplesOf(schema, { plot, name: 'Ben' })
            .slice(0, 2)
            .map((body) => answerText(200, json(body))),
        ),
        answerText(
          403,
          json({
            type: 'denied',
            reasons: [{ code: 'over-share', ground: 'x', params: {} }],
            final: false,
            steps: [],
          }),
        ),
        answerText(507, json({ code: 'plot-full', params: { freeBytes: '0' } })),
        answerText(404, json({ code: 'object-unknown', params: {} })),
        answerText(200, json({ v: 1 }), 'connection: close\r\n'),
        text('not HTTP at all'),
        Buffer.alloc(0),
      ],
      run: async (input) => {
        now = input;
        const [channel, args] = calls[(turn += 1) % calls.length] ?? calls[0]!;
        const result = await callThroughDoor(ana.core.api, { channel, args });
        for (const socket of sockets) socket.destroy();
        if (result.ok) return;
        const { code, params } = result.fault;
        insist(
          Object.hasOwn(faults, code) && code !== 'internal',
          `the fault ${code} of ${channel}`,
        );
        insist(json(params).length < 5000, 'a fault that repeats what a friend said');
        insist(!JSON.stringify(params).includes(scratch), 'a fault that shows where things lie');
      },
      close: async () => {
        insist((await ana.call('status.get')).name !== '', 'a core that is gone');
        for (const socket of sockets) socket.destroy();
        await new Promise<void>((resolve) => impostor.close(() => resolve()));
        await ana.close();
      },
    };
  },
};
