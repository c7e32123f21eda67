import { type ReactNode, useId } from 'react';
import { Switch as AriaSwitch } from 'react-aria-components/Switch';

/** On or off, at once. */
export function Switch({
  label,
  hint,
  isOn,
  onChange,
  disabled = false,
}: {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
  readonly disabled?: boolean;
}) {
  const id = useId();
  return (
    <div className="switch-line">
      <AriaSwitch
        className="switch"
        isSelected={isOn}
        onChange={onChange}
        isDisabled={disabled}
        {...(hint === undefined ? {} : { 'aria-describedby': id })}
      >
        <span className="switch-track" aria-hidden="true">
          <span className="switch-thumb" />
        </span>
        <span>{label}</span>
      </AriaSwitch>
      {hint === undefined ? null : (
        <span className="hint switch-hint" id={id}>
          {hint}
        </span>
      )}
    </div>
  );
}
