import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Config, openConfigFile } from '../../electron/core/config-file.ts';
import { SETTINGS_AT_FIRST } from '../../shared/model/settings.ts';
import { scratch } from '../fakes/homes.ts';

let place: Awaited<ReturnType<typeof scratch>>;
let file: string;
beforeEach(async () => {
  place = await scratch();
  file = join(place.folder, 'config.json');
});
afterEach(() => place.remove());

const otherwise: Config = { name: 'this computer', port: 24_816, settings: SETTINGS_AT_FIRST };
const open = (wishes: Partial<Config> = {}) => openConfigFile(file, { wishes, otherwise });
const onDisk = async () => JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;

describe('the file of what the owner chose', () => {
  it('begins with what is right at first, and writes it down', async () => {
    expect((await open()).get()).toEqual(otherwise);
    expect(await onDisk()).toEqual(otherwise);
  });

  it('keeps what was chosen, and takes a wish of this start over it', async () => {
    await (await open()).set({ name: 'Ana', port: 1 });
    expect((await open()).get()).toMatchObject({ name: 'Ana', port: 1 });
    expect((await open({ port: 2 })).get()).toMatchObject({ name: 'Ana', port: 2 });
    expect(await onDisk()).toMatchObject({ name: 'Ana', port: 2 });
  });

  it('keeps both of two settings that are changed at once', async () => {
    const config = await open();
    await Promise.all([
      config.set({ settings: { visible: false, theme: undefined } }),
      config.set({ settings: { theme: 'dark' } }),
    ]);
    const settings = { ...SETTINGS_AT_FIRST, visible: false, theme: 'dark' };
    expect((await open()).get()).toEqual({ ...otherwise, settings });
  });

  it('loses one choice to a damaged field, not all of them', async () => {
    const settings = { ...SETTINGS_AT_FIRST, theme: 'dark', units: 'furlongs', keepAwake: 'yes' };
    await writeFile(file, JSON.stringify({ name: 'Ana\u0007', port: 24_000, settings }));
    expect((await open()).get()).toEqual({
      name: 'this computer',
      port: 24_000,
      settings: { ...SETTINGS_AT_FIRST, theme: 'dark' },
    });
  });

  it('begins anew where its settings are none', async () => {
    await writeFile(file, '{"settings":7}');
    const config = await open();
    expect(config.get()).toEqual(otherwise);
    expect(await config.putAside()).toBeUndefined();
  });

  it.each(['', '{', '[]', 'null', '"Ana"'])(
    'begins anew where the file holds %j, and puts that aside before',
    async (text) => {
      await writeFile(file, text);
      const config = await open();
      expect(config.get()).toEqual(otherwise);
      expect(await config.putAside()).toBe(`${file}.bad`);
      expect(await readFile(`${file}.bad`, 'utf8')).toBe(text);
      expect(await onDisk()).toEqual(otherwise);
    },
  );

  it('makes out name and port in what can’t be read, and says so until the file is gone', async () => {
    const text =
      '{\n  "name": "Ana \\u00e9",\n  "port": 24000,\n  "settings": {"theme": "dark",}\n}\n';
    await writeFile(file, text);
    await open();
    expect(await onDisk()).toEqual({ ...otherwise, name: 'Ana é', port: 24_000 });
    const again = await open();
    expect(await again.putAside()).toBe(`${file}.bad`);
    await rm(`${file}.bad`);
    expect(await again.putAside()).toBeUndefined();
  });

  it('makes nothing out that can’t be so', async () => {
    await writeFile(file, '{"port": 99999, "name": "\\x"');
    expect((await open()).get()).toEqual(otherwise);
  });

  it('leaves alone what another version keeps beside it', async () => {
    await writeFile(file, JSON.stringify({ ...otherwise, later: { a: 1 } }));
    await (await open()).set({ name: 'Ana' });
    expect(await onDisk()).toMatchObject({ name: 'Ana', later: { a: 1 } });
  });

  it('takes changes one after the other, each on top of the one before', async () => {
    const config = await open();
    await Promise.all([
      config.set({ name: 'Ana' }),
      config.set({ port: 5 }),
      config.set({ settings: { ...SETTINGS_AT_FIRST, theme: 'light' } }),
    ]);
    expect(await onDisk()).toMatchObject({ name: 'Ana', port: 5, settings: { theme: 'light' } });
  });

  it('tells of a change only when it is written down, and not of one that could not be', async () => {
    const config = await open();
    const seen: string[] = [];
    config.subscribe(() => seen.push(config.get().name));
    await config.set({ name: 'Ana' });
    await place.remove();
    await expect(config.set({ name: 'Ben' })).rejects.toThrow('ENOENT');
    expect(seen).toEqual(['Ana']);
    expect(config.get().name).toBe('Ana');
  });
});
