import { readFile } from 'node:fs/promises';
import { extname, join, resolve, sep } from 'node:path';
import { isOwnUrl, SECURITY_HEADERS } from './security.ts';

/**
 * Serves the built renderer as `app://allotment/`, and nothing else: no other host, no other folder, no
 * other type of file.
 */
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.woff2': 'font/woff2',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json',
};

export function createAppProtocol(folder: string): (request: Request) => Promise<Response> {
  return async ({ url, method }) => {
    if (!isOwnUrl(url) || (method !== 'GET' && method !== 'HEAD')) return nothing();
    const file = fileOf(folder, new URL(url).pathname);
    const type = file === undefined ? undefined : TYPES[extname(file)];
    if (file === undefined || type === undefined) return nothing();
    const bytes = await readFile(file).catch(() => undefined);
    if (bytes === undefined) return nothing();
    const isHashed = file.startsWith(join(folder, 'assets') + sep);
    return new Response(method === 'HEAD' ? null : new Uint8Array(bytes), {
      headers: {
        ...SECURITY_HEADERS,
        'content-type': type,
        'cache-control': isHashed ? 'max-age=31536000, immutable' : 'no-cache',
      },
    });
  };
}

/** The file below `folder`; undefined for whatever tries to leave it, however that is written. */
function fileOf(folder: string, pathname: string): string | undefined {
  const path = decoded(pathname === '/' ? '/index.html' : pathname);
  if (path === undefined || path.includes('\0')) return undefined;
  const file = resolve(folder, `.${path}`);
  return file.startsWith(folder + sep) ? file : undefined;
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

function nothing(): Response {
  return new Response(null, { status: 404, headers: SECURITY_HEADERS });
}
