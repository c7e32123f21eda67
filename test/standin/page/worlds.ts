import { installBridge } from './bridge.ts';
import { makeCodec } from './codec.ts';
import { makeRendererModule } from './renderer-module.ts';

/**
 * The two scripts that run in every document of a window before its own: one in the page's world, one,
 * with the real preload inside, in a world of its own. Neither runs in frames within the page, as a
 * preload doesn't there either.
 */
export const PRELOAD_WORLD = 'preload';
/** The one function that the preload's world has and the page's has not: a line to main. */
export const POST = '__standinPost';
/** By this main speaks to the preload's world. */
export const RECEIVE = '__standinReceive';

const TO_PAGE = 'standin:to-page';
const TO_PRELOAD = 'standin:to-preload';
const OPEN = 'standin:open';

/** `window.open` asks main's handler and gets nothing: only refusal is supported. */
function refuseToOpen(eventName: string): void {
  window.open = (url) => {
    const detail = String(new URL(String(url ?? 'about:blank'), location.href));
    document.dispatchEvent(new CustomEvent(eventName, { detail }));
    return null;
  };
}

const text = (value: string) => JSON.stringify(value);

export const pageWorld = `if (window === top) {
  (${installBridge})(${text(TO_PAGE)}, ${text(TO_PRELOAD)});
  (${refuseToOpen})(${text(OPEN)});
}`;

export function preloadWorld(source: string, platform: string): string {
  const process = { platform, type: 'renderer', contextIsolated: true, sandboxed: true };
  return `if (window === top) {
  const codec = (${makeCodec})();
  const post = globalThis.${POST};
  const renderer = (${makeRendererModule})(codec, (${installBridge})(${text(TO_PRELOAD)}, ${text(TO_PAGE)}), post);
  globalThis.${RECEIVE} = renderer.receive;
  document.addEventListener(${text(OPEN)}, (event) => post(codec.encode({ open: event.detail })));
  const require = (name) => {
    if (name === 'electron' || name === 'electron/renderer') return renderer.module;
    throw new Error('module not found: ' + name);
  };
  try {
    (function (require, module, exports, process) {${source}
})(require, { exports: {} }, {}, { ...${JSON.stringify(process)}, versions: {}, env: {}, argv: [] });
  } catch (error) {
    post(codec.encode({ preloadError: error instanceof Error ? error : new Error(String(error)) }));
  }
}`;
}
