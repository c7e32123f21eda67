import type { Step } from '../../shared/model/allocate.ts';
import { sayStep } from '../../shared/words/say.ts';
import { t } from '../state/words.ts';
import './steps.css';

/** By which steps a decision came about: who said what. */
export function Steps({ steps }: { readonly steps: readonly Step[] }) {
  return (
    <ol className="steps small">
      {steps.map((step, place) => (
        // A guard or ground may speak twice; their order never changes.
        // oxlint-disable-next-line react/no-array-index-key
        <li key={place} className={step.verdict === 'deny' ? undefined : 'quiet'}>
          {sayStep(t, step)}
        </li>
      ))}
    </ol>
  );
}
