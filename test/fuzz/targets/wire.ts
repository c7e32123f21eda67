import { randomBytes, type X509Certificate } from 'node:crypto';
import type { Server } from 'node:http';
import { speak, type Spoken } from '../in-memory-socket.ts';
import { answersIn, insistOnWords } from '../replies.ts';
import { insist, type Target } from '../target.ts';
import { openWireWorld, PAIRING, PLOT, REQUEST, WIRE_WORDS, wireSeeds } from './wire-world.ts';

/**
 * Everything that another device can send, from the bytes of its HTTP on: as a friend, as somebody with a key that
 * nobody knows, and without a key. Strangers ask two homes that have nothing in common.
 */
const LOOK_EVERY = 64;

export const wire: Target = {
  name: 'wire',
  kind: 'text',
  words: WIRE_WORDS,
  cases: 40_000,
  casesInCi: 250,
  guided: true,
  open: async (scratch) => {
    const world = await openWireWorld(scratch);
    let plot = await world.plot();
    let cases = 0;

    const pairings = new Map<Server, string>();

    async function ask(
      server: Server,
      text: string,
      certificate?: X509Certificate,
    ): Promise<Spoken> {
      const input = Buffer.from(
        text.replaceAll(PAIRING, pairings.get(server) ?? PAIRING),
        'latin1',
      );
      // Cut where its length says, so that heads and bodies come in pieces.
      const at = input.length % 7 === 0 ? input.length >> 1 : input.length;
      const parts = [input.subarray(0, at), input.subarray(at)];
      const spoken = await speak(server, 'secureConnection', parts, { certificate });
      const begun = /"id":"([0-9a-f]{32})"/.exec(spoken.said.toString('latin1'))?.[1];
      if (begun !== undefined) pairings.set(server, begun);
      return spoken;
    }

    return {
      seeds: wireSeeds(world.strangerStatement, world.own),
      run: async (bytes) => {
        cases += 1;
        if (cases % LOOK_EVERY === 0) plot = await world.plot();
        const requestId = randomBytes(16).toString('base64url');
        const input = Buffer.from(bytes)
          .toString('latin1')
          .replaceAll(PLOT, plot)
          .replaceAll(REQUEST, requestId);
        const toFriend = (await ask(world.atBen, input, world.friend)).said.toString('latin1');
        insistOnWords(toFriend, world.secrets);
        if (toFriend.includes('"released"')) plot = await world.plot();
        for (const certificate of [world.stranger, undefined]) {
          const [one, other] = [
            await ask(world.atBen, input, certificate),
            await ask(world.atZoe, input, certificate),
          ];
          insistOnWords(one.said.toString('latin1'), [...world.secrets, 'Annamaria', plot]);
          const [atBen, atZoe] = [answersIn(one.said), answersIn(other.said)];
          const told = atBen.map((answer, index) => [answer, atZoe[index] ?? 'nothing'] as const);
          insist(one.heard.length === other.heard.length, 'what one hears and the other does not');
          insist(atBen.length === atZoe.length, 'an answer that only one of two gives');
          // Who greets says who he is.
          for (const [here, there] of told)
            insist(here === there || /^20[01] /.test(here), differ(here, there));
          for (const [here, there] of told)
            insist(here.slice(0, 3) === there.slice(0, 3), differ(here, there));
        }
      },
      close: async () => {
        insist((await world.ben.call('status.get')) !== undefined, 'a home that is gone');
        await world.close();
      },
    };
  },
};

function differ(here: string, there: string): string {
  return `answers that differ: ${here.slice(0, 200)} at one, ${there.slice(0, 200)} at another`;
}
