import type { Chance } from './chance.ts';
import type { Kind } from './target.ts';

/**
 * What is done to a good input to make a bad one. JSON is changed in its structure, so that it still gets past
 * the parser and reaches what looks at its values; text in its words; everything also in its bytes.
 */
export function mutate(
  input: Uint8Array,
  { kind, words }: { readonly kind: Kind; readonly words: readonly string[] },
  chance: Chance,
): Buffer {
  if (kind === 'json' && !chance.oneIn(8)) {
    const value = parsed(input);
    if (value !== undefined) return Buffer.from(mutateJson(value.value, words, chance));
  }
  let bytes: Buffer = Buffer.from(input);
  for (let times = 1 + chance.below(3); times > 0; times -= 1)
    bytes =
      kind === 'bytes' || chance.oneIn(5)
        ? mutateBytes(bytes, chance)
        : Buffer.from(mutateText(bytes.toString('latin1'), words, chance), 'latin1');
  return bytes;
}

/** Longer ones only cost time; what is too long is too long at this length already. */
const BYTES_MAX = 96 * 1024;
const NUMBERS = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];

function mutateBytes(input: Buffer, chance: Chance): Buffer {
  const at = chance.below(input.length + 1);
  const end = Math.min(input.length, at + 1 + chance.below(chance.oneIn(4) ? 4096 : 16));
  switch (chance.below(8)) {
    case 0: {
      const changed = Buffer.from(input);
      if (at < changed.length) changed[at] = (changed[at] ?? 0) ^ (1 << chance.below(8));
      return changed;
    }
    case 1: {
      const changed = Buffer.from(input);
      changed.fill(chance.below(256), at, end);
      return changed;
    }
    case 2:
      return Buffer.concat([input.subarray(0, at), input.subarray(end)]);
    case 3:
      return capped([input.subarray(0, at), chance.bytes(chance.below(32)), input.subarray(at)]);
    case 4:
      return capped([input.subarray(0, end), input.subarray(at)]);
    case 5: {
      const changed = Buffer.from(input);
      if (at + 4 <= changed.length) changed.writeUInt32LE(chance.pick(NUMBERS), at);
      return changed;
    }
    case 6:
      return input.subarray(0, at);
    default: {
      const part = input.subarray(at, end);
      const times = chance.oneIn(20) ? 2000 : chance.below(20);
      return capped([input.subarray(0, at), ...Array(times).fill(part), input.subarray(end)]);
    }
  }
}

function capped(parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat(parts).subarray(0, BYTES_MAX);
}

function mutateText(text: string, words: readonly string[], chance: Chance): string {
  const at = chance.below(text.length + 1);
  const end = Math.min(text.length, at + 1 + chance.below(20));
  switch (chance.below(6)) {
    case 0:
      return text.slice(0, at) + word(words, chance) + text.slice(at);
    case 1:
      return text.slice(0, at) + word(words, chance) + text.slice(end);
    case 2:
      return withLines(text, chance, (lines, line) => [
        ...lines.slice(0, line),
        ...lines.slice(line + 1),
      ]);
    case 3:
      return withLines(text, chance, (lines, line) => [
        ...lines.slice(0, line),
        lines[line] ?? '',
        ...lines.slice(line),
      ]);
    case 4:
      return withLines(text, chance, (lines, line) => [
        ...lines.slice(0, line),
        word(words, chance),
        ...lines.slice(line),
      ]);
    default:
      return text.replace(/[0-9]+/, () => `${chance.pick(INTERESTING_NUMBERS)}`);
  }
}

function withLines(
  text: string,
  chance: Chance,
  change: (lines: readonly string[], at: number) => readonly string[],
): string {
  const lines = text.split('\r\n');
  return change(lines, chance.below(lines.length)).join('\r\n').slice(0, BYTES_MAX);
}

function word(words: readonly string[], chance: Chance): string {
  return words.length === 0 || chance.oneIn(4) ? chance.pick(STRINGS) : chance.pick(words);
}

const INTERESTING_NUMBERS: readonly number[] = [
  0,
  -1,
  1,
  2,
  1.5,
  -0,
  255,
  65_536,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  2 ** 53 + 2,
  -(2 ** 31),
  1e21,
  1e308,
  5e-324,
];
const STRINGS: readonly string[] = [
  '',
  ' ',
  '0',
  '-1',
  '1e9',
  '007',
  '9223372036854775807',
  '9223372036854775808',
  '18446744073709551616',
  'null',
  '__proto__',
  'constructor',
  'toString',
  '..',
  '../../../../etc/passwd',
  'C:\\Windows',
  '\\\\host\\share',
  '\u0000',
  '\r\n',
  '\u202eright to left',
  '\ufeff',
  '\ud800',
  '{{name}}',
  '<img src=x onerror=alert(1)>',
  '\u001b[2J',
  'a'.repeat(100),
  'é'.repeat(300),
  '%00%2e%2e%2f',
  "'; DROP TABLE plots; --",
];

type Json = unknown;

function mutateJson(value: Json, words: readonly string[], chance: Chance): string {
  let changed = value;
  for (let times = 1 + chance.below(3); times > 0; times -= 1)
    changed = changedAt(changed, words, chance);
  const text = JSON.stringify(changed) ?? 'null';
  return text.length > BYTES_MAX ? text.slice(0, BYTES_MAX) : text;
}

/** Goes down to some place and does something there. */
function changedAt(value: Json, words: readonly string[], chance: Chance): Json {
  const isBranch = typeof value === 'object' && value !== null;
  if (!isBranch || chance.oneIn(6)) return changedHere(value, words, chance);
  if (Array.isArray(value)) {
    if (value.length === 0) return changedHere(value, words, chance);
    const at = chance.below(value.length);
    return value.map((each: Json, index) => (index === at ? changedAt(each, words, chance) : each));
  }
  const keys = Object.keys(value);
  if (keys.length === 0) return changedHere(value, words, chance);
  const key = chance.pick(keys);
  return { ...value, [key]: changedAt((value as Record<string, Json>)[key], words, chance) };
}

function changedHere(value: Json, words: readonly string[], chance: Chance): Json {
  if (chance.oneIn(6)) return anyValue(words, chance);
  if (typeof value === 'string')
    return chance.oneIn(3) ? word(words, chance) : mutateText(value, words, chance);
  if (typeof value === 'number')
    return chance.pick(INTERESTING_NUMBERS) + (chance.oneIn(3) ? value : 0);
  if (typeof value === 'boolean') return !value;
  if (Array.isArray(value)) return changedList(value, words, chance);
  if (typeof value === 'object' && value !== null) return changedRecord(value, words, chance);
  return anyValue(words, chance);
}

function changedList(list: readonly Json[], words: readonly string[], chance: Chance): Json {
  switch (chance.below(4)) {
    case 0:
      return [];
    case 1:
      return list.slice(0, chance.below(list.length + 1));
    case 2: {
      const times = chance.oneIn(10) ? 2000 : 1 + chance.below(70);
      if (list.length === 0) return [anyValue(words, chance)];
      const each = chance.pick(list);
      // Lists of lists of lists would be a text without end.
      const most = Math.ceil(BYTES_MAX / (JSON.stringify(each) ?? '').length);
      return Array(Math.min(times, most)).fill(each);
    }
    default:
      return [...list, anyValue(words, chance)];
  }
}

function changedRecord(record: object, words: readonly string[], chance: Chance): Json {
  const keys = Object.keys(record);
  switch (chance.below(3)) {
    case 0: {
      const gone = keys.length === 0 ? '' : chance.pick(keys);
      return Object.fromEntries(Object.entries(record).filter(([key]) => key !== gone));
    }
    case 1:
      return { ...record, [word(words, chance)]: anyValue(words, chance) };
    default: {
      if (keys.length < 2) return { ...record };
      const [one, other] = [chance.pick(keys), chance.pick(keys)];
      const values = record as Record<string, Json>;
      return { ...record, [one]: values[other], [other]: values[one] };
    }
  }
}

function anyValue(words: readonly string[], chance: Chance): Json {
  switch (chance.below(8)) {
    case 0:
      return null;
    case 1:
      return chance.oneIn(2);
    case 2:
      return chance.pick(INTERESTING_NUMBERS);
    case 3:
      return [];
    case 4:
      return {};
    case 5:
      return nested(chance.oneIn(10) ? 2000 : chance.below(40));
    default:
      return word(words, chance);
  }
}

function nested(depth: number): Json {
  let value: Json = 0;
  for (let at = 0; at < depth; at += 1) value = at % 2 === 0 ? [value] : { a: value };
  return value;
}

function parsed(input: Uint8Array): { readonly value: Json } | undefined {
  try {
    return { value: JSON.parse(Buffer.from(input).toString('utf8')) };
  } catch {
    return undefined;
  }
}
