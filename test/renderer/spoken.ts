import i18next from 'i18next';
import { i18nOptions } from '../../shared/i18n/catalogues.ts';
import { createFormats } from '../../shared/i18n/formats.ts';
import commonDe from '../../shared/i18n/messages/de/common.json' with { type: 'json' };
import commonEn from '../../shared/i18n/messages/en/common.json' with { type: 'json' };
import windowDe from '../../shared/i18n/messages/de/window.json' with { type: 'json' };
import windowEn from '../../shared/i18n/messages/en/window.json' with { type: 'json' };
import { PSEUDO, pseudoCatalogue } from '../../shared/i18n/pseudo.ts';
import type { Translate } from '../../shared/words/say.ts';
import { FILES } from './worlds/standing-answers.ts';
import type { World } from './worlds/world-parts.ts';

/** What a window in another language must say, and how a test finds its way in it. */
export type Spoken = 'en' | 'de' | typeof PSEUDO;

export function speaking(world: World, language: Spoken): World {
  const settings = { ...world.snapshot.settings, language: language as 'en' };
  return { ...world, snapshot: { ...world.snapshot, settings } };
}

/** The words that a window in this language uses, for the labels of what a test presses. */
export async function wordsIn(language: Spoken): Promise<Translate> {
  const i18n = i18next.createInstance();
  await i18n.init(i18nOptions(language, { en: windowEn, de: windowDe }));
  i18n.addResourceBundle(PSEUDO, 'translation', pseudoCatalogue({ ...commonEn, ...windowEn }));
  const region = language === 'de' ? 'de' : 'en-GB';
  for (const [name, format] of Object.entries(createFormats('decimal', region)))
    i18n.services.formatter?.add(name, format);
  return (key, params) => i18n.t(key, { ...params });
}

/** Every text that this language would not have: a key shown raw, or words that are in no catalogue. */
export function unspoken(
  texts: readonly string[],
  language: Spoken,
  world: World,
): readonly string[] {
  if (language === PSEUDO) return texts.filter((text) => !isMessage(text) && !isData(text, world));
  return texts.filter((text) => RAW_KEY.test(text));
}

const PARTS = Object.keys({ ...commonEn, ...commonDe, ...windowEn, ...windowDe }).join('|');
const RAW_KEY = new RegExp(`\\b(${PARTS})\\.[a-z]+(-[a-z]+)*\\b`);

function isMessage(text: string): boolean {
  return text.startsWith('⟦') && text.endsWith('⟧');
}

/** The end of a key as it is shown, in two groups. */
function tailOf(key: string): readonly string[] {
  const tail = key.slice(-6);
  return [tail.slice(0, 3), tail.slice(3)];
}

/** What lies in every mocked snapshot. */
const BROWSED = ['/home/kim/Photos', 'Photos', ...FILES];

/** What nobody translates: names, paths, figures, dates, and what stands between sentences. */
function isData(text: string, { snapshot }: World): boolean {
  const { kept, memberships } = snapshot.household;
  const { friends, pairings, nearby, networks, sets, mine, hosted, offer, status } = snapshot;
  const { restores, recovery } = snapshot;
  const names = [
    ...friends.flatMap(({ name, devices, givenAddress }) => [
      name,
      givenAddress ?? '',
      ...devices.flatMap((each) => [...each.addresses, ...tailOf(each.device), each.name ?? '']),
    ]),
    ...pairings.flatMap(({ name, address, tail }) => [name, address, ...tailOf(tail)]),
    ...nearby.flatMap(({ name, network, tail }) => [name, network, ...tailOf(tail ?? '')]),
    ...networks.networks.map(({ label }) => label),
    ...sets.flatMap(({ name, folders }) => [name, ...folders]),
    ...restores.flatMap(({ to }) => [to]),
    ...recovery.friends.map(({ name }) => name),
    ...recovery.sets.flatMap(({ name, folders }) => [name, ...folders]),
    ...BROWSED,
    ...mine.flatMap(({ set }) => (set === null ? [] : [set])),
    ...hosted.flatMap(({ purpose }) => (purpose === null ? [] : [purpose])),
    ...[...kept, ...memberships].map(({ account }) => account),
    ...(offer === null ? [] : [offer.folder]),
    // For whoever introduces me: in groups, as it is read out.
    ...(status.owner.match(/.{1,4}/g) ?? []),
    ...status.addresses,
    status.name,
    ...tailOf(status.device),
    status.version,
  ];
  const rest = names
    .filter((name) => name !== '')
    .sort((one, other) => other.length - one.length)
    .reduce((left, name) => left.replaceAll(name, ''), text)
    .replaceAll(/⟦[^⟦⟧]*⟧/g, '')
    .replaceAll(/\b(B|[kMGT]B|[KMGT]iB)\b/g, '');
  return !/\p{L}{2,}/u.test(rest);
}
