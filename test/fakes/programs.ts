import { execFile, spawnSync } from 'node:child_process';

/** Programs that tests compare with; where one is missing the test says so instead of passing. */
export function hasProgram(name: string): boolean {
  return spawnSync(name, ['version'], { stdio: 'ignore' }).error === undefined;
}

export type Ended = { readonly code: number; readonly output: string };

/** restic 0.14 can hang after failed saves, hence the time limit around it; `until`: what it says then is enough. */
export function restic(
  repository: string,
  args: readonly string[],
  options: { readonly password: string; readonly until?: RegExp },
): Promise<Ended> {
  const { password, until } = options;
  return new Promise((resolve) => {
    const child = execFile(
      'timeout',
      ['240', 'restic', '-r', repository, '--no-cache', ...args],
      { env: { ...process.env, RESTIC_PASSWORD: password }, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : Number(error.code ?? 1);
        resolve({ code, output: stdout + stderr });
      },
    );
    if (until === undefined) return;
    let said = '';
    const look = (text: string) => {
      said += text;
      if (until.test(said)) child.kill();
    };
    child.stdout?.on('data', look);
    child.stderr?.on('data', look);
  });
}
