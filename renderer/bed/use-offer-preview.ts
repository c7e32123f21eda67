import { useCallback, useEffect, useRef, useState } from 'react';
import type { OfferView, SharePreview } from '../../shared/contract/views.ts';
import { faultWords, useDoor } from '../state/use-call.ts';
import { t } from '../state/words.ts';

/** What the handle is about to do: tried with the real decision while it moves, done when it is let go. */
export type OfferPreview = {
  /** The size under the handle while it moves and until the core has told of it. */
  readonly offerBytes: string | undefined;
  readonly shares: readonly SharePreview[] | undefined;
  readonly words: string;
  readonly problem: string | undefined;
  readonly show: (offerBytes: bigint) => void;
  readonly commit: () => void;
  readonly cancel: () => void;
};

/** The real decision is asked at most this often while the handle moves. */
const ASK_EVERY_MS = 200;
/** If no event tells of the new offer, the picture goes back to what is known. */
const SETTLE_MS = 3000;

export function useOfferPreview(offer: OfferView): OfferPreview {
  const door = useDoor();
  const [offerBytes, setOfferBytes] = useState<string>();
  const [shares, setShares] = useState<readonly SharePreview[]>();
  const [problem, setProblem] = useState<string>();
  const [words, setWords] = useState('');
  const wish = useRef<string>(undefined);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const settling = useRef<ReturnType<typeof setTimeout>>(undefined);

  const cancel = useCallback(() => {
    wish.current = undefined;
    clearTimeout(timer.current);
    clearTimeout(settling.current);
    timer.current = undefined;
    setOfferBytes(undefined);
    setShares(undefined);
  }, []);

  // The core has told of the new offer: nothing is pending any more.
  useEffect(() => {
    if (wish.current === undefined && offer.offerBytes === offerBytes) cancel();
  }, [offer.offerBytes, offerBytes, cancel]);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      clearTimeout(settling.current);
    },
    [],
  );

  const ask = useCallback(async () => {
    timer.current = undefined;
    const asked = wish.current;
    if (asked === undefined) return;
    const result = await door('shares.preview', { offerBytes: asked });
    if (result.ok && wish.current !== undefined) setShares(result.value);
  }, [door]);

  const show = useCallback(
    (bytes: bigint) => {
      // The change before this one may still be waiting to be told of; it must not end this one.
      clearTimeout(settling.current);
      wish.current = `${bytes}`;
      setOfferBytes(`${bytes}`);
      setProblem(undefined);
      setWords(
        bytes < BigInt(offer.promisedBytes)
          ? t('bed.offer-below', { promisedBytes: offer.promisedBytes })
          : '',
      );
      timer.current ??= setTimeout(() => void ask(), ASK_EVERY_MS);
    },
    [ask, offer.promisedBytes],
  );

  const commit = useCallback(() => {
    const chosen = wish.current;
    wish.current = undefined;
    if (chosen === undefined) return;
    if (chosen === offer.offerBytes) return cancel();
    const { folder, keepFreeBytes } = offer;
    void door('offer.set', { folder, keepFreeBytes, offerBytes: chosen }).then((result) => {
      if (!result.ok) setProblem(faultWords(result.fault));
      // The next gesture has begun.
      if (wish.current !== undefined) return;
      if (result.ok) settling.current = setTimeout(cancel, SETTLE_MS);
      else cancel();
    });
  }, [cancel, door, offer]);

  return { offerBytes, shares, words, problem, show, commit, cancel };
}
