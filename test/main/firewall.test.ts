import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  addRule,
  createFirewall,
  elevated,
  type RunProgram,
} from '../../electron/main/firewall.ts';
import { quietLogger } from './quiet-logger.ts';
import { fc } from '../fakes/properties.ts';

/** All that could mean something to PowerShell, or to netsh. */
const CHARACTERS = Array.from(`ab '"\`$;&|(){}‘’‚‛\\%\n`);
const PROGRAM = String.raw`C:\Users\Ana’s PC\AppData\Local\Programs\allotment\Allotment.exe`;

describe('the firewall’s rule', () => {
  it('is for this program and for private networks alone', () => {
    expect(addRule(PROGRAM)).toBe(
      `advfirewall firewall add rule name="Allotment" dir=in action=allow program="${PROGRAM}" profile=private enable=yes`,
    );
  });

  it.each([
    String.raw`C:\a" profile=any program="C:\evil.exe`,
    String.raw`C:\%TEMP%\Allotment.exe`,
    'C:\\a\nb\\Allotment.exe',
    String.raw`C:\a\..\..\evil.exe`,
    String.raw`\\server\share\Allotment.exe`,
    'Allotment.exe',
    String.raw`C:\Program Files\Allotment`,
    '',
  ])('is not made for %j', (program) => {
    expect(addRule(program)).toBeUndefined();
  });
});

describe('what is run with more rights', () => {
  it('is that program with those words, whatever stands in them', () => {
    const text = fc.string({ unit: fc.constantFrom(...CHARACTERS) });
    fc.assert(
      fc.property(text, text, (program, args) => {
        const script = scriptOf(elevated(program, args));
        const [first, second, rest] = literals(script);
        expect([first, second]).toEqual([program, args]);
        expect(rest).toBe(
          '$p = Start-Process -FilePath ? -ArgumentList ? -Verb RunAs -WindowStyle Hidden -Wait -PassThru; exit $p.ExitCode',
        );
      }),
    );
  });
});

function scriptOf(args: readonly string[]): string {
  expect(args.slice(0, -1)).toEqual([
    '-NoProfile',
    '-NonInteractive',
    '-WindowStyle',
    'Hidden',
    '-EncodedCommand',
  ]);
  return Buffer.from(args.at(-1) ?? '', 'base64').toString('utf16le');
}

/** Reads as PowerShell does: any of its quotes ends a text, two of them stand for the first. Last: what is left of the script. */
function literals(script: string): readonly string[] {
  const quote = /['‘’‚‛]/;
  const found: string[] = [];
  let rest = '';
  for (let i = 0; i < script.length; i += 1) {
    if (!quote.test(script[i] ?? '')) {
      rest += script[i];
      continue;
    }
    let text = '';
    for (i += 1; i < script.length; i += 1) {
      if (quote.test(script[i] ?? '')) {
        if (!quote.test(script[i + 1] ?? '')) break;
        i += 1;
      }
      text += script[i];
    }
    found.push(text);
    rest += '?';
  }
  return [...found, rest];
}

describe('asking Windows', () => {
  let home: string;
  let ran: (readonly [string, readonly string[]])[];
  let known = '';
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'allotment-firewall-'));
    ran = [];
    known = '';
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  const run: RunProgram = async (program, args) => {
    ran.push([program, args]);
    if (args.includes('show')) return known;
    throw new Error('The operation was canceled by the user.');
  };
  const open = (more: Partial<Parameters<typeof createFirewall>[0]> = {}) =>
    createFirewall({
      home,
      program: PROGRAM,
      isPackaged: true,
      log: quietLogger,
      platform: 'win32',
      systemRoot: String.raw`C:\Windows`,
      run,
      ...more,
    });

  it('happens once, whatever the answer is, and a no keeps nobody from listening', async () => {
    await (await open()?.())?.answered;
    await (await open()?.())?.answered;
    expect(ran.map(([program]) => program)).toEqual([
      String.raw`C:\Windows\System32\netsh.exe`,
      String.raw`C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe`,
    ]);
    expect(scriptOf(ran[1]?.[1] ?? [])).toContain('program="C:\\Users\\Ana');
    expect(await readdir(home)).toEqual(['firewall-asked']);
  });

  it('waits for nobody: it says that a person is asked, and when there is an answer', async () => {
    const answer = Promise.withResolvers<string>();
    const before = open({
      run: (_program, args) => (args.includes('show') ? Promise.resolve('') : answer.promise),
    });
    const asking = await before?.();
    let isAnswered = false;
    const answered = asking?.answered.then(() => (isAnswered = true));
    await Promise.resolve();
    expect(isAnswered).toBe(false);
    answer.resolve('');
    await answered;
    expect(await before?.()).toBeUndefined();
  });

  it('is not needed where there is a rule for this very program', async () => {
    known = `Rule Name: Allotment\nProgram:  ${PROGRAM.toUpperCase()}\n`;
    await open()?.();
    expect(ran).toHaveLength(1);
    known = String.raw`Program: C:\elsewhere\Allotment.exe`;
    await open()?.();
    expect(ran).toHaveLength(3);
  });

  it('uses Windows’ own programs where the environment names none, or another one’s', async () => {
    await open({ systemRoot: String.raw`C:\Users\Eve & calc` })?.();
    expect(ran[0]?.[0]).toBe(String.raw`C:\Windows\System32\netsh.exe`);
  });

  it('is left out on other systems, and from source', () => {
    expect(open({ platform: 'linux' })).toBeUndefined();
    expect(open({ platform: 'darwin' })).toBeUndefined();
    expect(open({ isPackaged: false })).toBeUndefined();
  });
});
