import { useEffect, useState } from 'react';
import type { DiskLook } from '../../shared/contract/views.ts';
import { useIsLive } from './use-answer.ts';
import { faultWords, useDoor } from './use-call.ts';

/** Asked again when typing has paused for a moment. */
const ASK_AFTER_MS = 300;

export type Look = {
  /** The last one that could be had; while there is a problem, of another folder. */
  readonly look: DiskLook | undefined;
  readonly problem: string | undefined;
};

/** What the disk below a folder can bear. `undefined` or nothing typed: where this system would put it. */
export function useLook(folder: string | undefined): Look {
  const door = useDoor();
  const isLive = useIsLive();
  const [state, setState] = useState<Look>({ look: undefined, problem: undefined });
  const asked = folder?.trim() ?? '';
  useEffect(() => {
    let isCurrent = true;
    const timer = setTimeout(
      () => {
        void door('offer.look', { folder: asked }).then((result) => {
          if (!isCurrent) return;
          setState(({ look }) =>
            result.ok
              ? { look: result.value, problem: undefined }
              : { look, problem: faultWords(result.fault) },
          );
        });
      },
      asked === '' ? 0 : ASK_AFTER_MS,
    );
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [door, asked, isLive]);
  return state;
}
