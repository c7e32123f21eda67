import { describe, expect, it } from 'vitest';
import {
  dateTime,
  faultSentence,
  plainText,
  progressLine,
} from '../../electron/headless/output.ts';
import type { JobView } from '../../shared/contract/views.ts';
import { createTranslator } from '../../electron/headless/translator.ts';

describe('what the command line prints', () => {
  it('shows where somebody’s words would have moved the cursor or turned the line round', () => {
    expect(plainText('a\u001B[2Jb\u202Ec\u2066d\u2028e')).toBe('a�[2Jb�c�d�e');
  });

  it('has none of the isolates that windows want around a name', async () => {
    const params = { friend: 'אבג', denial: 'no-space', freeBytes: '64000000000' };
    expect(faultSentence(await createTranslator(), { code: 'refused', params })).toBe(
      'אבג’s device said no: only 64 GB of the offer are free, working room included.',
    );
  });

  it('has a sign for a moment that no calendar has', () => {
    expect([null, 0, 9e18, Number.NaN].map(dateTime)).toEqual(['–', '1970-01-01 00:00', '?', '?']);
  });

  it('says how far a job is by what is counted, and nothing of what is not', async () => {
    const t = await createTranslator();
    const line = (progress: Partial<JobView['progress']>) =>
      progressLine(t, { progress: { ...NOTHING, ...progress } } as JobView);
    expect(line({ phase: 'flushing', filesDone: 3000, filesTotal: 100_000 })).toBe(
      'Making sure that the disk has it: 3000 of 100000 files',
    );
    expect(line({ phase: 'flushing' })).toBe('Making sure that the disk has it');
    expect(line({ phase: 'writing', filesDone: 1, filesTotal: 2, bytesTotal: '2000' })).toBe(
      'Writing: 0 B of 2 kB, 1 of 2 files',
    );
  });
});

const NOTHING: JobView['progress'] = {
  phase: 'starting',
  filesDone: 0,
  filesTotal: null,
  bytesDone: '0',
  bytesTotal: null,
  bytesPerS: 0,
  leftS: null,
};
