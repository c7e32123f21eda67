import { useEffect, useState } from 'react';
import type { SettingsView } from '../../shared/contract/views.ts';
import type { FaultCode } from '../../shared/fault.ts';
import { faultWords, useDoor } from '../state/use-call.ts';

export type Setting = keyof SettingsView;

/** What became of the last choice; said where it was made. */
export type Said = {
  readonly of: Setting;
  readonly problem: string | undefined;
  /** The fault behind `problem`, where the field knows better words for it. */
  readonly code: FaultCode | undefined;
};

export type EditedSettings = {
  /** As they are, with what is being saved on top. */
  readonly values: SettingsView;
  readonly said: Said | undefined;
  /** Saves at once; resolves to whether it was taken. What was refused goes back to what it was. */
  readonly save: <S extends Setting>(of: S, value: SettingsView[S]) => Promise<boolean>;
};

export function useSettings(present: SettingsView): EditedSettings {
  const door = useDoor();
  const [wishes, setWishes] = useState<Partial<SettingsView>>({});
  // The answer comes a moment before the snapshot that holds it.
  const [answered, setAnswered] = useState<SettingsView>();
  const [said, setSaid] = useState<Said>();
  useEffect(() => setAnswered(undefined), [present]);
  return {
    values: { ...(answered ?? present), ...wishes },
    said,
    save: async (of, value) => {
      setWishes((before) => ({ ...before, [of]: value }));
      setSaid(undefined);
      const result = await door('settings.set', { [of]: value });
      setWishes((before) => (before[of] === value ? without(before, of) : before));
      if (result.ok) setAnswered(result.value);
      setSaid(
        result.ok
          ? { of, problem: undefined, code: undefined }
          : { of, problem: faultWords(result.fault), code: result.fault.code },
      );
      return result.ok;
    },
  };
}

function without(wishes: Partial<SettingsView>, of: Setting): Partial<SettingsView> {
  const { [of]: _saved, ...rest } = wishes;
  return rest;
}
