import { hkdfSync } from 'node:crypto';
import { entropyToMnemonic, mnemonicToSeed, validateMnemonic } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { type Fault, fault } from '../../../shared/fault.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import type { Randomness } from '../ports.ts';
import { toBase32 } from './base32.ts';

/** 24 words of BIP-39's English list: 256 bits of entropy and 8 of checksum. */
export type Phrase = readonly string[];

const WORDS = 24;
const ENTROPY_BYTES = 32;

export function newPhrase(randomness: Randomness): Phrase {
  return entropyToMnemonic(randomness.bytes(ENTROPY_BYTES), wordlist).split(' ');
}

/** What stands between words where they are written down: blanks, commas, the numbers of a printed list. */
const BETWEEN = /[\s\d.,;:()]+/;

/** Reads a phrase as people type it: any case, any blanks. Names the first word that is none, or the sum that is off. */
export function parsePhrase(text: string): Result<Phrase, Fault> {
  const words = text.normalize('NFKD').toLowerCase().split(BETWEEN).filter(Boolean);
  if (words.length !== WORDS) {
    return failed(fault('bad-phrase', { problem: 'count', words: String(words.length) }));
  }
  const wrong = words.findIndex((word) => !wordlist.includes(word));
  if (wrong >= 0) {
    return failed(fault('bad-phrase', { problem: 'word', position: String(wrong + 1) }));
  }
  if (!validateMnemonic(words.join(' '), wordlist)) {
    return failed(fault('bad-phrase', { problem: 'checksum' }));
  }
  return ok(words);
}

/**
 * What the words stand for (design §5): BIP-39's seed (no passphrase), then HKDF-SHA-256 with the salt
 * `allotment` and an info string for each purpose. The password is printable: people type it into stock restic.
 */
export async function deriveSecrets(
  phrase: Phrase,
): Promise<{ readonly rootSeed: Uint8Array; readonly repositoryPassword: string }> {
  const seed = await mnemonicToSeed(phrase.join(' '));
  const expand = (info: string) => new Uint8Array(hkdfSync('sha256', seed, 'allotment', info, 32));
  return {
    rootSeed: expand('allotment root v1'),
    repositoryPassword: toBase32(expand('allotment repository password v1')),
  };
}
