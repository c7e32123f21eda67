import { describe, expect, it } from 'vitest';
import { answer } from '../../shared/model/allocate.ts';
import { denials } from '../../shared/denial.ts';
import common from '../../shared/i18n/messages/en/common.json' with { type: 'json' };
import { keptParams, refusalParams } from '../../shared/refusal-params.ts';
import { plotFaults } from '../../shared/wire/plot-faults.ts';
import { fc } from '../fakes/properties.ts';

const CODES = [...Object.keys(denials), ...Object.keys(plotFaults)];

describe('what comes with a refusal', () => {
  it('is what its sentence can use, and nothing else', () => {
    const given = { shareBytes: '10', useBytes: '0', mayAskBytes: '5', lngs: 'x', friend: 'Eve' };
    expect(refusalParams('over-share', given)).toEqual({
      shareBytes: '10',
      useBytes: '0',
      mayAskBytes: '5',
    });
    expect(refusalParams('paused', given)).toEqual({});
    expect(refusalParams('constructor', given)).toEqual({});
  });

  it.each(['007', '-1', '1.5', '1e9', '', ' 1', '9'.repeat(20), '\u202E1'])(
    'is not %j bytes',
    (shareBytes) => {
      expect(refusalParams('over-share', { shareBytes })).toEqual({});
    },
  );

  it('is short and harmless where it is text', () => {
    const problem = `\u202E${'x'.repeat(190)}`;
    expect(refusalParams('bad-request', { problem, field: 'v' })).toEqual({
      problem: `${'x'.repeat(79)}…`,
      field: 'v',
    });
  });

  it('is never more than the code knows, whatever was sent', () => {
    const texts = fc.dictionary(fc.string({ maxLength: 40 }), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(fc.constantFrom(...CODES), texts, (code, given) => {
        for (const [name, value] of Object.entries(refusalParams(code, given))) {
          expect(name).toMatch(/^[a-zA-Z]+$/);
          expect(value.length).toBeLessThanOrEqual(80 * 32);
        }
      }),
    );
  });

  it('has every figure that the sentences of refusals name', () => {
    for (const [key, text] of [...Object.entries(common.denial), ...Object.entries(common.plot)])
      for (const [, name = ''] of text.matchAll(/\{\{(\w+)/g)) {
        // A refusal has several wordings.
        const [code = ''] = key.split('_');
        if (name !== 'problemNote')
          expect(refusalParams(code, { [name]: '7' }), `${key} ${name}`).toEqual({ [name]: '7' });
      }
  });

  it('is looked at where an answer is read, in its reasons and its steps', () => {
    const params = { freeBytes: '1', returnDetails: '1' };
    const read = answer.parse({
      type: 'denied',
      final: true,
      reasons: [{ code: 'no-space', ground: 'room', params }],
      steps: [
        { by: 'room', verdict: 'deny', code: 'no-space', params },
        { by: 'pause', verdict: 'pass', params },
      ],
    });
    expect(read).toMatchObject({ reasons: [{ code: 'no-space', params: { freeBytes: '1' } }] });
    expect(JSON.stringify(read)).not.toContain('returnDetails');
  });

  it('is looked at again in what was written down', () => {
    const kept = { friend: 'Ben', denial: 'no-space', freeBytes: 'many', lngs: 'x', set: 'all' };
    expect(keptParams(kept)).toEqual({ friend: 'Ben', denial: 'no-space', set: 'all' });
    expect(keptParams({ folder: '/srv' })).toEqual({ folder: '/srv' });
  });
});
