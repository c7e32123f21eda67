import { describe, expect, it } from 'vitest';
import { dateTime, faultSentence, plainText } from '../../electron/headless/output.ts';
import { createTranslator } from '../../electron/headless/translator.ts';

describe('what the command line prints', () => {
  it('shows where somebody’s words would have moved the cursor or turned the line round', () => {
    expect(plainText('a\u001B[2Jb\u202Ec\u2066d')).toBe('a�[2Jb�c�d');
  });

  it('has none of the isolates that windows want around a name', async () => {
    const params = { friend: 'אבג', denial: 'no-space', freeBytes: '64000000000' };
    expect(faultSentence(await createTranslator(), { code: 'refused', params })).toBe(
      'אבג’s device said no: only 64 GB of the offer are free.',
    );
  });

  it('has a sign for a moment that no calendar has', () => {
    expect([null, 0, 9e18, Number.NaN].map(dateTime)).toEqual(['–', '1970-01-01 00:00', '?', '?']);
  });
});
