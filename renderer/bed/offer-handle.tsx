import { type KeyboardEvent, type PointerEvent, useEffect, useRef } from 'react';
import type { OfferView } from '../../shared/contract/views.ts';
import { GB, GIB } from '../../shared/units.ts';
import { currentUnits, size, t } from '../state/words.ts';
import { bearableBytes } from './bearable.ts';
import type { BedLayout } from './bed-layout.ts';
import type { OfferPreview } from './use-offer-preview.ts';

/** Keys are quiet for this long before what they chose is done: holding an arrow is one change, not forty. */
const KEYS_SETTLE_MS = 700;

/** The one thing in the bed that can be taken hold of: how much is offered. Arrows 1 GB, Page 10 GB. */
export function OfferHandle({
  offer,
  layout,
  preview,
}: {
  readonly offer: OfferView;
  readonly layout: BedLayout;
  readonly preview: OfferPreview;
}) {
  const drag = useRef<{
    readonly x: number;
    readonly bytes: bigint;
    readonly bytesPerPixel: number;
  }>(undefined);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const step = currentUnits() === 'decimal' ? GB : GIB;
  const most = mostBytes(offer);
  const present = BigInt(preview.offerBytes ?? offer.offerBytes);

  const least = step < most ? step : most;
  const show = (bytes: bigint) => preview.show(within(bytes, least, most));
  const settle = () => {
    clearTimeout(timer.current);
    preview.commit();
  };

  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    drag.current = { x: event.clientX, bytes: present, bytesPerPixel: layout.bytesPerPixel };
  };
  const onPointerMove = ({ clientX }: PointerEvent) => {
    if (drag.current === undefined) return;
    const { x, bytes, bytesPerPixel } = drag.current;
    const moved = BigInt(Math.round((clientX - x) * bytesPerPixel));
    // Back where it began means the very size it had, round or not.
    show(moved === 0n ? bytes : ((bytes + moved) / step) * step);
  };
  const onPointerUp = () => {
    if (drag.current === undefined) return;
    drag.current = undefined;
    settle();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const next = byKey(event.key, { present, step, most });
    if (next === 'cancel') {
      clearTimeout(timer.current);
      return preview.cancel();
    }
    if (next === 'commit') return settle();
    if (next === undefined) return;
    event.preventDefault();
    show(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(preview.commit, KEYS_SETTLE_MS);
  };

  return (
    <div
      className="handle"
      style={{ left: layout.offerX }}
      role="slider"
      tabIndex={0}
      aria-label={t('bed.handle')}
      aria-orientation="horizontal"
      aria-valuemin={Number(least / step)}
      aria-valuemax={Number(most / step)}
      aria-valuenow={Number(present / step)}
      aria-valuetext={size(present)}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
      onPointerCancel={() => {
        drag.current = undefined;
        preview.cancel();
      }}
      onKeyDown={onKeyDown}
      onBlur={settle}
    >
      <span className="handle-line" />
      <span className="handle-knob" />
      {preview.offerBytes === undefined ? null : (
        <span className="handle-size numbers">{size(present)}</span>
      )}
    </div>
  );
}

/** An offer beyond what the disk bears is allowed to stand; the handle only never leads there. */
function mostBytes(offer: OfferView): bigint {
  const [bearable, present] = [bearableBytes(offer), BigInt(offer.offerBytes)];
  return bearable > present ? bearable : present;
}

function within(bytes: bigint, least: bigint, most: bigint): bigint {
  if (bytes < least) return least;
  return bytes > most ? most : bytes;
}

function byKey(
  key: string,
  {
    present,
    step,
    most,
  }: { readonly present: bigint; readonly step: bigint; readonly most: bigint },
): bigint | 'commit' | 'cancel' | undefined {
  switch (key) {
    case 'ArrowRight':
    case 'ArrowUp':
      return present + step;
    case 'ArrowLeft':
    case 'ArrowDown':
      return present - step;
    case 'PageUp':
      return present + 10n * step;
    case 'PageDown':
      return present - 10n * step;
    case 'Home':
      return step;
    case 'End':
      return most;
    case 'Enter':
      return 'commit';
    case 'Escape':
      return 'cancel';
    default:
      return undefined;
  }
}
