import type { z } from 'zod';

/**
 * Messages that a schema lets through, made from the schema: so that a field that comes later is fuzzed without
 * anybody having thought of it. Where a value must mean something, its field's name says what.
 */
export type Hints = Readonly<Record<string, unknown>>;

const STRINGS: readonly string[] = [
  'Ben',
  '1000000',
  'a'.repeat(26),
  `${'a'.repeat(25)}e`,
  `${'b'.repeat(51)}a`,
  'ab'.repeat(32),
  'ab'.repeat(16),
  'A'.repeat(22),
  'A'.repeat(43),
  'A'.repeat(86),
  'A'.repeat(24),
  '127.0.0.1:9',
  '2026-11-25T10:00:00.000Z',
  '09:00',
  'x-own',
  `data.${'ab'.repeat(32)}`,
];
const NUMBERS: readonly number[] = [1, 3600, 0, 30, 0.5];

/** With everything that may be left out, and with nothing of it; of a union one for each of its members. */
export function examplesOf(schema: z.ZodType, hints: Hints = {}): readonly unknown[] {
  return [true, false]
    .flatMap((full) => [0, 1, 2, 3, 4, 5].map((turn) => exampleOf(schema, { full, turn, hints })))
    .filter((value, at, all) => {
      const text = JSON.stringify(value);
      return (
        schema.safeParse(value).success &&
        all.findIndex((each) => JSON.stringify(each) === text) === at
      );
    });
}

type Wish = {
  readonly full: boolean;
  /** Which member of a union. */
  readonly turn: number;
  readonly hints: Hints;
  readonly field?: string;
};
/** What zod knows of a schema, as far as it is needed here. */
type Known = {
  readonly type: string;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly element?: z.ZodType;
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly values?: readonly unknown[];
  readonly entries?: Readonly<Record<string, unknown>>;
  readonly valueType?: z.ZodType;
  readonly keyType?: z.ZodType;
};

function exampleOf(schema: z.ZodType, wish: Wish): unknown {
  const known = (schema as unknown as { _zod: { def: Known } })._zod.def;
  const hint = wish.field === undefined ? undefined : wish.hints[wish.field];
  if (hint !== undefined && schema.safeParse(hint).success) return hint;
  const inside = (inner: z.ZodType | undefined) =>
    inner === undefined ? undefined : exampleOf(inner, wish);
  switch (known.type) {
    case 'object':
      return record(known.shape ?? {}, wish);
    case 'array':
      return known.element === undefined ? [] : lists(schema, known.element, wish);
    case 'optional':
    case 'nullable':
    case 'default':
    case 'catch':
    case 'readonly':
    case 'nonoptional':
    case 'prefault':
      if (!wish.full && known.type === 'nullable') return null;
      return inside(known.innerType);
    case 'pipe': {
      const value = inside(known.in);
      return schema.safeParse(value).success ? value : candidate(schema, [...STRINGS, ...NUMBERS]);
    }
    case 'union': {
      const options = known.options ?? [];
      return inside(options[wish.turn % Math.max(1, options.length)]);
    }
    case 'enum':
      return Object.values(known.entries ?? {})[
        wish.turn % Object.keys(known.entries ?? {}).length
      ];
    case 'literal':
      return known.values?.[0];
    case 'record':
      return known.valueType === undefined ? {} : { key: exampleOf(known.valueType, wish) };
    case 'boolean':
      return wish.full;
    case 'number':
      return candidate(schema, NUMBERS);
    case 'string':
      return candidate(schema, STRINGS);
    default:
      return candidate(schema, [...STRINGS, ...NUMBERS]);
  }
}

function record(shape: Readonly<Record<string, z.ZodType>>, wish: Wish): unknown {
  const fields = Object.entries(shape).filter(
    ([, field]) => wish.full || !field.safeParse(undefined).success,
  );
  return Object.fromEntries(
    fields.map(([name, field]) => [name, exampleOf(field, { ...wish, field: name })]),
  );
}

/** As few as are wanted, and at least one where it may be. */
function lists(schema: z.ZodType, element: z.ZodType, wish: Wish): unknown {
  const one = exampleOf(element, wish);
  return [[one], [one, one, one], []].find((list) => schema.safeParse(list).success) ?? [one];
}

function candidate(schema: z.ZodType, values: readonly unknown[]): unknown {
  return values.find((value) => schema.safeParse(value).success);
}
