import type { ReactNode } from 'react';
import { Label } from 'react-aria-components/Label';
import { Text } from 'react-aria-components/Text';
import { TextArea } from 'react-aria-components/TextArea';
import { TextField } from 'react-aria-components/TextField';
import './lines-field.css';

/** Several short texts, one a line. */
export function LinesField({
  label,
  value,
  onChange,
  hint,
}: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly hint?: ReactNode;
}) {
  return (
    <TextField
      className="field"
      value={value}
      onChange={onChange}
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
    </TextField>
  );
}
