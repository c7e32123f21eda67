import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { commitmentOf } from '../../../electron/core/friends/pairing.ts';
import { testClock, type TestParty, testParty } from '../../fakes/pairing-parties.ts';
import { fc, runs } from '../../fakes/properties.ts';

/** Two people press "Add" at any moments; messages take any time and overtake each other. */
type Step = () => void;

function world(pick: (count: number) => number) {
  const clock = testClock();
  const [ana, ben] = [testParty('Ana', clock), testParty('Ben', clock)];
  const under: Step[] = [];
  const later = (step: Step) => void under.push(step);
  const waiting = new Set<TestParty>();

  function press(me: TestParty, other: TestParty): void {
    // Hello, there and back.
    later(() => later(() => call(me, other)));
  }

  function call(me: TestParty, other: TestParty): void {
    const { device } = other.me.statement;
    if (!me.table.calls(device)) return void waiting.add(me);
    const nonce = randomBytes(32);
    later(() => {
      const answered = other.table.answer({
        other: me.me,
        commitment: commitmentOf(nonce),
        from: '10.0.0.1',
      });
      later(() => {
        if (!answered.ok) {
          me.table.called(device);
          expect(answered.fault).toBe('crossed');
          return void waiting.add(me);
        }
        const { id, nonce: theirNonce } = answered.value;
        later(() => {
          expect(other.table.reveal(id, nonce)).toBe(true);
          later(() => {
            expect(
              me.table.began({ id, other: other.me, myNonce: nonce, theirNonce }),
            ).toBeDefined();
            me.table.called(device);
          });
        });
      });
    });
  }

  return {
    ana,
    ben,
    waiting,
    press,
    settle: () => {
      for (;;) {
        const [step] = under.splice(pick(under.length), 1);
        if (step === undefined) return;
        step();
      }
    },
  };
}

test('however two calls cross, both screens show one pairing with the same digits', () => {
  const scene = fc.record({
    presses: fc.array(fc.constantFrom('ana', 'ben'), { minLength: 1, maxLength: 5 }),
    picks: fc.infiniteStream(fc.nat()),
  });
  fc.assert(
    fc.property(scene, ({ presses, picks }) => {
      const { ana, ben, press, settle } = world((count) => {
        const next = Number(picks.next().value ?? 0);
        return count === 0 ? 0 : next % count;
      });
      for (const who of presses) press(who === 'ana' ? ana : ben, who === 'ana' ? ben : ana);
      settle();
      const [atAna, atBen] = [ana.table.list(), ben.table.list()];
      expect(atAna).toHaveLength(1);
      expect(atBen).toHaveLength(1);
      expect(atAna[0]?.id).toBe(atBen[0]?.id);
      expect(atAna[0]?.digits).toMatch(/^[0-9]{6}$/);
      expect(atAna[0]?.digits).toBe(atBen[0]?.digits);
      expect(atAna[0]?.began).not.toBe(atBen[0]?.began);
    }),
    { numRuns: runs(2000) },
  );
});
