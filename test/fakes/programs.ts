import { execFile, spawnSync } from 'node:child_process';

/** Programs that tests compare with; where one is missing the test says so instead of passing. */
export function hasProgram(name: string): boolean {
  return spawnSync(name, ['version'], { stdio: 'ignore' }).error === undefined;
}

export type Ended = { readonly code: number; readonly output: string };

/** restic 0.14 can hang after failed saves, hence the time limit around it. */
export function restic(
  repository: string,
  args: readonly string[],
  options: { readonly password: string; readonly limitS?: number },
): Promise<Ended> {
  const { password, limitS = 240 } = options;
  return new Promise((resolve) => {
    execFile(
      'timeout',
      [String(limitS), 'restic', '-r', repository, '--no-cache', ...args],
      { env: { ...process.env, RESTIC_PASSWORD: password }, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : Number(error.code ?? 1);
        resolve({ code, output: stdout + stderr });
      },
    );
  });
}
