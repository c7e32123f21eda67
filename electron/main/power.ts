import type { PowerMonitor, PowerSaveBlocker } from 'electron';

/**
 * The computer's sleep and its battery. After a sleep everything that was due meanwhile is done at once;
 * while a friend reads or writes the computer stays awake, on mains, if its owner likes.
 */
export type Power = {
  /** Looks again whether the computer should stay awake. */
  readonly look: (wish: KeepAwake) => void;
  readonly close: () => void;
};

export type KeepAwake = { readonly isWanted: boolean; readonly isFriendBusy: boolean };

/** Linux tells nobody that the plug was pulled; so one who is kept awake is asked now and then. */
const BATTERY_EVERY_MS = 30_000;

export function watchPower({
  monitor,
  blocker,
  onResume,
  onShutdown,
}: {
  readonly monitor: PowerMonitor;
  readonly blocker: PowerSaveBlocker;
  readonly onResume: () => void;
  readonly onShutdown: () => void;
}): Power {
  let wish: KeepAwake = { isWanted: false, isFriendBusy: false };
  let blocking: number | undefined;
  let timer: NodeJS.Timeout | undefined;

  function decide(): void {
    const isWanted = wish.isWanted && wish.isFriendBusy;
    if (isWanted && !monitor.isOnBatteryPower())
      blocking ??= blocker.start('prevent-app-suspension');
    else release();
    if (isWanted) timer ??= setInterval(decide, BATTERY_EVERY_MS);
    else stopAsking();
  }

  function release(): void {
    if (blocking !== undefined) blocker.stop(blocking);
    blocking = undefined;
  }

  function stopAsking(): void {
    clearInterval(timer);
    timer = undefined;
  }

  // Nothing is done on `suspend`: what was acknowledged is on the disk already, an upload or a job that is
  // cut goes on later, and the few moments there are would not be enough to end one.
  monitor.on('resume', onResume);
  monitor.on('shutdown', onShutdown);
  monitor.on('on-ac', decide);
  monitor.on('on-battery', decide);
  return {
    look: (next) => {
      wish = next;
      decide();
    },
    close: () => {
      stopAsking();
      release();
    },
  };
}
