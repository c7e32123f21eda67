import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createPlotDamage } from '../../../electron/core/backup/copies/plot-damage.ts';
import { createPlotRepositoryStore } from '../../../electron/core/backup/plot-repository-store.ts';
import type { PeerSession } from '../../../electron/core/client/connection/peer-client.ts';
import { deny } from '../../../electron/core/server/replies.ts';
import { failed, ok } from '../../../shared/result.ts';
import { encodeJson } from '../../../shared/wire/json.ts';
import { testPlotId } from '../../fakes/test-ledger.ts';

/** Answers that break off in the middle: a line that was cut is not a disk that can't read on, and what was said holds. */
const plot = testPlotId(1);
const OBJECT = { type: 'data', name: 'ab'.repeat(32) } as const;
const BYTES = Buffer.from('what lies at a friend’s, to be read from there');

/** Of what is asked for, so much comes before it breaks off; undefined: all. */
type Host = (from: number, end: number) => number | undefined;

function storeAt(host: Host) {
  const asked: (readonly [number, number])[] = [];
  const stream: PeerSession['stream'] = async ({ headers }) => {
    const [, from = '0', last = `${BYTES.length - 1}`] =
      /bytes=(\d+)-(\d+)/.exec(String(headers?.['range'] ?? '')) ?? [];
    const [start, end] = [Number(from), Number(last) + 1];
    asked.push([start, end]);
    const comes = host(start, end);
    async function* body() {
      yield BYTES.subarray(start, comes === undefined ? end : start + comes);
      if (comes !== undefined) throw Object.assign(new Error('cut'), { code: 'ECONNRESET' });
    }
    const answer = Object.assign(Readable.from(body(), { objectMode: false }), {
      statusCode: 200,
      headers: { 'content-length': `${end - start}` },
    });
    return ok(answer as unknown as IncomingMessage);
  };
  return { asked, store: createPlotRepositoryStore({ plot, stream, grow: async () => false }) };
}

describe('an answer that breaks off', () => {
  it('is gone on with where it broke off', async () => {
    const { store, asked } = storeAt((from) => (from < 20 ? 10 : undefined));
    const loaded = await store.load(OBJECT);
    expect(loaded.ok && Buffer.from(loaded.value).equals(BYTES)).toBe(true);
    expect(asked.map(([from]) => from)).toEqual([0, 10, 20]);
  });

  it('is damage where it breaks off at the same byte again: the rest of what lies there can still be had', async () => {
    const { store } = storeAt((from, end) => (end > 15 ? Math.max(0, 15 - from) : undefined));
    expect(await store.load(OBJECT)).toMatchObject({ ok: false, fault: { code: 'damaged' } });
    const range = { offset: 5, length: 10 };
    expect(await store.load(OBJECT, { range })).toMatchObject({ ok: true });
  });

  it('keeps to the part that was asked for', async () => {
    const { store, asked } = storeAt((from) => (from === 5 ? 3 : undefined));
    const loaded = await store.load(OBJECT, { range: { offset: 5, length: 10 } });
    expect(loaded.ok && Buffer.from(loaded.value).equals(BYTES.subarray(5, 15))).toBe(true);
    expect(asked).toEqual([
      [5, 15],
      [8, 15],
    ]);
  });

  it('is a line that does not hold where it breaks off again and again', async () => {
    const { store, asked } = storeAt(() => 2);
    expect(await store.load(OBJECT)).toMatchObject({ ok: false, fault: { code: 'unreachable' } });
    expect(asked.length).toBeLessThan(10);
  });
});

describe('an answer that is called off', () => {
  it('is no damage, also where nothing of the rest had come', async () => {
    const controller = new AbortController();
    const { store, asked } = storeAt((from) => {
      if (from === 0) return 10;
      controller.abort();
      return 0;
    });
    const loaded = await store.load(OBJECT, { signal: controller.signal });
    expect(loaded).toMatchObject({ ok: false, fault: { code: 'cancelled' } });
    expect(asked).toHaveLength(2);
  });
});

describe('an answer that announces', () => {
  const announcing = (length: string) => {
    const answer = Object.assign(Readable.from([BYTES], { objectMode: false }), {
      statusCode: 200,
      headers: { 'content-length': length },
    });
    const stream: PeerSession['stream'] = async () => ok(answer as unknown as IncomingMessage);
    return createPlotRepositoryStore({ plot, stream, grow: async () => false });
  };

  it.each([`${Number.MAX_SAFE_INTEGER}`, '17179869184', '-5'])(
    '%s bytes is damaged, and takes no memory',
    async (length) => {
      const damaged = { ok: false, fault: { code: 'damaged' } };
      expect(await announcing(length).load(OBJECT)).toMatchObject(damaged);
      // Also where he had listed it as so long.
      const range = { offset: 0, length: Number(length) };
      expect(await announcing(length).load(OBJECT, { range })).toMatchObject(damaged);
    },
  );
});

it('a list without end is not read to its end', async () => {
  let sent = 0;
  const piece = Buffer.alloc(1024 * 1024, ' ');
  function* endless() {
    for (; sent < 300; sent += 1) yield piece;
  }
  const stream: PeerSession['stream'] = async () => {
    const body = Readable.from(endless(), { objectMode: false });
    return ok(Object.assign(body, { statusCode: 200, headers: {} }) as unknown as IncomingMessage);
  };
  const store = createPlotRepositoryStore({ plot, stream, grow: async () => false });
  expect(await store.list('data')).toMatchObject({ ok: false });
  expect(sent).toBeLessThan(100);
});

describe('a plot that is full', () => {
  it.each([
    [BYTES.length - 1, {}],
    [BYTES.length, { trashBytes: `${BYTES.length}` }],
  ])(
    'with %i deleted bytes in it is full of those only where they would make room',
    async (trash, said) => {
      const text = JSON.stringify({ code: 'plot-full', params: { trashBytes: `${trash}` } });
      const stream: PeerSession['stream'] = async () => {
        const answer = Object.assign(Readable.from([Buffer.from(text)], { objectMode: false }), {
          statusCode: 507,
          headers: {},
        });
        return ok(answer as unknown as IncomingMessage);
      };
      const store = createPlotRepositoryStore({ plot, stream, grow: async () => false });
      const saved = await store.save(OBJECT, [BYTES]);
      expect(saved).toEqual({ ok: false, fault: { code: 'plot-full', ...said } });
    },
  );
});

it('a device that was struck off hears so from a plot, too, though its host looks at nothing there any more', async () => {
  const text = encodeJson(deny('device-revoked').body);
  const stream: PeerSession['stream'] = async () => {
    const body = Readable.from([Buffer.from(text)], { objectMode: false });
    const answer = Object.assign(body, { statusCode: 403, headers: {} });
    return ok(answer as unknown as IncomingMessage);
  };
  const store = createPlotRepositoryStore({ plot, stream, grow: async () => false });
  expect(await store.list('snapshots')).toEqual({
    ok: false,
    fault: { code: 'refused', reason: 'device-revoked', params: {} },
  });
});

describe('a report of damage', () => {
  const named = Array.from(
    { length: 12 },
    (_, at) => ({ type: 'data', name: at.toString(16).padStart(64, '0') }) as const,
  );
  const answering = (text: string) =>
    Object.assign(Readable.from([Buffer.from(text)], { objectMode: false }), {
      statusCode: 200,
      headers: {},
    }) as unknown as IncomingMessage;

  it('keeps what was answered when the line is cut before the rest', async () => {
    let calls = 0;
    const stream: PeerSession['stream'] = async () => {
      calls += 1;
      if (calls > 1) return failed({ code: 'unreachable', detail: 'cut' });
      const objects = named.slice(0, 3).map((object) => ({ ...object, state: 'damaged' }));
      return ok(answering(JSON.stringify({ v: 1, objects, drive: 'Old disk' })));
    };
    const told = await createPlotDamage({ plot, stream })(named);
    expect(told).toMatchObject({ ok: true, value: { drive: 'Old disk' } });
    expect(told.ok && told.value.objects.map(({ name }) => name)).toEqual(
      named.slice(0, 3).map(({ name }) => name),
    );
  });

  it('is none where nothing was answered', async () => {
    const stream: PeerSession['stream'] = async () =>
      failed({ code: 'unreachable', detail: 'cut' });
    expect(await createPlotDamage({ plot, stream })(named)).toMatchObject({ ok: false });
  });
});
