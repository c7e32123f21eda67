import { type FormEvent, useState } from 'react';
import { BYTES_PER_S_MAX } from '../../shared/model/bounds.ts';
import { LIMIT_MIN_BYTES_PER_S } from '../../shared/backup/bucket.ts';
import { currentUnits, size, t } from '../state/words.ts';
import { Field } from '../ui/field.tsx';
import { Switch } from '../ui/switch.tsx';
import { asTypedSize, readSize } from '../ui/typed-size.ts';
import { asTypedTimeOfDay, readTimeOfDay } from '../ui/typed-time.ts';
import type { EditedSettings } from './use-settings.ts';

/** How much of the line my backups may take; saved with Enter, or by going elsewhere. */
export function LimitsSection({ settings }: { readonly settings: EditedSettings }) {
  const { values, save } = settings;
  const isLimited = values.uploadBytesPerS !== null || values.downloadBytesPerS !== null;
  return (
    <>
      <RateField of="uploadBytesPerS" settings={settings} />
      <RateField of="downloadBytesPerS" settings={settings} />
      {isLimited || values.limitsOnly !== null ? (
        <Switch
          label={t('settings.limits-only')}
          hint={t('settings.limits-only-hint')}
          isOn={values.limitsOnly !== null}
          onChange={(isOn) =>
            void save('limitsOnly', isOn ? { fromMin: 480, untilMin: 1320 } : null)
          }
        />
      ) : null}
      {values.limitsOnly === null ? null : (
        <div className="row top">
          <HourField of="fromMin" hours={values.limitsOnly} settings={settings} />
          <HourField of="untilMin" hours={values.limitsOnly} settings={settings} />
        </div>
      )}
    </>
  );
}

function RateField({
  of,
  settings: { values, save },
}: {
  readonly of: 'uploadBytesPerS' | 'downloadBytesPerS';
  readonly settings: EditedSettings;
}) {
  const rate = values[of];
  const present = rate === null ? '' : asTypedSize(BigInt(rate));
  const [typed, setTyped] = useState<string>();
  const text = typed ?? present;
  const wish = readRate(text);
  const send = () => {
    if (typed === undefined || wish === undefined || wish === rate) return;
    void save(of, wish).then((isSaved) => {
      if (isSaved) setTyped(undefined);
    });
  };
  return (
    <SavedField
      label={t(of === 'uploadBytesPerS' ? 'settings.upload' : 'settings.download')}
      hint={t(of === 'uploadBytesPerS' ? 'settings.upload-hint' : 'settings.download-hint')}
      value={text}
      onChange={setTyped}
      onDone={send}
      problem={
        wish === undefined
          ? t('settings.bad-rate', { least: size(BigInt(LIMIT_MIN_BYTES_PER_S)) })
          : undefined
      }
    />
  );
}

/** `null`: as much as the line takes; `undefined`: that is no rate. */
function readRate(text: string): number | null | undefined {
  if (text.trim() === '') return null;
  const bytes = readSize(text.replace(/\s*\/\s*s\.?$/i, ''), currentUnits());
  const isRate =
    bytes !== undefined &&
    bytes >= BigInt(LIMIT_MIN_BYTES_PER_S) &&
    bytes <= BigInt(BYTES_PER_S_MAX);
  return isRate ? Number(bytes) : undefined;
}

function HourField({
  of,
  hours,
  settings: { save },
}: {
  readonly of: 'fromMin' | 'untilMin';
  readonly hours: { readonly fromMin: number; readonly untilMin: number };
  readonly settings: EditedSettings;
}) {
  const [typed, setTyped] = useState<string>();
  const text = typed ?? asTypedTimeOfDay(hours[of]);
  const minute = readTimeOfDay(text);
  const send = () => {
    if (typed === undefined || minute === undefined || minute === hours[of]) return;
    void save('limitsOnly', { ...hours, [of]: minute }).then((isSaved) => {
      if (isSaved) setTyped(undefined);
    });
  };
  return (
    <SavedField
      label={t(of === 'fromMin' ? 'settings.limits-from' : 'settings.limits-until')}
      value={text}
      onChange={setTyped}
      onDone={send}
      problem={minute === undefined ? t('guards.problem-time') : undefined}
    />
  );
}

function SavedField({
  onDone,
  ...field
}: {
  readonly label: string;
  readonly hint?: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly onDone: () => void;
  readonly problem: string | undefined;
}) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onDone();
  };
  return (
    <form onSubmit={submit} onBlur={onDone}>
      <Field narrow {...field} />
    </form>
  );
}
