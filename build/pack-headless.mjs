/**
 * Packs Allotment without a desktop, for a NAS or a server that has no Node: the built program, Node 24, the
 * two libraries with machine code and only this system's, a launcher and a unit for systemd. Makes
 * `dist/allotment-headless-VERSION-SYSTEM.tar.gz` and its checksum; `--output DIR` makes it elsewhere,
 * `--folder DIR` makes the folder alone. Runs on the Node that is packed.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const host = `${process.platform}-${process.arch}`;
const { version, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** The libraries that aren't in the built files, and what they need: those that the desktop's packages take along. */
const [, names] =
  /node_modules\/!\(([^)]+)\)/.exec(readFileSync(join(root, 'electron-builder.yml'), 'utf8')) ?? [];
if (names === undefined) throw new Error('electron-builder.yml names no libraries');
const LIBRARIES = names.split('|');
/** Their sources, and what only other systems can load. */
const UNWANTED = /\.(map|ts|md|c|cc|h|gyp|bare)$|CMakeLists\.txt$/;
/** What only `npm` starts, or reads. */
const OF_NPM =
  /out[\\/]headless[\\/]((cli|start|demo)\.js|(start|demo)-main-[0-9a-f]+\.js|headless\.built)$/;
const SOURCES = /better-sqlite3[\\/](deps|src)([\\/]|$)|sodium-native[\\/]extensions([\\/]|$)/;
const PREBUILD = /[\\/]prebuilds[\\/]([^\\/]+)/;

function isWanted(file) {
  if (UNWANTED.test(file) || SOURCES.test(file) || OF_NPM.test(file)) return false;
  const built = PREBUILD.exec(file)?.[1];
  return built === undefined || built === host || built === `${host}.node`;
}

function fill(folder) {
  for (const part of ['out/headless', 'out/renderer'])
    cpSync(join(root, part), join(folder, part), { recursive: true, filter: isWanted });
  for (const name of LIBRARIES)
    cpSync(join(modules, name), join(folder, 'node_modules', name), {
      recursive: true,
      filter: isWanted,
    });
  const node = realpathSync(process.execPath);
  mkdirSync(join(folder, 'bin'));
  copyFileSync(node, join(folder, 'bin', 'node'));
  chmodSync(join(folder, 'bin', 'node'), 0o755);
  const licence = [join(dirname(dirname(node)), 'LICENSE'), nodePackage('LICENSE')].find(
    existsSync,
  );
  if (licence !== undefined) copyFileSync(licence, join(folder, 'bin', 'LICENSE-node'));
  copyFileSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  copyFileSync(join(root, 'out', 'licences.txt'), join(folder, 'LICENSES-libraries.txt'));
  for (const name of ['allotment', 'allotment.service'])
    copyFileSync(join(root, 'build', 'headless', name), join(folder, name));
  chmodSync(join(folder, 'allotment'), 0o755);
  const own = { name: 'allotment', version, license, type: 'module' };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(own, undefined, 2)}\n`);
}

/** Where the package `node` keeps what belongs to this system's binary. */
function nodePackage(file) {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  return join(modules, 'node', 'node_modules', name, file);
}

const { values } = parseArgs({
  options: { output: { type: 'string', default: join(root, 'dist') }, folder: { type: 'string' } },
});
if (process.platform === 'win32') {
  process.stderr.write('There is no such package for Windows: its launcher is a shell script.\n');
  process.exit(2);
}
if (values.folder !== undefined) {
  mkdirSync(values.folder, { recursive: true });
  fill(values.folder);
} else {
  const name = `allotment-headless-${version}-${host}`;
  const place = mkdtempSync(join(tmpdir(), 'allotment-pack-'));
  const folder = join(place, name);
  mkdirSync(folder);
  mkdirSync(values.output, { recursive: true });
  const file = join(values.output, `${name}.tar.gz`);
  try {
    fill(folder);
    const tar = spawnSync('tar', ['-czf', file, '-C', place, name], { stdio: ['ignore', 2, 2] });
    if (tar.status !== 0) throw new Error(`tar ended with ${tar.status ?? tar.error}`);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
  const hash = createHash('sha256').update(readFileSync(file)).digest('hex');
  writeFileSync(`${file}.sha256`, `${hash}  ${basename(file)}\n`);
  process.stdout.write(`${file}\n`);
}
