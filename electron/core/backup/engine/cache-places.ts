import { namesOf } from './byte-paths.ts';

/** Where systems and common programs keep what they can make or fetch again, and what was thrown away. */
type CachePlace = {
  readonly on: readonly NodeJS.Platform[] | 'all';
  /** Below a person's home, at the top of a drive, or wherever a folder has this name. `*` is any one name. */
  readonly at: 'home' | 'top' | 'anywhere';
  readonly path: string;
  readonly why: string;
};

const LINUX = ['linux', 'freebsd', 'openbsd'] as const;
const MAC = ['darwin'] as const;
const WINDOWS = ['win32'] as const;

/** Only what nobody would miss: what a person has made or chosen stays, even where it could be fetched again. */
const CACHE_PLACES: readonly CachePlace[] = [
  { on: LINUX, at: 'home', path: '.cache', why: 'What programs keep for speed by the XDG rules.' },
  {
    on: LINUX,
    at: 'home',
    path: '.thumbnails',
    why: 'Small pictures of pictures, made anew when seen.',
  },
  { on: LINUX, at: 'home', path: '.local/share/Trash', why: 'What the person has thrown away.' },
  { on: LINUX, at: 'anywhere', path: '.Trash-*', why: 'The same on other drives.' },
  { on: LINUX, at: 'home', path: '.var/app/*/cache', why: 'The caches of programs from Flatpak.' },
  { on: LINUX, at: 'home', path: 'snap/*/common/.cache', why: 'The caches of programs from Snap.' },
  { on: LINUX, at: 'home', path: 'snap/*/*/.cache', why: 'The same, of one version of a program.' },
  {
    on: LINUX,
    at: 'home',
    path: '.config/*/Cache',
    why: 'Pages that Electron programs have fetched.',
  },
  { on: LINUX, at: 'home', path: '.config/*/Code Cache', why: 'Scripts that they have compiled.' },
  { on: LINUX, at: 'home', path: '.config/*/GPUCache', why: 'Drawings that they have prepared.' },
  {
    on: LINUX,
    at: 'home',
    path: '.local/share/baloo',
    why: 'KDE’s index of all files, made anew.',
  },
  { on: LINUX, at: 'anywhere', path: 'lost+found', why: 'Pieces that a disk check has left over.' },

  { on: MAC, at: 'home', path: 'Library/Caches', why: 'What programs keep for speed.' },
  {
    on: MAC,
    at: 'home',
    path: 'Library/Containers/*/Data/Library/Caches',
    why: 'The same of programs in a sandbox.',
  },
  {
    on: MAC,
    at: 'home',
    path: 'Library/Application Support/*/Cache',
    why: 'Pages that Electron programs have fetched.',
  },
  {
    on: MAC,
    at: 'home',
    path: 'Library/Application Support/*/Code Cache',
    why: 'Scripts that they have compiled.',
  },
  {
    on: MAC,
    at: 'home',
    path: 'Library/Application Support/*/GPUCache',
    why: 'Drawings that they have prepared.',
  },
  {
    on: MAC,
    at: 'home',
    path: 'Library/Developer/Xcode/DerivedData',
    why: 'What Xcode builds anew.',
  },
  { on: MAC, at: 'home', path: '.Trash', why: 'What the person has thrown away.' },
  { on: MAC, at: 'anywhere', path: '.Trashes', why: 'The same on other drives.' },
  { on: MAC, at: 'anywhere', path: '.Spotlight-V100', why: 'The index of the search, made anew.' },
  {
    on: MAC,
    at: 'anywhere',
    path: '.fseventsd',
    why: 'A journal of changes, of use on this disk only.',
  },
  {
    on: MAC,
    at: 'anywhere',
    path: '.DocumentRevisions-V100',
    why: 'Old versions that only the system can read.',
  },
  { on: MAC, at: 'anywhere', path: '.TemporaryItems', why: 'Files of programs that are running.' },

  {
    on: WINDOWS,
    at: 'home',
    path: 'AppData/Local/Temp',
    why: 'Files of programs that are or were running.',
  },
  {
    on: WINDOWS,
    at: 'home',
    path: 'AppData/Local/Microsoft/Windows/INetCache',
    why: 'Pages that the system has fetched.',
  },
  {
    on: WINDOWS,
    at: 'home',
    path: 'AppData/Local/Microsoft/Windows/WebCache',
    why: 'Its list of them, always in use.',
  },
  {
    on: WINDOWS,
    at: 'home',
    path: 'AppData/Local/Microsoft/Windows/Explorer',
    why: 'Small pictures of pictures, made anew when seen.',
  },
  {
    on: WINDOWS,
    at: 'home',
    path: 'AppData/Local/Packages/*/AC/INetCache',
    why: 'Pages that programs from the store have fetched.',
  },
  {
    on: WINDOWS,
    at: 'home',
    path: 'AppData/Local/Packages/*/TempState',
    why: 'Their temporary files.',
  },
  {
    on: WINDOWS,
    at: 'home',
    path: 'AppData/Local/CrashDumps',
    why: 'What programs leave when they break.',
  },
  {
    on: WINDOWS,
    at: 'home',
    path: 'AppData/Local/D3DSCache',
    why: 'Drawings that the graphics card has prepared.',
  },
  {
    on: WINDOWS,
    at: 'home',
    path: 'AppData/Local/*/*/User Data/*/Cache',
    why: 'Pages that Chrome, Edge and their kin have fetched.',
  },
  {
    on: WINDOWS,
    at: 'home',
    path: 'AppData/Local/*/*/User Data/*/Code Cache',
    why: 'Scripts that they have compiled.',
  },
  {
    on: WINDOWS,
    at: 'home',
    path: 'AppData/Local/*/*/User Data/*/GPUCache',
    why: 'Drawings that they have prepared.',
  },
  {
    on: WINDOWS,
    at: 'home',
    path: 'AppData/Local/Mozilla/Firefox/Profiles/*/cache2',
    why: 'Pages that Firefox has fetched.',
  },
  {
    on: WINDOWS,
    at: 'home',
    path: 'AppData/Roaming/*/Cache',
    why: 'Pages that Electron programs have fetched.',
  },
  {
    on: WINDOWS,
    at: 'home',
    path: 'AppData/Roaming/*/Code Cache',
    why: 'Scripts that they have compiled.',
  },
  {
    on: WINDOWS,
    at: 'home',
    path: 'AppData/Roaming/*/GPUCache',
    why: 'Drawings that they have prepared.',
  },
  {
    on: WINDOWS,
    at: 'home',
    path: 'AppData/Local/pip/Cache',
    why: 'Packages that pip has fetched.',
  },
  {
    on: WINDOWS,
    at: 'home',
    path: 'AppData/Local/npm-cache',
    why: 'Packages that npm has fetched.',
  },
  { on: WINDOWS, at: 'anywhere', path: '$RECYCLE.BIN', why: 'What the person has thrown away.' },
  {
    on: WINDOWS,
    at: 'anywhere',
    path: 'System Volume Information',
    why: 'Restore points, which only the system can read.',
  },
  { on: WINDOWS, at: 'top', path: 'pagefile.sys', why: 'Memory that did not fit, always in use.' },
  { on: WINDOWS, at: 'top', path: 'swapfile.sys', why: 'The same of programs from the store.' },
  { on: WINDOWS, at: 'top', path: 'hiberfil.sys', why: 'Memory while the computer sleeps.' },

  { on: 'all', at: 'home', path: '.npm/_cacache', why: 'Packages that npm has fetched.' },
  { on: 'all', at: 'home', path: '.gradle/caches', why: 'Packages that Gradle has fetched.' },
  { on: 'all', at: 'home', path: '.cargo/registry', why: 'Packages that Cargo has fetched.' },
  { on: 'all', at: 'home', path: '.bun/install/cache', why: 'Packages that Bun has fetched.' },
  { on: 'all', at: 'home', path: 'go/pkg/mod/cache', why: 'Modules that Go has fetched.' },
];

/** Is this absolute path one of those places? */
export type IsCachePlace = (name: string, path: () => string) => boolean;

/** Homes by where systems have them, so that a backup of a whole disk knows everybody's. */
const HOMES: Readonly<Record<string, readonly (readonly string[])[]>> = {
  linux: [['home', '*'], ['var', 'home', '*'], ['root']],
  darwin: [
    ['Users', '*'],
    ['var', 'root'],
  ],
  win32: [['*', 'Users', '*']],
};

export function compileCachePlaces({
  platform,
  home,
}: {
  readonly platform: NodeJS.Platform;
  /** Of the person who runs this. */
  readonly home: string;
}): IsCachePlace {
  const hasCase = platform !== 'win32' && platform !== 'darwin';
  const fold = (text: string) => (hasCase ? text : text.toLowerCase());
  const split = (path: string) => namesOf(path, platform).map(fold);
  const own = split(home);
  const homes = [own, ...(HOMES[platform] ?? HOMES['linux'] ?? []).map((names) => names.map(fold))];
  const places = CACHE_PLACES.filter(
    ({ on }) => on === 'all' || on.some((each) => each === platform),
  ).map(({ at, path }) => ({ at, names: path.split('/').map(fold) }));
  // Most names are none of them; paths are looked at only for those that are.
  const byName = new Map<string, typeof places>();
  const starred = places.filter(({ names }) => names.at(-1)?.includes('*') === true);
  for (const place of places) {
    const last = place.names.at(-1) ?? '';
    if (!last.includes('*')) byName.set(last, [...(byName.get(last) ?? []), place]);
  }
  return (name, path) => {
    const folded = fold(name);
    const known = byName.get(folded);
    const others = starred.filter(({ names }) => isLike(names.at(-1) ?? '', folded));
    if (known === undefined && others.length === 0) return false;
    const names = split(path());
    return [...(known ?? []), ...others].some((place) => {
      const above = names.length - place.names.length;
      if (above < 0 || !isSame(place.names, names.slice(above))) return false;
      if (place.at === 'anywhere') return true;
      if (place.at === 'top') return above <= (platform === 'win32' ? 1 : 0);
      return homes.some((each) => each.length === above && isSame(each, names.slice(0, above)));
    });
  };
}

function isSame(pattern: readonly string[], names: readonly string[]): boolean {
  return pattern.every((each, at) => isLike(each, names[at] ?? ''));
}

/** A star stands at the end only. */
function isLike(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
}

/** Cache Directory Tagging Specification (https://bford.info/cachedir/): the file begins with these 43 bytes. */
export const CACHE_TAG_NAME = 'CACHEDIR.TAG';
export const CACHE_TAG = Buffer.from('Signature: 8a477f597d28d172789f06886806bc55', 'latin1');
