import { expect, test } from 'vitest';
import {
  keyFileName,
  makeKeyFile,
  openKeyFile,
} from '../../../../electron/core/backup/repository/key-file.ts';
import { openRepository } from '../../../../electron/core/backup/repository/repository.ts';
import { newMasterKey } from '../../../../electron/core/backup/repository/sealing.ts';
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
