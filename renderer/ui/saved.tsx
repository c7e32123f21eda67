import { t } from '../state/words.ts';

/** Beside the button that saved it; read out when it appears. */
export function Saved({ isSaved }: { readonly isSaved: boolean }) {
  return (
    <span className="small quiet" role="status">
      {isSaved ? t('ui.saved') : ''}
    </span>
  );
}
