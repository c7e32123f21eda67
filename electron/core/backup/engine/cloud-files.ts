import { namesOf } from './byte-paths.ts';

/**
 * Files that lie in a cloud only: to read them would fetch them, all of them. What Node shows of a file does not
 * include the marks that systems put on them, so it is judged by what is visible. Pure.
 *
 * What can't be known: on Windows a file of up to 4 KiB may lie inside the file table, where it takes no room
 * either; such small ones are read, and fetched if need be. Elsewhere than in the folders below, a file without
 * room of its own is a sparse one and is read. Mounts (rclone, GNOME, network drives) look like any folder.
 */
export type CloudRoots = readonly (readonly string[])[];

/** Where providers keep their files on this system, as names from the top. */
export function cloudRoots({
  platform,
  home,
  env,
  hasICloudDesktop,
}: {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether iCloud also keeps Desktop and Documents. */
  readonly hasICloudDesktop: boolean;
}): CloudRoots {
  const split = (path: string) => namesOf(path.toLowerCase(), platform);
  const atHome = (path: string) => [...split(home), ...split(path)];
  if (platform === 'darwin')
    return [
      atHome('Library/Mobile Documents'),
      atHome('Library/CloudStorage'),
      ...(hasICloudDesktop ? [atHome('Desktop'), atHome('Documents')] : []),
    ];
  if (platform !== 'win32') return [];
  const named = ['OneDrive', 'OneDriveConsumer', 'OneDriveCommercial'].flatMap((name) =>
    env[name] === undefined ? [] : [split(env[name])],
  );
  return [...named, ...WINDOWS_FOLDERS.map(atHome)];
}

/** A star at the end is whatever a provider adds (`OneDrive - School`). */
const WINDOWS_FOLDERS = [
  'OneDrive*',
  'iCloudDrive',
  'iCloudPhotos',
  'Dropbox*',
  'Google Drive*',
  'Box',
  'Nextcloud*',
  'ownCloud*',
  'Creative Cloud Files*',
];

/** Whether this folder is one of those, or lies in one. */
export function isInCloud(path: string, roots: CloudRoots, platform: NodeJS.Platform): boolean {
  if (roots.length === 0) return false;
  const names = namesOf(path.toLowerCase(), platform);
  return roots.some(
    (root) =>
      root.length <= names.length &&
      root.every((each, at) => {
        const name = names[at] ?? '';
        return each.endsWith('*') ? name.startsWith(each.slice(0, -1)) : name === each;
      }),
  );
}

/** A file of this size may lie in NTFS's file table, and then takes no room of its own. */
const IN_TABLE_BYTES = 4096;
/** What iCloud leaves in a file's place up to macOS 13: a few hundred bytes that say where it is. */
const STUB_BYTES_MAX = 64 * 1024;

export function isPlaceholder({
  platform,
  inCloud,
  name,
  sizeBytes,
  blocks,
}: {
  readonly platform: NodeJS.Platform;
  readonly inCloud: boolean;
  readonly name: string;
  readonly sizeBytes: number;
  /** Of 512 bytes, as the disk counts them. */
  readonly blocks: number;
}): boolean {
  if (platform === 'darwin') {
    if (/^\..+\.icloud$/.test(name) && sizeBytes <= STUB_BYTES_MAX) return true;
    // SF_DATALESS: its bytes take no room here.
    return inCloud && blocks === 0 && sizeBytes > 0;
  }
  if (platform === 'win32') return inCloud && blocks === 0 && sizeBytes > IN_TABLE_BYTES;
  return false;
}
