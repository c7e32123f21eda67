import { useEffect, useState } from 'react';
import { copyText } from '../state/copy-text.ts';
import { t } from '../state/words.ts';
import { Button } from './button.tsx';

const SAID_FOR_MS = 4000;

/** Copies a text and says so for a moment, in its own place. */
export function CopyButton({ text, label }: { readonly text: string; readonly label: string }) {
  const [said, setSaid] = useState<'copied' | 'not-copied'>();
  useEffect(() => {
    if (said === undefined) return;
    const timer = setTimeout(() => setSaid(undefined), SAID_FOR_MS);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = async () => setSaid((await copyText(text)) ? 'copied' : 'not-copied');
  return (
    <span className="row">
      <Button label={label} onPress={() => void copy()}>
        {t('settings.copy')}
      </Button>
      <span className="small quiet" role="status">
        {said === undefined ? '' : t(`settings.${said}`)}
      </span>
    </span>
  );
}
