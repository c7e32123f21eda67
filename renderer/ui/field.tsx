import type { ReactNode } from 'react';
import { FieldError } from 'react-aria-components/FieldError';
import { Input } from 'react-aria-components/Input';
import { Label } from 'react-aria-components/Label';
import { Text } from 'react-aria-components/Text';
import { TextField } from 'react-aria-components/TextField';

export type FieldProps = {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly hint?: ReactNode;
  /** Said at the field itself. */
  readonly problem?: string | undefined;
  readonly maxLength?: number;
  readonly autoFocus?: boolean;
  /** Stands beside the input: a button that picks what goes in. */
  readonly beside?: ReactNode;
  readonly narrow?: boolean;
};

export function Field({
  label,
  value,
  onChange,
  hint,
  problem,
  maxLength,
  autoFocus = false,
  beside,
  narrow = false,
}: FieldProps) {
  return (
    <TextField
      className={narrow ? 'field narrow' : 'field'}
      value={value}
      onChange={onChange}
      isInvalid={problem !== undefined}
      validationBehavior="aria"
      autoComplete="off"
      spellCheck="false"
      autoFocus={autoFocus}
      {...(maxLength === undefined ? {} : { maxLength })}
    >
      <Label>{label}</Label>
      <div className="field-line">
        <Input className="input" />
        {beside}
      </div>
      {hint === undefined ? null : (
        <Text slot="description" className="hint">
          {hint}
        </Text>
      )}
      <FieldError className="fault small">{problem}</FieldError>
    </TextField>
  );
}
