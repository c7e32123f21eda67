import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { stayOnLoopback } from './loopback-only.ts';
import { fuzz } from './run-target.ts';
import type { Target } from './target.ts';
import { targets } from './targets/index.ts';

/**
 * `npm run fuzz`: more than a million cases, each target in a process of its own. `-- TARGET…` takes some of them,
 * `--cases N` so many of each, `--seed N` other ones, `--case FILE` a single one that was written down.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    cases: { type: 'string' },
    seed: { type: 'string' },
    case: { type: 'string' },
    here: { type: 'boolean' },
  },
});
const seed = Number(values.seed ?? Date.now() % 1_000_000_000);
const unknown = positionals.filter((name) => targets.every((target) => target.name !== name));
if (unknown.length > 0) {
  console.error(
    `There is no target ${unknown.join(', ')}. There are: ${targets.map(({ name }) => name).join(', ')}.`,
  );
  process.exit(2);
}
const chosen = targets.filter(({ name }) => positionals.length === 0 || positionals.includes(name));

if (values.here === true) for (const target of chosen) await here(target);
else everywhere();

/** A process for each: what one leaves behind, or breaks, is not the next one's. */
function everywhere(): void {
  const failed = chosen.filter(({ name }) => {
    const more = [
      ...(values.cases === undefined ? [] : ['--cases', values.cases]),
      ...(values.case === undefined ? [] : ['--case', resolve(values.case)]),
    ];
    const args = [...process.execArgv, import.meta.filename, name, '--here', '--seed', `${seed}`];
    return spawnSync(process.execPath, [...args, ...more], { stdio: 'inherit' }).status !== 0;
  });
  if (failed.length === 0) return;
  console.error(`FAILED: ${failed.map(({ name }) => name).join(', ')}; seed ${seed}.`);
  process.exitCode = 1;
}

async function here(target: Target): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'allotment-fuzz-'));
  const home = join(scratch, 'here');
  mkdirSync(home);
  // A path that was meant to be whole and is not leads to nothing of anybody's.
  process.chdir(home);
  stayOnLoopback();
  const begun = process.cpuUsage();
  let saidAtMs = Date.now();
  const outcome = await fuzz(target, {
    seed,
    cases: Number(values.cases ?? target.cases),
    scratch,
    guided: true,
    ...(values.case === undefined ? {} : { only: [readFileSync(values.case)] }),
    onProgress: (cases) => {
      if (Date.now() - saidAtMs < 15_000) return;
      saidAtMs = Date.now();
      console.error(`${target.name}: ${cases} …`);
    },
  });
  process.chdir('/');
  rmSync(scratch, { recursive: true, force: true });
  const { user, system } = process.cpuUsage(begun);
  const seconds = ((user + system) / 1e6).toFixed(0);
  const grew = Math.round(outcome.grewBytes / 1024);
  const blocks = outcome.blocks > 0 ? `, ${outcome.blocks} blocks reached` : '';
  console.log(
    `${target.name}: ${outcome.cases} cases, ${outcome.findings.length} findings, ${seconds} s of processor time, heap ${grew} KiB${blocks}, seed ${seed}`,
  );
  for (const { what, file } of outcome.findings)
    console.log(`  ${file}\n  ${what.split('\n').slice(0, 6).join('\n  ')}`);
  process.exit(outcome.findings.length === 0 ? 0 : 1);
}
