/**
 * The text of an autostart file as freedesktop.org's "Desktop Entry Specification" wants it. Its `Exec`
 * line has two layers of quoting: an argument's own, and that of every text value. A home with a blank,
 * a dollar or a backslash in its name must come out of both as it went in.
 */
export function desktopEntry({
  name,
  comment,
  exec,
}: {
  readonly name: string;
  readonly comment: string;
  /** The program and its arguments. */
  readonly exec: readonly string[];
}): string {
  return [
    '[Desktop Entry]',
    'Type=Application',
    `Name=${textValue(name)}`,
    `Comment=${textValue(comment)}`,
    `Exec=${textValue(exec.map(quoted).join(' '))}`,
    'Terminal=false',
    'X-GNOME-Autostart-enabled=true',
    '',
  ].join('\n');
}

/** Switched off by the person in their desktop's own settings, which edit the file rather than remove it. */
export function isSwitchedOff(entry: string): boolean {
  return /^(Hidden\s*=\s*true|X-GNOME-Autostart-enabled\s*=\s*false)\s*$/m.test(entry);
}

const RESERVED = /[\s"'\\<>~|&;$*?#()`]/;

function quoted(argument: string): string {
  // "%f" and the like stand for files; a percent sign itself is written twice.
  const plain = argument.replaceAll('%', '%%');
  if (plain !== '' && !RESERVED.test(plain)) return plain;
  return `"${plain.replaceAll(/["`$\\]/g, '\\$&')}"`;
}

function textValue(text: string): string {
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    .replaceAll(/^ /g, '\\s');
}
