import { useAnswer } from '../state/use-answer.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Failed, Loading } from '../ui/states.tsx';
import { PhraseSheet } from './phrase-sheet.tsx';

/** The recovery sheet once more, without the words: friends' addresses change, and sets come and go. */
export function SheetDialog({ onClose }: { readonly onClose: () => void }) {
  const { value: sheet, problem, retry } = useAnswer('recovery.sheet', {});
  return (
    <Dialog title={t('sheet.open-title')} onClose={onClose}>
      <div className="stack">
        {sheet === undefined && problem === undefined ? (
          <Loading what={t('sheet.loading')} />
        ) : null}
        {sheet === undefined && problem !== undefined ? (
          <Failed problem={problem} onRetry={retry} />
        ) : null}
        {sheet === undefined ? null : (
          <>
            <p>{t('sheet.about')}</p>
            <div
              className="sheet-preview"
              role="region"
              tabIndex={0}
              aria-label={t('sheet.preview')}
            >
              <PhraseSheet words={null} sheet={sheet} isRead />
            </div>
          </>
        )}
        <div className="row end">
          <Button onPress={onClose}>{t('ui.close')}</Button>
          <Button look="primary" disabled={sheet === undefined} onPress={() => print()}>
            {t('phrase.print')}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
