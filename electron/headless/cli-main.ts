import { resolve } from 'node:path';
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { type Fault, faults } from '../../shared/fault.ts';
import { failed, ok, type Result } from '../../shared/result.ts';
import type { Translate } from '../../shared/words/say.ts';
import {
  badArguments,
  type Command,
  type Outcome,
  systemCode,
  textOption,
  readText,
  type Values,
} from './command.ts';
import { accountCommands } from './commands-accounts.ts';
import { barterCommands } from './commands-barter.ts';
import { friendCommands } from './commands-friends.ts';
import { guestCommands } from './commands-guest.ts';
import { hostCommands } from './commands-host.ts';
import { nearCommands } from './commands-near.ts';
import { ownerCommands } from './commands-owner.ts';
import { policyCommands } from './commands-policy.ts';
import { requestCommands } from './commands-requests.ts';
import { tryCommands } from './commands-try.ts';
import { recoveryCommands } from './commands-recovery.ts';
import { restoreCommands } from './commands-restore.ts';
import { setJobCommands } from './commands-set-jobs.ts';
import { setCommands } from './commands-sets.ts';
import { upkeepCommands } from './commands-upkeep.ts';
import { voucherCommands } from './commands-vouchers.ts';
import { connectControl } from './control-client.ts';
import { defaultHome } from '../core/default-home.ts';
import { noNetworks } from '../core/ports.ts';
import { selfCheck, windowCheck } from '../core/self-check.ts';
import { faultSentence, plainText } from './output.ts';
import { bearLostOutput, print } from './print.ts';
import { prompt } from './prompt.ts';
import { RENDERER, serve } from './serve.ts';
import { createTranslator } from './translator.ts';
import { VERSION } from './version.ts';

/** The command line. Everything it can do goes through the contract; `serve` is the program itself. */

/** Which program the command line belongs to. */
export type CliOf = {
  /** As the help calls it. */
  readonly calledAs: string;
  /** The desktop app is no `serve`: its own window is what runs there. */
  readonly kind: 'headless' | 'desktop';
};

const FROM_SOURCE: CliOf = { calledAs: 'npm run -s allotment --', kind: 'headless' };

const COMMON = { home: { type: 'string' }, json: { type: 'boolean' } } as const;
const SERVE = {
  name: { type: 'string' },
  port: { type: 'string' },
  'web-port': { type: 'string' },
  'no-discovery': { type: 'boolean' },
  'phrase-file': { type: 'string' },
  replaces: { type: 'string' },
} as const;
const commands: Readonly<Record<string, Command>> = {
  ...hostCommands,
  ...policyCommands,
  ...requestCommands,
  ...tryCommands,
  ...friendCommands,
  ...accountCommands,
  ...barterCommands,
  ...guestCommands,
  ...setCommands,
  ...setJobCommands,
  ...restoreCommands,
  ...recoveryCommands,
  ...nearCommands,
  ...upkeepCommands,
  ...ownerCommands,
  ...voucherCommands,
};

export async function main(argv: readonly string[], of: CliOf = FROM_SOURCE): Promise<number> {
  bearLostOutput();
  const t = await createTranslator();
  if (argv.length === 0 || argv.includes('--help') || argv[0] === 'help') {
    const words = argv.filter((word) => word !== 'help');
    return printed(helpText(of, words), 0);
  }
  if (argv[0] === 'serve')
    return of.kind === 'headless' ? runServe(argv.slice(1), t) : end(t, NO_SERVE, argv);
  if (argv[0] === 'self-check' && of.kind === 'headless') return runSelfCheck();
  const name = commandName(argv);
  if (name === undefined)
    return end(
      t,
      badArguments(`there is no command “${argv[0] ?? ''}”; “allotment help” lists them`),
      argv,
    );
  return end(t, await runCommand(name, argv, t), argv);
}

/** Two words if such a command exists ("backup run"), else one. */
function commandName(argv: readonly string[]): string | undefined {
  const two = argv.slice(0, 2).join(' ');
  if (Object.hasOwn(commands, two)) return two;
  const [one = ''] = argv;
  return Object.hasOwn(commands, one) ? one : undefined;
}

type Parsed = { readonly values: Values; readonly positionals: readonly string[] };

function parse(args: readonly string[], options: ParseArgsOptionsConfig): Result<Parsed, Fault> {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { ...options, ...COMMON },
      allowPositionals: true,
      strict: true,
    });
    return ok({ values, positionals });
  } catch (error) {
    return badArguments(error instanceof Error ? (error.message.split('. ')[0] ?? '') : '');
  }
}

async function runCommand(
  name: string,
  argv: readonly string[],
  t: Translate,
): Promise<Result<Outcome, Fault>> {
  const command = commands[name];
  if (command === undefined) return badArguments(name);
  const parsed = parse(argv.slice(name.split(' ').length), command.options ?? {});
  if (!parsed.ok) return parsed;
  const { values, positionals } = parsed.value;
  const [least, most] = command.words;
  if (positionals.length < least || positionals.length > most)
    return badArguments(`it is called so: ${command.usage}`);
  const client = await connectControl(resolve(textOption(values, 'home') ?? defaultHome()));
  if (!client.ok) return client;
  try {
    const isTerminal = process.stdin.isTTY && process.stderr.isTTY;
    return await command.run({
      words: positionals,
      values,
      t,
      isTerminal,
      isJson: values['json'] === true,
      call: client.value.call,
      webLink: client.value.webLink,
      note: (text) => process.stderr.write(`${text}\n`),
      ask: (question) => (isTerminal ? prompt(question) : Promise.resolve(undefined)),
    });
  } finally {
    client.value.close();
  }
}

/** Says how it ended, in words or as JSON, and with which exit code. */
async function end(
  t: Translate,
  result: Result<Outcome, Fault>,
  argv: readonly string[],
): Promise<number> {
  const isJson = argv.includes('--json');
  if (result.ok) {
    const { value, text, exit = 0 } = result.value;
    return printed(`${isJson ? JSON.stringify(value) : text}\n`, exit);
  }
  const sentence = faultSentence(t, result.fault);
  const { exit } = faults[result.fault.code];
  if (isJson) return printed(`${JSON.stringify({ fault: { ...result.fault, sentence } })}\n`, exit);
  process.stderr.write(`${sentence}\n`);
  return exit;
}

/** Where it did not get out, nobody may take what there is of it for the whole. */
async function printed(text: string, exit: number): Promise<number> {
  const lost = await print(text);
  if (lost === undefined) return exit;
  process.stderr.write(`That could not be written down (${systemCode(lost)}).\n`);
  return exit === 0 ? faults['disk-full'].exit : exit;
}

async function runServe(argv: readonly string[], t: Translate): Promise<number> {
  const parsed = parse(argv, SERVE);
  if (!parsed.ok) return end(t, parsed, argv);
  const { values, positionals } = parsed.value;
  if (positionals[0] !== undefined)
    return end(t, badArguments(`“${plainText(positionals[0])}” means nothing to serve`), argv);
  const port = portOption(values, 'port');
  const webPort = portOption(values, 'web-port');
  if (port === 'bad' || webPort === 'bad')
    return end(t, badArguments('a port is a number from 0 to 65535'), argv);
  const phraseFile = textOption(values, 'phrase-file');
  const phrase =
    phraseFile === undefined
      ? ok(undefined)
      : await readText(phraseFile === '-' ? '/dev/stdin' : phraseFile);
  if (!phrase.ok) return end(t, phrase, argv);
  const home = resolve(textOption(values, 'home') ?? defaultHome());
  const name = textOption(values, 'name');
  const replaces = textOption(values, 'replaces');
  const ports = values['no-discovery'] === true ? { networks: noNetworks } : {};
  const served = await serve({ home, name, port, webPort, phrase: phrase.value, replaces, ports });
  if (!served.ok) return end(t, served, argv);
  // Whoever reads that it is ready may end it in the same moment.
  const stopped = untilStopped();
  process.stdout.write(`${JSON.stringify(served.value.ready)}\n`);
  const replaced = await Promise.race([stopped, served.value.core.replaced]);
  await served.value.close();
  return replaced === undefined ? 0 : end(t, failed(replaced), argv);
}

/** Whether all of what was packed is there and works: one JSON line, for whoever packs it. */
async function runSelfCheck(): Promise<number> {
  const found = await selfCheck({ version: VERSION, own: [windowCheck(RENDERER)] });
  return printed(`${JSON.stringify(found)}\n`, found.ok ? 0 : 1);
}

function portOption(values: Values, name: string): number | undefined | 'bad' {
  const text = textOption(values, name);
  if (text === undefined) return undefined;
  return /^[0-9]{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : 'bad';
}

/** What is said to a terminal's whole group, or a service's, and handed on by `npm` besides, comes several times within this. */
const SAME_SIGNAL_MS = 1_000;

/** The first signal asks for an orderly end, one that comes later is left to the system. */
export function untilStopped(): Promise<void> {
  return new Promise((resolveStop) => {
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
    const letGo = () => signals.forEach((signal) => process.off(signal, stop));
    const stop = () => {
      resolveStop();
      setTimeout(letGo, SAME_SIGNAL_MS).unref();
    };
    for (const signal of signals) process.on(signal, stop);
  });
}

const NO_SERVE = badArguments(
  'this is the desktop app, which serves while it is open: start it with “allotment --hidden” to have it without its window',
);

const SERVE_HELP = [
  '  serve [--name NAME] [--port 0] [--web-port 0] [--no-discovery]',
  '      [--phrase-file FILE [--replaces INSTANCE]]',
  '      runs Allotment; prints one JSON line when it is ready',
  '  self-check',
  '      whether all of this program is there and works here, as one JSON line',
];

/** Of the command that is named and all that begin so (`accounts --help`, `backup --help`), or of every one. */
function helpText({ calledAs, kind }: CliOf, argv: readonly string[]): string {
  const linesOf = (list: readonly Command[]) =>
    list.map(({ usage, help }) => `  ${usage}\n      ${help}`);
  const begin = commandName(argv) ?? argv[0] ?? '';
  const meant = Object.entries(commands).filter(
    ([name]) => name === begin || name.startsWith(`${begin} `),
  );
  if (meant.length > 0)
    return `${calledAs} …\n\n${linesOf(meant.map(([, command]) => command)).join('\n')}\n`;
  if (kind === 'headless' && argv[0] === 'serve')
    return `${calledAs} …\n\n${SERVE_HELP.slice(0, 3).join('\n')}\n`;
  const lines = linesOf(Object.values(commands));
  return [
    `${calledAs} COMMAND [--home DIR] [--json]`,
    '',
    ...(kind === 'headless' ? SERVE_HELP : []),
    ...lines,
    '',
    'Exit codes: 0 done, 2 wrong words, 3 no such thing, 4 the answer was no, or it is there already,',
    '5 the other side can’t be reached, 6 this machine’s disk or port, 7 this installation, 8 the',
    'repository or some files.',
    '',
  ].join('\n');
}
