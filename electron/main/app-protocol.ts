import { readFile } from 'node:fs/promises';
import { extname, join, resolve, sep } from 'node:path';
import { cacheControl, WINDOW_HEADERS, WINDOW_TYPES } from '../../shared/contract/window-files.ts';
import { isOwnUrl } from './security.ts';

/**
 * Serves the built renderer as `app://allotment/`, and nothing else: no other host, no other folder, no
 * other type of file.
 */
export function createAppProtocol(folder: string): (request: Request) => Promise<Response> {
  return async ({ url, method }) => {
    if (!isOwnUrl(url) || (method !== 'GET' && method !== 'HEAD')) return nothing();
    const file = fileOf(folder, new URL(url).pathname);
    const type = file === undefined ? undefined : WINDOW_TYPES[extname(file)];
    if (file === undefined || type === undefined) return nothing();
    const bytes = await readFile(file).catch(() => undefined);
    if (bytes === undefined) return nothing();
    const isHashed = file.startsWith(join(folder, 'assets') + sep);
    return new Response(method === 'HEAD' ? null : new Uint8Array(bytes), {
      headers: {
        ...WINDOW_HEADERS,
        'content-type': type,
        'cache-control': cacheControl(isHashed),
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
  return new Response(null, { status: 404, headers: WINDOW_HEADERS });
}
