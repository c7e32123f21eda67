import { useEffect, useRef, useState } from 'react';
import type { AppSnapshot } from '../../shared/contract/views.ts';
import { useIsLive } from '../state/use-answer.ts';
import { useCall } from '../state/use-call.ts';
import { Searching } from './searching.tsx';
import type { SheetAddress } from './sheet-address.tsx';
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
  // They may have been another person's; nobody has to set the computer up anew for that.
  const [isAgain, setAgain] = useState(false);
  const { recovery } = snapshot;
  const begun = (called: SheetAddress | undefined) => {
    setAddress(called);
    setAgain(false);
  };
  const isAsked = recovery.state === 'none' || (isAgain && recovery.state === 'searching');
  return isAsked ? (
    <WordsEntry
      isPossible={recovery.possible}
      onBegun={begun}
      onBack={isAgain ? () => setAgain(false) : onBack}
    />
  ) : (
    <>
      <CallOnce address={address} />
      <Searching
        recovery={recovery}
        snapshot={snapshot}
        onRestore={onRestore}
        onFinish={onFinish}
        onOtherWords={
          recovery.state === 'searching' && recovery.possible ? () => setAgain(true) : undefined
        }
      />
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
