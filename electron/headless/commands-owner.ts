import type { SettingsView } from '../../shared/contract/views.ts';
import type { InputOf } from '../../shared/contract/contract.ts';
import type { Fault } from '../../shared/fault.ts';
import { ok, type Result } from '../../shared/result.ts';
import { parseSize } from '../../shared/units.ts';
import { sayNotice } from '../../shared/words/say.ts';
import { badArguments, type Command, NO_THOUSANDS } from './command.ts';
import { dateTime, plainText, table } from './output.ts';
import { readHours, sayTimeOfDay } from './time-of-day.ts';

/** What a switch can be set to. */
const SWITCHED = new Map([
  ['on', true],
  ['true', true],
  ['off', false],
  ['false', false],
]);

const NONE = 'none';
const SPEED = {
  like: `a size, like 2MB, ${NO_THOUSANDS}`,
  read: (text: string) => {
    const bytes = parseSize(text);
    return bytes === undefined ? undefined : Number(bytes);
  },
} as const;

/** Figures, of which there may be none. */
const LIMITS = new Map<string, { readonly like: string; readonly read: (text: string) => unknown }>(
  [
    ['uploadBytesPerS', SPEED],
    ['downloadBytesPerS', SPEED],
    ['limitsOnly', { like: 'a stretch of the day, like 22:00-06:00', read: readHours }],
  ],
);

/** Commands about the owner's own wishes: a pause, settings, what waits to be read. */
export const ownerCommands: Readonly<Record<string, Command>> = {
  pause: {
    usage: 'pause hour|tomorrow|off',
    help: 'nothing new is granted or written here for a while; reading goes on',
    words: [1, 1],
    run: async ({ call, words: [until] }) => {
      if (until !== 'hour' && until !== 'tomorrow' && until !== 'off')
        return badArguments('pause hour, pause tomorrow or pause off');
      const set = await call('pause.set', { until: until === 'off' ? null : until });
      if (!set.ok) return set;
      const { untilMs } = set.value;
      const text =
        untilMs === null ? 'Sharing goes on.' : `Sharing is paused until ${dateTime(untilMs)}.`;
      return ok({ value: set.value, text });
    },
  },
  settings: {
    usage: 'settings',
    help: 'what you have chosen for this device',
    words: [0, 0],
    run: async ({ call }) => {
      const settings = await call('settings.get', {});
      return settings.ok
        ? ok({ value: settings.value, text: settingsTable(settings.value, isChosen) })
        : settings;
    },
  },
  'settings set': {
    usage: 'settings set NAME=VALUE …',
    help: 'change some of them: name=Ben units=binary notifications=off uploadBytesPerS=2MB',
    words: [1, 20],
    run: async ({ call, words }) => {
      const present = await call('settings.get', {});
      if (!present.ok) return present;
      const known: Readonly<Record<string, unknown>> = present.value;
      const patch: Record<string, unknown> = {};
      for (const word of words) {
        const at = word.indexOf('=');
        if (at < 1) return badArguments(`“${plainText(word)}” is not NAME=VALUE`);
        const name = word.slice(0, at);
        const value = word.slice(at + 1);
        if (!Object.hasOwn(known, name))
          return badArguments(
            `there is no setting “${plainText(name)}”; “allotment settings” lists them`,
          );
        const chosen = valueOf(name, value, known[name]);
        if (!chosen.ok) return chosen;
        patch[name] = chosen.value;
      }
      // Whatever they are: the door checks names and values, and says which is off.
      const set = await call('settings.set', patch as InputOf<'settings.set'>);
      if (!set.ok) return set;
      const text = settingsTable(set.value, (name) => Object.hasOwn(patch, name));
      return ok({ value: set.value, text });
    },
  },
  notices: {
    usage: 'notices',
    help: 'what you should know or do',
    words: [0, 0],
    run: async ({ call, t }) => {
      const snapshot = await call('state.snapshot', {});
      if (!snapshot.ok) return snapshot;
      const open = snapshot.value.notices.filter(({ dismissed }) => !dismissed);
      const lines = open.flatMap((notice) => {
        const { title, body } = sayNotice(t, notice);
        return [
          `${dateTime(notice.atMs)}  ${notice.level}: ${title}`,
          `    ${body}`,
          `    ${notice.id}`,
        ];
      });
      const text = open.length === 0 ? 'Nothing needs you.' : lines.map(plainText).join('\n');
      return ok({ value: open, text });
    },
  },
  'notices dismiss': {
    usage: 'notices dismiss ID',
    help: 'put one away until it happens anew',
    words: [1, 1],
    run: async ({ call, words: [id = ''] }) => {
      const put = await call('notices.dismiss', { id });
      if (!put.ok) return put;
      const text = put.value.dismissed ? 'Put away.' : 'There is no such notice any more.';
      return ok({ value: put.value, text });
    },
  },
};

/** What was typed for a setting that is `present` now; whether it may be that, the door says. */
function valueOf(name: string, typed: string, present: unknown): Result<unknown, Fault> {
  if (typeof present === 'boolean') {
    const isOn = SWITCHED.get(typed);
    return isOn === undefined ? badArguments(`${name} is on or off`) : ok(isOn);
  }
  const limit = LIMITS.get(name);
  if (limit === undefined) return ok(typed);
  if (typed === NONE) return ok(null);
  const value = limit.read(typed);
  return value === undefined ? badArguments(`${name} is ${limit.like}, or ${NONE}`) : ok(value);
}

/** As it would be typed to set it. */
function settingText(name: string, value: SettingsView[keyof SettingsView]): string {
  switch (typeof value) {
    case 'number':
      return LIMITS.get(name) === SPEED ? `${value}B` : `${value}`;
    case 'boolean':
      return value ? 'on' : 'off';
    case 'object':
      if (value === null) return NONE;
      return `${sayTimeOfDay(value.fromMin)}-${sayTimeOfDay(value.untilMin)}`;
    default:
      return `${value}`;
  }
}

/** What the program remembers for itself: nobody has chosen it. */
const OWN_NOTES: ReadonlySet<string> = new Set(['welcomed', 'trayHintShown', 'updateTold']);

function isChosen(name: string): boolean {
  return !OWN_NOTES.has(name);
}

function settingsTable(settings: SettingsView, isShown: (name: string) => boolean): string {
  const rows = Object.entries(settings)
    .filter(([name]) => isShown(name))
    .map(([name, value]) => [name, settingText(name, value)]);
  return table(['setting', 'value'], rows);
}
