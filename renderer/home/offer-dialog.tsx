import { type FormEvent, useState } from 'react';
import type { DiskLook, OfferView } from '../../shared/contract/views.ts';
import type { FaultCode } from '../../shared/fault.ts';
import { bearableBytes } from '../bed/bearable.ts';
import { isOfFolder } from '../state/of-folder.ts';
import { useCall } from '../state/use-call.ts';
import { useLook } from '../state/use-look.ts';
import { currentUnits, size as sizeWords, t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { FolderField } from '../ui/folder-field.tsx';
import { Problem } from '../ui/problem.tsx';
import { asTypedSize, readSize, readSizeOrNone } from '../ui/typed-size.ts';

/** Said at the folder too: it is what can be mended. */
const OF_PLACE: ReadonlySet<FaultCode> = new Set(['volume-missing', 'plots-elsewhere']);

/** How much is offered, where, and what must stay free. */
export function OfferDialog({
  offer,
  onClose,
}: {
  readonly offer: OfferView | null;
  readonly onClose: () => void;
}) {
  const [typed, setTyped] = useState<Typed>({});
  const { look, problem: lookProblem } = useLook(typed.folder ?? offer?.folder);
  const { folder, size, keep } = { ...asItIs(offer, look), ...typed };
  const { call, busy, problem, fault } = useCall();
  const offerBytes = readSize(size, currentUnits());
  const keepFreeBytes = readSizeOrNone(keep, currentUnits());
  const isComplete = folder !== '' && offerBytes !== undefined && keepFreeBytes !== undefined;
  const isOfPlace = fault !== undefined && (isOfFolder(fault) || OF_PLACE.has(fault.code));
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (offerBytes === undefined || keepFreeBytes === undefined) return;
    const set = await call('offer.set', {
      folder,
      offerBytes: `${offerBytes}`,
      keepFreeBytes: `${keepFreeBytes}`,
      make: offer === null,
    });
    if (set !== undefined) onClose();
  };
  const badSize = t('fault.bad-size');
  return (
    <Dialog title={t('offer.title')} onClose={onClose}>
      <form className="stack" onSubmit={(event) => void save(event)}>
        <FolderField
          label={t('offer.folder')}
          value={folder}
          onChange={(text) => setTyped({ ...typed, folder: text })}
          mayBeNew={offer === null}
          problem={isOfPlace ? problem : lookProblem}
        />
        <Field
          narrow
          label={t('offer.size')}
          value={size}
          onChange={(text) => setTyped({ ...typed, size: text })}
          problem={size.trim() !== '' && offerBytes === undefined ? badSize : undefined}
          hint={mostWords(offer, look)}
        />
        <Field
          narrow
          label={t('offer.keep')}
          value={keep}
          onChange={(text) => setTyped({ ...typed, keep: text })}
          problem={keep.trim() !== '' && keepFreeBytes === undefined ? badSize : undefined}
          hint={t('offer.keep-hint')}
        />
        {offer !== null && offerBytes !== undefined && offerBytes < BigInt(offer.promisedBytes) ? (
          <p className="small warn" role="status">
            {t('bed.offer-below', { promisedBytes: offer.promisedBytes })}
          </p>
        ) : null}
        <Problem>{isOfPlace ? undefined : problem}</Problem>
        <div className="row end">
          <Button onPress={onClose}>{t('ui.cancel')}</Button>
          <Button look="primary" type="submit" disabled={!isComplete || busy}>
            {t('offer.save', { size: offerBytes === undefined ? '' : sizeWords(offerBytes) })}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

type Typed = { readonly folder?: string; readonly size?: string; readonly keep?: string };

/** What stands there until somebody types: what is offered now, else what this disk can well bear. */
function asItIs(offer: OfferView | null, look: DiskLook | undefined): Required<Typed> {
  const from = offer ?? look;
  if (from === undefined) return { folder: '', size: '', keep: '' };
  const bytes = 'offerBytes' in from ? from.offerBytes : from.suggestedBytes;
  return {
    folder: from.folder,
    size: asTypedSize(BigInt(bytes)),
    keep: asTypedSize(BigInt(from.keepFreeBytes)),
  };
}

/** With what must stay free now, where something is offered already. */
function mostWords(offer: OfferView | null, look: DiskLook | undefined): string | undefined {
  if (offer === null)
    return look === undefined ? undefined : t('offer.most', { mostBytes: look.mostBytes });
  return t('offer.most', { mostBytes: `${bearableBytes(offer)}` });
}
