/**
 * In place of `fpm`, which electron-builder would download: takes the same words and makes a package of Debian
 * with dpkg-deb. What it does not know it refuses, so that no setting is lost in silence.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const FIELDS = {
  '--architecture': 'Architecture',
  '--version': 'Version',
  '--name': 'Package',
  '--maintainer': 'Maintainer',
  '--url': 'Homepage',
  '--deb-priority': 'Priority',
  '--category': 'Section',
  '--description': 'Description',
};
const SCRIPTS = { '--after-install': 'postinst', '--after-remove': 'postrm' };
const IGNORED = [
  '-s',
  '-t',
  '--vendor',
  '--license',
  '--deb-compression',
  '--deb-recommends',
  '-d',
];

const root = mkdtempSync(join(tmpdir(), 'fpm-standin-'));
const control = join(root, 'DEBIAN');
mkdirSync(control);
const fields = [];
let file = '';
const args = process.argv.slice(2);
while (args.length > 0) {
  const arg = args.shift() ?? '';
  if (arg === '--force') continue;
  if (arg === '--package') file = args.shift() ?? '';
  else if (arg in FIELDS) fields.push(`${FIELDS[arg]}: ${(args.shift() ?? '').trim()}`);
  else if (arg in SCRIPTS) {
    const script = join(control, SCRIPTS[arg]);
    copyFileSync(args.shift() ?? '', script);
    chmodSync(script, 0o755);
  } else if (IGNORED.includes(arg)) args.shift();
  else {
    const [, from, to] = /^([^-][^=]*)=(\/.*)$/.exec(arg) ?? [];
    if (from === undefined || to === undefined) throw new Error(`unknown to the stand-in: ${arg}`);
    mkdirSync(dirname(join(root, to)), { recursive: true });
    cpSync(from, join(root, to), { recursive: true });
  }
}
writeFileSync(join(control, 'control'), `${fields.join('\n')}\n`);
const made = spawnSync('dpkg-deb', ['--root-owner-group', '-Zgzip', '--build', root, file]);
rmSync(root, { recursive: true, force: true });
process.stderr.write(made.stderr);
process.exit(made.status ?? 1);
