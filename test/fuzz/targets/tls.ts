import { createHash } from 'node:crypto';
import { connect as connectPlain } from 'node:net';
import { connect } from 'node:tls';
import { until } from '../../fakes/homes.ts';
import { send } from '../../fakes/raw-friend.ts';
import { insistOnWords } from '../replies.ts';
import { insist, type Target } from '../target.ts';
import { openWireWorld, PLOT, WIRE_WORDS, wireSeeds } from './wire-world.ts';

/**
 * The same requests over real sockets and real TLS: with a key that is pinned, with another, with none, without TLS;
 * in one piece, in drops, half closed, cut off in the middle. What an input's hash says is done with it.
 */
const WHO = ['friend', 'stranger', 'nobody', 'plain'] as const;
const HOW = ['whole', 'drops', 'half closed', 'cut off', 'never read'] as const;
const DROPS = 12;

export const tls: Target = {
  name: 'tls',
  kind: 'text',
  words: WIRE_WORDS,
  cases: 6000,
  casesInCi: 60,
  open: async (scratch) => {
    const world = await openWireWorld(scratch);
    const port = Number(world.ben.address.split(':')[1]);
    const plot = await world.plot();
    const open = () =>
      new Promise<number>((resolve) =>
        world.atBen.getConnections((_error, count) => resolve(count)),
      );

    function say(
      input: Buffer,
      who: (typeof WHO)[number],
      how: (typeof HOW)[number],
    ): Promise<string> {
      return new Promise((resolve) => {
        const keys =
          who === 'friend' ? world.friendKeys : who === 'stranger' ? world.strangerKeys : {};
        const place = { host: '127.0.0.1', port };
        const socket =
          who === 'plain'
            ? connectPlain(place)
            : connect({ ...place, ...keys, rejectUnauthorized: false, minVersion: 'TLSv1.3' });
        let said = '';
        socket.on('error', () => undefined);
        socket.once('close', () => resolve(said));
        if (how !== 'never read')
          socket.on('data', (chunk: Buffer) => {
            said += chunk.toString('latin1');
          });
        const begin = async () => {
          const size = how === 'drops' ? Math.ceil(input.length / DROPS) : input.length;
          for (let at = 0; at < input.length && !socket.destroyed; at += Math.max(1, size)) {
            socket.write(input.subarray(at, at + Math.max(1, size)));
            await new Promise((turn) => setImmediate(turn));
          }
          if (how === 'cut off' || how === 'never read') return socket.destroy();
          return socket.end();
        };
        socket.once(who === 'plain' ? 'connect' : 'secureConnect', () => void begin());
      });
    }

    return {
      seeds: wireSeeds(world.strangerStatement, world.own),
      run: async (bytes) => {
        const [one = 0, other = 0] = createHash('sha256').update(bytes).digest();
        const who = WHO[one % WHO.length] ?? 'nobody';
        const text = Buffer.from(bytes).toString('latin1').replaceAll(PLOT, plot);
        const said = await say(
          Buffer.from(text, 'latin1'),
          who,
          HOW[other % HOW.length] ?? 'whole',
        );
        insistOnWords(said, who === 'friend' ? world.secrets : [...world.secrets, 'Annamaria']);
      },
      close: async () => {
        await until(async () => ((await open()) === 0 ? true : undefined));
        const greeted = await send(world.ben, world.friendKeys, { path: '/v1/hello' });
        insist(greeted.status === 200, 'a home that answers nobody any more');
        await world.close();
      },
    };
  },
};
