import type { ReactNode } from 'react';
import { FieldError } from 'react-aria-components/FieldError';
import { Label } from 'react-aria-components/Label';
import { Text } from 'react-aria-components/Text';
import { TextArea } from 'react-aria-components/TextArea';
import { TextField } from 'react-aria-components/TextField';
import './lines-field.css';

/** Several short texts, one a line; or a long one that somebody was given. */
export function LinesField({
  label,
  value,
  onChange,
  hint,
  problem,
}: {
  readonly label: string;
  readonly value: string;
  /** Without it, the text is to be read and copied only. */
  readonly onChange?: (value: string) => void;
  readonly hint?: ReactNode;
  readonly problem?: string | undefined;
}) {
  return (
    <TextField
      className="field"
      value={value}
      isReadOnly={onChange === undefined}
      isInvalid={problem !== undefined}
      validationBehavior="aria"
      {...(onChange === undefined ? {} : { onChange })}
      autoComplete="off"
      spellCheck="false"
    >
      <Label>{label}</Label>
      <TextArea className="input lines-input" rows={3} />
      {hint === undefined ? null : (
        <Text slot="description" className="hint">
          {hint}
        </Text>
      )}
      <FieldError className="fault small">{problem}</FieldError>
    </TextField>
  );
}
