import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { denials } from '../../shared/denial.ts';
import { faults } from '../../shared/fault.ts';
import { common } from '../../shared/i18n/catalogues.ts';
import windowDe from '../../shared/i18n/messages/de/window.json' with { type: 'json' };
import windowEn from '../../shared/i18n/messages/en/window.json' with { type: 'json' };
import shellDe from '../../shared/i18n/messages/de/shell.json' with { type: 'json' };
import shellEn from '../../shared/i18n/messages/en/shell.json' with { type: 'json' };
import { noticeKinds } from '../../shared/notices/notice.ts';
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
    ['tsconfig.main.json', ["'window'", "'document'"]],
    ['tsconfig.preload.json', ["'app'", "'shell'", 'node:fs', "'process'"]],
  ])('the compiler refuses what %s forbids', (config, names) => {
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const args = [tsc, '-p', join(here, 'fixtures', 'walls', config), '--pretty', 'false'];
    const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(status).not.toBe(0);
    for (const name of names) expect(stdout).toContain(name);
  });

  test('shared knows no library but zod, and that only in model, contract, wire and the grounds', () => {
    for (const file of sourceFiles(join(root, 'shared'))) {
      const libraries = importsOf(readFileSync(file, 'utf8')).filter(
        (name) => !name.startsWith('.'),
      );
      const mayUseZod = /shared[\\/](model[\\/]|contract[\\/]|wire[\\/]|policy[\\/]grounds?)/.test(
        file,
      );
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

  test('which Chromium shows the window is said in one place, or tests would be skipped where it is another', () => {
    const chosen = join(root, 'test', 'standin', 'chromium.ts');
    const tests = files.filter((file) => file.startsWith(join(root, 'test')) && file !== chosen);
    for (const file of tests)
      expect(readFileSync(file, 'utf8'), relative(root, file)).not.toContain('/usr/bin/chromium');
  });

  test('the clock and chance are read at the edge, never in a decision', () => {
    for (const file of sourceFiles(join(root, 'shared', 'policy')))
      expect(readFileSync(file, 'utf8'), file).not.toMatch(
        /Date\.now|new Date\(\)|Math\.random|performance\./,
      );
  });
});

type Messages = Readonly<Record<string, Readonly<Record<string, string>>>>;
const english = { ...common.en, ...windowEn, ...shellEn } as Messages;
const german = { ...common.de, ...windowDe, ...shellDe } as Messages;

describe('the catalogue of messages', () => {
  test.each([
    ['fault', Object.keys(faults)],
    ['denial', Object.keys(denials)],
    ['plot', Object.keys(plotFaults)],
    ['notice', Object.keys(noticeKinds).flatMap((kind) => [`${kind}-title`, `${kind}-body`])],
  ] as const)(
    'has a sentence for each code of the closed list "%s", and no others',
    (part, codes) => {
      // Beside its own words a sentence may have others for a context (`_full`).
      const keys = new Set(Object.keys(english[part] ?? {}).map((key) => key.replace(/_.*$/, '')));
      expect([...keys].sort()).toEqual([...codes].sort());
    },
  );

  test('every key that the window and the shell use is there', () => {
    const users = [join(root, 'renderer'), join(root, 'electron', 'main')].flatMap(sourceFiles);
    for (const file of users)
      for (const [, part = '', key = ''] of readFileSync(file, 'utf8').matchAll(
        /\bt\(\s*'([a-z-]+)\.([a-z-]+)'/g,
      )) {
        const messages = english[part];
        expect(messages?.[key] ?? messages?.[`${key}_other`], `${part}.${key}`).toBeTypeOf(
          'string',
        );
      }
  });

  test('says in German what it says in English, with the same figures and names in it', () => {
    const inGerman = new Map(sentences(german));
    expect([...inGerman.keys()].sort()).toEqual(
      sentences(english)
        .map(([key]) => key)
        .sort(),
    );
    for (const [key, text] of sentences(english))
      expect(placeholders(inGerman.get(key) ?? ''), key).toEqual(placeholders(text));
  });

  test('is not English in German', () => {
    const inGerman = new Map(sentences(german));
    const same = sentences(english).filter(
      ([key, text]) => inGerman.get(key) === text && /[a-z]{4}.*\s.*[a-z]{4}/i.test(words(text)),
    );
    expect(same).toEqual([]);
  });
});

/** Every sentence with its whole key: parts can have parts of their own (`step.by`). */
function sentences(part: object, path = ''): readonly (readonly [string, string])[] {
  return Object.entries(part).flatMap(([key, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null
      ? sentences(value, `${path}${key}.`)
      : [[`${path}${key}`, String(value)] as const],
  );
}

function placeholders(text: string): readonly string[] {
  return [...text.matchAll(/\{\{([^},]+)/g)].map(([, name = '']) => name.trim()).sort();
}

function words(text: string): string {
  return text.replace(/\{\{[^}]*\}\}/g, '');
}
