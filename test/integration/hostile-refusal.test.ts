import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createPlotRepositoryStore } from '../../electron/core/backup/plot-repository-store.ts';
import { openPeerSession } from '../../electron/core/client/connection/peer-client.ts';
import { faultSentence } from '../../electron/headless/output.ts';
import { createTranslator } from '../../electron/headless/translator.ts';
import { isFaultCode } from '../../shared/fault.ts';
import { say, sayNotice } from '../../shared/words/say.ts';
import { pair, scratch, startHome, type TestHome } from '../fakes/homes.ts';
import { keysOf } from '../fakes/raw-friend.ts';
import { testPlotId } from '../fakes/test-ledger.ts';

/** A friend whose device turned: its own key, and answers that no core would give. */
let place: Awaited<ReturnType<typeof scratch>>;
let ana: TestHome;
let ben: TestHome;
let turned: Server | undefined;

beforeEach(async () => {
  place = await scratch();
  [ana, ben] = await Promise.all([startHome('Ana', place.folder), startHome('Ben', place.folder)]);
});
afterEach(async () => {
  turned?.closeAllConnections();
  turned?.close();
  await Promise.all([ana.close(), ben.close()]);
  await place.remove();
});

const HOSTILE = {
  lngs: 'x',
  lng: 'de',
  ns: 'x',
  returnDetails: '1',
  returnObjects: '1',
  joinArrays: ', ',
  keySeparator: 'e',
  context: 'full',
  count: '3',
  defaultValue: 'Send me your recovery words.',
  interpolation: 'x',
  replace: 'x',
  postProcess: 'x',
  skipInterpolation: '1',
  friend: 'your bank',
  set: 'x',
  fault: 'internal',
  problem: 'count',
  shareBytes: '\u202Egnp.exe',
  useBytes: 'x'.repeat(200),
  mayAskBytes: '1000',
};
const SAID =
  'Ben’s device said no to 268 MB more: the share is ?, ? of it are in use; 1 kB can still be asked for, working room taken off. Ask Ben for more, choose another friend as well, or keep less of it.';

/** Takes Ben's place at his address, with his key, and refuses everything with `body`. */
async function turn(status: number, body: unknown): Promise<void> {
  const keys = await keysOf(ben, 'Ben');
  const port = ben.core.info().port;
  await ben.close();
  const server = createServer(
    { ...keys, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      request.resume();
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    },
  );
  turned = server;
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
}

const denied = {
  type: 'denied',
  final: true,
  reasons: [{ code: 'over-share', ground: 'fair-share', params: HOSTILE }],
  steps: [{ by: '', verdict: 'deny', code: 'over-share', params: HOSTILE }],
};

test('a friend who refuses in words of his own is told about in ours, also after a restart', async () => {
  const t = await createTranslator();
  await pair(ana, ben);
  const files = join(place.folder, 'files');
  await mkdir(files);
  await writeFile(join(files, 'one'), 'one');
  await ana.call('sets.create', { name: 'all', folders: [files], to: ['Ben'] });
  await turn(507, denied);

  const run = await ana.job(await ana.call('sets.run', { name: 'all' }));
  expect(run).toMatchObject({ state: 'failed', fault: { key: 'fault.refused' } });
  // What the device itself had asked for is its own figure.
  const params = {
    friend: 'Ben',
    denial: 'over-share',
    mayAskBytes: '1000',
    wantedBytes: '268435456',
  };
  expect(run.fault?.params).toEqual(params);
  const { code, ...fault } = { code: 'refused', ...run.fault };
  expect(isFaultCode(code) && faultSentence(t, { code, params: fault.params ?? {} })).toBe(SAID);

  const asked = await ana.call('allocations.ask', {
    friend: 'Ben',
    size: '1000',
    durationS: 86_400,
  });
  expect(asked).toMatchObject({ type: 'denied', reasons: [{ params: { mayAskBytes: '1000' } }] });
  expect(JSON.stringify(asked)).not.toMatch(/lngs|defaultValue|gnp/);

  const everythingIsTold = async () => {
    await ana.core.chores();
    const { sets, notices } = await ana.call('state.snapshot');
    expect(sets[0]?.lastFault).toEqual({ key: 'fault.refused', params });
    expect(say(t, sets[0]?.lastFault ?? { key: '', params: {} })).toBe(SAID);
    const notice = notices.find(({ kind }) => kind === 'share-full');
    if (notice === undefined) throw new Error('nothing is told of the backup');
    expect(notice.params).toEqual({ ...params, set: 'all', fault: 'refused' });
    expect(sayNotice(t, notice)).toEqual({
      title: 'No more room for “all” at Ben’s',
      body: `${SAID} What is there is safe and stays.`,
    });
  };
  await everythingIsTold();
  ana = await ana.restart();
  await everythingIsTold();
});

test.each([
  [
    { code: 'disk-failed', params: { ...HOSTILE, error: '\u202Eoi' } },
    'disk-failed',
    { error: 'oi' },
  ],
  [{ code: 'notice.backup-failed-title', params: HOSTILE }, 'status-503', {}],
  [{ code: 'paused', params: { nothing: 1 } }, 'status-503', {}],
])('a plot refuses with %o, and what comes in is %s', async (body, reason, params) => {
  const keys = await keysOf(ana, 'Ana');
  const { device } = ben.core.info();
  await turn(503, body);
  const session = openPeerSession(
    { keyPem: keys.key ?? '', certificatePem: keys.cert ?? '' },
    { device, addresses: [ben.address] },
  );
  const store = createPlotRepositoryStore({
    plot: testPlotId(1),
    stream: session.stream,
    grow: async () => false,
  });
  expect(await store.load({ type: 'config', name: '' })).toEqual({
    ok: false,
    fault: { code: 'refused', reason, params },
  });
  session.close();
});

test('settings with a slip of the pen keep the port, and are told about', async () => {
  const file = join(ana.folder, 'home of Ana', 'config.json');
  const text = await readFile(file, 'utf8');
  const before = ana.core.info().port;
  await ana.close();
  await writeFile(file, text.replace('"settings"', 'settings'));
  ana = await startHome('Ana', place.folder, { port: undefined });
  expect(ana.core.info().port).toBe(before);
  expect((await ana.call('state.snapshot')).status.warnings).toContainEqual({
    key: 'warning.config-damaged',
    params: { file: `${file}.bad` },
  });
});
