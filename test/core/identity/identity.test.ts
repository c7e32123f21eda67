import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { verifyByDevice } from '../../../electron/core/identity/device-key.ts';
import {
  openIdentity,
  replaceIdentity,
  takePlaceOf,
} from '../../../electron/core/identity/identity.ts';
import { readStatement, signStatement } from '../../../electron/core/identity/statement.ts';
import { rootKeyOf } from '../../../electron/core/identity/root-key.ts';
import { systemRandomness } from '../../../electron/core/adapters/system-randomness.ts';
import type { SecretStore } from '../../../electron/core/ports.ts';

function memorySecrets(): SecretStore & { readonly kept: Map<string, Uint8Array> } {
  const kept = new Map<string, Uint8Array>();
  return {
    kept,
    get: async (name) => kept.get(name),
    set: async (name, value) => void kept.set(name, value),
    remove: async (name) => void kept.delete(name),
  };
}

async function open(secrets: SecretStore, phrase?: string, replaces?: string) {
  return openIdentity({ secrets, randomness: systemRandomness, phrase, replaces });
}

describe('the identity', () => {
  test('is made once and found again', async () => {
    const secrets = memorySecrets();
    const first = await open(secrets);
    const second = await open(secrets);
    if (!first.ok || !second.ok) throw new Error('not opened');
    expect(second.value.device).toBe(first.value.device);
    const bytes = Buffer.from('signed');
    const signature = second.value.sign(bytes);
    expect(verifyByDevice(first.value.certificatePem, { bytes, signature })).toBe(true);
    expect(
      verifyByDevice(first.value.certificatePem, { bytes: Buffer.from('other'), signature }),
    ).toBe(false);
  });

  test('that can’t be opened now is never replaced by a new one', async () => {
    const secrets = memorySecrets();
    const locked = { ...secrets, get: async () => 'locked' as const };
    expect(await open(locked)).toMatchObject({ fault: { code: 'secret-locked' } });
    expect(secrets.kept.size).toBe(0);
  });

  test('the same words on another machine are the same owner with another device', async () => {
    const first = await open(memorySecrets());
    if (!first.ok) throw new Error('not opened');
    const phrase = first.value.pendingPhrase()?.join(' ') ?? '';
    const second = await open(memorySecrets(), phrase);
    if (!second.ok) throw new Error('not opened');
    expect(second.value.owner).toBe(first.value.owner);
    expect(second.value.repositoryPassword).toBe(first.value.repositoryPassword);
    expect(second.value.device).not.toBe(first.value.device);
    expect(second.value.pendingPhrase()).toBeUndefined();
    // Both open what either leaves in a plot, and only one of them has to look for friends.
    expect(second.value.addressBookKey).toEqual(first.value.addressBookKey);
    expect([first.value.fromWords, second.value.fromWords]).toEqual([false, true]);
  });

  test('opens what any version left: the key of address books is the one in PROTOCOL', async () => {
    const opened = await open(memorySecrets(), `${'abandon '.repeat(23)}art`);
    if (!opened.ok) throw new Error('not opened');
    const key = Buffer.from(opened.value.addressBookKey).toString('hex');
    expect(key).toBe('38f760fd0f35f98acd8c539172f8623cbb34b4021c19b4fe59b31dde4cc46589');
    const protocol = join(import.meta.dirname, '../../../PROTOCOL.md');
    expect(await readFile(protocol, 'utf8')).toContain(`\`${key}\``);
  });

  test('is put in the place of another by words, from the next start on', async () => {
    const secrets = memorySecrets();
    const before = await open(secrets);
    const owner = await open(memorySecrets());
    if (!before.ok || !owner.ok) throw new Error('not opened');
    const words = owner.value.pendingPhrase()?.join(' ') ?? '';
    const randomness = systemRandomness;
    const replaces = owner.value.instance;
    expect(await replaceIdentity({ secrets, randomness, words: 'zoo' })).toMatchObject({
      fault: { code: 'bad-phrase' },
    });
    expect(await open(secrets)).toMatchObject({ value: { device: before.value.device } });
    await replaceIdentity({ secrets, randomness, words, replaces });
    const after = await open(secrets);
    expect(after).toMatchObject({
      value: { owner: owner.value.owner, fromWords: true, replaces },
    });
  });

  test('takes the place of another only after what that one had is safe here, and never without the right words', async () => {
    const secrets = memorySecrets();
    const first = await open(secrets);
    if (!first.ok) throw new Error('not opened');
    const words = first.value.pendingPhrase()?.join(' ') ?? '';
    const replaces = 'ab'.repeat(16);
    const calls: string[] = [];
    const prepare = async () => void calls.push('prepared');
    expect(await takePlaceOf({ secrets, words: 'zoo', replaces, prepare })).toMatchObject({
      fault: { code: 'bad-phrase' },
    });
    expect(calls).toEqual([]);
    const cutOff = async () => Promise.reject(new Error('cut off'));
    await expect(takePlaceOf({ secrets, words, replaces, prepare: cutOff })).rejects.toThrow();
    expect(await open(secrets)).toMatchObject({ value: { replaces: undefined } });
    expect((await takePlaceOf({ secrets, words, replaces, prepare })).ok).toBe(true);
    expect(calls).toEqual(['prepared']);
    expect(await open(secrets)).toMatchObject({ value: { replaces } });
  });

  test('with the words a new machine takes the place of another', async () => {
    const first = await open(memorySecrets());
    if (!first.ok) throw new Error('not opened');
    const phrase = first.value.pendingPhrase()?.join(' ') ?? '';
    const { instance, owner } = first.value;
    const second = await open(memorySecrets(), phrase, instance);
    if (!second.ok) throw new Error('not opened');
    expect(readStatement(second.value.statement)).toMatchObject({ owner, replaces: instance });
    expect(second.value.instance).not.toBe(instance);
    for (const [words, replaces] of [
      [undefined, instance],
      [phrase, 'the laptop'],
    ] as const)
      expect(await open(memorySecrets(), words, replaces)).toMatchObject({
        fault: { code: 'bad-arguments', params: { field: 'replaces' } },
      });
  });

  test('an installation that is there already is never said to have taken another’s place', async () => {
    const first = await open(memorySecrets());
    const phrase = first.ok ? (first.value.pendingPhrase()?.join(' ') ?? '') : '';
    const lost = first.ok ? first.value.instance : '';
    const plain = memorySecrets();
    await open(plain, phrase);
    expect(await open(plain, phrase, lost)).toMatchObject({
      fault: { code: 'bad-arguments', params: { field: 'replaces' } },
    });
    // One that did is started with the same words again and again.
    const successor = memorySecrets();
    await open(successor, phrase, lost);
    expect(await open(successor, phrase, lost)).toMatchObject({ ok: true });
  });

  test('words of somebody else are refused where a home has its owner', async () => {
    const secrets = memorySecrets();
    await open(secrets);
    const other = await open(memorySecrets());
    const phrase = other.ok ? (other.value.pendingPhrase()?.join(' ') ?? '') : '';
    expect(await open(secrets, phrase)).toMatchObject({
      fault: { code: 'bad-phrase', params: { problem: 'other-owner' } },
    });
  });

  test('the phrase is forgotten when three of its words were right', async () => {
    const secrets = memorySecrets();
    const opened = await open(secrets);
    if (!opened.ok) throw new Error('not opened');
    const phrase = opened.value.pendingPhrase() ?? [];
    const pick = (at: number) => ({ position: at, word: phrase[at - 1] ?? '' });
    expect(
      await opened.value.checkPhrase([pick(3), pick(9), { position: 1, word: 'zoo zoo' }]),
    ).toBe(false);
    expect(opened.value.pendingPhrase()).toEqual(phrase);
    expect(await opened.value.checkPhrase([pick(3), pick(9), pick(24)])).toBe(true);
    expect(opened.value.pendingPhrase()).toBeUndefined();
    const text = Buffer.from(secrets.kept.get('identity') ?? []).toString();
    expect(text).not.toContain('pendingPhrase');
  });

  test('words that are checked before the next start undo nothing of what counts from then on', async () => {
    const secrets = memorySecrets();
    const opened = await open(secrets);
    if (!opened.ok) throw new Error('not opened');
    const phrase = opened.value.pendingPhrase() ?? [];
    const word = { position: 1, word: phrase[0] ?? '' };
    const replaces = 'ab'.repeat(16);
    const words = phrase.join(' ');
    await takePlaceOf({ secrets, words, replaces, prepare: async () => undefined });
    expect(await opened.value.checkPhrase([word])).toBe(true);
    const next = await open(secrets);
    expect(next).toMatchObject({ value: { replaces, device: opened.value.device } });
    expect(next.ok && next.value.pendingPhrase()).toBeUndefined();
  });

  test('nor do they bring the owner of before back where this is to be another’s', async () => {
    const secrets = memorySecrets();
    const opened = await open(secrets);
    const owner = await open(memorySecrets());
    if (!opened.ok || !owner.ok) throw new Error('not opened');
    const words = owner.value.pendingPhrase()?.join(' ') ?? '';
    await replaceIdentity({ secrets, randomness: systemRandomness, words });
    const word = { position: 1, word: opened.value.pendingPhrase()?.[0] ?? '' };
    expect(await opened.value.checkPhrase([word])).toBe(true);
    expect(await open(secrets)).toMatchObject({ value: { owner: owner.value.owner } });
  });

  test.each([
    ['cut off', (bytes: Buffer) => bytes.subarray(0, 40)],
    ['zeroed', (bytes: Buffer) => Buffer.alloc(bytes.length)],
    ['edited', (bytes: Buffer) => Buffer.from(bytes.toString().replace('"v":1', '"v":2'))],
  ])('a secret that was %s is damaged, not a new identity', async (_how, damage) => {
    const secrets = memorySecrets();
    await open(secrets);
    secrets.kept.set('identity', damage(Buffer.from(secrets.kept.get('identity') ?? [])));
    expect(await open(secrets)).toMatchObject({ fault: { code: 'secret-damaged' } });
  });

  test('a statement is believed only with the signature of the owner it names', async () => {
    const opened = await open(memorySecrets());
    if (!opened.ok) throw new Error('not opened');
    const { statement, owner, device } = opened.value;
    expect(readStatement(statement)).toMatchObject({ owner, device, serial: 1 });
    const stranger = rootKeyOf(new Uint8Array(32).fill(7));
    const forged = signStatement({ owner, device, instance: '0'.repeat(32), serial: 9 }, stranger);
    expect(readStatement(forged)).toBeUndefined();
    const changed = Buffer.from(statement.signed, 'base64url')
      .toString()
      .replace('"serial":1', '"serial":2');
    expect(
      readStatement({ ...statement, signed: Buffer.from(changed).toString('base64url') }),
    ).toBeUndefined();
  });
});
