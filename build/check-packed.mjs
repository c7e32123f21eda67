/**
 * Lets the app that was packed into `dist` check itself (`--self-check`) on the system it was packed for. Says
 * what each check found, and ends with the app's own exit code. `--program FILE` asks another one.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const dist = join(dirname(dirname(fileURLToPath(import.meta.url))), 'dist');
/** electron-builder names the folders so; the first that is there. */
const PROGRAMS = {
  linux: ['linux-unpacked/allotment', `linux-${process.arch}-unpacked/allotment`],
  darwin: ['mac', `mac-${process.arch}`].map(
    (folder) => `${folder}/Allotment.app/Contents/MacOS/Allotment`,
  ),
  win32: ['win-unpacked/Allotment.exe', `win-${process.arch}-unpacked/Allotment.exe`],
};
const PATIENCE_MS = 300_000;

function stop(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

const { values } = parseArgs({ options: { program: { type: 'string' } } });
const packed = (PROGRAMS[process.platform] ?? []).map((file) => join(dist, file)).find(existsSync);
const program = values.program ?? packed;
if (program === undefined) stop('Nothing was packed here for this system; "npm run pack" does it.');

const child = spawn(program, ['--self-check'], { stdio: ['ignore', 'pipe', 'inherit'] });
const late = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
let said = '';
child.stdout.on('data', (chunk) => {
  said += chunk;
});
child.on('error', (error) => stop(`The app does not start: ${error.message}`));
child.on('close', (code) => {
  clearTimeout(late);
  const line = said.split('\n').find((each) => each.startsWith('{"ok":'));
  if (line === undefined) stop(`The app ended with ${code} and said nothing of its check: ${said}`);
  const { version, system, checks } = JSON.parse(line);
  process.stdout.write(`Allotment ${version} on ${system}\n`);
  for (const { name, ok, ms, problem } of checks)
    process.stdout.write(
      `${ok ? 'ok' : 'NOT OK'}  ${name} (${ms} ms)${ok ? '' : `: ${problem}`}\n`,
    );
  process.exit(code ?? 1);
});
