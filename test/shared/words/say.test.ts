import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { createTranslator } from '../../../electron/headless/translator.ts';
import type { Sentence } from '../../../shared/contract/views.ts';
import common from '../../../shared/i18n/messages/en/common.json' with { type: 'json' };
import { denials } from '../../../shared/denial.ts';
import { plotFaults } from '../../../shared/wire/plot-faults.ts';
import { say, sayDecision, sayNotice, sayStep, type Translate } from '../../../shared/words/say.ts';
import { fc, runs } from '../../fakes/properties.ts';

/** The words of i18next, as the doors have them; and data that does its worst to them. */
let t: Translate;
beforeAll(async () => {
  t = await createTranslator();
});

/** Every name that i18next reads as an option, in the version that is installed. */
const OPTIONS = [
  ...new Set(
    [
      ...readFileSync(createRequire(import.meta.url).resolve('i18next'), 'utf8').matchAll(
        /\b(?:opt|opts|options|o)\.([a-zA-Z]+)/g,
      ),
    ].map(([, name = '']) => name),
  ),
  'defaultValue_other',
  '__proto__',
  'constructor',
  'toString',
];
const TRICKS = /(?!\u2068|\u2069)[\p{Cc}\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;

const hostileText = fc.oneof(
  fc.constantFrom(
    '1',
    'x',
    'de',
    '',
    '{{friend}}',
    '$t(fault.internal)',
    '\u202Egnp.exe',
    '9'.repeat(200),
    'x'.repeat(20_000),
    'אבג',
  ),
  fc.string({ unit: 'binary', maxLength: 100 }),
);
const optionParams = fc.dictionary(fc.constantFrom(...OPTIONS), hostileText);
// Amounts of notes have words of their own (`say-notes.ts`).
const placeholders = [
  ...new Set(
    [...JSON.stringify({ ...common, notes: {} }).matchAll(/\{\{(\w+)/g)].map(
      ([, name = '']) => name,
    ),
  ),
].filter((name) => !/(Sentence|Note|problemWords)$/.test(name));
const knownParams = fc.dictionary(fc.constantFrom(...placeholders), hostileText);
const hostileParams = fc
  .tuple(optionParams, knownParams)
  .map(([options, known]) => ({ ...options, ...known }));

const keysOf = (part: 'fault' | 'problem' | 'warning') =>
  Object.keys(common[part]).map((key) => `${part}.${key}`);
const anyKey = fc.constantFrom(
  ...keysOf('fault'),
  ...keysOf('problem'),
  ...keysOf('warning'),
  ...Object.keys(denials).map((key) => `denial.${key}`),
);

describe('say()', () => {
  it('knows the options of i18next from its source', () => {
    expect(OPTIONS).toEqual(
      expect.arrayContaining(['lng', 'lngs', 'ns', 'returnDetails', 'joinArrays', 'replace']),
    );
  });

  test.each(OPTIONS.filter((name) => name !== 'count'))(
    'says the same whatever data calls “%s”',
    (name) => {
      const params = { friend: 'Ben', denial: 'over-share', shareBytes: '1000', useBytes: '0' };
      const plain = say(t, { key: 'fault.refused', params });
      expect(plain).toContain('Ben’s device said no: the share is 1 kB');
      for (const value of ['x', '1', 'de', 'full', ''])
        expect(say(t, { key: 'fault.refused', params: { ...params, [name]: value } })).toBe(plain);
    },
  );

  test.each([
    [
      { denial: 'over-share', shareBytes: '1000000000', useBytes: '1500000000', mayAskBytes: '0' },
      'the share is 1 GB, and 1.5 GB are in use, with what is lent beyond it; no more can be asked for.',
    ],
    [
      { denial: 'over-share', shareBytes: '1000000000', useBytes: '999000000', mayAskBytes: '0' },
      'the share is 1 GB, 999 MB of it are in use; no more can be asked for.',
    ],
    [
      { denial: 'quota', quotaBytes: '1000000000', useBytes: '1500000000', mayAskBytes: '0' },
      'the quota is 1 GB, and 1.5 GB are in use; no more can be asked for.',
    ],
    [
      { denial: 'account-over-plan', planBytes: '2000', useBytes: '2000', mayAskBytes: '0' },
      'the plan is 2 kB, and 2 kB are in use; no more can be asked for.',
    ],
    [{ denial: 'no-space', freeBytes: '0' }, 'nothing of the offer is free any more.'],
  ])('says of %j how it is, not “0 B”, and not more than all of it', (params, words) => {
    const said = say(t, { key: 'fault.refused', params: { friend: 'Ben', ...params } });
    expect(said).toContain(words);
  });

  it('always gives one bounded and harmless sentence, whatever is in the parameters', () => {
    fc.assert(
      fc.property(anyKey, hostileParams, (key, params) => {
        const said: unknown = say(t, { key, params });
        if (typeof said !== 'string') throw new Error('not a sentence');
        expect(said).not.toBe('');
        expect(said).not.toMatch(TRICKS);
        expect(said.length).toBeLessThan(3000);
      }),
      { numRuns: runs(1000) },
    );
  });

  it('does so for notices, decisions and steps too', () => {
    const code = fc.constantFrom(...Object.keys(denials), ...Object.keys(plotFaults), 'lngs', '');
    fc.assert(
      fc.property(hostileParams, code, hostileText, (params, denial, name) => {
        const failed = { ...params, set: name, fault: 'refused', denial };
        const { title, body } = sayNotice(t, { kind: 'backup-failed', params: failed });
        const decision = sayDecision(t, {
          number: 1,
          atMs: 0,
          owner: '',
          friend: name,
          kind: 'allocate',
          outcome: 'denied',
          code: 'over-share',
          plot: null,
          ground: null,
          requestedBytes: '1000',
          requestedS: 1,
          purpose: null,
          params,
          steps: [],
        });
        const step = sayStep(t, { by: 'room', verdict: 'deny', code: 'no-space', params });
        for (const said of [title, body, decision, step]) {
          expect(said).toBeTypeOf('string');
          expect(said).not.toMatch(TRICKS);
          expect(said.length).toBeLessThan(1500);
        }
      }),
    );
  });

  it('lets every parameter through that a sentence has', () => {
    for (const name of placeholders.filter((each) => !/(Bytes|S|Ms|Units)$/.test(each))) {
      const echo: Translate = (_key, params) => String(params?.[name]);
      expect(say(echo, { key: 'fault.internal', params: { [name]: '7' } }), name).toBe('7');
    }
  });

  it('has words of its own for one, and for many', () => {
    const damaged = (count: string) =>
      say(t, { key: 'problem.copy-damaged', params: { friend: 'Ben', count } });
    expect(damaged('1')).toMatch(/^In the copy at Ben’s, one part is damaged/);
    expect(damaged('12')).toMatch(/^In the copy at Ben’s, 12 parts are damaged/);
  });

  it('finds other words when there are none, or not in words', () => {
    const nothing: Translate = () => {
      throw new Error('no words');
    };
    expect(say(nothing, { key: 'fault.internal', params: {} })).toMatch(/^[A-Z].*\.$/);
    const details = ((key: string) =>
      key === 'refusal.unclear' ? t(key) : { res: 'x' }) as unknown as Translate;
    expect(say(details, { key: 'fault.internal', params: {} })).toBe(t('refusal.unclear'));
  });

  it('says why a copy is behind in a sentence, never by a code', () => {
    const behind = (more: object) =>
      say(t, { key: 'problem.copy-behind', params: { friend: 'Ben', ...more } });
    expect(behind({})).toBe('The copy at Ben’s is behind and catches up at the next run.');
    expect(behind({ why: 'unreachable' })).toContain('at the next run. Ben can’t be reached.');
  });

  it('puts what a program says into brackets, and nothing where it says nothing', () => {
    const damaged = (detail: string) =>
      say(t, { key: 'problem.tree-damaged', params: { path: '/home/ana', detail } });
    expect(damaged('tree 0a1b')).toMatch(/ in the backup \(tree 0a1b\)\.$/);
    expect(damaged('')).toMatch(/ in the backup\.$/);
  });

  it('says of a reason it does not know that it does not know it', () => {
    const params = { friend: 'Ben', denial: 'status-503' };
    expect(say(t, { key: 'fault.refused', params })).toBe(
      `Ben’s device said no: ${t('refusal.unknown')}`,
    );
  });

  test.each(['\u202Egnp.exe', 'x'.repeat(200), '', '1e9', '9'.repeat(200)])(
    'says “?” where a figure should be and %j is',
    (shareBytes) => {
      const params = { friend: 'Ben', denial: 'over-share', shareBytes, useBytes: '0' };
      expect(say(t, { key: 'fault.refused', params })).toContain('the share is ?, 0 B');
    },
  );

  it('says “?” where a figure is missing', () => {
    const params = { friend: 'Ben', denial: 'no-space' };
    expect(say(t, { key: 'fault.refused', params })).toContain(
      'only ? of the offer are free, working room included.',
    );
  });

  it('shows a long path of my own whole, without what turns the line round', () => {
    const folder = `/home/ana/${'photos  and films/'.repeat(40)}`;
    const missing = (at: string): Sentence => ({
      key: 'fault.folder-missing',
      params: { folder: at },
    });
    expect(say(t, missing(folder))).toBe(`The folder “${folder}” is not there.`);
    expect(say(t, missing('/a\u202E/b\n'))).toBe('The folder “/a/b ” is not there.');
  });

  it('keeps a name from right to left out of the order of what stands around it', () => {
    const params = { friend: 'אבג', denial: 'no-space', freeBytes: '64000000000' };
    expect(say(t, { key: 'fault.refused', params })).toBe(
      '\u2068אבג\u2069’s device said no: only 64 GB of the offer are free, working room included.',
    );
    const { title } = sayNotice(t, {
      kind: 'backup-failed',
      params: { set: 'אבג', fault: 'internal' },
    });
    expect(title).toBe('The backup “\u2068אבג\u2069” failed');
    expect(say(t, { key: 'fault.already-friends', params: { friend: 'Ana, نور' } })).toBe(
      'Ana, \u2068نور\u2069 is your friend already.',
    );
  });
});
