import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { denials } from '../../shared/denial.ts';
import { faults } from '../../shared/fault.ts';
import en from '../../shared/i18n/messages/en.json' with { type: 'json' };
import { plotFaults } from '../../shared/wire/plot-faults.ts';
import { FEATURES, importsOf, layerViolations, sourceFiles } from './layers.ts';

const root = resolve(import.meta.dirname, '../..');
const here = import.meta.dirname;
const folders = ['electron', 'shared', 'renderer', 'build', 'test'].map((name) => join(root, name));

describe('the order inside the core', () => {
  test('is kept', () => {
    expect(layerViolations(join(root, 'electron', 'core'))).toEqual([]);
    for (const feature of FEATURES)
      expect(existsSync(join(root, 'electron', 'core', feature)), feature).toBe(true);
  });

  test('would be missed by nobody: a file that breaks it is caught', () => {
    expect(layerViolations(join(here, 'fixtures', 'core'))).toMatchObject([
      { file: join('ledger', 'reaches-up.ts'), imports: '../server/limits.ts' },
    ]);
  });
});

describe('the walls between the layers', () => {
  test.each([
    ['tsconfig.shared.json', ['node:fs']],
    ['tsconfig.core.json', ["'app'", "'document'"]],
  ])('the compiler refuses what %s forbids', (config, names) => {
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const args = [tsc, '-p', join(here, 'fixtures', 'walls', config), '--pretty', 'false'];
    const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(status).not.toBe(0);
    for (const name of names) expect(stdout).toContain(name);
  });

  test('shared knows no library but zod, and that only in model, contract and wire', () => {
    for (const file of sourceFiles(join(root, 'shared'))) {
      const libraries = importsOf(readFileSync(file, 'utf8')).filter(
        (name) => !name.startsWith('.'),
      );
      const mayUseZod = /shared[\\/](model|contract|wire)[\\/]/.test(file);
      expect(
        libraries.filter((name) => name !== 'zod' || !mayUseZod),
        file,
      ).toEqual([]);
    }
  });

  test('the window knows nothing of zod and of the core', () => {
    for (const file of sourceFiles(join(root, 'renderer'))) {
      const text = readFileSync(file, 'utf8');
      expect(text, file).not.toMatch(/from '(zod|.*electron\/)/);
    }
  });
});

describe('style', () => {
  const files = folders
    .flatMap(sourceFiles)
    .filter((file) => !file.includes('fixtures') && file !== import.meta.filename);

  test('no file grows beyond what one head holds', () => {
    for (const file of files) {
      const lines = readFileSync(file, 'utf8').split('\n').length;
      expect(lines, relative(root, file)).toBeLessThanOrEqual(520);
    }
  });

  test('nothing is left to do in a comment, skipped in silence or switched off', () => {
    const banned = /\b(TODO|FIXME|XXX)\b|@ts-ignore|@ts-nocheck|\b(test|it|describe)\.only\b/;
    for (const file of files)
      expect(readFileSync(file, 'utf8'), relative(root, file)).not.toMatch(banned);
  });

  test('the clock and chance are read at the edge, never in a decision', () => {
    for (const file of sourceFiles(join(root, 'shared', 'policy')))
      expect(readFileSync(file, 'utf8'), file).not.toMatch(
        /Date\.now|new Date\(\)|Math\.random|performance\./,
      );
  });
});

describe('the catalogue of messages', () => {
  test.each([
    ['fault', Object.keys(faults)],
    ['denial', Object.keys(denials)],
    ['plot', Object.keys(plotFaults)],
  ] as const)(
    'has a sentence for each code of the closed list "%s", and no others',
    (part, codes) => {
      expect(Object.keys(en[part]).sort()).toEqual([...codes].sort());
    },
  );

  test('every key that the window uses is there', () => {
    for (const file of sourceFiles(join(root, 'renderer')))
      for (const [, part = '', key = ''] of readFileSync(file, 'utf8').matchAll(
        /\bt\('([a-z-]+)\.([a-z-]+)'/g,
      )) {
        const messages = en[part as keyof typeof en] as Readonly<Record<string, unknown>>;
        expect(messages[key] ?? messages[`${key}_other`], `${part}.${key}`).toBeTypeOf('string');
      }
  });
});
