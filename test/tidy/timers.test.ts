import { readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sourceFiles } from './layers.ts';

const root = resolve(import.meta.dirname, '../..');
const folders = ['electron', 'shared', 'renderer'].map((name) => join(root, name));

/**
 * A timer of 2^31 ms or more fires at once, so whatever lasts longer than a few weeks must be looked at now
 * and then instead. How long a timer waits is therefore a constant, or said to have a bound where it is set.
 */
const FIRES_AT_ONCE_MS = 2 ** 31;

/** Waits that are worked out, by file, each with what bounds it. */
const BOUNDED: Readonly<Record<string, readonly string[]>> = {
  // Its callers hand it constants of at most some seconds.
  'electron/main/break-down.ts': ['ms'],
  // Taken from a list of constants.
  'electron/main/tray-host.ts': ['waitMs'],
  // A member of the options, a constant in limits.ts.
  'electron/core/server/message-body.ts': ['limits.bodyMs'],
  'electron/core/server/peer-server.ts': ['limits.idleMs'],
  // A constant of whoever opens the store.
  'electron/core/plots/receive.ts': ['withinMs'],
  'electron/core/plots/plot-store.ts': ['withinMs'],
  // The next call is due in five minutes and a fifth at most; what is never due sets no timer.
  'electron/core/discovery/call-queue.ts': ['Math.max(0,Math.ceil(nextMs-nowMs))'],
  'electron/core/discovery/address-probe.ts': ['afterMs'],
  // A second after the last word, and a moment.
  'electron/core/discovery/station.ts': ['Math.max(afterMs,saidMs+SAID_EVERY_MS-nowMs)'],
  // Two seconds after the last telling.
  'electron/core/discovery/presence.ts': ['Math.max(TOUCH_MS,TOUCH_EVERY_MS-sinceMs)'],
  // A constant of its callers, and five minutes at most.
  'electron/core/client/connection/exchange.ts': ['answerMs+moreMs'],
  'electron/core/client/connection/peer-client.ts': ['withinMs'],
  // A minute at most.
  'electron/core/backup/copies/several.ts': ['patienceMs'],
  // Constants beside it; tests are in more of a hurry.
  'electron/headless/control-server.ts': ['lookMs'],
  'electron/core/api/change-hub.ts': ['againMs'],
  'renderer/history/use-history.ts': ['afterMs'],
  'renderer/state/announce.ts': ['afterMs'],
  'renderer/state/use-latest.ts': ['afterMs'],
  'renderer/state/use-look.ts': ["asked===''?0:ASK_AFTER_MS"],
  // A few seconds after the look before, by a clock that is never put back.
  'electron/core/notices/notice-keeper.ts': ['waitMs'],
};

type Wait = { readonly file: string; readonly wait: string };

/** The waits of all timers that a text sets, without blanks. */
function waitsIn(text: string): readonly string[] {
  return [...text.matchAll(/\b(?:setTimeout|setInterval)\(/g)].flatMap(({ 0: call, index }) => {
    const parts = argumentsAt(text, index + call.length);
    const [first = '', second] = parts;
    // Of a socket or a request: the wait comes first.
    const wait = /^[A-Z_0-9]+$|^limits\./.test(first) ? first : second;
    return wait === undefined || wait === '' ? [] : [wait];
  });
}

/** The arguments of the call whose bracket ends before `at`. */
function argumentsAt(text: string, at: number): readonly string[] {
  const parts = [''];
  let depth = 0;
  for (const letter of text.slice(at)) {
    if ('([{'.includes(letter)) depth += 1;
    if (')]}'.includes(letter)) depth -= 1;
    if (depth < 0) break;
    if (letter === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += letter.trim();
  }
  return parts;
}

function isBounded({ file, wait }: Wait): boolean {
  if (/^[A-Z][A-Z_0-9]*$/.test(wait)) return true;
  if (/^[0-9_]+$/.test(wait)) return Number(wait.replaceAll('_', '')) < FIRES_AT_ONCE_MS;
  // The least of several has the bound of any, and a minute more changes nothing.
  const least = /^Math\.min\(.*,([A-Z][A-Z_0-9]*)\)(\+1)?$/.exec(wait);
  return least !== null || BOUNDED[file]?.includes(wait) === true;
}

const waits = folders.flatMap(sourceFiles).flatMap((path): readonly Wait[] => {
  const file = relative(root, path).replaceAll('\\', '/');
  return waitsIn(readFileSync(path, 'utf8')).map((wait) => ({ file, wait }));
});

describe('timers', () => {
  test('no timer waits for longer than the system can', () => {
    expect(waits.length).toBeGreaterThan(20);
    expect(waits.filter((wait) => !isBounded(wait))).toEqual([]);
  });

  test('no constant that a timer may have is that long', () => {
    for (const path of folders.flatMap(sourceFiles))
      for (const [, name = '', value = ''] of readFileSync(path, 'utf8').matchAll(
        /\bconst ([A-Z_0-9]+_MS) = ([0-9_ */()+-]+);/g,
      ))
        if (waits.some(({ wait }) => wait.includes(name)))
          expect(product(value), `${name} in ${path}`).toBeLessThan(FIRES_AT_ONCE_MS);
  });

  test('one that waits for as long as somebody says would be noticed', () => {
    const wait = waitsIn('timer = setTimeout(() => look(a, [b]), untilMs - clock.nowMs());')[0];
    expect(wait).toBe('untilMs-clock.nowMs()');
    expect(isBounded({ file: 'electron/core/pause.ts', wait: wait ?? '' })).toBe(false);
    expect(isBounded({ file: '', wait: 'Math.min(leftMs,LOOK_EVERY_MS)' })).toBe(true);
  });
});

function product(text: string): number {
  return text
    .split('*')
    .reduce((all, factor) => all * Number(factor.replaceAll(/[_()\s]/g, '')), 1);
}
