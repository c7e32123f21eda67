import type { FriendView } from '../../shared/contract/views.ts';
import { shortName } from '../../shared/words/short-name.ts';
import { usedWords } from '../bed/bed-words.ts';

/** A friend's stretch as a small bar: written, promised, free. */
export function Fill({ friend }: { readonly friend: FriendView }) {
  const { promisedBytes: own, vouchedBytes = '0', writtenBytes, shareBytes } = friend.here;
  const promisedBytes = `${BigInt(own) + BigInt(vouchedBytes)}`;
  const whole = Math.max(1, Number(promisedBytes), Number(shareBytes ?? promisedBytes));
  const percent = (bytes: string) => `${Math.min(100, (Number(bytes) / whole) * 100)}%`;
  return (
    <div className="fill" role="img" aria-label={`${shortName(friend.name)}: ${usedWords(friend)}`}>
      <span className="fill-promised" style={{ width: percent(promisedBytes) }} />
      <span className="fill-written" style={{ width: percent(writtenBytes) }} />
    </div>
  );
}
