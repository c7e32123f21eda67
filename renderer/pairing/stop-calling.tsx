import { useDoor } from '../state/use-call.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';

/** While another device is being called: a call that has no digits yet is given up without naming one. */
export function StopCalling() {
  const door = useDoor();
  return (
    <Button
      look="link"
      // Whoever called hears how it ended; there is nothing to say of the end itself.
      onPress={() => void door('pairings.reject', {})}
    >
      {t('pairing.stop-calling')}
    </Button>
  );
}
