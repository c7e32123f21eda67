import type { ShellView, TroubleView } from '../contract/views.ts';
import { say, type Translate } from './say.ts';

/** One thing that was looked at, in words: how it is, what that means, and how it is mended on this system. */
export type SaidTrouble = {
  readonly title: string;
  /** Of what is well there is nothing more to say. */
  readonly means?: string;
  readonly mend?: string;
  /** To be typed or copied into a terminal; one of them will do. */
  readonly commands: readonly { readonly of: string; readonly text: string }[];
};

type Platform = ShellView['platform'];
type Id = TroubleView['id'];

/** What is mended in another way on each system. */
const BY_SYSTEM: ReadonlySet<Id> = new Set(['multicast', 'called']);
/** What has more to it on a Mac, which asks before a program may see the local network. */
const ON_MACS: ReadonlySet<string> = new Set(['calls', 'address forbidden']);
/** What is mended alike everywhere, though its kind is not. */
const ALIKE: ReadonlySet<string> = new Set(['multicast taken']);
/** An address's title says already what it means. */
const SAYS_ALL: ReadonlySet<Id> = new Set(['address']);

export function sayTrouble(t: Translate, trouble: TroubleView, platform: Platform): SaidTrouble {
  const { id, state, params } = trouble;
  const word = (key: string) => say(t, { key: `trouble.${key}`, params });
  const title = word(`${id}-${state}`);
  if (state === 'good') return { title, commands: [] };
  return {
    title,
    ...(SAYS_ALL.has(id) ? {} : { means: word(`${id}-means`) }),
    mend: word(mendKey(trouble, platform)),
    commands: commandsFor(trouble, platform),
  };
}

function mendKey({ id, params }: TroubleView, platform: Platform): string {
  const cause = `${id} ${params['context'] ?? ''}`;
  const isOfSystem =
    (BY_SYSTEM.has(id) && !ALIKE.has(cause)) ||
    (platform === 'macos' && (ON_MACS.has(id) || ON_MACS.has(cause)));
  return isOfSystem ? `${id}-mend-${platform}` : `${id}-mend`;
}

/** Linux has no settings to point at that all of its desktops share, but two firewalls that most have. */
function commandsFor({ id, params }: TroubleView, platform: Platform): SaidTrouble['commands'] {
  if (platform !== 'linux' || params['context'] === 'taken') return [];
  const { port = '' } = params;
  // It ends up in a terminal: nothing but a figure gets there.
  if (id === 'called' && /^[0-9]{1,5}$/.test(port))
    return [
      { of: 'ufw', text: `sudo ufw allow ${port}/tcp` },
      { of: 'firewalld', text: firewalld(`--add-port=${port}/tcp`) },
    ];
  if (id === 'multicast')
    return [
      { of: 'ufw', text: 'sudo ufw allow 5353/udp' },
      { of: 'firewalld', text: firewalld('--add-service=mdns') },
    ];
  return [];
}

function firewalld(what: string): string {
  return `sudo firewall-cmd --permanent ${what} && sudo firewall-cmd --reload`;
}
