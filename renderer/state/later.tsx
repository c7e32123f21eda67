import { type ComponentType, useEffect, useRef, useState } from 'react';
import { Button } from '../ui/button.tsx';
import { Failed, Loading } from '../ui/states.tsx';
import { t } from './words.ts';

/**
 * A page or a dialog whose script is fetched when it is first wanted, so that the window starts with what
 * everybody sees. What can't be fetched (a window that was open while the program was replaced asks for a
 * file that is no more) is said in its place, and tried again when somebody wants it. A dialog's place is
 * below all of its page, so it is brought into sight.
 */
export function later<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let loaded: ComponentType<P> | undefined;
  return function Later(props: P) {
    const [hasFailed, setFailed] = useState(false);
    const [, setLoaded] = useState(loaded !== undefined);
    const place = useRef<HTMLDivElement>(null);
    const isWanted = loaded === undefined && !hasFailed;
    useEffect(() => {
      if (!isWanted) return;
      load().then(
        (component) => {
          loaded = component;
          setLoaded(true);
        },
        () => setFailed(true),
      );
    }, [isWanted]);
    useEffect(() => {
      if (hasFailed) place.current?.scrollIntoView({ block: 'nearest' });
    }, [hasFailed]);
    if (loaded !== undefined) {
      const Loaded = loaded;
      return <Loaded {...props} />;
    }
    return hasFailed ? (
      <div ref={place}>
        <Failed problem={t('ui.not-loaded')} onRetry={() => setFailed(false)}>
          {/* What the program before had is never there again under its name. */}
          <Button onPress={() => location.reload()}>{t('ui.load-anew')}</Button>
        </Failed>
      </div>
    ) : (
      <div data-later="">
        <Loading what={t('ui.loading')} />
      </div>
    );
  };
}
