import { memo, useEffect, useId, useRef, useState } from 'react';
import type { AppSnapshot, OfferView, SharePreview } from '../../shared/contract/views.ts';
import { nameInSentence } from '../../shared/words/short-name.ts';
import { announcer } from '../state/announce.ts';
import { size, t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { type BedLayout, layOutBed } from './bed-layout.ts';
import { BedDrawing, BED_HEIGHT } from './bed-drawing.tsx';
import { BedTable } from './bed-table.tsx';
import { OfferHandle } from './offer-handle.tsx';
import { MoreLabel, StretchLines, StretchStake } from './stretch-label.tsx';
import { useOfferPreview } from './use-offer-preview.ts';
import { useWidth } from './use-width.ts';
import './bed.css';

type BedProps = {
  readonly offer: OfferView;
  readonly friends: AppSnapshot['friends'];
  readonly hosted: AppSnapshot['hosted'];
  readonly nowMs: number;
  readonly onAddFriend: () => void;
  readonly onChangeOffer: () => void;
};

/**
 * The offer as one garden bed: a stretch per friend, as wide as his share, filled as far as it is
 * written, hatched as far as it is promised. Shapes are drawn, words are HTML, so that they wrap, zoom
 * and can be pressed. Everything it shows stands in a table behind it too.
 */
export const Bed = memo(function Bed({
  offer,
  friends,
  hosted,
  nowMs,
  onAddFriend,
  onChangeOffer,
}: BedProps) {
  const [asTable, setAsTable] = useState(false);
  const [frame, width] = useWidth();
  const titleId = useId();
  const preview = useOfferPreview(offer);
  const shownOffer = preview.offerBytes ?? offer.offerBytes;
  const shownFriends = withShares(friends, preview.shares);
  const settled = layOutBed(offer, { friends, hosted }, { width, nowMs });
  const layout =
    preview.offerBytes === undefined
      ? settled
      : layOutBed(
          { offerBytes: preview.offerBytes },
          { friends: shownFriends, hosted },
          { width, nowMs, bytesPerPixel: settled.bytesPerPixel },
        );
  useProgressAnnounced(friends);
  const { promisedBytes, writtenBytes, diskBytes } = offer;
  const summary = t('bed.summary', {
    offerBytes: shownOffer,
    diskBytes,
    promisedBytes,
    writtenBytes,
  });
  return (
    <section className="section bed" aria-labelledby={titleId}>
      <div className="row between">
        <h2 id={titleId}>{t('bed.title')}</h2>
        <span className="quiet small numbers">{summary}</span>
      </div>
      <div className="bed-frame" ref={frame}>
        <div className="bed-stakes">
          {layout.stretches.map((stretch) =>
            stretch.isNamed ? (
              <StretchStake key={stretch.owner} stretch={stretch} offer={offer} />
            ) : null,
          )}
          {layout.more === undefined ? null : (
            <MoreLabel
              more={layout.more}
              bedWidth={layout.width}
              isAll={layout.more.friends.length === layout.stretches.length}
            />
          )}
          {layout.stretches.length > 0 ? null : <EmptyStake onPress={onAddFriend} />}
        </div>
        <div className="bed-ground" style={{ height: BED_HEIGHT }}>
          <BedDrawing layout={layout} label={summary} id={titleId} />
          <PatchNames layout={layout} />
          <OfferHandle offer={offer} layout={layout} preview={preview} />
        </div>
        <div
          className="bed-mine"
          style={{ left: layout.offerX + 14, width: width - layout.offerX - 14 }}
        >
          <span>{t('bed.mine')}</span>
          <span className="numbers">{size(stays(diskBytes, shownOffer))}</span>
        </div>
        <div className="bed-lines">
          {layout.stretches.map((stretch) =>
            stretch.isNamed ? <StretchLines key={stretch.owner} stretch={stretch} /> : null,
          )}
        </div>
      </div>
      <div className="row between top">
        <Legend layout={layout} id={titleId} />
        <div className="row">
          <Button look="link" onPress={onChangeOffer}>
            {t('bed.change-offer')}
          </Button>
          <Button look="link" expanded={asTable} onPress={() => setAsTable(!asTable)}>
            {asTable ? t('bed.hide-table') : t('bed.show-table')}
          </Button>
        </div>
      </div>
      <p className={preview.problem === undefined ? 'small' : 'small fault'} role="status">
        {preview.problem ?? preview.words}
      </p>
      {asTable ? <BedTable friends={friends} hosted={hosted} nowMs={nowMs} /> : null}
    </section>
  );
});

function stays(diskBytes: string, offerBytes: string): bigint {
  const rest = BigInt(diskBytes) - BigInt(offerBytes);
  return rest > 0n ? rest : 0n;
}

/** While the handle moves, everybody's stretch is as wide as the real decision says it would be. */
function withShares(
  friends: AppSnapshot['friends'],
  shares: readonly SharePreview[] | undefined,
): AppSnapshot['friends'] {
  if (shares === undefined) return friends;
  return friends.map((friend) => {
    const share = shares.find(({ owner }) => owner === friend.owner);
    if (share === undefined) return friend;
    const { shareBytes, mayAskBytes } = share;
    return { ...friend, here: { ...friend.here, shareBytes, mayAskBytes } };
  });
}

function EmptyStake({ onPress }: { readonly onPress: () => void }) {
  return (
    <div className="stake lone" style={{ left: 48 }}>
      <Button look="primary" onPress={onPress}>
        {t('friends.add')}
      </Button>
    </div>
  );
}

/** Named beside the patch if there is room for the words; the drawing's title says it anyway. */
const PATCH_NAME_MIN = 96;

function PatchNames({ layout }: { readonly layout: BedLayout }) {
  const ends = layout.stretches.map(({ x, promisedWidth }) => x + promisedWidth);
  return layout.patches.map((patch) => {
    const from = Math.max(0, ...ends.filter((end) => end <= patch.x));
    if (patch.x - from < PATCH_NAME_MIN) return null;
    return (
      <span
        key={patch.owner}
        className="patch-name small"
        style={{ right: layout.width - patch.x + 6, maxWidth: patch.x - from - 12 }}
      >
        {t('bed.patch', {
          friend: nameInSentence(patch.friend.name, 16),
          lentBytes: `${patch.bytes}`,
        })}
      </span>
    );
  });
}

/** The drawing's own patterns. */
const SWATCHES: Readonly<Record<string, string>> = {
  promised: 'hatch',
  lent: 'back-hatch',
  grace: 'stubble',
  free: 'dots',
};

function Legend({ layout, id }: { readonly layout: BedLayout; readonly id: string }) {
  const { stretches, patches } = layout;
  const kinds = [
    ['written', stretches.some(({ writtenWidth }) => writtenWidth > 0)],
    ['promised', stretches.some(({ promisedWidth }) => promisedWidth > 0)],
    ['lent', patches.length > 0],
    ['grace', stretches.some(({ graceWidth }) => graceWidth > 0)],
    ['free', true],
  ] as const;
  return (
    <ul className="legend small quiet" aria-label={t('bed.legend')}>
      {kinds.map(([kind, isThere]) =>
        isThere ? (
          <li key={kind}>
            <svg width="16" height="12" aria-hidden="true">
              <rect className="soil" width="16" height="12" />
              <rect className={`swatch ${kind}`} width="16" height="12" />
              {kind in SWATCHES ? (
                <rect width="16" height="12" fill={`url(#${id}-${SWATCHES[kind]})`} />
              ) : null}
            </svg>
            {t(`bed.legend-${kind}`)}
          </li>
        ) : null,
      )}
    </ul>
  );
}

/** "Ana is writing": told when it begins and as it goes on, as often as the announcer lets through. */
function useProgressAnnounced(friends: AppSnapshot['friends']): void {
  const last = useRef('');
  useEffect(() => {
    const sentence = friends
      .filter(({ here }) => here.arrivingBytes !== '0')
      .map(({ name, here }) =>
        t('bed.arriving', { friend: nameInSentence(name), writtenBytes: here.writtenBytes }),
      )
      .join(' ');
    if (sentence === last.current) return;
    last.current = sentence;
    if (sentence !== '') announcer.announce(sentence);
  }, [friends]);
}
