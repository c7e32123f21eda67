import { chmod, mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileSecretStore } from '../../electron/core/adapters/file-secret-store.ts';
import { openDesktopSecrets } from '../../electron/main/secret-store.ts';
import { scratch } from '../fakes/homes.ts';
import { expectRights } from '../fakes/rights.ts';
import { quietLogger } from './quiet-logger.ts';

let place: Awaited<ReturnType<typeof scratch>>;
let folder: string;
beforeEach(async () => {
  place = await scratch();
  folder = join(place.folder, 'secrets');
});
afterEach(() => place.remove());

/** A key ring that turns text round; `state` makes it go away or fail. */
function keyRing(
  state: { available?: boolean; backend?: string; fails?: boolean; rotates?: boolean } = {},
) {
  const turned = (text: string) => text.split('').reverse().join('');
  return {
    sealed: 0,
    isAsyncEncryptionAvailable: async () => state.available ?? true,
    getSelectedStorageBackend: () => (state.backend ?? 'gnome_libsecret') as never,
    async encryptStringAsync(text: string) {
      if (state.fails === true) throw new Error('the person said no');
      this.sealed += 1;
      return Buffer.from(`sealed:${turned(text)}`);
    },
    async decryptStringAsync(box: Buffer) {
      const text = box.toString();
      if (!text.startsWith('sealed:')) throw new Error('another key');
      return { result: turned(text.slice(7)), shouldReEncrypt: state.rotates ?? false };
    },
  };
}
const open = (safe = keyRing(), platform: NodeJS.Platform = 'linux') =>
  openDesktopSecrets({ safe, folder, log: quietLogger, platform });
const words = Buffer.from('a secret that is a secret');
const files = () => readdir(folder);

describe('secrets on a desktop', () => {
  it('are sealed where there is a key ring, and none of it lies there in plain', async () => {
    const { store, kind } = await open();
    await store.set('identity', words);
    expect(await store.get('identity')).toEqual(words);
    expect(await files()).toEqual(['identity.sealed']);
    expect(await readFile(join(folder, 'identity.sealed'), 'utf8')).not.toContain('secret');
    await expectRights(join(folder, 'identity.sealed'), 0o600);
    await expectRights(folder, 0o700);
    expect(await kind()).toBe('keyring');
  });

  it.each([
    ['is none', keyRing({ available: false })],
    ['is none worth the name', keyRing({ backend: 'basic_text' })],
  ])('are plain files of this user where there %s, and that is said', async (_what, safe) => {
    const { store, kind } = await open(safe);
    await store.set('identity', words);
    expect(await store.get('identity')).toEqual(words);
    expect(await files()).toEqual(['identity']);
    await expectRights(join(folder, 'identity'), 0o600);
    expect(await kind()).toBe('file');
  });

  it('have a name for their backend on Linux only', async () => {
    const { kind } = await open(keyRing({ backend: 'basic_text' }), 'darwin');
    expect(await kind()).toBe('keyring');
  });

  it('of a plain home are sealed when they are first read', async () => {
    await createFileSecretStore(folder).set('identity', words);
    const { store, kind } = await open();
    expect(await kind()).toBe('file');
    expect(await store.get('identity')).toEqual(words);
    expect(await files()).toEqual(['identity.sealed']);
    expect(await kind()).toBe('keyring');
    expect(await (await open()).store.get('identity')).toEqual(words);
  });

  it('that the person does not want sealed now stay plain, that is said, and the next start asks again', async () => {
    await createFileSecretStore(folder).set('identity', words);
    const { store, kind } = await open(keyRing({ fails: true }));
    expect(await store.get('identity')).toEqual(words);
    expect(await files()).toEqual(['identity']);
    expect(await kind()).toBe('file');
    expect(await (await open()).store.get('identity')).toEqual(words);
    expect(await files()).toEqual(['identity.sealed']);
  });

  it('kept for the first time in plain, because the key ring’s question was dismissed, are said to be', async () => {
    const { store, kind } = await open(keyRing({ fails: true }));
    await store.set('identity', words);
    expect(await kind()).toBe('file');
  });

  it('stay plain where the key ring gives back something else than it got', async () => {
    await createFileSecretStore(folder).set('identity', words);
    const forgetful = {
      ...keyRing(),
      decryptStringAsync: async () => ({ result: 'bm90aGluZw==', shouldReEncrypt: false }),
    };
    expect(await (await open(forgetful)).store.get('identity')).toEqual(words);
    expect(await files()).toEqual(['identity']);
  });

  it('are read and cleared up after a crash at any point of sealing them', async () => {
    await (await open()).store.set('identity', words);
    const box = await readFile(join(folder, 'identity.sealed'));
    const states: Readonly<Record<string, Uint8Array>>[] = [
      { identity: words },
      { identity: words, 'identity.sealed.00112233aabb.new': box.subarray(0, 5) },
      { identity: words, 'identity.sealed': box },
      { 'identity.sealed': box, 'identity.00112233aabb.new': words.subarray(0, 9) },
    ];
    for (const state of states) {
      for (const file of await files()) await rm(join(folder, file));
      for (const [file, bytes] of Object.entries(state)) await writeFile(join(folder, file), bytes);
      const { store, kind } = await open();
      expect(await store.get('identity')).toEqual(words);
      expect((await files()).filter((file) => !file.includes('.sealed'))).toEqual([]);
      expect(await kind()).toBe('keyring');
      expect(await (await open()).store.get('identity')).toEqual(words);
    }
  });

  it('that a headless start kept after such a crash are the newer ones', async () => {
    const { store } = await open();
    await store.set('identity', words);
    await createFileSecretStore(folder).set('identity', Buffer.from('newer'));
    const soon = new Date(Date.now() + 5000);
    await utimes(join(folder, 'identity'), soon, soon);
    expect(await store.get('identity')).toEqual(Buffer.from('newer'));
    expect(await files()).toEqual(['identity.sealed']);
    expect(await store.get('identity')).toEqual(Buffer.from('newer'));
  });

  it('stay plain when the key ring refuses to take them', async () => {
    await createFileSecretStore(folder).set('identity', words);
    const { store } = await open(keyRing({ fails: true }));
    await store.set('identity', Buffer.from('newer'));
    expect(await store.get('identity')).toEqual(Buffer.from('newer'));
    expect(await files()).toEqual(['identity']);
  });

  it('are never taken for missing when the key ring is gone', async () => {
    await (await open()).store.set('identity', words);
    const broken = { ...keyRing(), decryptStringAsync: () => Promise.reject(new Error('locked')) };
    expect(await (await open(broken)).store.get('identity')).toBe('locked');
    expect(await createFileSecretStore(folder).get('identity')).toBe('locked');
    expect(await createFileSecretStore(folder).get('other')).toBeUndefined();
  });

  it('that were kept without the key ring are not hidden by older sealed ones', async () => {
    await (await open()).store.set('identity', words);
    await (await open(keyRing({ available: false }))).store.set('identity', Buffer.from('newer'));
    expect(await (await open()).store.get('identity')).toEqual(Buffer.from('newer'));
  });

  it('are sealed again when the system has a better key', async () => {
    await (await open()).store.set('identity', words);
    const safe = keyRing({ rotates: true });
    expect(await (await open(safe)).store.get('identity')).toEqual(words);
    expect(safe.sealed).toBe(1);
  });

  it('are gone in both forms when they are removed', async () => {
    const { store } = await open();
    await store.set('identity', words);
    await writeFile(join(folder, 'identity'), words);
    await store.remove('identity');
    expect(await files()).toEqual([]);
    expect(await store.get('identity')).toBeUndefined();
  });

  it('lie in a folder whose rights are set right again', async () => {
    await mkdir(folder, { recursive: true });
    await chmod(folder, 0o755);
    await (await open()).store.set('identity', words);
    await expectRights(folder, 0o700);
  });
});
