import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from './load.ts';
import { sizesOf } from './year-checks.ts';
import { closeYear, liveYear } from './year.ts';

/**
 * `npm run soak`: a year among twenty friends in minutes, or, with `load MINUTES`, a real host under full load. The
 * figures go to `.cache/soak-….json`; SEED=… begins elsewhere.
 */
const PEOPLE = Number(process.env['PEOPLE'] ?? 20);
const DAYS = Number(process.env['DAYS'] ?? 365);
const SEED = Number(process.env['SEED'] ?? 1);
const EVERY_DAYS = 30;
const MINUTES = 60;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function year(): Promise<void> {
  const before = process.cpuUsage();
  const sizes: { day: number; megabytes: number; rows: Record<string, number> }[] = [];
  const { people, seen } = await liveYear({
    people: PEOPLE,
    days: DAYS,
    seed: SEED,
    onDay: (day, all) => {
      if (day % EVERY_DAYS !== 0 && day !== DAYS) return;
      // Of whoever has most.
      const each = all.map(({ home }) => sizesOf(home.sql));
      const bytes = Math.max(...each.map((size) => size.bytes));
      const rows: Record<string, number> = {};
      for (const size of each)
        for (const [table, count] of size.rows)
          if (count > 0) rows[table] = Math.max(rows[table] ?? 0, count);
      sizes.push({ day, megabytes: bytes / 1e6, rows });
      say(`day ${day}: the largest books have ${(bytes / 1e6).toFixed(2)} MB`);
    },
  });
  closeYear(people);
  const { user, system } = process.cpuUsage(before);
  const happened = Object.fromEntries(
    [...seen].toSorted(([one], [other]) => (one < other ? -1 : 1)),
  );
  say(
    `${Object.entries(happened)
      .map(([what, times]) => `${what} ${times}`)
      .join(', ')}`,
  );
  say(
    `${PEOPLE} friends, ${DAYS} days, seed ${SEED}: ${((user + system) / 1e6).toFixed(0)} s of a processor`,
  );
  keep('year', { people: PEOPLE, days: DAYS, seed: SEED, happened, sizes });
}

async function underLoad(minutes: number): Promise<void> {
  const { calls, samples, wrong } = await load(minutes, say);
  say(
    Object.entries(calls)
      .map(([what, times]) => `${what} ${times}`)
      .join(', '),
  );
  keep('load', { minutes, calls, samples, wrong });
  if (wrong.length > 0) throw new Error(wrong.join('; '));
  say('memory and open files stay as they are');
}

function keep(name: string, figures: unknown): void {
  mkdirSync('.cache', { recursive: true });
  writeFileSync(join('.cache', `soak-${name}.json`), JSON.stringify(figures, undefined, 2));
}

const [form, minutes] = process.argv.slice(2);
if (form === undefined) await year();
else if (form === 'load') await underLoad(Number(minutes ?? MINUTES));
else throw new Error(`there is no soak called ${form}; there is "load MINUTES"`);
