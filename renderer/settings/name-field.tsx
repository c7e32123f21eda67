import { type FormEvent, useEffect, useState } from 'react';
import { NAME_CHARS_MAX } from '../../shared/model/bounds.ts';
import { t } from '../state/words.ts';
import { Field } from '../ui/field.tsx';

/** What friends see; saved when the person is done typing it: with Enter, or by going elsewhere. */
export function NameField({
  name,
  onSave,
}: {
  readonly name: string;
  readonly onSave: (name: string) => Promise<boolean>;
}) {
  const [text, setText] = useState(name);
  useEffect(() => setText(name), [name]);
  const typed = text.trim();
  const save = () => {
    if (typed === '' || typed === name) return;
    void onSave(typed).then((isSaved) => {
      if (!isSaved) setText(name);
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
        value={text}
        onChange={setText}
        maxLength={NAME_CHARS_MAX}
        problem={typed === '' ? t('settings.name-empty') : undefined}
      />
    </form>
  );
}
