import { expect, test } from 'vitest';
import { makeKeyFile, openKeyFile } from '../../../../electron/core/backup/repository/key-file.ts';
import { newMasterKey } from '../../../../electron/core/backup/repository/sealing.ts';

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
