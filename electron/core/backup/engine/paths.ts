const SLASH = Buffer.from('/');

/** Paths are bytes: a name need not be text in any encoding. */
export function joinBytes(folder: Buffer, name: Buffer): Buffer {
  return folder.at(-1) === 0x2f
    ? Buffer.concat([folder, name])
    : Buffer.concat([folder, SLASH, name]);
}

/** For people; bytes that are no text show as question marks. */
export function showPath(path: Uint8Array): string {
  return Buffer.from(path)
    .toString('utf8')
    .replaceAll('\ufffd', '?')
    .replaceAll(/\p{Cc}/gu, '?');
}
