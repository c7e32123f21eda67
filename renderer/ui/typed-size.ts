import { GB, GIB, parseSize, type SizeUnits } from '../../shared/units.ts';

/** Sizes as people type them, and sizes that are good to be offered. Pure. */

/**
 * "500 GB", "1,5 TB", "500gb"; a figure alone means gigabytes, in the units that the owner likes: nobody
 * shares bytes. `undefined`: no size can be read out of it.
 */
export function readSize(text: string, units: SizeUnits): bigint | undefined {
  const tidy = text.trim().replaceAll(/\s+/g, ' ').replace(',', '.');
  return parseSize(/^[0-9.]+$/.test(tidy) ? `${tidy} ${gigabyte(units)}` : tidy);
}

/** The same, where nothing at all is a size too. */
export function readSizeOrNone(text: string, units: SizeUnits): bigint | undefined {
  return /^0+([.,]0+)?( ?[a-z]{1,3})?$/i.test(text.trim()) ? 0n : readSize(text, units);
}

function gigabyte(units: SizeUnits): 'GB' | 'GiB' {
  return units === 'decimal' ? 'GB' : 'GiB';
}

/** A size as a person would type it, and nothing as 0: exact, so that saving it unchanged changes nothing. */
export function asTypedSize(bytes: bigint): string {
  if (bytes === 0n) return '0';
  const steps = [
    [1_000_000_000_000n, 'TB'],
    [1_000_000_000n, 'GB'],
    [1_000_000n, 'MB'],
    [1024n ** 4n, 'TiB'],
    [1024n ** 3n, 'GiB'],
    [1024n ** 2n, 'MiB'],
  ] as const;
  for (const [step, unit] of steps) if (bytes % step === 0n) return `${bytes / step} ${unit}`;
  return `${bytes} B`;
}

/** A limit as a person would type it; the field is empty where there is none. */
export function asTypedLimit(bytes: string | null | undefined): string {
  return bytes === null || bytes === undefined ? '' : asTypedSize(BigInt(bytes));
}

/** The largest figure of the row 1, 2, 5, 10, 20, 50 … gigabytes that is not more. */
export function roundDown(bytes: bigint, units: SizeUnits): bigint {
  const one = units === 'decimal' ? GB : GIB;
  let round = 0n;
  for (const figure of figures()) {
    if (figure * one > bytes) return round;
    round = figure * one;
  }
  return round;
}

function figures(): readonly bigint[] {
  return [1n, 10n, 100n, 1000n, 10_000n, 100_000n].flatMap((ten) => [ten, 2n * ten, 5n * ten]);
}

/** A few sizes to choose from, smallest first, none more than the disk can bear. */
export function sizesToChoose(mostBytes: bigint, units: SizeUnits): readonly bigint[] {
  const one = units === 'decimal' ? GB : GIB;
  const all = figures()
    .map((figure) => figure * one)
    .filter((bytes) => bytes <= mostBytes);
  return all.slice(-4);
}
