import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAppProtocol } from '../../electron/main/app-protocol.ts';
import { isOwnSender, isOwnUrl, webPreferences } from '../../electron/main/security.ts';
import { scratch } from '../fakes/homes.ts';

let place: Awaited<ReturnType<typeof scratch>>;
let get: (url: string, method?: string) => Promise<Response>;
beforeAll(async () => {
  place = await scratch();
  const renderer = join(place.folder, 'renderer');
  await mkdir(join(renderer, 'assets'), { recursive: true });
  await mkdir(`${renderer}-other`);
  const texts = {
    'renderer/index.html': '<p>ours',
    'renderer/assets/a.js': 'ours()',
    'renderer/assets/a.js.map': '{}',
    'renderer-other/secret.js': 'theirs()',
    'secret.html': 'theirs',
  };
  for (const [name, text] of Object.entries(texts)) await writeFile(join(place.folder, name), text);
  await symlink(join(place.folder, 'nowhere'), join(renderer, 'broken.html'));
  const serve = createAppProtocol(renderer);
  // Not `new Request(url)`: what reaches Electron's handler need not have been made tidy.
  get = (url, method = 'GET') => serve({ url, method } as Request);
});
afterAll(() => place.remove());

describe('app://allotment/', () => {
  it('serves the window’s page under a policy that allows nothing inline', async () => {
    const answer = await get('app://allotment/');
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe('<p>ours');
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'/);
    expect(policy).not.toContain('unsafe');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('serves files with their own type, and keeps what has a hash in its name', async () => {
    const script = await get('app://allotment/assets/a.js?v=1');
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(script.headers.get('cache-control')).toContain('immutable');
  });

  it.each([
    'app://allotment/../secret.html',
    'app://allotment/%2e%2e/secret.html',
    'app://allotment/..%2fsecret.html',
    'app://allotment/..%2frenderer-other%2fsecret.js',
    'app://allotment/assets/..%2f..%2fsecret.html',
    'app://allotment/%00.html',
    'app://allotment/%E0%A4%A',
    'app://allotment/assets/a.js.map',
    'app://allotment/assets',
    'app://allotment/broken.html',
    'app://other/index.html',
    'app://user@allotment/index.html',
    'file:///etc/passwd',
    'https://allotment/index.html',
    'nonsense',
  ])('has nothing at %s', async (url) => {
    expect((await get(url)).status).toBe(404);
  });

  it('takes nothing', async () => {
    expect((await get('app://allotment/', 'POST')).status).toBe(404);
  });
});

describe('who may call the core', () => {
  const ours = {} as never;
  const isOurs = (contents: unknown) => contents === ours;
  const frame = (url: string, parent: unknown = null) => ({ url, parent });
  const from = (sender: unknown, senderFrame: ReturnType<typeof frame> | null) =>
    isOwnSender({ sender: sender as never, senderFrame }, isOurs);

  it('is the top frame of our page in our window, and nobody else', () => {
    expect(from(ours, frame('app://allotment/index.html#/friends'))).toBe(true);
    expect(from({}, frame('app://allotment/index.html'))).toBe(false);
    expect(from(ours, frame('app://allotment/index.html', {}))).toBe(false);
    expect(from(ours, frame('data:text/html,hi'))).toBe(false);
    expect(from(ours, frame('app://allotment.evil/index.html'))).toBe(false);
    expect(from(ours, frame('https://allotment/index.html'))).toBe(false);
    expect(from(ours, null)).toBe(false);
  });

  it('knows our addresses from those that only look like them', () => {
    expect(isOwnUrl('app://allotment/assets/a.js')).toBe(true);
    for (const url of ['app://allotment:80/', 'app://allotment@evil/', 'APPS://allotment/', ''])
      expect(isOwnUrl(url), url).toBe(false);
  });

  it('is sandboxed, isolated and without Node', () => {
    expect(webPreferences('p')).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
    });
  });
});
