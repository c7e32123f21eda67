/** What systems and drives put into any folder by themselves: one that has nothing else in it is empty to people. */
const LEFT: ReadonlySet<string> = new Set([
  'lost+found',
  'System Volume Information',
  '$RECYCLE.BIN',
  'desktop.ini',
  'Thumbs.db',
  '.DS_Store',
  '.localized',
  '.Spotlight-V100',
  '.fseventsd',
  '.TemporaryItems',
  '.Trashes',
  '.directory',
  // Synology’s and QNAP’s.
  '@eaDir',
  '#recycle',
  '#snapshot',
  '@Recycle',
  '@Recently-Snapshot',
  '.snapshot',
  '.snapshots',
  '.zfs',
]);

export function isLeftBySystem(name: string): boolean {
  return LEFT.has(name) || /^\.Trash-\d+$/.test(name);
}
