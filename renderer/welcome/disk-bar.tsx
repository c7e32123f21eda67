import type { DiskLook } from '../../shared/contract/views.ts';
import { size, t } from '../state/words.ts';
import { barOf, type Space } from './space.ts';

/** What the disk can bear: in a sentence, and as a bar for whoever sees it. */
export function DiskBar({ look, space }: { readonly look: DiskLook; readonly space: Space }) {
  const { sizeBytes, leftBytes, mostBytes } = space;
  const { used, shared } = barOf(look, sizeBytes ?? 0n);
  const isTooMuch = sizeBytes !== undefined && mostBytes !== undefined && sizeBytes > mostBytes;
  const words = { free: size(look.freeBytes), disk: size(look.diskBytes) };
  return (
    <div className="stack tight">
      <div className="disk-bar" aria-hidden="true">
        <span className="disk-used" style={{ width: `${used}%` }} />
        <span
          className={isTooMuch ? 'disk-shared is-too-much' : 'disk-shared'}
          style={{ width: `${shared}%` }}
        />
      </div>
      <p className="hint" role="status">
        {sizeBytes === undefined || leftBytes === undefined || isTooMuch
          ? t('welcome.free', words)
          : t('welcome.leaves', { ...words, size: size(sizeBytes), left: size(leftBytes) })}
      </p>
    </div>
  );
}
