import { describe, expect, it } from 'vitest';
import type { Doing } from '../../electron/main/busy.ts';
import { type CloseAnswer, createFirstClose } from '../../electron/main/first-close.ts';
import { createQuitter, type QuitAnswer } from '../../electron/main/quit.ts';
import { owner } from './snapshots.ts';

const anna: Doing = { kind: 'writes', owner: owner('a'), friend: 'Anna', bytes: '1' };
const turn = () => new Promise((resolve) => setImmediate(resolve));

function quitting(answer: QuitAnswer | Error, busy: readonly Doing[] = []) {
  const seen = { asked: 0, finished: 0, busy };
  const quitter = createQuitter({
    doings: () => seen.busy,
    ask: async () => {
      seen.asked += 1;
      if (answer instanceof Error) throw answer;
      return answer;
    },
    finish: () => {
      seen.finished += 1;
    },
    onChange: () => undefined,
  });
  return { quitter, seen };
}

describe('quitting', () => {
  it('happens at once when nobody is in the middle of anything', () => {
    const { quitter, seen } = quitting('stay');
    quitter.request();
    expect(seen).toMatchObject({ asked: 0, finished: 1 });
  });

  it('asks when somebody is, and does as it is told', async () => {
    for (const [answer, finished] of [
      ['now', 1],
      ['stay', 0],
    ] as const) {
      const { quitter, seen } = quitting(answer, [anna]);
      quitter.request();
      quitter.request();
      await turn();
      expect(seen).toMatchObject({ asked: 1, finished });
    }
  });

  it('waits until nobody is busy, and ends then by itself, once', async () => {
    const { quitter, seen } = quitting('when-done', [anna]);
    quitter.request();
    await turn();
    expect(quitter.isWaiting()).toBe(true);
    quitter.look();
    expect(seen.finished).toBe(0);
    seen.busy = [];
    quitter.look();
    quitter.look();
    expect(seen.finished).toBe(1);
  });

  it('ends at once if that was done while the question stood there', async () => {
    const { quitter, seen } = quitting('when-done', [anna]);
    quitter.request();
    seen.busy = [];
    await turn();
    expect(seen.finished).toBe(1);
  });

  it('can be taken back while it waits', async () => {
    const { quitter, seen } = quitting('when-done', [anna]);
    quitter.request();
    await turn();
    quitter.stay();
    seen.busy = [];
    quitter.look();
    expect(seen.finished).toBe(0);
    expect(quitter.isWaiting()).toBe(false);
  });

  it('asks again when somebody quits while it waits', async () => {
    const { quitter, seen } = quitting('when-done', [anna]);
    quitter.request();
    await turn();
    quitter.request();
    await turn();
    expect(seen.asked).toBe(2);
  });

  it('asks nobody when the system shuts down, even with the question open', async () => {
    const { quitter, seen } = quitting('stay', [anna]);
    quitter.request();
    quitter.now();
    await turn();
    expect(seen).toMatchObject({ asked: 1, finished: 1 });
    expect(quitter.isOver()).toBe(true);
  });

  it('is not prevented by a dialog that can’t be shown', async () => {
    const { quitter, seen } = quitting(new Error('no display'), [anna]);
    quitter.request();
    await turn();
    expect(seen.finished).toBe(1);
  });
});

function closing(options: { hasTray: boolean; wasTold?: boolean; answer?: CloseAnswer }) {
  const seen = { told: 0, asked: 0, remembered: 0, closed: 0, quit: 0 };
  const count = (what: keyof typeof seen) => () => {
    seen[what] += 1;
  };
  const firstClose = createFirstClose({
    hasTray: () => options.hasTray,
    wasTold: () => options.wasTold ?? false,
    remember: count('remembered'),
    tell: count('told'),
    ask: async () => {
      seen.asked += 1;
      return options.answer ?? 'cancel';
    },
    close: count('closed'),
    quit: count('quit'),
  });
  return { firstClose, seen };
}

describe('closing the window', () => {
  it('leaves the tray, told once', () => {
    const { firstClose, seen } = closing({ hasTray: true });
    for (let i = 0; i < 2; i += 1) {
      expect(firstClose.mayClose()).toBe(true);
      firstClose.closed();
    }
    expect(seen).toMatchObject({ told: 1, remembered: 1, asked: 0 });
  });

  it('says nothing to somebody who was told in another year', () => {
    const { firstClose, seen } = closing({ hasTray: true, wasTold: true });
    firstClose.closed();
    expect(seen.told).toBe(0);
  });

  it('asks once where there is no tray, and keeps to "keep running"', async () => {
    const { firstClose, seen } = closing({ hasTray: false, answer: 'background' });
    expect(firstClose.mayClose()).toBe(false);
    expect(firstClose.mayClose()).toBe(false);
    await turn();
    expect(seen).toMatchObject({ asked: 1, closed: 1, remembered: 1, quit: 0 });
    expect(firstClose.mayClose()).toBe(true);
  });

  it('quits if that is wanted, and asks again the next time', async () => {
    const { firstClose, seen } = closing({ hasTray: false, answer: 'quit' });
    firstClose.mayClose();
    await turn();
    expect(seen).toMatchObject({ quit: 1, remembered: 0, closed: 0 });
    expect(firstClose.mayClose()).toBe(false);
  });

  it('leaves the window where it is when the person thinks better of it', async () => {
    const { firstClose, seen } = closing({ hasTray: false, answer: 'cancel' });
    firstClose.mayClose();
    await turn();
    expect(seen).toMatchObject({ quit: 0, closed: 0, remembered: 0 });
  });
});
