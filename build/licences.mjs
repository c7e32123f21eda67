/**
 * Gathers the licences of all libraries that are built into the packages, as those licences want it:
 * `out/licences.txt`. Plain JavaScript, run by `build.mjs`.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
const IS_LICENCE = /^(licen[cs]e|copying|notice)([.-].*)?$/i;

function textsOf(folder) {
  return readdirSync(folder)
    .filter((name) => IS_LICENCE.test(name))
    .sort()
    .map((name) => readFileSync(join(folder, name), 'utf8').trim());
}

const parts = [];
for (const [path, { version, license, dev, devOptional }] of Object.entries(packages)) {
  const folder = join(root, path);
  // What is there for other systems only was not installed here, and is in no package of this one.
  if (path === '' || dev || devOptional || !existsSync(folder)) continue;
  const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  parts.push(
    [`${name} ${version} (${license ?? 'see its text'})`, ...textsOf(folder)].join('\n\n'),
  );
}
mkdirSync(join(root, 'out'), { recursive: true });
const head = 'Allotment contains these libraries, each under the licence of its authors.';
writeFileSync(
  join(root, 'out', 'licences.txt'),
  `${[head, ...parts].join(`\n\n${'-'.repeat(72)}\n\n`)}\n`,
);
