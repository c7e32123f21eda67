/**
 * Imported before anything else: better-sqlite3 13 crashes on Node 20 without a word, so a wrong
 * Node must be told apart from a right one before it is loaded. Plain enough for any Node.
 */
export function checkNode(): void {
  const major = Number(process.versions.node.split('.')[0]);
  if (major >= 24) return;
  process.stderr.write(
    `Allotment needs Node 24; this is ${process.version}. Start it with "npm start" or "npm run allotment", which bring their own.\n`,
  );
  process.exit(7);
}
