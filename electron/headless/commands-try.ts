import { ok } from '../../shared/result.ts';
import { DAY_S } from '../../shared/units.ts';
import { say, sayStep } from '../../shared/words/say.ts';
import { sayTried, sayTriedReason } from '../../shared/words/say-tried.ts';
import { type Command, durationOption, sizeOption } from './command.ts';
import { plainText } from './output.ts';

/** What a policy would answer, tried without asking anybody. */
export const tryCommands: Readonly<Record<string, Command>> = {
  'policy try': {
    usage: 'policy try FRIEND --size 20GB [--for 1y] [--borrow]',
    help: 'what would happen if this friend asked, and by which steps; nothing happens',
    options: {
      size: { type: 'string' },
      for: { type: 'string' },
      borrow: { type: 'boolean' },
    },
    words: [1, 1],
    run: async ({ call, words: [friend = ''], values, t }) => {
      const size = sizeOption(values, 'size');
      if (!size.ok) return size;
      const durationS = durationOption(values, 'for', 30 * DAY_S);
      if (!durationS.ok) return durationS;
      const tried = await call('policy.try', {
        friend,
        size: size.value,
        durationS: durationS.value,
        ...(values['borrow'] === true ? { accept: 'borrowed' as const } : {}),
      });
      if (!tried.ok) return tried;
      const reason = sayTriedReason(t, tried.value);
      const lines = [
        sayTried(t, tried.value, friend),
        ...(reason === undefined ? [] : [reason]),
        ...(tried.value.assumed ?? []).map((each) => plainText(say(t, each))),
        ...tried.value.steps.map((step) => `  ${sayStep(t, step)}`),
      ];
      return ok({ value: tried.value, text: lines.join('\n') });
    },
  },
};
