import { type FormEvent, useState } from 'react';
import type { OfferView } from '../../shared/contract/views.ts';
import { formatBytes, parseSize } from '../../shared/units.ts';
import { useCall } from '../state/use-call.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';

export function OfferDialog({
  offer,
  onClose,
}: {
  readonly offer: OfferView | null;
  readonly onClose: () => void;
}) {
  const [folder, setFolder] = useState(offer?.folder ?? '');
  const [size, setSize] = useState(offer === null ? '50 GB' : asTyped(offer.offerBytes));
  const [keep, setKeep] = useState(offer === null ? '10 GB' : asTyped(offer.keepFreeBytes));
  const { call, busy, problem } = useCall();
  const offerBytes = parseSize(size);
  const keepFreeBytes = keep.trim() === '0' ? 0n : parseSize(keep);
  const isComplete = folder !== '' && offerBytes !== undefined && keepFreeBytes !== undefined;
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (offerBytes === undefined || keepFreeBytes === undefined) return;
    const set = await call('offer.set', {
      folder,
      offerBytes: `${offerBytes}`,
      keepFreeBytes: `${keepFreeBytes}`,
    });
    if (set !== undefined) onClose();
  };
  return (
    <Dialog title={t('ui.offer-title')} onClose={onClose}>
      <form className="stack" onSubmit={(event) => void save(event)}>
        <Field label={t('ui.offer-folder')} value={folder} onChange={setFolder} />
        <Field label={t('ui.offer-size')} value={size} onChange={setSize} />
        <Field label={t('ui.offer-keep')} value={keep} onChange={setKeep} />
        {problem === undefined ? null : (
          <p className="fault" role="alert">
            {problem}
          </p>
        )}
        <div className="row end">
          <Button onPress={onClose}>{t('ui.cancel')}</Button>
          <Button primary type="submit" disabled={!isComplete || busy}>
            {t('ui.offer-save', { size: offerBytes === undefined ? '' : formatBytes(offerBytes) })}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** Exact if round, so that saving unchanged changes nothing. */
function asTyped(bytes: string): string {
  const value = BigInt(bytes);
  return value > 0n && value % 1_000_000_000n === 0n ? `${value / 1_000_000_000n} GB` : bytes;
}
