import { Component, type ReactNode } from 'react';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';

type Props = { readonly children: ReactNode };
type State = { readonly isBroken: boolean };

/**
 * A page that can't be drawn takes nothing else with it: navigation and the other pages stay. React knows
 * this only as a class.
 */
export class Boundary extends Component<Props, State> {
  override state: State = { isBroken: false };

  static getDerivedStateFromError(): State {
    return { isBroken: true };
  }

  override render(): ReactNode {
    if (!this.state.isBroken) return this.props.children;
    return (
      <div className="empty" role="alert">
        <h1>{t('ui.broken')}</h1>
        <p>{t('ui.broken-next')}</p>
        <div className="row">
          <Button look="primary" onPress={() => this.setState({ isBroken: false })}>
            {t('ui.retry')}
          </Button>
        </div>
      </div>
    );
  }
}
