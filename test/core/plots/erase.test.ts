import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openPlotHost, type PlotHost } from '../../fakes/plot-host.ts';

/** Many a friend’s plot has a million objects, and nobody else’s calls wait until the books have forgotten them all. */
const OBJECTS = 9000;

let folder: string;
let host: PlotHost;
const heard: string[] = [];
let leftMost = 0n;
let dies: string | undefined;

const objects = () =>
  host.sql.prepare<[], bigint>('SELECT count(*) FROM objects').pluck().get() ?? 0n;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'allotment-erase-'));
  heard.length = 0;
  leftMost = 0n;
  dies = undefined;
  host = await openPlotHost(folder, { serviceS: 1_000_000 }, (method) => {
    heard.push(method);
    if (method === 'erased') leftMost = objects();
    if (method === dies && heard.filter((each) => each === dies).length === 2)
      throw new Error('killed');
  });
});
afterEach(async () => {
  host.sql.close();
  await rm(folder, { recursive: true, force: true });
});

async function full() {
  const plot = host.grant();
  await mkdir(join(host.folder, plot, 'repository'), { recursive: true });
  host.sql.exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${OBJECTS})
    INSERT INTO objects (plot, type, name, size) SELECT 1, 5, randomblob(32), 1 FROM n`);
  host.sql.exec(`UPDATE plots SET written = ${OBJECTS}`);
  host.ledger.release({ owner: host.owner, plot, moment: host.moment() });
  return plot;
}

test('the objects of a plot that was let go of are forgotten a part at a time', async () => {
  const plot = await full();
  await host.hosting.plots.erase(plot);
  expect(heard.filter((each) => each === 'forgetSome').length).toBeGreaterThan(3);
  expect(leftMost).toBeLessThan(BigInt(OBJECTS) / 3n);
  expect(host.ledger.plot({ plot, moment: host.moment() })).toMatchObject({
    state: 'gone',
    writtenBytes: 0n,
  });
  expect(objects()).toBe(0n);
});

test('a host that is killed meanwhile goes on with it', async () => {
  const plot = await full();
  dies = 'forgetSome';
  await expect(host.hosting.plots.erase(plot)).rejects.toThrow('killed');
  expect(objects()).toBeGreaterThan(0n);
  expect(existsSync(join(host.folder, plot))).toBe(false);
  host = await host.crash();
  await host.hosting.chores();
  expect(host.ledger.plot({ plot, moment: host.moment() })?.state).toBe('gone');
  expect(objects()).toBe(0n);
});
