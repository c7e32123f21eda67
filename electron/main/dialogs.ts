import { type BrowserWindow, dialog, type MessageBoxOptions } from 'electron';
import type { Fault } from '../../shared/fault.ts';
import { say, type Translate } from '../../shared/words/say.ts';
import { nameInSentence } from '../../shared/words/short-name.ts';
import { isScreenless } from './arguments.ts';
import { type Doing, isFriends, sayDoing } from './busy.ts';
import type { CloseAnswer } from './first-close.ts';
import type { QuitAnswer } from './quit.ts';
import { plainLabel } from './system-text.ts';

/** The shell's few questions. Each has a safe default, which Escape takes too. */
export type Dialogs = {
  readonly askQuit: (doings: readonly Doing[]) => Promise<QuitAnswer>;
  readonly askClose: () => Promise<CloseAnswer>;
  readonly askOpenAgain: () => Promise<boolean>;
  /** Something to know, for where there are no notifications. */
  readonly note: (message: string, detail: string) => Promise<void>;
  readonly pickFolder: (startAt: string) => Promise<string | null>;
};

const NAMED_MAX = 5;

export function createDialogs(t: Translate, window: () => BrowserWindow | undefined): Dialogs {
  /** The number of the button, counted from 0. */
  async function ask(options: MessageBoxOptions): Promise<number> {
    const all = { ...STYLE, ...options, buttons: (options.buttons ?? []).map(plainLabel) };
    // A question that nobody sees is answered as Escape would.
    if (isScreenless()) return options.cancelId ?? 0;
    const parent = window();
    const { response } = await (parent === undefined
      ? dialog.showMessageBox(all)
      : dialog.showMessageBox(parent, all));
    return response;
  }

  return {
    askQuit: async (doings) => {
      const [only] = doings;
      const named = doings.slice(0, NAMED_MAX).map((doing) => sayDoing(t, doing));
      const rest = doings.length - named.length;
      const lines = [...named, ...(rest > 0 ? [t('quit.more', { count: rest })] : [])];
      const now =
        doings.length === 1 && only !== undefined && isFriends(only)
          ? t('quit.now-friend', { friend: nameInSentence(only.friend) })
          : t('quit.now');
      const answer = await ask({
        type: 'question',
        message: t('quit.title'),
        detail: `${lines.join('\n')}\n\n${t('quit.detail')}`,
        buttons: [t('quit.stay'), t('quit.when-done'), now],
        defaultId: 0,
        cancelId: 0,
      });
      return QUIT_ANSWERS[answer] ?? 'stay';
    },
    askClose: async () => {
      const answer = await ask({
        type: 'question',
        message: t('closing.ask'),
        detail: t('closing.ask-detail'),
        buttons: [t('closing.background'), t('closing.quit'), t('closing.cancel')],
        defaultId: 0,
        cancelId: 2,
      });
      return CLOSE_ANSWERS[answer] ?? 'cancel';
    },
    askOpenAgain: async () => {
      const answer = await ask({
        type: 'error',
        message: t('window-broken.title'),
        detail: t('window-broken.detail'),
        buttons: [t('window-broken.again'), t('window-broken.leave')],
        defaultId: 0,
        cancelId: 1,
      });
      return answer === 0;
    },
    note: async (message, detail) => {
      await ask({ type: 'info', message, detail, buttons: [t('closing.noted')] });
    },
    pickFolder: async (startAt) => {
      const options = {
        title: t('pick-folder.title'),
        ...(startAt === '' ? {} : { defaultPath: startAt }),
        properties: ['openDirectory', 'createDirectory', 'promptToCreate'],
      } satisfies Electron.OpenDialogOptions;
      const parent = window();
      const { canceled, filePaths } = await (parent === undefined
        ? dialog.showOpenDialog(options)
        : dialog.showOpenDialog(parent, options));
      return canceled ? null : (filePaths[0] ?? null);
    },
  };
}

/** Before there is anything else: what went wrong, and what to do. */
export async function sayCannotStart(t: Translate, problem: Fault): Promise<void> {
  const next = problem.code === 'already-running' ? 'already-running' : 'next';
  const why = say(t, { key: `fault.${problem.code}`, params: problem.params });
  await sayError(t, t('start-failed.title'), `${why}\n\n${t(`start-failed.${next}`)}`);
}

/** After a bug. Not tied to a window, which may be what broke. */
export async function sayBroken(t: Translate): Promise<void> {
  await sayError(t, t('shell.app'), say(t, { key: 'fault.internal', params: {} }));
}

/** There is no core any more, and none can be started by this program. Whoever reads on finds it started anew. */
export async function sayReplaced(t: Translate, why: Fault): Promise<void> {
  await sayError(t, t('shell.app'), say(t, { key: `fault.${why.code}`, params: why.params }));
}

/** Where there is no screen it is for whoever reads what the service has said. */
async function sayError(t: Translate, message: string, detail: string): Promise<void> {
  if (isScreenless()) return void process.stderr.write(`${message}\n${detail}\n`);
  const buttons = [plainLabel(t('start-failed.close'))];
  await dialog.showMessageBox({ ...STYLE, type: 'error', message, detail, buttons });
}

const QUIT_ANSWERS = ['stay', 'when-done', 'now'] as const;
const CLOSE_ANSWERS = ['background', 'quit', 'cancel'] as const;
/** Plain buttons in a row, on every system; "&" marks a key on all of them. */
const STYLE = { noLink: true, normalizeAccessKeys: true } as const;
