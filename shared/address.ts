/** A reachable place: what people type and books keep. */
export type HostPort = { readonly host: string; readonly port: number };

/** "192.168.1.20:24816", "nas.local:24816", "[fe80::1]:24816"; `undefined` for anything else. */
export function parseAddress(text: string): HostPort | undefined {
  const match =
    /^(?:\[([0-9a-fA-F:.]{2,45}(?:%[\w.-]{1,20})?)\]|([A-Za-z0-9._-]{1,253})):([1-9][0-9]{0,4})$/.exec(
      text.trim(),
    );
  if (match === null) return undefined;
  const port = Number(match[3]);
  const host = match[1] ?? match[2] ?? '';
  return port <= 65_535 ? { host, port } : undefined;
}

/** As `parseAddress` reads it; IPv6 addresses stand in brackets before a port (RFC 3986 §3.2.2). */
export function formatAddress({ host, port }: HostPort): string {
  // What follows the percent sign is an interface's name, and those know capitals.
  const [plain = '', zone] = host.split('%');
  const one = plain.toLowerCase() + (zone === undefined ? '' : `%${zone}`);
  return one.includes(':') ? `[${one}]:${port}` : `${one}:${port}`;
}

/** This computer itself, by whatever name. */
export function isLoopback(host: string): boolean {
  return /^(127\.[0-9.]+|(.+\.)?localhost\.?|::1|0:0:0:0:0:0:0:1|::ffff:127\.[0-9.]+)$/i.test(host);
}

/** Means something on one wire only; IPv6's kind needs its zone besides. */
export function isLinkLocal(host: string): boolean {
  return host.startsWith('169.254.') || isZoned(host);
}

export function isZoned(host: string): boolean {
  return /^fe[89ab][0-9a-f]:/i.test(host);
}
