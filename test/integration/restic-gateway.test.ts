import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { compareTrees } from '../../electron/headless/compare-trees.ts';
import { offer, pair, scratch, startHome, type TestHome, until } from '../fakes/homes.ts';
import { hasProgram, restic } from '../fakes/programs.ts';

const options = { password: 'a password of the test' };

describe.skipIf(!hasProgram('restic'))(
  'stock restic through the gateway (skipped where restic is not installed)',
  () => {
    let place: Awaited<ReturnType<typeof scratch>>;
    let ben: TestHome;
    let ana: TestHome;
    let files: string;
    let spare: string;

    beforeEach(async () => {
      place = await scratch();
      spare = join(place.folder, 'spare');
      files = join(place.folder, 'files');
      await mkdir(spare);
      await mkdir(files);
      ben = await startHome('Ben', place.folder);
      ana = await startHome('Ana', place.folder);
      await pair(ana, ben);
    });
    afterEach(async () => {
      await Promise.all([ben.close(), ana.close()]);
      await place.remove();
    });

    /** What follows a backup has a lock of its own. */
    const allDone = () =>
      until(async () => {
        const { jobs } = await ana.call('state.snapshot');
        return jobs.some(({ state }) => state === 'running') ? undefined : true;
      });

    async function gatewayFor(size: string): Promise<string> {
      const granted = await ana.call('allocations.ask', { friend: 'Ben', size, durationS: 86_400 });
      if (granted.type !== 'granted') throw new Error(JSON.stringify(granted));
      const { url } = await ana.call('gateway.open', { plot: granted.plot });
      return `rest:${url}`;
    }

    test('backs up, checks, restores, forgets and prunes', async () => {
      await offer(ben, spare);
      const repository = await gatewayFor('100000000');
      for (let i = 0; i < 30; i += 1) await writeFile(join(files, `${i}`), randomBytes(200_000));
      expect(await restic(repository, ['init'], options)).toMatchObject({ code: 0 });
      expect(await restic(repository, ['backup', files], options)).toMatchObject({ code: 0 });
      await rm(join(files, '3'));
      await writeFile(join(files, 'new'), 'new');
      expect(await restic(repository, ['backup', files], options)).toMatchObject({ code: 0 });
      expect(await restic(repository, ['check', '--read-data'], options)).toMatchObject({
        code: 0,
      });
      const out = join(place.folder, 'out');
      const restored = await restic(repository, ['restore', 'latest', '--target', out], options);
      expect(restored).toMatchObject({ code: 0 });
      expect((await compareTrees(files, join(out, files))).differences).toEqual([]);
      const pruned = await restic(repository, ['forget', '--keep-last', '1', '--prune'], options);
      expect(pruned).toMatchObject({ code: 0 });
      expect(await restic(repository, ['check', '--read-data'], options)).toMatchObject({
        code: 0,
      });
    });

    test('reads a plot of a backup set with the recovery words’ password, and can’t change it', async () => {
      await offer(ben, spare);
      await writeFile(join(files, 'one'), 'one');
      await ana.call('sets.create', { name: 'set', folders: [files], to: ['Ben'] });
      await ana.job(await ana.call('sets.run', { name: 'set' }));
      await allDone();
      const [mine] = await ana.call('plots.mine');
      const { url } = await ana.call('gateway.open', { plot: mine?.plot });
      const secret = join(place.folder, 'home of Ana', 'secrets', 'identity');
      const { repositoryPassword } = JSON.parse(await readFile(secret, 'utf8')) as Record<
        string,
        string
      >;
      const own = { password: repositoryPassword ?? '' };
      expect(await restic(`rest:${url}`, ['check', '--read-data'], own)).toMatchObject({ code: 0 });
      const listed = await restic(`rest:${url}`, ['snapshots', '--json'], own);
      const [snapshot] = JSON.parse(listed.output) as readonly { id: string }[];
      for (const path of [`snapshots/${snapshot?.id}`, 'config'])
        expect((await fetch(url + path, { method: 'DELETE' })).status).toBe(403);
      expect(
        (await fetch(`${url}data/${'a'.repeat(64)}`, { method: 'POST', body: 'x' })).status,
      ).toBe(403);
      expect(await ana.call('sets.snapshots', { name: 'set' })).toHaveLength(1);
    });

    test('what is ready to copy works as it is, until it is shut', async () => {
      await offer(ben, spare);
      await writeFile(join(files, 'one'), 'one');
      await ana.call('sets.create', { name: 'set', folders: [files], to: ['Ben'] });
      await ana.job(await ana.call('sets.run', { name: 'set' }));
      await allDone();
      const [mine] = await ana.call('plots.mine');
      const opened = await ana.call('gateway.open', { plot: mine?.plot });
      const commandOf = (wanted: string) =>
        opened.commands.find(({ what }) => what === wanted)?.command ?? '';
      const typed = (what: string) => {
        const env = { PATH: process.env['PATH'] ?? '', HOME: place.folder };
        const script = `${commandOf('environment')}\n${commandOf(what)}`;
        return promisify(execFile)('sh', ['-c', script], { env, timeout: 30_000 });
      };
      expect((await typed('snapshots')).stdout).toContain('1 snapshots');
      expect((await typed('check')).stdout).toContain('no errors were found');
      await typed('restore');
      expect(await readFile(join(place.folder, 'restored', files, 'one'), 'utf8')).toBe('one');
      expect(await ana.call('gateway.close', { plot: mine?.plot })).toEqual({ closed: true });
      expect(await ana.call('gateway.close', { plot: mine?.plot })).toEqual({ closed: false });
      expect(await readdir(join(place.folder, 'home of Ana', 'gateway'))).toEqual([]);
      expect((await fetch(`${opened.url}config`)).status).toBe(403);
    });

    test('a friend’s plot on a disk is a repository to restic, and comes in again elsewhere', async () => {
      await offer(ben, spare);
      const repository = await gatewayFor('100000000');
      for (let i = 0; i < 5; i += 1) await writeFile(join(files, `${i}`), randomBytes(200_000));
      await restic(repository, ['init'], options);
      await restic(repository, ['backup', files], options);
      const [hosted] = await ben.call('plots.hosted');
      const typed = async (plot: string | undefined) =>
        (await ana.call('gateway.open', { plot })).commands.find(({ what }) => what === 'backup')
          ?.command;
      expect(await typed(hosted?.plot)).not.toContain('init');
      const stick = join(place.folder, 'stick');
      const out = await ben.job(await ben.call('plots.export', { plot: hosted?.plot, to: stick }));
      expect(out).toMatchObject({ state: 'done', kind: 'export', result: { damaged: 0 } });
      expect(await restic(stick, ['check', '--read-data'], options)).toMatchObject({ code: 0 });

      const second = await ana.call('allocations.ask', {
        friend: 'Ben',
        size: '100000000',
        durationS: 86_400,
      });
      const plot = second.type === 'granted' ? second.plot : '';
      expect(await typed(plot)).toContain('restic init');
      const came = await ben.job(await ben.call('plots.import', { plot, from: stick }));
      expect(came).toMatchObject({ state: 'done', kind: 'import', result: { damaged: 0 } });
      const { url } = await ana.call('gateway.open', { plot });
      const checked = await restic(`rest:${url}`, ['check', '--read-data'], options);
      expect(checked).toMatchObject({ code: 0 });
      expect(await ben.fault('plots.import', { plot, from: join(place.folder, 'no') })).toBe(
        'folder-missing',
      );
      expect(await ben.fault('plots.export', { plot, to: spare })).toBe('folder-inside-store');
      expect(await ben.fault('plots.export', { plot: 'nothing', to: stick })).toBe('plot-unknown');
      const empty = join(place.folder, 'empty');
      await mkdir(empty);
      const none = await ben.job(await ben.call('plots.import', { plot, from: empty }));
      expect(none).toMatchObject({ state: 'failed', fault: { key: 'fault.no-repository' } });
    });

    test('a plot that is full says so, and stays usable: list, check, restore, prune, locks', async () => {
      // The offer is as large as the plot, so that it can't grow.
      await offer(ben, spare, 110_000_000n);
      const repository = await gatewayFor('40000000');
      expect(await restic(repository, ['init'], options)).toMatchObject({ code: 0 });
      await writeFile(join(files, 'first'), randomBytes(20_000_000));
      expect(await restic(repository, ['backup', files], options)).toMatchObject({ code: 0 });
      await writeFile(join(files, 'second'), randomBytes(40_000_000));
      // restic tries every failed save again for about a minute; the outcome is known before that.
      const full = await restic(repository, ['backup', files], { ...options, limitS: 8 });
      expect(full.code).not.toBe(0);
      expect(full.output).toMatch(/507|full/i);
      const unlocked = await restic(repository, ['unlock', '--remove-all'], options);
      expect(unlocked).toMatchObject({ code: 0 });
      const listed = await restic(repository, ['snapshots', '--json'], options);
      expect(JSON.parse(listed.output)).toHaveLength(1);
      const pruned = await restic(repository, ['prune'], options);
      expect(pruned).toMatchObject({ code: 0 });
      expect(await restic(repository, ['check', '--read-data'], options)).toMatchObject({
        code: 0,
      });
      const out = join(place.folder, 'out');
      const restored = await restic(repository, ['restore', 'latest', '--target', out], options);
      expect(restored).toMatchObject({ code: 0 });
      const [hosted] = await ben.call('plots.hosted');
      const incoming = join(spare, 'allotment', 'plots', hosted?.plot ?? '', 'incoming');
      expect(await readdir(incoming)).toEqual([]);
      expect(BigInt(hosted?.writtenBytes ?? 0)).toBeLessThanOrEqual(
        BigInt(hosted?.promisedBytes ?? 0),
      );
    }, 60_000);
  },
);
