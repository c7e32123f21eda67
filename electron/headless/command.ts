import { readFile } from 'node:fs/promises';
import type { ParseArgsOptionsConfig } from 'node:util';
import type { ChannelName } from '../../shared/contract/channels.ts';
import type { InputOf, ResultOf } from '../../shared/contract/contract.ts';
import { type Fault, fault } from '../../shared/fault.ts';
import { failed, ok, type Result } from '../../shared/result.ts';
import { parseDurationS, parseSize } from '../../shared/units.ts';
import { jsonOf } from '../../shared/wire/json.ts';
import type { Translate } from '../../shared/words/say.ts';

export type Values = Readonly<
  Record<string, string | boolean | readonly (string | boolean)[] | undefined>
>;

/** What a command works with. */
export type CommandContext = {
  readonly words: readonly string[];
  readonly values: Values;
  readonly t: Translate;
  readonly isTerminal: boolean;
  readonly isJson: boolean;
  readonly call: <C extends ChannelName>(
    channel: C,
    args: InputOf<C>,
  ) => Promise<Result<ResultOf<C>, Fault>>;
  readonly webLink: () => Promise<Result<{ readonly url: string | null }, Fault>>;
  /** Something for the person, beside the result. */
  readonly note: (text: string) => void;
  /** Asks the person; undefined where there is no terminal. */
  readonly ask: (question: string) => Promise<string | undefined>;
};

export type Outcome = {
  /** What `--json` prints. */
  readonly value: unknown;
  /** What people read. */
  readonly text: string;
  /** 0 unless the answer was no. */
  readonly exit?: number;
};

export type Command = {
  /** As it is called, for the help. */
  readonly usage: string;
  readonly help: string;
  readonly options?: ParseArgsOptionsConfig;
  /** How many words must stand behind it, at least and at most. */
  readonly words: readonly [number, number];
  readonly run: (context: CommandContext) => Promise<Result<Outcome, Fault>>;
};

export function textOption(values: Values, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

/** What was said several times. */
export function textsOption(values: Values, name: string): string[] {
  const value = values[name];
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

/** What stands where a size was refused in words of its own; `bad-size` says it in the catalogue. */
export const NO_THOUSANDS = 'with no point or comma for thousands';

/** A size that must be there, as the contract wants it. */
export function sizeOption(values: Values, name: string): Result<string, Fault> {
  const bytes = parseSize(textOption(values, name) ?? '');
  return bytes === undefined ? failed(fault('bad-size', { field: `--${name}` })) : ok(`${bytes}`);
}

export function durationOption(
  values: Values,
  name: string,
  otherwise: number,
): Result<number, Fault> {
  const text = textOption(values, name);
  if (text === undefined) return ok(otherwise);
  const seconds = parseDurationS(text);
  return seconds === undefined
    ? failed(fault('bad-duration', { field: `--${name}` }))
    : ok(seconds);
}

/** What is in a file that was named on the command line. */
export async function readText(file: string): Promise<Result<string, Fault>> {
  try {
    return ok(await readFile(file, 'utf8'));
  } catch (error) {
    return badArguments(`${file} can’t be read (${systemCode(error)})`);
  }
}

/** The same as JSON that nobody has looked at yet. */
export async function readJson(file: string): Promise<Result<unknown, Fault>> {
  const text = await readText(file);
  if (!text.ok) return text;
  const value = jsonOf(text.value);
  return value === undefined ? badArguments(`${file} is not JSON`) : ok(value);
}

/** What the system calls the reason: `ENOENT`. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}

export function badArguments(problem: string): Result<never, Fault> {
  return failed(fault('bad-arguments', { problem }));
}
