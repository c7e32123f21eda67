import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { denials } from '../../shared/denial.ts';
import { plotFaults } from '../../shared/wire/plot-faults.ts';

/** What devices say to each other stands in PROTOCOL, whole: who writes another client has nothing else. */
const root = join(import.meta.dirname, '../..');
const protocol = readFileSync(join(root, 'PROTOCOL.md'), 'utf8');

/** The paths of all routes of the friends' server, as their handlers declare them. */
function routes(): readonly string[] {
  const core = join(root, 'electron/core');
  return readdirSync(core, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) =>
      [...readFileSync(join(core, file), 'utf8').matchAll(/path: '(\/v1[^']*)'/g)].map(
        ([, path = '']) => path,
      ),
    );
}

describe('PROTOCOL has', () => {
  test.each(Object.entries(denials))('the code %s as it is', (code, { status, final, then }) => {
    const row = protocol.split('\n').find((line) => line.startsWith(`| \`${code}\` |`));
    expect(row).toContain(` | ${status} | ${final ? 'yes' : 'no'} | `);
    expect(row).toMatch(/ \| `\{.*\}` \| /);
    expect(row?.endsWith(` | ${then} |`)).toBe(true);
  });

  test('no code that is none', () => {
    const rows = [...protocol.matchAll(/^\| `([a-z-]+)` \| \d{3} \| /gm)].map(([, code]) => code);
    expect(new Set(rows)).toEqual(new Set(Object.keys(denials)));
    expect(rows).toHaveLength(Object.keys(denials).length);
  });

  test('each code of a repository’s routes, with its status', () => {
    for (const [code, status] of Object.entries(plotFaults))
      expect(protocol).toContain(`\`${code}\` ${status}`);
  });

  test('each route', () => {
    const paths = routes();
    expect(paths.length).toBeGreaterThan(30);
    for (const path of paths) {
      const known = path.split('/').map((part) => (part.startsWith(':') ? '[^/\\s`]+' : part));
      expect(protocol, path).toMatch(new RegExp(`${known.join('/')}(?![a-z-])`));
    }
  });
});
