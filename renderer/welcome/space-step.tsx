import { type FormEvent, useEffect, useState } from 'react';
import type { DiskLook, OfferView } from '../../shared/contract/views.ts';
import type { FaultCode } from '../../shared/fault.ts';
import { useCall } from '../state/use-call.ts';
import { currentUnits, size as sizeWords, t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Choice, type Option } from '../ui/choice.tsx';
import { Field } from '../ui/field.tsx';
import { FolderField } from '../ui/folder-field.tsx';
import { Problem } from '../ui/problem.tsx';
import { Loading } from '../ui/states.tsx';
import { asTypedSize } from '../ui/typed-size.ts';
import { useFirstInvalid } from '../ui/use-first-invalid.ts';
import { DiskBar } from './disk-bar.tsx';
import type { Share } from './draft.ts';
import { type Space, spaceOf } from './space.ts';
import { StepActs } from './step-acts.tsx';
import { useDefaultShare } from './use-default-share.ts';
import { useLook } from '../state/use-look.ts';
import type { StepProps } from './welcome.tsx';

/** Faults that are about the size; whatever else can be wrong with an offer is about its folder. */
const OF_SIZE: ReadonlySet<FaultCode> = new Set(['bad-size', 'disk-full']);
const OF_NEITHER: ReadonlySet<FaultCode> = new Set(['not-running', 'internal', 'bad-policy']);

/** Where, how much, and how friends shall divide it. */
export function SpaceStep({ snapshot, draft, change, onBack, onNext }: StepProps) {
  const { offer, settings } = snapshot;
  const folder = draft.folder ?? offer?.folder;
  const { look, problem: lookProblem } = useLook(folder);
  const suggested = suggestionOf(offer, look);
  const { size = suggested.size, keep = suggested.keep } = draft;
  // Of another disk than the one in the field nothing is said.
  const disk = lookProblem === undefined ? look : undefined;
  const space = spaceOf({ look: disk, offer, size, keep, units: currentUnits() });
  const present = useDefaultShare();
  // Nobody has chosen yet at the first run, but what was chosen is never undone unasked.
  const isChosen = settings.welcomed || present === 'kept';
  const share = draft.share ?? (isChosen ? present : undefined) ?? 'evenly';
  const { call, busy, problem, fault } = useCall();
  const [tries, setTries] = useState(0);
  const form = useFirstInvalid(tries);
  const path = (folder ?? look?.folder ?? '').trim();
  const problems = problemsOf({ path, size, keep, space, isTried: tries > 0 });
  const isOfSize = fault !== undefined && OF_SIZE.has(fault.code);
  const isOfFolder = fault !== undefined && !isOfSize && !OF_NEITHER.has(fault.code);
  const folderProblem = isOfFolder ? problem : (lookProblem ?? problems.folder);

  const save = async (): Promise<boolean> => {
    const { sizeBytes, keepBytes, mostBytes } = space;
    if (path === '' || sizeBytes === undefined || keepBytes === undefined) return false;
    if (mostBytes !== undefined && sizeBytes > mostBytes) return false;
    const wish = { folder: path, offerBytes: `${sizeBytes}`, keepFreeBytes: `${keepBytes}` };
    if (!isOffered(offer, wish) && (await call('offer.set', { ...wish, make: true })) === undefined)
      return false;
    if (share === 'kept' || share === present) return true;
    const ground = { kind: 'fair-share' as const, weight: share === 'evenly' ? 1 : 0 };
    return (await call('policy.set', { policy: { guards: {}, grounds: [ground] } })) !== undefined;
  };
  // Whoever is done before the disk was looked at is neither ignored nor told of a field that fills itself.
  const isLooking = look === undefined && lookProblem === undefined;
  const [isSent, setIsSent] = useState(false);
  const send = async () => {
    if (await save()) onNext();
    else setTries((count) => count + 1);
  };
  useEffect(() => {
    if (!isSent || isLooking || busy) return;
    setIsSent(false);
    void send();
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!busy) setIsSent(true);
  };
  return (
    <form ref={form} className="stack welcome-step" onSubmit={submit}>
      <p>{t('welcome.space-what')}</p>
      <FolderField
        label={t('offer.folder')}
        value={folder ?? look?.folder ?? ''}
        onChange={(text) => change({ folder: text })}
        mayBeNew
        problem={folderProblem}
        hint={
          disk?.exists === false && folderProblem === undefined
            ? t('welcome.folder-new')
            : t('welcome.folder-hint')
        }
      />
      <div className="stack tight">
        <Field
          narrow
          label={t('offer.size')}
          value={size}
          onChange={(text) => change({ size: text })}
          problem={isOfSize ? problem : problems.size}
          beside={
            <Sizes
              choices={space.choices}
              onChoose={(bytes) => change({ size: asTypedSize(bytes) })}
            />
          }
        />
        {disk === undefined ? null : <DiskBar look={disk} space={space} />}
        {isLooking ? <Loading what={t('ui.loading')} /> : null}
      </div>
      <Field
        narrow
        label={t('offer.keep')}
        value={keep}
        onChange={(text) => change({ keep: text })}
        problem={problems.keep}
        hint={t('offer.keep-hint')}
      />
      <Choice<Share>
        label={t('welcome.share')}
        value={share}
        options={shareOptions(present === 'kept')}
        onChange={(chosen) => change({ share: chosen })}
      />
      <Problem>{isOfFolder || isOfSize ? undefined : problem}</Problem>
      <StepActs onBack={onBack}>
        <Button onPress={onNext}>{t('welcome.not-now')}</Button>
        <Button look="primary" type="submit">
          {space.sizeBytes === undefined
            ? t('welcome.next')
            : t('offer.save', { size: sizeWords(space.sizeBytes) })}
        </Button>
      </StepActs>
    </form>
  );
}

function isOffered(offer: OfferView | null, wish: Partial<OfferView>): boolean {
  return (
    offer !== null &&
    offer.folder === wish.folder &&
    offer.offerBytes === wish.offerBytes &&
    offer.keepFreeBytes === wish.keepFreeBytes
  );
}

/** A few round sizes that the disk can bear, for whoever would rather press than type. */
function Sizes({
  choices,
  onChoose,
}: {
  readonly choices: readonly bigint[];
  readonly onChoose: (bytes: bigint) => void;
}) {
  return (
    <div className="row" role="group" aria-label={t('welcome.sizes')}>
      {choices.map((bytes) => (
        <Button key={`${bytes}`} onPress={() => onChoose(bytes)}>
          {asTypedSize(bytes)}
        </Button>
      ))}
    </div>
  );
}

/** What stands in the fields before anything is typed: the present offer, or what the disk suggests. */
function suggestionOf(
  offer: OfferView | null,
  look: DiskLook | undefined,
): { readonly size: string; readonly keep: string } {
  if (offer !== null)
    return { size: typed(offer.offerBytes), keep: asTypedSize(BigInt(offer.keepFreeBytes)) };
  if (look === undefined) return { size: '', keep: '' };
  return { size: typed(look.suggestedBytes), keep: asTypedSize(BigInt(look.keepFreeBytes)) };
}

/** Nobody means to offer nothing: then the field is empty. */
function typed(bytes: string): string {
  return bytes === '0' ? '' : asTypedSize(BigInt(bytes));
}

/** What is wrong, at the field it is about. Empty fields are only complained of once they were sent. */
function problemsOf({
  path,
  size,
  keep,
  space: { sizeBytes, keepBytes, mostBytes },
  isTried,
}: {
  readonly path: string;
  readonly size: string;
  readonly keep: string;
  readonly space: Space;
  readonly isTried: boolean;
}): Readonly<Record<'folder' | 'size' | 'keep', string | undefined>> {
  const unreadable = (text: string, bytes: bigint | undefined) =>
    bytes === undefined && (isTried || text.trim() !== '') ? t('welcome.bad-size') : undefined;
  const isTooMuch = sizeBytes !== undefined && mostBytes !== undefined && sizeBytes > mostBytes;
  return {
    folder: isTried && path === '' ? t('welcome.no-folder') : undefined,
    size: isTooMuch
      ? t('welcome.too-much', { mostBytes: `${mostBytes}` })
      : unreadable(size, sizeBytes),
    keep: unreadable(keep, keepBytes),
  };
}

function shareOptions(hasRule: boolean): readonly Option<Share>[] {
  const shares = ['evenly', 'each', ...(hasRule ? (['kept'] as const) : [])] as const;
  return shares.map((value) => ({
    value,
    label: t(`welcome.share-${value}`),
    hint: t(`welcome.share-${value}-hint`),
  }));
}
