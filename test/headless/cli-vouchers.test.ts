import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serve } from '../../electron/headless/serve.ts';
import { bundle } from '../fakes/bundle.ts';
import { asTestHome, offer, pair, scratch, startHome, type TestHome } from '../fakes/homes.ts';

const CLI = fileURLToPath(new URL('../../electron/headless/cli.ts', import.meta.url));

/** Ben and Nick at their command lines; Ana gives space, and knows Ben alone. */
let place: Awaited<ReturnType<typeof scratch>>;
type Served = Extract<Awaited<ReturnType<typeof serve>>, { ok: true }>['value'];
let served: readonly Served[];
let ana: TestHome;
let nick: TestHome;
let cli: string;

type Run = { readonly code: number; readonly out: string; readonly err: string };
function at(who: string, args: readonly string[], input = ''): Promise<Run> {
  const all = [cli, ...args, '--home', join(place.folder, who)];
  return new Promise((resolve) => {
    const child = execFile(process.execPath, all, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), out, err });
    });
    child.stdin?.end(input);
  });
}
async function json(who: string, ...args: readonly string[]): Promise<Record<string, unknown>> {
  return JSON.parse((await at(who, [...args, '--json'])).out) as Record<string, unknown>;
}

beforeAll(async () => {
  place = await scratch();
  cli = await bundle(CLI);
  served = await Promise.all(
    ['Ben', 'Nick'].map(async (name) => {
      const home = join(place.folder, name.toLowerCase());
      const started = await serve({ home, name, port: 0, host: '127.0.0.1' });
      if (!started.ok) throw new Error(JSON.stringify(started.fault));
      return started.value;
    }),
  );
  ana = await startHome('Ana', place.folder);
  const [ben, other] = served.map(({ core }) => asTestHome(core, place.folder));
  if (ben === undefined || other === undefined) throw new Error('nobody is served');
  nick = other;
  await pair(ben, ana);
  await mkdir(join(place.folder, 'spare'));
  await offer(ana, join(place.folder, 'spare'));
});
afterAll(async () => {
  await ana.close();
  await Promise.all(served.map((each) => each.close()));
  await place.remove();
});

test('somebody is introduced, comes in, is seen by all three, and the introduction is taken back', async () => {
  expect((await at('ben', ['vouchers'])).out).toMatch(
    /^You introduced nobody\.\n\nNobody vouches for you\.\n/,
  );
  const [, owner = ''] =
    /owner id: ([a-z2-7]{52})/.exec((await at('nick', ['vouchers'])).out) ?? [];
  const vouched = await at('ben', ['vouch', 'Ana', owner, '5GB', '--for', '30d']);
  expect(vouched.out).toMatch(/may have 5 GB at Ana’s until 20/);
  expect(vouched.out).not.toContain('more than is left');
  const text = vouched.out.trim().split('\n').at(-1) ?? '';

  const came = await at('nick', ['introduced', '-', '--size', '1GB'], `${text}\n`);
  // A day less than the voucher, which runs by another clock.
  expect([came.code, came.out]).toEqual([0, 'You have a plot of 1 GB there, for 29 days.\n']);
  expect((await at('nick', ['vouchers'])).out).toMatch(/Ben +Ana +5 GB/);
  expect((await at('nick', ['plots'])).out).toMatch(/Ana/);
  expect((await ana.call('vouchers.list')).guests).toMatchObject([
    { name: 'Nick', introducer: { name: 'Ben' } },
  ]);

  const [issued] = (await json('ben', 'vouchers'))['issued'] as { readonly id: string }[];
  const back = await at('ben', ['vouch', 'withdraw', issued?.id.slice(0, 8) ?? '']);
  expect(back.out).toBe('Ana knows that it counts no longer.\n');
  expect((await at('ben', ['vouchers'])).out).toMatch(/withdrawn/);
  const [plot] = await nick.call('plots.mine');
  expect((await at('nick', ['renew', plot?.plot ?? ''])).out).toMatch(
    /the introduction doesn’t count there/,
  );
});

test('an introduction for more than is left of the share says how much can be had', async () => {
  const vouched = await at('ben', ['vouch', 'Ana', 'a'.repeat(52), '2000GB']);
  expect(vouched.out).toMatch(
    /\nThat is more than is left of your share there now: [0-9.]+ GB can/,
  );
});

test('what is typed wrong is said, with what would be right', async () => {
  expect((await at('ben', ['vouch', 'Ana', 'Zoe', '5GB'])).err).toMatch(/no friend called “Zoe”/);
  expect((await at('ben', ['vouch', 'Ana', 'Zoe', 'much'])).code).toBe(2);
  expect((await at('ben', ['vouch', 'Ana', 'Zoe', '5GB', '--for', '9y'])).err).toMatch(
    /from 1d to 365d/,
  );
  expect((await at('ben', ['vouch', 'withdraw', 'zz'])).code).toBe(3);
  expect((await at('nick', ['introduced', 'hello'])).err).toMatch(/not a whole introduction/);
});

test('what guests may have is a policy like others, of vouchers and notes alone', async () => {
  expect(await json('ben', 'policy', 'show', 'guests')).toMatchObject({
    policy: { guards: { maxPlots: 1 }, grounds: [{ kind: 'voucher' }] },
  });
  const said = [
    'People who are no friends:',
    '  an introduction by a friend, 10 GB at most',
    'Besides: no more plots than 2.',
    '',
  ].join('\n');
  expect(
    await at('ben', ['policy', 'set', 'guests', 'voucher=10GB', '--max-plots', '2']),
  ).toMatchObject({ code: 0, out: said });
  expect((await at('ben', ['policy', 'show', 'guests'])).out).toBe(said);
  const wrong = await at('ben', ['policy', 'set', 'guests', 'always']);
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('vouchers and notes only')]);
  expect((await at('ben', ['policy', 'set', 'Ana', 'always', 'always'])).err).toContain(
    'each ground may stand in it once',
  );
  expect((await at('ben', ['policy', 'set', 'default', 'inherit'])).err).toContain('not removed');
  expect((await at('ben', ['policy', 'set', 'Ana', 'reciprocal=1.5', 'fair-share=1'])).code).toBe(
    0,
  );
  expect((await at('ben', ['guests'])).out).toBe('Nobody is a guest here.\n');
});

test('a guest’s plot is ended with notice, and goes on after all', async () => {
  const ben = asTestHome(served[0]!.core, place.folder);
  await mkdir(join(place.folder, 'bens'));
  await offer(ben, join(place.folder, 'bens'));
  const { owner } = await nick.call('status.get');
  const { text } = await ana.call('vouchers.issue', {
    host: 'Ben',
    newcomer: owner,
    bytes: '5000000000',
    days: 30,
  });
  expect(await nick.call('vouchers.take', { text })).toMatchObject({ type: 'granted' });
  const ended = await at('ben', ['guests', 'end', 'Nick']);
  expect([ended.code, ended.out]).toEqual([
    0,
    expect.stringMatching(/^Nothing of Nick’s is renewed any more: the lease runs for 29 days, /),
  ]);
  expect((await at('ben', ['guests'])).out).toMatch(/29 days, then it ends/);
  expect((await at('ben', ['guests', 'keep', 'nick'])).out).toBe('Nick may go on renewing.\n');
  expect((await at('ben', ['guests'])).out).not.toMatch(/then it ends/);
  expect((await at('ben', ['guests', 'end', 'Zoe'])).code).toBe(3);
  expect((await at('ben', ['friends'])).out).toMatch(/0 B and 5 GB vouched for/);
});
