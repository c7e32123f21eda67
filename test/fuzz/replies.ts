import { denials } from '../../shared/denial.ts';
import { faults } from '../../shared/fault.ts';
import { plotFaults } from '../../shared/wire/plot-faults.ts';
import { insist } from './target.ts';

/** What no answer may ever have in it, whoever asks: where things lie, who else there is, how it looks inside. */
const INSIDE =
  /\bat (async )?[\w.<>]* ?\(?(file:|node:|\/)|node_modules|\.ts:\d+|ENOENT|EACCES|SQLITE|SqliteError/;
const CODES: ReadonlySet<string> = new Set([
  ...Object.keys(denials),
  ...Object.keys(faults),
  ...Object.keys(plotFaults),
]);

export function insistOnWords(said: string, secrets: readonly string[]): void {
  const inside = INSIDE.exec(said);
  insist(inside === null, `an answer that shows ${inside?.[0]}: ${said.slice(0, 400)}`);
  for (const secret of secrets)
    insist(!said.includes(secret), `an answer that betrays ${secret}: ${said.slice(0, 400)}`);
  for (const [, code = ''] of said.matchAll(/"code":"([^"]*)"/g))
    insist(CODES.has(code), `the code ${code}`);
}

/** Of every answer its status and what it says; dates and the like left out. */
export function answersIn(said: Buffer): readonly string[] {
  const answers: string[] = [];
  let rest = said.toString('latin1');
  for (;;) {
    const head = /HTTP\/1\.1 (\d{3})[^\r]*\r\n((?:[^\r\n]+\r\n)*)\r\n/.exec(rest);
    if (head === null) return answers;
    const [whole, status = '', fields = ''] = head;
    const length = Number(/content-length: (\d+)/i.exec(fields)?.[1] ?? 0);
    const from = head.index + whole.length;
    answers.push(`${status} ${rest.slice(from, from + length)}`);
    rest = rest.slice(from + length);
  }
}
