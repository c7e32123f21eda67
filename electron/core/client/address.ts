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
