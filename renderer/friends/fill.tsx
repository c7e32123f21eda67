import type { FriendView } from '../../shared/contract/views.ts';
import { shortName } from '../../shared/words/short-name.ts';
import { usedWords } from '../bed/bed-words.ts';
import { FillBar } from '../ui/fill-bar.tsx';

/** A friend's stretch as a small bar: written, promised, free. */
export function Fill({ friend }: { readonly friend: FriendView }) {
  const { promisedBytes, vouchedBytes = '0', writtenBytes, shareBytes } = friend.here;
  const promised = BigInt(promisedBytes) + BigInt(vouchedBytes);
  return (
    <FillBar
      label={`${shortName(friend.name)}: ${usedWords(friend)}`}
      whole={shareBytes === null ? promised : BigInt(shareBytes)}
      promised={promised}
      written={BigInt(writtenBytes)}
    />
  );
}
