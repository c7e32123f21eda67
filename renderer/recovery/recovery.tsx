import { useEffect, useRef, useState } from 'react';
import type { AppSnapshot } from '../../shared/contract/views.ts';
import { useIsLive } from '../state/use-answer.ts';
import { useCall } from '../state/use-call.ts';
import { Searching, type SheetAddress } from './searching.tsx';
import { WordsEntry } from './words-entry.tsx';
import './recovery.css';

/**
 * Coming back with 24 words, in place of the first steps: the words, then who is found again, then straight into a
 * restore.
 */
export function Recovery({
  snapshot,
  onBack,
  onRestore,
  onFinish,
}: {
  readonly snapshot: AppSnapshot;
  readonly onBack: () => void;
  readonly onRestore: (set: string) => void;
  readonly onFinish: () => void;
}) {
  const [address, setAddress] = useState<SheetAddress>();
  const { recovery } = snapshot;
  return recovery.state === 'none' ? (
    <WordsEntry isPossible={recovery.possible} onBegun={setAddress} onBack={onBack} />
  ) : (
    <>
      <CallOnce address={address} />
      <Searching recovery={recovery} onRestore={onRestore} onFinish={onFinish} />
    </>
  );
}

/** The address from the sheet is called when the core is there again with the new identity. */
function CallOnce({ address }: { readonly address: SheetAddress | undefined }) {
  const isLive = useIsLive();
  const { call } = useCall();
  const isCalled = useRef(false);
  useEffect(() => {
    if (address === undefined || !isLive || isCalled.current) return;
    isCalled.current = true;
    // What goes wrong is said by the field in which it can be tried again, when somebody does.
    void call('recovery.call', address);
  });
  return null;
}
