import { execFile } from 'node:child_process';
import { access, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { join, win32 } from 'node:path';
import type { BeforeListening } from '../core/listening.ts';
import type { Logger } from '../core/ports.ts';

/**
 * Windows' firewall keeps friends out until somebody lets them in. Before this app listens for the first time
 * it asks for a rule of its own: this program only, and on private networks only. Windows asks the person
 * once; a no is kept, and *Friends* says what is in the way then. The uninstaller takes the rule away
 * (`build/windows/installer.nsh`).
 */
export const RULE = 'Allotment';

export type RunProgram = (program: string, args: readonly string[]) => Promise<string>;

/** In the home: it was asked, whatever the answer was. */
export const ASKED_FILE = 'firewall-asked';
/** Nobody may be there to answer; friends can wait, but not for ever. */
const ANSWER_MS = 120_000;
const LOOK_MS = 10_000;

/** What is done before the app listens for friends; undefined: this system asks by itself, or not at all. */
export function createFirewall({
  home,
  program,
  isPackaged,
  log,
  platform = process.platform,
  systemRoot = process.env['SystemRoot'],
  run = runProgram,
}: {
  readonly home: string;
  /** The program that listens. */
  readonly program: string;
  /** From source it is Electron's own program that would be let in, and with it every other app of that kind. */
  readonly isPackaged: boolean;
  readonly log: Logger;
  readonly platform?: NodeJS.Platform;
  readonly systemRoot?: string | undefined;
  readonly run?: RunProgram;
}): BeforeListening | undefined {
  if (platform !== 'win32' || !isPackaged) return undefined;
  const asked = join(home, ASKED_FILE);
  const tools = toolsOf(systemRoot);

  async function askOnce(): ReturnType<BeforeListening> {
    if (await isThere(asked)) return undefined;
    const args = addRule(program);
    if (args === undefined) return undefined;
    const known = await run(tools.netsh, SHOW_RULE).catch(() => '');
    // A rule of an earlier place of this program lets nobody in to this one.
    if (known.toLowerCase().includes(program.toLowerCase())) return undefined;
    await writeFile(asked, '', { mode: 0o600 });
    const answer = run(tools.powershell, elevated(tools.netsh, args));
    return { answered: answer.then(() => undefined, warn) };
  }

  function warn(error: unknown): undefined {
    log.warn('no rule was made', { error: String(error) });
  }

  return () => askOnce().catch(warn);
}

const SHOW_RULE = ['advfirewall', 'firewall', 'show', 'rule', `name=${RULE}`, 'verbose'];

/**
 * What stands behind `netsh` in a command line that is run with more rights; undefined for a path that could
 * be read as anything else there: a quote ends it, a percent sign is a variable's.
 */
export function addRule(program: string): string | undefined {
  const isPlain = !/["%\p{Cc}]/u.test(program) && /^[a-z]:\\/i.test(program);
  if (!isPlain || win32.normalize(program) !== program || !/\.exe$/i.test(program))
    return undefined;
  return `advfirewall firewall add rule name="${RULE}" dir=in action=allow program="${program}" profile=private enable=yes`;
}

/** PowerShell, told without any shell's quoting to run a program with more rights; Windows asks the person. */
export function elevated(program: string, args: string): readonly string[] {
  const script = [
    `$p = Start-Process -FilePath ${quoted(program)} -ArgumentList ${quoted(args)} -Verb RunAs -WindowStyle Hidden -Wait -PassThru`,
    'exit $p.ExitCode',
  ].join('; ');
  const encoded = Buffer.from(script, 'utf16le').toString('base64');
  return ['-NoProfile', '-NonInteractive', '-WindowStyle', 'Hidden', '-EncodedCommand', encoded];
}

/** In single quotes nothing but a quote means anything; to PowerShell the typographic ones are quotes too. */
function quoted(text: string): string {
  return `'${text.replaceAll(/['‘’‚‛]/g, '$&$&')}'`;
}

/** Windows' own programs by their whole paths, so that none of that name elsewhere is given more rights. */
function toolsOf(systemRoot: string | undefined): {
  readonly netsh: string;
  readonly powershell: string;
} {
  const root = /^[a-z]:\\[\w. -]+$/i.test(systemRoot ?? '') ? (systemRoot ?? '') : 'C:\\Windows';
  const system = win32.join(root, 'System32');
  return {
    netsh: win32.join(system, 'netsh.exe'),
    powershell: win32.join(system, 'WindowsPowerShell', 'v1.0', 'powershell.exe'),
  };
}

async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

async function runProgram(program: string, args: readonly string[]): Promise<string> {
  const timeout = args === SHOW_RULE ? LOOK_MS : ANSWER_MS;
  const { stdout } = await promisify(execFile)(program, [...args], { timeout, windowsHide: true });
  return stdout;
}
