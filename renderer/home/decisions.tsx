import type { AppSnapshot } from '../../shared/contract/views.ts';
import { sayDecision, sayStep } from '../../shared/words/say.ts';
import { t } from '../state/words.ts';

const SHOWN = 12;

/** The last decisions in words, each with the steps that led there. */
export function Decisions({ decisions }: { readonly decisions: AppSnapshot['decisions'] }) {
  return (
    <section aria-labelledby="decisions-title" className="card">
      <h2 id="decisions-title">{t('ui.decisions')}</h2>
      {decisions.length === 0 ? <p className="quiet">{t('ui.decisions-empty')}</p> : null}
      <ul className="plain">
        {decisions.slice(0, SHOWN).map((decision) => (
          <li key={decision.number}>
            <p>{sayDecision(t, decision)}</p>
            <div className="row small quiet">
              <time dateTime={new Date(decision.atMs).toISOString()}>
                {new Intl.DateTimeFormat(undefined, {
                  dateStyle: 'medium',
                  timeStyle: 'short',
                }).format(decision.atMs)}
              </time>
              {decision.steps.length === 0 ? null : (
                <details>
                  <summary>{t('ui.why')}</summary>
                  <ul>
                    {decision.steps.map((step) => (
                      <li key={step.by}>{sayStep(t, step)}</li>
                    ))}
                  </ul>
                </details>
              )}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
