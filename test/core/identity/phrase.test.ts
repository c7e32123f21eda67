import { createHmac, pbkdf2Sync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { deriveSecrets, newPhrase, parsePhrase } from '../../../electron/core/identity/phrase.ts';
import { rootKeyOf } from '../../../electron/core/identity/root-key.ts';

/** The last 256-bit vector of BIP-39's own list ("TREZOR" is its passphrase there; we have none). */
const ZEROES = `${'abandon '.repeat(23)}art`;

function words(text: string) {
  const parsed = parsePhrase(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.fault));
  return parsed.value;
}

/** HKDF as RFC 5869 writes it, out of HMAC alone. */
function hkdf(secret: Buffer, info: string): Buffer {
  const key = createHmac('sha256', 'allotment').update(secret).digest();
  return createHmac('sha256', key)
    .update(info)
    .update(Buffer.from([1]))
    .digest();
}

describe('the recovery phrase', () => {
  test('zero entropy is BIP-39’s known phrase', () => {
    const phrase = newPhrase({ bytes: (count) => new Uint8Array(count) });
    expect(phrase.join(' ')).toBe(ZEROES);
  });

  test('derives what an independent computation derives', async () => {
    const seed = pbkdf2Sync(ZEROES, 'mnemonic', 2048, 64, 'sha512');
    // The seed without a passphrase, as other programs publish it for this phrase.
    expect(seed.toString('hex').slice(0, 32)).toBe('408b285c123836004f4b8842c89324c1');
    const { rootSeed, repositoryPassword } = await deriveSecrets(words(ZEROES));
    expect(Buffer.from(rootSeed)).toEqual(hkdf(seed, 'allotment root v1'));
    expect(repositoryPassword).toMatch(/^[a-z2-7]{52}$/);
  });

  test('stays what it was: changing these would lock everybody out', async () => {
    const { rootSeed, repositoryPassword } = await deriveSecrets(words(ZEROES));
    expect({ owner: rootKeyOf(rootSeed).owner, repositoryPassword }).toMatchInlineSnapshot(`
      {
        "owner": "ody4yuxhr7uguyijc44jkbex5yheym4olxre6547s7ok5xjprpoq",
        "repositoryPassword": "pkyvrnmjf5muxl4vqmvxvyupgttdyvh4f4yp375bc6kngfaidadq",
      }
    `);
  });

  test('is read as people type it, and says which word is wrong', () => {
    expect(words(`  ${ZEROES.toUpperCase().replaceAll(' ', '\n ')} `).join(' ')).toBe(ZEROES);
    const printed = ZEROES.split(' ').map((word, at) => `${at + 1}. ${word},`);
    expect(words(printed.join('\n')).join(' ')).toBe(ZEROES);
    expect(parsePhrase('abandon art')).toMatchObject({ fault: { params: { problem: 'count' } } });
    const typo = ZEROES.replace('abandon', 'abandom');
    expect(parsePhrase(typo)).toMatchObject({
      fault: { params: { problem: 'word', position: '1' } },
    });
    const swapped = ZEROES.replace('art', 'abandon');
    expect(parsePhrase(swapped)).toMatchObject({ fault: { params: { problem: 'checksum' } } });
  });
});
