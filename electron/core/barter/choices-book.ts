import { z } from 'zod';
import type { PetCurrency } from '../../../shared/model/pet-currency.ts';
import { bytes } from '../../../shared/model/ids.ts';
import { encodeJson, jsonOf } from '../../../shared/wire/json.ts';
import type { Sql } from '../database/open-database.ts';

/** What the owner has chosen for barter. */
export type BarterChoices = {
  readonly currency: PetCurrency;
  readonly translator: TranslatorChoice;
};

export type TranslatorChoice = {
  readonly on: boolean;
  /** In 30 days, all orders together. */
  readonly mostGiveUnits: bigint;
  readonly mostWantUnits: bigint;
};

export type ChoicesBook = {
  readonly choices: () => BarterChoices;
  readonly choose: (choice: Partial<BarterChoices>) => void;
  /** When the translator last looked. */
  readonly translatedMs: () => number | undefined;
  readonly translated: (call: { readonly atMs: number }) => void;
};

const currency = z.object({
  name: z.string().max(20).nullable(),
  perGbMonth: z.number().positive(),
});
const translator = z.object({ on: z.boolean(), mostGiveUnits: bytes, mostWantUnits: bytes });

const AT_FIRST: BarterChoices = {
  currency: { name: null, perGbMonth: 1 },
  translator: { on: false, mostGiveUnits: 0n, mostWantUnits: 0n },
};

export function openChoicesBook(sql: Sql): ChoicesBook {
  const read = sql.prepare<[string], { value: string }>(
    'SELECT value FROM barter_choices WHERE name = ?',
  );
  const write = sql.prepare(
    `INSERT INTO barter_choices (name, value) VALUES (?, ?)
     ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
  );
  /** What can't be read any more is chosen anew. */
  function choice<T>(name: string, schema: z.ZodType<T>): T | undefined {
    const row = read.get(name);
    return row === undefined ? undefined : schema.safeParse(jsonOf(row.value)).data;
  }
  return {
    choices: () => ({
      currency: choice('currency', currency) ?? AT_FIRST.currency,
      translator: choice('translator', translator) ?? AT_FIRST.translator,
    }),
    choose: (chosen) => {
      for (const [name, value] of Object.entries(chosen))
        if (value !== undefined) write.run(name, encodeJson(value));
    },
    translatedMs: () => choice('translated', z.number()),
    translated: ({ atMs }) => void write.run('translated', encodeJson(atMs)),
  };
}
