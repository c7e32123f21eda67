import { ADDRESS_CHARS_MAX } from '../../shared/model/bounds.ts';
import { t } from '../state/words.ts';
import { Field } from '../ui/field.tsx';
import { withoutGaps } from '../../shared/words/key-text.ts';

/** Where a friend is found and by which key he is known, as it stands on the recovery sheet. */
export type SheetAddress = { readonly address: string; readonly device?: string };

/** As it is typed; without a key whoever answers there is asked. */
export type TypedAddress = { readonly address: string; readonly device: string };

export const NO_ADDRESS: TypedAddress = { address: '', device: '' };

/** `undefined`: nothing was typed. */
export function sheetAddressOf(typed: TypedAddress): SheetAddress | undefined {
  const address = typed.address.trim();
  const device = withoutGaps(typed.device);
  if (address === '') return undefined;
  return device === '' ? { address } : { address, device };
}

export function SheetAddressFields({
  typed,
  onChange,
  addressProblem,
  keyProblem,
}: {
  readonly typed: TypedAddress;
  readonly onChange: (typed: TypedAddress) => void;
  readonly addressProblem?: string | undefined;
  readonly keyProblem?: string | undefined;
}) {
  return (
    <>
      <Field
        label={t('recovery.address')}
        hint={t('recovery.address-hint')}
        value={typed.address}
        onChange={(address) => onChange({ ...typed, address })}
        problem={addressProblem}
        maxLength={ADDRESS_CHARS_MAX}
      />
      <Field
        label={t('recovery.key')}
        hint={t('recovery.key-hint')}
        value={typed.device}
        onChange={(device) => onChange({ ...typed, device })}
        problem={keyProblem}
        maxLength={120}
      />
    </>
  );
}
