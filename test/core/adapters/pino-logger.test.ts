import { execFileSync } from 'node:child_process';
import { openSync, closeSync } from 'node:fs';
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
