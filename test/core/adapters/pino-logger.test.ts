import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const MODULE = new URL('../../../electron/core/adapters/pino-logger.ts', import.meta.url).href;

/** It says each line of `code` that is reached; what it logs goes to that file, which takes nothing. */
function saidBy(code: string, file: string): string {
  const program = `import { createPinoLogger } from ${JSON.stringify(MODULE)};
    const say = (text) => process.stdout.write(text + ' ');
    const log = createPinoLogger('warn');
    ${code}`;
  const full = openSync(file, 'w');
  try {
    const flags = ['--input-type=module', '-e', program];
    return execFileSync(process.execPath, flags, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', full],
    });
  } finally {
    closeSync(full);
  }
}

it.skipIf(process.platform !== 'linux')(
  'a disk that takes no line of the log any more costs the line, and not whoever said it',
  () => {
    const code = `log.warn('one'); say('one'); log.named('part').error('two'); say('two');
      setTimeout(() => { log.warn('three'); say('three'); });`;
    expect(saidBy(code, '/dev/full')).toBe('one two three ');
  },
);

it.skipIf(process.platform !== 'linux')(
  'once a full disk has room again the log goes on, however much was lost meanwhile',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'allotment-log-'));
    try {
      const file = join(folder, 'log');
      const code = `import { closeSync, openSync } from 'node:fs';
        for (let count = 0; count < 1000; count += 1) log.warn('x'.repeat(1000));
        closeSync(2);
        say(openSync(${JSON.stringify(file)}, 'w'));
        log.warn('room again');
        log.error('and again');`;
      expect(saidBy(code, '/dev/full')).toBe('2 ');
      const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
      expect(lines.map((line) => (JSON.parse(line) as { readonly msg: string }).msg)).toEqual([
        'room again',
        'and again',
      ]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
