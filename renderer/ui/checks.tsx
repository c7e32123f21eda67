import { type ReactNode, useId } from 'react';
import { Checkbox } from 'react-aria-components/Checkbox';
import { CheckboxGroup } from 'react-aria-components/CheckboxGroup';
import { FieldError } from 'react-aria-components/FieldError';
import { Label } from 'react-aria-components/Label';
import { Text } from 'react-aria-components/Text';
import './checks.css';

export type Check = { readonly value: string; readonly label: ReactNode };

/** Any number of a few; all of them in sight. */
export function Checks({
  label,
  values,
  options,
  onChange,
  hint,
  problem,
}: {
  readonly label: string;
  readonly values: readonly string[];
  readonly options: readonly Check[];
  readonly onChange: (values: readonly string[]) => void;
  readonly hint?: ReactNode;
  readonly problem?: string | undefined;
}) {
  return (
    <CheckboxGroup
      className="choice"
      value={[...values]}
      onChange={onChange}
      isInvalid={problem !== undefined}
      validationBehavior="aria"
    >
      <Label>{label}</Label>
      <div className="choices checks">
        {options.map((option) => (
          <Checkbox key={option.value} value={option.value} className="radio">
            <span className="check-mark" aria-hidden="true" />
            <span>{option.label}</span>
          </Checkbox>
        ))}
      </div>
      {hint === undefined ? null : (
        <Text slot="description" className="hint">
          {hint}
        </Text>
      )}
      <FieldError className="fault small">{problem}</FieldError>
    </CheckboxGroup>
  );
}

/** A single yes or no in a form; it counts when the form is sent. */
export function CheckLine({
  label,
  hint,
  isChecked,
  onChange,
}: {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly isChecked: boolean;
  readonly onChange: (isChecked: boolean) => void;
}) {
  const id = useId();
  return (
    <div className="check-line">
      <Checkbox
        className="radio"
        isSelected={isChecked}
        onChange={onChange}
        {...(hint === undefined ? {} : { 'aria-describedby': id })}
      >
        <span className="check-mark" aria-hidden="true" />
        <span>{label}</span>
      </Checkbox>
      {hint === undefined ? null : (
        <span className="hint check-hint" id={id}>
          {hint}
        </span>
      )}
    </div>
  );
}
