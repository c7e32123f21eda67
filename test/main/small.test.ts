import { describe, expect, it } from 'vitest';
import { readArguments, readErrand, readStart } from '../../electron/main/arguments.ts';
import { jobsProgress } from '../../electron/main/job-progress.ts';
import { shorten } from '../../electron/main/system-text.ts';
import { job, owner } from './snapshots.ts';

describe('what a start is told', () => {
  it('is nothing by default, whatever Chromium adds', () => {
    const argv = ['allotment', '.', '--original-process-start-time=1', '--no-sandbox'];
    expect(readArguments(argv)).toEqual({ hidden: false, path: undefined });
  });

  it('can be to stay hidden, and a page', () => {
    const argv = ['allotment', `--page=friends/${owner('a')}`, '--hidden'];
    expect(readArguments(argv)).toEqual({ hidden: true, path: `friends/${owner('a')}` });
  });

  it('is to stay hidden when it restarted by itself with a newer version', () => {
    expect(readArguments(['allotment', '--updated'])).toMatchObject({ hidden: true });
  });

  it('can be said by macOS, which hands a login item no arguments', () => {
    const system = (wasOpenedAtLogin: boolean) => ({
      getLoginItemSettings: () => ({ wasOpenedAtLogin }) as never,
    });
    const start = (wasOpenedAtLogin: boolean, platform: NodeJS.Platform, ...argv: string[]) =>
      readStart(['allotment', ...argv], system(wasOpenedAtLogin), platform).hidden;
    expect(start(true, 'darwin')).toBe(true);
    expect(start(false, 'darwin')).toBe(false);
    expect(start(false, 'darwin', '--hidden')).toBe(true);
    expect(start(true, 'win32')).toBe(false);
  });

  it.each(['../../etc/passwd', 'javascript:alert(1)', 'friends/not-an-owner', ''])(
    'opens a page of ours for "%s" too',
    (path) => {
      expect(['home', 'friends']).toContain(readArguments([`--page=${path}`]).path);
    },
  );
});

describe('what the program is called for', () => {
  it('is the app by default, with whatever switches, and with the path of an app that is run from source', () => {
    for (const args of [[], ['--hidden'], ['--page=friends', '--lang=de'], ['/tmp/app'], ['a.js']])
      expect(readErrand(args), args.join(' ')).toBeUndefined();
  });

  it('can be a command, behind Chromium’s own switches, with all its words', () => {
    const args = ['--ozone-platform=headless', 'backup', 'run', 'photos', '--json'];
    const words = ['backup', 'run', 'photos', '--json'];
    expect(readErrand(args)).toEqual({ kind: 'command', words });
    expect(readErrand(['--help'])).toEqual({ kind: 'command', words: ['help'] });
  });

  it('can be to look whether all of it is there, whatever stands beside that', () => {
    expect(readErrand(['--no-sandbox', '--self-check'])).toEqual({ kind: 'self-check' });
  });
});

describe('the bar in the task bar', () => {
  it('is not there without a running job', () => {
    expect(jobsProgress([job({ state: 'done' })])).toEqual({ mode: 'none' });
  });

  it('shows several jobs as one sum', () => {
    const jobs = [
      job({}, { bytesDone: '50', bytesTotal: '100' }),
      job({}, { bytesDone: '0', bytesTotal: '100' }),
    ];
    expect(jobsProgress(jobs)).toEqual({ mode: 'normal', done: 0.25 });
  });

  it('says that it knows no total rather than guess', () => {
    const jobs = [job({}, { bytesDone: '50', bytesTotal: '100' }), job()];
    expect(jobsProgress(jobs)).toEqual({ mode: 'indeterminate' });
    expect(jobsProgress([job({}, { bytesTotal: '0' })])).toEqual({ mode: 'indeterminate' });
  });

  it('never goes beyond its end', () => {
    const over = job({}, { bytesDone: '200', bytesTotal: '100' });
    expect(jobsProgress([over])).toEqual({ mode: 'normal', done: 1 });
  });
});

describe('a sentence that is too long', () => {
  it('is left alone while it fits', () => {
    expect(shorten('Anna is away', 12)).toBe('Anna is away');
  });

  it('ends with an ellipsis, and is never longer than allowed', () => {
    expect(shorten('Anna has been away', 10)).toBe('Anna has…');
  });

  it('keeps families and flags whole', () => {
    const family = '👩‍👩‍👧‍👧';
    expect(shorten(`${family}${family}${family}`, family.length * 2 + 2)).toBe(
      `${family}${family}…`,
    );
  });
});
