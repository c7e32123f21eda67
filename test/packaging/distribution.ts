import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/**
 * What stands in for a downloaded Electron when the app is packed: a folder of the same shape whose
 * program does nothing, but has the fuses in it that packing switches.
 */
type Asar = {
  readonly createPackage: (folder: string, file: string) => Promise<void>;
  readonly extractFile: (file: string, name: string) => Buffer;
  readonly extractAll: (file: string, folder: string) => void;
  readonly listPackage: (file: string, options: { readonly isPack: boolean }) => string[];
};

/** electron-builder's own way with archives, wherever npm put it. */
function loadAsar(): Asar {
  const builder = createRequire(import.meta.resolve('electron-builder'));
  return createRequire(builder.resolve('app-builder-lib'))('@electron/asar') as Asar;
}

export const asar = loadAsar();

const SENTINEL = Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX');
const VERSION = 1;
const [OFF, ON] = [0x30, 0x31];
/** In the order of Electron's wire; it ships with these values. */
const FUSES = {
  runAsNode: true,
  cookieEncryption: false,
  nodeOptions: true,
  nodeCliInspect: true,
  asarIntegrity: false,
  onlyLoadAppFromAsar: false,
  browserV8Snapshot: false,
  fileProtocolPrivileges: true,
} as const;

export type Fuses = Readonly<Record<keyof typeof FUSES, boolean>>;

export async function makeDistribution(folder: string, version: string): Promise<void> {
  await mkdir(join(folder, 'resources'), { recursive: true });
  await mkdir(join(folder, 'locales'));
  const wire = Object.values(FUSES).map((isOn) => (isOn ? ON : OFF));
  const program = Buffer.concat([
    Buffer.from('#!/bin/sh\nexit 1\n'),
    SENTINEL,
    Buffer.from([VERSION, wire.length, ...wire]),
  ]);
  await writeFile(join(folder, 'electron'), program);
  await chmod(join(folder, 'electron'), 0o755);
  await writeFile(join(folder, 'version'), version);
  for (const name of ['LICENSE', 'LICENSES.chromium.html', 'locales/en-US.pak', 'locales/de.pak'])
    await writeFile(join(folder, name), '');
  const source = join(folder, 'default-app');
  await mkdir(source);
  await writeFile(join(source, 'main.js'), '');
  await asar.createPackage(source, join(folder, 'resources', 'default_app.asar'));
}

export function readFuses(program: Buffer): Fuses {
  const at = program.indexOf(SENTINEL) + SENTINEL.length + 2;
  const names = Object.keys(FUSES) as (keyof Fuses)[];
  return Object.fromEntries(names.map((name, i) => [name, program[at + i] === ON])) as Fuses;
}
