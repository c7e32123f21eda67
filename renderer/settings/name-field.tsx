import { type FormEvent, useState } from 'react';
import { NAME_CHARS_MAX } from '../../shared/model/bounds.ts';
import { t } from '../state/words.ts';
import { Field } from '../ui/field.tsx';

/** What friends see; saved when the person is done typing it: with Enter, or by going elsewhere. What is refused stays to be mended. */
export function NameField({
  name,
  onSave,
}: {
  readonly name: string;
  readonly onSave: (name: string) => Promise<boolean>;
}) {
  /** Until it was kept; then what the core has is shown. */
  const [text, setText] = useState<string>();
  const wish = text?.trim();
  const save = () => {
    if (wish === undefined || wish === '' || wish === name) return;
    void onSave(wish).then((isSaved) => {
      // Whoever has gone on typing meanwhile goes on with that.
      if (isSaved) setText((now) => (now?.trim() === wish ? undefined : now));
    });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save();
  };
  return (
    <form onSubmit={submit} onBlur={save}>
      <Field
        label={t('settings.name')}
        hint={t('settings.name-hint')}
        value={text ?? name}
        onChange={setText}
        maxLength={NAME_CHARS_MAX}
        problem={wish === '' ? t('settings.name-empty') : undefined}
      />
    </form>
  );
}
