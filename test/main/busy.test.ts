import { describe, expect, it } from 'vitest';
import { BUSY_LINGER_MS, lingersForMs, lookBusy, sayDoing } from '../../electron/main/busy.ts';
import { friend, job, NOW_MS } from './snapshots.ts';
import { t } from './words.ts';

const NOBODY = new Map<string, number>();
const quiet = { friends: [friend('Anna')], jobs: [] };
const uploading = { friends: [friend('Anna', { here: { arrivingBytes: '16000000' } })], jobs: [] };
const say = (doings: ReturnType<typeof lookBusy>['doings']) =>
  doings.map((each) => sayDoing(t, each));

describe('who is in the middle of something', () => {
  it('is nobody when nothing arrives and nothing runs', () => {
    expect(lookBusy(NOBODY, quiet, NOW_MS)).toEqual({ memory: new Map(), doings: [] });
  });

  it('is a friend whose bytes arrive, by name and amount', () => {
    expect(say(lookBusy(NOBODY, uploading, NOW_MS).doings)).toEqual([
      'Anna is uploading (16 MB under way)',
    ]);
  });

  it('stays the friend between two uploads of one backup', () => {
    const { memory } = lookBusy(NOBODY, uploading, NOW_MS);
    const between = lookBusy(memory, quiet, NOW_MS + BUSY_LINGER_MS - 1);
    expect(say(between.doings)).toEqual(['Anna is uploading']);
    expect(lookBusy(between.memory, quiet, NOW_MS + BUSY_LINGER_MS).doings).toEqual([]);
  });

  it('is a friend who reads a backup back, and one can do both', () => {
    const reading = { friends: [friend('Anna', { here: { readsNow: true } })], jobs: [] };
    expect(say(lookBusy(NOBODY, reading, NOW_MS).doings)).toEqual(['Anna is reading a backup']);
    const both = friend('Anna', { here: { readsNow: true, arrivingBytes: '16000000' } });
    expect(lookBusy(NOBODY, { friends: [both], jobs: [] }, NOW_MS).doings).toHaveLength(2);
  });

  it('does not last when the clock was set back', () => {
    const { memory } = lookBusy(NOBODY, uploading, NOW_MS);
    expect(lookBusy(memory, quiet, NOW_MS - 3_600_000).doings).toEqual([]);
  });

  it('says when to look again though nothing may be told', () => {
    const { memory } = lookBusy(NOBODY, uploading, NOW_MS);
    expect(lingersForMs(memory, NOW_MS + 5000)).toBe(BUSY_LINGER_MS - 5000);
    expect(lingersForMs(NOBODY, NOW_MS)).toBeUndefined();
  });

  it('counts my own jobs, with how far they are', () => {
    const jobs = [
      job({}, { bytesDone: '63', bytesTotal: '100' }),
      job({ kind: 'restore', set: 'Letters' }),
      job({ kind: 'check' }, { bytesDone: '0', bytesTotal: '0' }),
      job({ state: 'done' }),
    ];
    expect(say(lookBusy(NOBODY, { friends: [], jobs }, NOW_MS).doings)).toEqual([
      'Your backup “Photos” is running (63 %)',
      '“Letters” is being restored',
      'Your backup “Photos” is being checked',
    ]);
  });

  it('shows a hostile name as short, inert text', () => {
    const hostile = friend(`<b>\u202e${'x'.repeat(10_000)}`, { here: { arrivingBytes: '1' } });
    const [sentence = ''] = say(lookBusy(NOBODY, { friends: [hostile], jobs: [] }, NOW_MS).doings);
    expect(sentence.length).toBeLessThan(80);
    expect(sentence).not.toContain('\u202e');
  });

  it('keeps a name from right to left away from the figures behind it', () => {
    const rightToLeft = friend('אבג', { here: { arrivingBytes: '64000000000' } });
    const [sentence] = say(lookBusy(NOBODY, { friends: [rightToLeft], jobs: [] }, NOW_MS).doings);
    expect(sentence).toMatch(/^\u2068אבג\u2069 is uploading.*64 GB/);
  });
});
