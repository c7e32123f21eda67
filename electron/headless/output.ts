import type { JobView } from '../../shared/contract/views.ts';
import type { Fault } from '../../shared/fault.ts';
import { formatDuration } from '../../shared/i18n/formats.ts';
import { formatBytes } from '../../shared/units.ts';
import { say, type Translate } from '../../shared/words/say.ts';

/** Rows under a head, as wide as they need to be; what others wrote can't move the cursor. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const clean = rows.map((row) => row.map(plainText));
  const widths = head.map((title, column) =>
    Math.max(title.length, ...clean.map((row) => (row[column] ?? '').length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(head), line(widths.map((width) => '─'.repeat(width))), ...clean.map(line)].join(
    '\n',
  );
}

/** Names and purposes are other people's words: nothing that moves the cursor or turns the line round gets out. */
export function plainText(text: string): string {
  // What `say` puts around a name is for windows; a terminal would print it or mind it, each in its own way.
  const bare = text.replaceAll(/\u2068([^\p{Cc}\u2066-\u2069]*)\u2069/gu, '$1');
  return bare.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu, '�');
}

export function size(text: string | null): string {
  return text === null ? '–' : formatBytes(BigInt(text));
}

export function left(seconds: number): string {
  return formatDuration(seconds, 'en');
}

export function dateTime(ms: number | null): string {
  if (ms === null) return '–';
  const date = new Date(ms);
  // Some moments are what another device says.
  if (Number.isNaN(date.getTime())) return '?';
  const two = (part: number) => `${part}`.padStart(2, '0');
  // By the clock on the wall, as times are typed too.
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${time}`;
}

export function counted(count: number | string | undefined, one: string, many = `${one}s`): string {
  return `${count ?? 0} ${Number(count) === 1 ? one : many}`;
}

export function faultSentence(t: Translate, { code, params }: Fault): string {
  return plainText(say(t, { key: `fault.${code}`, params }));
}

/** A line that is written over again while a job runs. */
export function progressLine(t: Translate, { progress }: JobView): string {
  const { phase, filesDone, filesTotal, bytesDone, bytesTotal, bytesPerS, leftS } = progress;
  const of = bytesTotal === null ? '' : ` of ${size(bytesTotal)}`;
  const files = filesTotal === null ? `${filesDone}` : `${filesDone} of ${filesTotal}`;
  const said = [
    // Where nothing is counted, nought says nothing.
    ...(bytesTotal === null && bytesDone === '0' ? [] : [`${size(bytesDone)}${of}`]),
    ...(filesTotal === null && filesDone === 0 ? [] : [`${files} files`]),
    ...(bytesPerS > 0 ? [`${formatBytes(BigInt(bytesPerS))}/s`] : []),
    ...(leftS === null ? [] : [`${left(leftS)} left`]),
  ];
  const name = t(`phase.${phase}`);
  return said.length === 0 ? name : `${name}: ${said.join(', ')}`;
}

/** As one word of a command line. */
export function inShell(name: string): string {
  const text = plainText(name);
  return /^[\p{L}\p{N}._-]+$/u.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
