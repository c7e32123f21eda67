/**
 * Names that the place of a restore can hold. What it can't gets another name: safe, unique in its folder,
 * and as near to its own as it may be. Pure, so that every system's rules can be tried on any other.
 */
export type NameRules = {
  /** Windows keeps some characters, some names and the end of each name for itself. */
  readonly isWindows: boolean;
  /** `A` and `a` are one name, and so are the two ways of writing `é`. */
  readonly folds: boolean;
  /** Bytes that are no text can't be a name. */
  readonly isText: boolean;
  readonly lengthMax: number;
  readonly unit: 'bytes' | 'utf16';
};

export type System = 'linux' | 'darwin' | 'win32';

const LENGTH_MAX = 255;

const RULES: Readonly<Record<System, NameRules>> = {
  linux: { isWindows: false, folds: false, isText: false, lengthMax: LENGTH_MAX, unit: 'bytes' },
  darwin: { isWindows: false, folds: true, isText: true, lengthMax: LENGTH_MAX, unit: 'bytes' },
  win32: { isWindows: true, folds: true, isText: true, lengthMax: LENGTH_MAX, unit: 'utf16' },
};

export function rulesOf(system: string): NameRules {
  return RULES[system === 'darwin' || system === 'win32' ? system : 'linux'];
}

/** A name for each of a folder's entries, in their order. Who can keep his own does; the others make way. */
export function placeNames(names: readonly Buffer[], rules: NameRules): readonly Buffer[] {
  const taken = new Set<string>();
  const placed = names.map((name) => {
    const safe = safeName(name, rules);
    const key = keyOf(safe, rules);
    if (!safe.equals(name) || taken.has(key)) return undefined;
    taken.add(key);
    return name;
  });
  return names.map((name, at) => placed[at] ?? takeFree(safeName(name, rules), taken, rules));
}

/** The same for what was chosen: in place each has a folder of its own, else they all come to lie in one. */
export function placeTops(
  names: readonly Buffer[],
  { rules, isInPlace }: { readonly rules: NameRules; readonly isInPlace: boolean },
): readonly Buffer[] {
  return isInPlace ? names.flatMap((name) => placeNames([name], rules)) : placeNames(names, rules);
}

/** The name itself, or the same with a number; it is taken afterwards. */
function takeFree(name: Buffer, taken: Set<string>, rules: NameRules): Buffer {
  for (let number = 1; ; number += 1) {
    const free = number === 1 ? name : addToName(name, ` (${number})`, rules);
    const key = keyOf(free, rules);
    if (taken.has(key)) continue;
    taken.add(key);
    return free;
  }
}

/** `letter.txt` and ` (2)` make `letter (2).txt`, cut where it would be too long. */
export function addToName(name: Buffer, addition: string, rules: NameRules): Buffer {
  const dot = name.lastIndexOf(0x2e);
  const isExtension = dot > 0 && name.length - dot <= EXTENSION_BYTES_MAX;
  const extension = isExtension ? name.subarray(dot) : Buffer.alloc(0);
  const end = Buffer.concat([Buffer.from(addition), extension]);
  const stem = isExtension ? name.subarray(0, dot) : name;
  return Buffer.concat([shortened(stem, rules.lengthMax - lengthOf(end, rules), rules), end]);
}

const EXTENSION_BYTES_MAX = 16;
/** Of Windows; below 32 are no letters anywhere, but only Windows refuses them. */
// oxlint-disable-next-line no-control-regex
const FORBIDDEN = /[\u0000-\u001f<>:"/\\|?*]/gu;
const KEPT = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³]) *(\.|$)/iu;

function safeName(name: Buffer, rules: NameRules): Buffer {
  let safe = rules.isText || rules.isWindows ? asText(name) : name;
  if (rules.isWindows) safe = Buffer.from(forWindows(safe.toString('utf8')));
  if (safe.includes(0) || safe.includes(0x2f))
    safe = Buffer.from(safe.map((byte) => (byte === 0 || byte === 0x2f ? 0x5f : byte)));
  if (/^\.{0,2}$/.test(safe.toString('latin1'))) safe = Buffer.from(`${safe.toString('latin1')}_`);
  if (lengthOf(safe, rules) <= rules.lengthMax) return safe;
  const short = addToName(safe, '', rules);
  return rules.isWindows ? Buffer.from(forWindows(short.toString('utf8'))) : short;
}

function forWindows(text: string): string {
  const plain = text.replaceAll(FORBIDDEN, '_').replace(/[. ]+$/u, (end) => '_'.repeat(end.length));
  return plain.replace(KEPT, (whole) => whole.replace(/ *(\.?)$/u, '_$1'));
}

/** Bytes that are no text stand as `%FF`. */
function asText(name: Buffer): Buffer {
  if (Buffer.from(name.toString('utf8')).equals(name)) return name;
  let text = '';
  for (let at = 0; at < name.length; ) {
    const length = [1, 2, 3, 4].find((bytes) => {
      const letter = name.subarray(at, at + bytes);
      return letter.length === bytes && Buffer.from(letter.toString('utf8')).equals(letter);
    });
    const letter = name.subarray(at, at + (length ?? 1));
    text +=
      length === undefined ? `%${letter.toString('hex').toUpperCase()}` : letter.toString('utf8');
    at += length ?? 1;
  }
  return Buffer.from(text);
}

function lengthOf(name: Buffer, { unit }: NameRules): number {
  return unit === 'bytes' ? name.length : name.toString('utf8').length;
}

/** No letter is cut in two. */
function shortened(name: Buffer, length: number, rules: NameRules): Buffer {
  if (lengthOf(name, rules) <= length) return name;
  if (rules.unit === 'utf16') {
    const cut = name.toString('utf8').slice(0, length);
    return Buffer.from(/[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut);
  }
  let end = length;
  while (end > 0 && end > length - 3 && ((name[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return name.subarray(0, end);
}

/** Names with one key may be one name there; rather one too many. */
export function keyOf(name: Buffer, rules: NameRules): string {
  if (!rules.folds) return name.toString('latin1');
  const text = name.toString('utf8').normalize('NFD');
  // Small first: a large ẞ is a letter of its own to whoever makes it large, and small it is an ß, which is SS.
  return text.toLowerCase().toUpperCase().toLowerCase().normalize('NFC');
}
