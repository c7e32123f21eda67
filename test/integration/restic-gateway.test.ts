import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { compareTrees } from '../../electron/headless/compare-trees.ts';
import { offer, pair, scratch, startHome, type TestHome, until } from '../fakes/homes.ts';
import { fillWithNastyThings } from '../fakes/nasty-tree.ts';
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

    /** The password that follows from Ana's recovery words. */
    async function ownPassword(): Promise<{ readonly password: string }> {
      const secret = join(place.folder, 'home of Ana', 'secrets', 'identity');
      const kept = JSON.parse(await readFile(secret, 'utf8')) as Record<string, string>;
      return { password: kept['repositoryPassword'] ?? '' };
    }

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
      const own = await ownPassword();
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
        return promisify(execFile)('sh', ['-c', script], { env, timeout: 120_000 });
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

    test('what restic wrote with the recovery words’ password is read, checked and restored by us from the disk it came on; what we wrote restic may thin out there', async () => {
      await offer(ben, spare);
      const nasty = join(place.folder, 'nasty');
      await mkdir(nasty);
      fillWithNastyThings(nasty);
      // restic 0.14 keeps what a link points to as text.
      await rm(join(nasty, 'link to no text'));
      const own = await ownPassword();
      const repository = await gatewayFor('100000000');
      for (const args of [['init'], ['backup', files], ['backup', nasty]])
        expect(await restic(repository, args, own)).toMatchObject({ code: 0 });
      const forgotten = await restic(
        repository,
        ['forget', '--path', files, '--keep-last', '1', '--prune'],
        own,
      );
      expect(forgotten).toMatchObject({ code: 0 });
      const [hosted] = await ben.call('plots.hosted');
      const stick = join(place.folder, 'stick');
      const out = await ben.job(await ben.call('plots.export', { plot: hosted?.plot, to: stick }));
      expect(out).toMatchObject({ state: 'done', result: { damaged: 0 } });
      const found = await ana.call('sets.snapshots', { from: stick });
      expect(new Set(found.flatMap(({ paths }) => paths))).toEqual(new Set([files, nasty]));
      const snapshot = found.find(({ paths }) => paths.includes(nasty))?.id;
      const back = join(place.folder, 'back');
      const restored = await ana.job(
        await ana.call('sets.restore', { from: stick, snapshot, to: back }),
      );
      expect(restored).toMatchObject({ state: 'done', problems: [] });
      expect((await compareTrees(nasty, join(back, 'nasty'))).differences).toEqual([]);

      // And the other way: a set of ours on a disk, thinned out by restic, is still ours to read.
      await ana.call('sets.create', { name: 'set', folders: [nasty], to: ['Ben'] });
      for (let run = 0; run < 2; run += 1) {
        await writeFile(join(nasty, 'later'), `${run}`);
        expect(await ana.job(await ana.call('sets.run', { name: 'set' }))).toMatchObject({
          state: 'done',
        });
      }
      await allDone();
      const disk = join(place.folder, 'disk');
      await mkdir(disk);
      const sent = await ana.job(await ana.call('sets.export', { name: 'set', to: disk }));
      expect(sent.state).toBe('done');
      expect(await restic(disk, ['check', '--read-data'], own)).toMatchObject({ code: 0 });
      const theirs = join(place.folder, 'theirs');
      expect(await restic(disk, ['restore', 'latest', '--target', theirs], own)).toMatchObject({
        code: 0,
      });
      expect((await compareTrees(nasty, join(theirs, nasty))).differences).toEqual([]);
      const thinned = await restic(disk, ['forget', '--keep-last', '1', '--prune'], own);
      expect(thinned).toMatchObject({ code: 0 });
      expect(await ana.call('sets.snapshots', { from: disk })).toHaveLength(1);
      const ours = join(place.folder, 'ours');
      await ana.job(await ana.call('sets.restore', { from: disk, to: ours }));
      expect((await compareTrees(nasty, join(ours, 'nasty'))).differences).toEqual([]);
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
      const isFull = /507|full/i;
      const full = await restic(repository, ['backup', files], { ...options, until: isFull });
      expect(full.code).not.toBe(0);
      expect(full.output).toMatch(isFull);
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
    });
  },
);
