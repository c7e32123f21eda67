import { type FormEvent, useState } from 'react';
import type { OfferView } from '../../shared/contract/views.ts';
import type { FaultCode } from '../../shared/fault.ts';
import { useCall } from '../state/use-call.ts';
import { currentUnits, size as sizeWords, t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { FolderField } from '../ui/folder-field.tsx';
import { Problem } from '../ui/problem.tsx';
import { asTypedSize, readSize, readSizeOrNone } from '../ui/typed-size.ts';

/** Faults of the folder are said at the folder, all others below. */
const OF_FOLDER: ReadonlySet<FaultCode> = new Set([
  'folder-missing',
  'not-a-folder',
  'folder-unreadable',
  'folder-read-only',
  'volume-missing',
  'plots-elsewhere',
  'path-too-long',
]);

/** How much is offered, where, and what must stay free. */
export function OfferDialog({
  offer,
  onClose,
}: {
  readonly offer: OfferView | null;
  readonly onClose: () => void;
}) {
  const [folder, setFolder] = useState(offer?.folder ?? '');
  const [size, setSize] = useState(
    offer === null ? '50 GB' : asTypedSize(BigInt(offer.offerBytes)),
  );
  const [keep, setKeep] = useState(offer === null ? '10 GB' : typedKeep(offer.keepFreeBytes));
  const { call, busy, problem, fault } = useCall();
  const offerBytes = readSize(size, currentUnits());
  const keepFreeBytes = readSizeOrNone(keep, currentUnits());
  const isComplete = folder !== '' && offerBytes !== undefined && keepFreeBytes !== undefined;
  const isOfFolder = fault !== undefined && OF_FOLDER.has(fault.code);
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
          onChange={setFolder}
          problem={isOfFolder ? problem : undefined}
        />
        <Field
          narrow
          label={t('offer.size')}
          value={size}
          onChange={setSize}
          problem={size.trim() !== '' && offerBytes === undefined ? badSize : undefined}
          hint={offer === null ? undefined : t('offer.most', { mostBytes: `${most(offer)}` })}
        />
        <Field
          narrow
          label={t('offer.keep')}
          value={keep}
          onChange={setKeep}
          problem={keep.trim() !== '' && keepFreeBytes === undefined ? badSize : undefined}
          hint={t('offer.keep-hint')}
        />
        {offer !== null && offerBytes !== undefined && offerBytes < BigInt(offer.promisedBytes) ? (
          <p className="small warn" role="status">
            {t('bed.offer-below', { promisedBytes: offer.promisedBytes })}
          </p>
        ) : null}
        <Problem>{isOfFolder ? undefined : problem}</Problem>
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

function typedKeep(bytes: string): string {
  return bytes === '0' ? '0' : asTypedSize(BigInt(bytes));
}

function most({ writtenBytes, freeBytes, keepFreeBytes }: OfferView): bigint {
  const spare = BigInt(freeBytes) - BigInt(keepFreeBytes);
  return BigInt(writtenBytes) + (spare > 0n ? spare : 0n);
}
