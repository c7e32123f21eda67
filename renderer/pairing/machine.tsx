import type { MachineKind } from '../../shared/model/machine.ts';
import { t } from '../state/words.ts';
import './pairing.css';

/** What sort of computer a device says it is: a small drawing, and the same in words. */
export function Machine({ kind }: { readonly kind: MachineKind }) {
  return (
    <span className="machine">
      <svg className="machine-icon" viewBox="0 0 20 20" aria-hidden="true">
        <path d={SHAPES[kind]} />
      </svg>
      <span>{t(`nearby.kind-${kind}`)}</span>
    </span>
  );
}

const SHAPES: Readonly<Record<MachineKind, string>> = {
  desktop: 'M2.5 3.5h15v10h-15zM10 13.5v3M6.5 16.5h7',
  laptop: 'M4.5 4.5h11v8.5h-11zM1.5 15.5h17',
  server: 'M3.5 3.5h13v6h-13zM3.5 9.5h13v7h-13zM6 6.5h1.5M6 13h1.5',
};

/**
 * The last letters of a device's key, in groups that two people can read to each other. They prove nothing,
 * but tell two devices of one name apart.
 */
export function KeyTail({ tail }: { readonly tail: string }) {
  return (
    <span className="key-tail">
      {t('nearby.tail')} <code aria-hidden="true">…{inGroups(tail, 3).join(' ')}</code>
      <span className="visually-hidden">{inGroups(tail, 1).join(' ')}</span>
    </span>
  );
}

/** "402913" as "402", "913". */
export function inGroups(text: string, size: number): readonly string[] {
  return Array.from({ length: Math.ceil(text.length / size) }, (_, index) =>
    text.slice(index * size, (index + 1) * size),
  );
}
