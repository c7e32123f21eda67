import { expect, test } from 'vitest';
import {
  derivedKeys,
  keyFileName,
  learnDerived,
  makeKeyFile,
  openKeyFile,
} from '../../../../electron/core/backup/repository/key-file.ts';
import { openRepository } from '../../../../electron/core/backup/repository/repository.ts';
import {
  type MasterKey,
  newMasterKey,
} from '../../../../electron/core/backup/repository/sealing.ts';
import { initCheaply } from '../../../fakes/init-cheaply.ts';
import { createMemoryRepositoryStore } from '../../../fakes/memory-repository-store.ts';

test('a key file is not damaged because this machine has too little memory to open it', async () => {
  const content = await makeKeyFile(newMasterKey(), 'password');
  const short = new Error('error:078C0100:common libcrypto routines::malloc failure');
  await expect(openKeyFile(content, 'password', () => Promise.reject(short))).rejects.toBe(short);
});

test('a key file with numbers that scrypt does not take together is damaged', async () => {
  const content = await makeKeyFile(newMasterKey(), 'password');
  const changed = { ...(JSON.parse(content.toString()) as object), N: 131_072, r: 1 };
  const asked = Buffer.from(JSON.stringify(changed));
  expect(await openKeyFile(asked, 'password')).toBe('damaged');
});

test('a key file that asks for more memory than there is keeps no other one from being tried, and is no damage', async () => {
  const store = createMemoryRepositoryStore();
  const { id } = await initCheaply(store, 'password');
  const large = await makeKeyFile(newMasterKey(), 'password');
  await store.save({ type: 'keys', name: keyFileName(large) }, [large]);
  const short: typeof openKeyFile = (content, password) =>
    large.equals(content)
      ? Promise.reject(new Error('malloc failure'))
      : openKeyFile(content, password);
  expect(await openRepository(store, 'password', short)).toMatchObject({ ok: true, value: { id } });
  const none = () => Promise.reject(new Error('malloc failure'));
  expect(await openRepository(store, 'password', none)).toMatchObject({
    ok: false,
    fault: { code: 'unreachable' },
  });
});

test('what a password gave for a key file opens that one again without being worked out, and no other', async () => {
  const key = newMasterKey();
  const content = await makeKeyFile(key, 'password');
  const ids = [...derivedKeys().keys()];
  const opened = (await openKeyFile(content, 'password')) as MasterKey;
  expect([...derivedKeys().keys()]).toEqual(ids);
  expect(Buffer.from(opened.encrypt)).toEqual(Buffer.from(key.encrypt));
  expect(await openKeyFile(content, 'passwort')).toBeUndefined();
  const other = await makeKeyFile(newMasterKey(), 'password');
  expect(await openKeyFile(other, 'password')).not.toEqual(opened);
});

test('of what passwords gave the last few are kept, by every thread that learns of them', () => {
  const many = Array.from({ length: 40 }, (_, at) => [`${at}`, newMasterKey()] as const);
  learnDerived(new Map(many));
  learnDerived(new Map(many.slice(-3)));
  expect(derivedKeys().size).toBeLessThan(20);
  expect(derivedKeys().get('39')).toBe(many.at(-1)?.[1]);
  expect(derivedKeys().has('0')).toBe(false);
});
