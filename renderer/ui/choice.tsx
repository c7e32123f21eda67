import type { ReactNode } from 'react';
import { Label } from 'react-aria-components/Label';
import { Radio, RadioGroup } from 'react-aria-components/RadioGroup';
import { Text } from 'react-aria-components/Text';

export type Option<V extends string> = {
  readonly value: V;
  readonly label: string;
  readonly hint?: ReactNode;
};

/** One of a few; all of them in sight. `strip`: side by side, for short words. */
export function Choice<V extends string>({
  label,
  value,
  options,
  onChange,
  strip = false,
  hint,
}: {
  readonly label: string;
  readonly value: V;
  readonly options: readonly Option<V>[];
  readonly onChange: (value: V) => void;
  readonly strip?: boolean;
  readonly hint?: ReactNode;
}) {
  return (
    <RadioGroup
      className={strip ? 'choice strip' : 'choice'}
      value={value}
      // The group only knows the values that it was given.
      onChange={(chosen) => onChange(chosen as V)}
      orientation={strip ? 'horizontal' : 'vertical'}
    >
      <Label>{label}</Label>
      <div className="choices">
        {options.map((option) => (
          <Radio key={option.value} value={option.value} className="radio">
            <span className="radio-mark" aria-hidden="true" />
            <span>
              {option.label}
              {option.hint === undefined ? null : <span className="hint block">{option.hint}</span>}
            </span>
          </Radio>
        ))}
      </div>
      {hint === undefined ? null : (
        <Text slot="description" className="hint">
          {hint}
        </Text>
      )}
    </RadioGroup>
  );
}
